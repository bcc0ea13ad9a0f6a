"""The report stands alone, shows where each value was read, and runs nothing that a document says."""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import re
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prefect_gemini.flows.receipts.duplicates import Duplicate
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.flows.receipts.report import MOST_PICTURED, render_report, write_report
from prefect_gemini.flows.receipts.store import Run
from prefect_gemini.flows.report.pictures import Picture
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.evidence.grounding import Evidence

NOON = datetime.datetime(2026, 11, 4, 12, tzinfo=datetime.UTC)
RUN = Run(id="run", started_at=NOON, finished_at=NOON, source="inbox", backend="local reader (no Gemini was called)")


class Page(HTMLParser):
    """A report taken apart: every element with its attributes and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def expense(name: str = "a.jpg", **changes: Any) -> Expense:
    """An expense with its total found on the page and its merchant nowhere."""
    receipt = {"merchant": "Café", "currency": "EUR", "total": "13.30", "category": "meals"} | changes.pop(
        "receipt", {}
    )
    evidence = (
        Evidence(path="total", value="13.30", quote="13,30", page=1, box=(500, 600, 540, 900), match="normalised"),
        Evidence(path="merchant", value="Café"),
        Evidence(path="currency", value="EUR", quote="EUR0", page=1, box=(500, 500, 540, 590), match="fuzzy"),
    )
    whole = {"name": name, "digest": hashlib.sha256(name.encode()).hexdigest(), "status": "recorded"}
    return Expense(receipt=Receipt.model_validate(receipt), **{"evidence": evidence, **whole, **changes})


def row_of(html: str, label: str) -> str:
    """The row of a field, as HTML."""
    return next(row for row in re.findall(r"<tr tabindex.*?</tr>", html, re.DOTALL) if f">{label}</th>" in row)


def test_each_value_says_where_it_stands() -> None:
    """Found, found with other letters, judged, and not on the page at all: four different things."""
    html = render_report([expense()], run=RUN)
    assert "page 1" in row_of(html, "Total")
    assert "“13,30”" in row_of(html, "Total")
    assert "not found on the page" in row_of(html, "Merchant")
    assert "spelled a little differently" in row_of(html, "Currency")
    assert "judged, not printed" in row_of(html, "Category")


def test_without_any_evidence_nothing_is_called_unsupported() -> None:
    """Where places were not looked for, the report says that, and not that values are missing."""
    html = render_report([expense(evidence=())], run=RUN)
    assert "its place was not checked" in row_of(html, "Total")
    assert "not found on the page" not in html


def test_boxes_lie_where_the_words_are(tmp_path: Path) -> None:
    """A box is drawn on the page's picture in thousandths, tied to its row."""
    picture = tmp_path / "a.png"
    Image.new("RGB", (300, 900), "white").save(picture)
    one = expense(digest=Document.of(picture).digest)
    html = write_report(tmp_path / "out" / "report.html", [one], run=RUN, sources=[picture]).read_text()
    page = Page(html)
    boxes = [(box["x"], box["y"], box["width"], box["height"]) for box in page.all("rect")]
    assert ("600", "500", "300", "40") in boxes
    rows = {row["data-ref"] for row in page.all("tr") if "data-ref" in row}
    assert {box["data-ref"] for box in page.all("rect")} <= rows
    (image,) = page.all("img")
    drawn = Image.open(io.BytesIO(base64.b64decode(image["src"].partition("base64,")[2])))
    assert (drawn.format, round(drawn.height / drawn.width, 1)) == ("JPEG", 3.0)
    assert image["alt"] == "Page 1 of a.jpg"


def test_a_page_that_was_turned_to_be_read_is_shown_turned(tmp_path: Path) -> None:
    """Boxes count on the upright page; so does the picture."""
    picture = tmp_path / "sideways.png"
    Image.new("RGB", (900, 300), "white").save(picture)
    one = expense(digest=Document.of(picture).digest, turns=(1,))
    html = write_report(tmp_path / "report.html", [one], run=RUN, sources=[picture]).read_text()
    (image,) = Page(html).all("img")
    drawn = Image.open(io.BytesIO(base64.b64decode(image["src"].partition("base64,")[2])))
    assert drawn.height > drawn.width


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "![x](https://evil.example/p.png)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_document_says_is_text(text: str) -> None:
    """Names, merchants, lines, quotes and messages from outside add no element, attribute or script to the page."""
    hostile, calm = Page(everywhere(text)), Page(everywhere("calm"))
    assert [(tag, set(attributes)) for tag, attributes in hostile.elements] == [
        (tag, set(attributes)) for tag, attributes in calm.elements
    ]
    assert links(hostile) == links(calm)
    assert text in "".join(hostile.text)


def everywhere(text: str) -> str:
    """A report in which everything that comes from outside says the same."""
    one = expense(
        name=text,
        receipt={
            "merchant": text,
            "address": text,
            "payment_method": text,
            "line_items": [{"description": text, "amount": 1}],
            "taxes": [{"name": text, "amount": 1}],
        },
        digest="1" * 64,
        evidence=(Evidence(path="merchant", value=text, quote=f"“{text}”", match="exact", page=1, box=(0, 0, 9, 9)),),
        findings=(Finding(code="x", severity="error", message=text, fields=("merchant",)),),
        duplicate=Duplicate(name=text, digest="0" * 64, reason="purchase"),
    )
    reason = ReceiptException(name=text, digest=one.digest, code="x", message=text, action=text)
    run = Run(id="run", started_at=NOON, finished_at=NOON, source=text, backend=text, model=text)
    return render_report([one], [reason], run=run, pictures={one.digest: (Picture(1, "data:image/jpeg;base64,AAAA"),)})


def links(page: Page) -> list[tuple[str, str]]:
    """Every attribute that a browser follows or loads."""
    names = ("href", "src", "action", "data", "xlink:href", "srcset", "poster")
    return [(name, attributes[name]) for _, attributes in page.elements for name in names if name in attributes]


def test_the_page_asks_for_nothing_and_runs_one_script() -> None:
    """Links stay inside, the policy shuts the network, and the one script is the one it was written with."""
    html = render_report([expense()], run=RUN)
    page = Page(html)
    assert all(value.startswith(("#", "data:image/jpeg")) for _, value in links(page))
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy
    assert page.open == []


def test_a_screen_reader_finds_its_way() -> None:
    """A language, one main heading, no level left out, headed tables with captions, described pictures."""
    html = render_report([expense()], [ReceiptException(name="a.jpg", code="x", message="m")], run=RUN)
    page = Page(html)
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) == 3
    assert all("scope" in head for head in page.all("th"))
    assert all(svg.get("aria-hidden") == "true" for svg in page.all("svg"))


def test_sums_are_kept_apart_by_currency_and_leave_out_what_is_not_recorded() -> None:
    """Euros and yen are not added, and a receipt under review is not money spent yet."""
    found = [
        expense("a.jpg"),
        expense("b.jpg", receipt={"total": "0.10"}),
        expense("c.jpg", receipt={"total": "1796", "currency": "JPY"}),
        expense("d.jpg", receipt={"total": "999.00"}, status="needs_review"),
    ]
    sums = render_report(found, run=RUN).partition("Sums of the recorded")[2].partition("</ul>")[0]
    assert re.findall(r"<b>(.*?)</b>", sums) == ["13.40 EUR", "1,796 JPY"]


@pytest.mark.parametrize(
    ("backend", "cost", "told"),
    [
        ("local reader (no Gemini was called)", Decimal("0.0368"), "$0.0368</b> on Gemini at list prices; nothing was paid"),
        ("Gemini Developer API", Decimal("0.0368"), "$0.0368</b> paid"),
        ("Gemini Developer API", None, "not known</b> paid"),
    ],
)  # fmt: skip
def test_the_bill_says_who_was_paid(backend: str, cost: Decimal | None, told: str) -> None:
    """A price that was not paid is not called paid."""
    run = Run(id="run", started_at=NOON, finished_at=NOON, backend=backend, cost=cost)
    assert told in render_report([], run=run)


def test_reasons_link_to_their_receipt_and_duplicates_to_their_original() -> None:
    """From the list of what needs a person to the receipt, and from a copy to what it repeats."""
    first = expense("a.jpg")
    again = expense("b.jpg", duplicate=Duplicate(name="a.jpg", digest=first.digest, reason="purchase"))
    reasons = [
        ReceiptException(name="b.jpg", digest=again.digest, code="duplicate", message="repeats"),
        ReceiptException(name="locked.pdf", code="EncryptedDocument", message="needs a password"),
    ]
    html = render_report([first, again], reasons, run=RUN)
    assert '<a href="#r2">b.jpg</a>' in html
    assert "<td>locked.pdf</td>" in html
    assert '<a href="#r1">Compare.</a>' in html
    assert {"r1", "r2"} <= {attributes.get("id") for _, attributes in Page(html).elements}


def test_receipts_that_need_a_person_are_pictured_first(tmp_path: Path) -> None:
    """A large run has no room for every picture; those somebody has to look at are there."""
    pictures = []
    for number in range(MOST_PICTURED + 3):
        picture = tmp_path / f"{number:03}.png"
        Image.new("L", (400 + number, 8), "white").save(picture)
        pictures.append(picture)
    found = [
        expense(path.name, digest=Document.of(path).digest, evidence=(), status="needs_review" if late else "recorded")
        for path, late in zip(pictures, [False] * MOST_PICTURED + [True] * 3, strict=True)
    ]
    html = write_report(tmp_path / "report.html", found, run=RUN, sources=pictures).read_text()
    shown = {image["alt"].removeprefix("Page 1 of ") for image in Page(html).all("img")}
    assert len(shown) == MOST_PICTURED
    assert {path.name for path in pictures[-3:]} <= shown


def test_a_document_that_is_gone_has_no_picture(tmp_path: Path) -> None:
    """The report of a run is written although somebody moved a file meanwhile."""
    html = write_report(tmp_path / "r.html", [expense()], run=RUN, sources=[tmp_path / "gone.jpg"]).read_text()
    assert "No picture of this receipt is shown." in html
    assert "13.30 EUR" in html
