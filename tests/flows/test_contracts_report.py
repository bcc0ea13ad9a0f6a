"""The report of a review: whole, harmless, readable by everybody, and what a browser makes of it and of the form."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import io
import itertools
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import browser
import lawyer
import pypdfium2
import pytest
from PIL import Image
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from prefect_gemini.flows.contracts.read import aread_contract
from prefect_gemini.flows.contracts.report import write_report
from prefect_gemini.flows.contracts.review import Decision, Review
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.testing import LocalGemini

NOW = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)

with_browser = pytest.mark.skipif(browser.CHROMIUM is None, reason="Chromium is not installed")


async def written(gemini: LocalGemini, folder: Path, name: str, path: Path, **options: Any) -> tuple[Path, Review]:
    """A report of a sample, and its review."""
    lawyer.serve(gemini, lawyer.sample(name), **options)
    document = Document.of(path)
    reply = await aread_contract.fn(document, playbook="saas")
    review = Review.of(reply, run_id="run", backend="local", now=NOW)
    decision = Decision(
        key="cap_on_liability",
        choice="amend",
        amended_text="No less than <b>two years' fees</b>.",
        decided_by="Ada <script>",
        decided_at=NOW,
        by="form",
    )
    review = review.model_copy(update={"decisions": (decision,)})
    return write_report(folder / "report.html", review, document), review


@pytest.fixture
async def pdf(gemini: LocalGemini, tmp_path: Path, examples: Path) -> AsyncIterator[tuple[Path, Review]]:
    return await written(gemini, tmp_path, "01-hosting-clean", examples / "contracts" / "01-hosting-clean.pdf")


@pytest.fixture
async def docx(gemini: LocalGemini, tmp_path: Path, examples: Path) -> AsyncIterator[tuple[Path, Review]]:
    invented = {"insurance": "<img src=x onerror=alert(1)> We insure."}
    path = examples / "contracts" / "02-hosting-risky.docx"
    return await written(gemini, tmp_path, "02-hosting-risky", path, invented=invented)


class Seen(HTMLParser):
    """What is in a page: tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


async def test_html_in_an_agreement_is_text_in_the_report(docx):
    """Tags of clauses, quotes, amended wording and names are shown, never obeyed."""
    html = docx[0].read_text()
    seen = Seen(html)
    assert len(seen.all("script")) == 1
    assert seen.all("img") == []
    assert seen.all("b") == [attrs for attrs in seen.all("b") if "onerror" not in attrs]
    assert "&lt;script&gt;alert(&#34;paid&#34;)&lt;/script&gt;" in html
    assert "Ada &lt;script&gt;" in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


async def test_the_report_asks_for_nothing(pdf):
    """No address leads out of the file, and the policy forbids every request."""
    html = pdf[0].read_text()
    seen = Seen(html)
    assert "default-src 'none'" in html
    assert [
        attrs for _, attrs in seen.tags if re.match(r"(?:https?:)?//", str(attrs.get("src") or attrs.get("href")))
    ] == []
    assert all(str(attrs["src"]).startswith("data:image/jpeg") for attrs in seen.all("img"))


@pytest.mark.parametrize(("name", "suffix", "mark"), [("01-hosting-clean", "pdf", "rect"), ("04-nda", "txt", "mark")])
async def test_every_passage_is_highlighted_beside_its_finding(gemini, tmp_path, examples, name, suffix, mark):
    """A finding and its place share a reference, on the page or in the text."""
    path, review = await written(gemini, tmp_path, name, examples / "contracts" / f"{name}.{suffix}")
    seen = Seen(path.read_text())
    shown = {attrs["data-ref"] for attrs in seen.all("article")}
    places = {attrs["data-ref"] for attrs in seen.all(mark)}
    quoted = {f"c-{one.key}" for one in review.reading.findings if one.quotes}
    assert shown == {f"c-{one.key}" for one in review.reading.findings}
    assert quoted <= places
    assert places <= quoted | {f"f{number}" for number in range(len(review.reading.proven.facts))}


async def test_a_screen_reader_finds_its_way(pdf):
    """Language, headings in order, captions, alternative texts, labels, and targets for every link."""
    html = pdf[0].read_text()
    seen = Seen(html)
    assert seen.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(seen.all("table")) == len(seen.all("caption"))
    assert all(attrs.get("alt") for attrs in seen.all("img"))
    ids = [str(attrs["id"]) for _, attrs in seen.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {str(attrs["href"])[1:] for attrs in seen.all("a")}
    wanted |= {str(attrs["aria-labelledby"]) for _, attrs in seen.tags if attrs.get("aria-labelledby")}
    assert wanted <= set(ids)


@with_browser
async def test_a_browser_shows_the_report_in_light_dark_and_on_paper(pdf):
    """Nothing is requested, a finding lights up its passage, dark is dark, and all of it prints."""
    path, review = pdf
    async with browser.browser() as tab:
        await tab.open(path.as_uri(), width=1500, height=1200)
        assert await tab.ask("document.querySelectorAll('rect.lit').length") == 0
        await tab.ask("document.querySelector('#c-audit_rights').focus()")
        assert await tab.ask("document.querySelectorAll('rect[data-ref=\"c-audit_rights\"].lit').length") >= 1
        assert await tab.ask("document.documentElement.scrollWidth <= window.innerWidth")
        light = await tab.shot()
        await tab.open(path.as_uri(), width=1500, height=1200, dark=True)
        dark = await tab.shot()
        await tab.open(path.as_uri(), width=420, height=900)
        assert await tab.ask("document.documentElement.scrollWidth <= window.innerWidth")
        paper = await tab.printed()
    assert [url for url in tab.requested if not url.startswith(("file:", "data:", "about:"))] == []
    corners = [Image.open(io.BytesIO(shot)).convert("L").getpixel((3, 3)) for shot in (light, dark)]
    assert corners[0] > 200
    assert corners[1] < 60
    with pypdfium2.PdfDocument(paper) as printed:
        text = " ".join(page.get_textpage().get_text_range() for page in printed)
    assert all(one.title in text for one in review.reading.findings)


@pytest.fixture(scope="module")
def prefect_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server of our own with its UI; takes several seconds to start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_SERVER_UI_API_URL": f"{url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(360):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        yield url
    finally:
        server.terminate()
        server.wait(30)


@with_browser
async def test_the_approval_form_opens_in_the_prefect_ui(gemini, prefect_ui, examples, tmp_path):
    """Resume shows what was found and a decision for each high risk; the run goes on with what is sent."""
    from prefect_gemini.flows import review_contract

    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    with temporary_settings({PREFECT_API_URL: f"{prefect_ui}/api"}):
        running = asyncio.create_task(
            review_contract(
                str(examples / "contracts" / "02-hosting-risky.docx"), output=str(tmp_path), approval="wait"
            )
        )
        async with get_client() as client, asyncio.timeout(120):
            while not (waiting := [run for run in await client.read_flow_runs() if run.state.type == StateType.PAUSED]):
                assert not running.done(), running.result()
                await asyncio.sleep(0.5)
        run_id = waiting[0].id
        async with browser.browser() as tab:
            await tab.open(f"{prefect_ui}/v2/runs/flow-run/{run_id}", height=1400)
            menu = "[...document.querySelectorAll('button')].find((one) => one.innerText.trim() === 'Open menu')"
            resume = "[...document.querySelectorAll('[role=menuitem]')].find((one) => one.innerText.includes('Resume'))"
            for element in (menu, resume):
                await tab.wait(f"Boolean({element})")
                await tab.click(element)
            await tab.wait("Boolean(document.querySelector('[role=dialog]'))")
            await tab.wait("document.querySelector('[role=dialog]').innerText.includes('Cap on liability')")
            # Words and fields come by themselves, in either order: the UI asks for each.
            for part in ("each is taken as reject", "Decided By"):
                await tab.wait(f"document.querySelector('[role=dialog]').innerText.includes('{part}')")
            form = await tab.ask("document.querySelector('[role=dialog]').innerText")
            shot = await tab.shot()
        async with get_client() as client:
            await client.resume_flow_run(run_id, run_input={"decided_by": "Ada Lovelace"})
        result = await running
        # What is still on its way to this server would be sent, in vain and for a minute, when the tests end.
        for told in (APILogWorker.instance().drain(), EventsWorker.drain_all()):
            if inspect.isawaitable(told):
                await told
    assert "Without any within 72 hours, each is taken as reject" in form
    assert form.count("Amended Text") == len(result.review.decisions)
    assert len(shot) > 20_000
    assert {one.decided_by for one in result.review.decisions} == {"Ada Lovelace"}
