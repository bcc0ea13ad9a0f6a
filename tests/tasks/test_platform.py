"""Nodes round the model: prompts by version, tuned models copied into the project."""

from __future__ import annotations

import asyncio
import time

import pytest
from google.oauth2.credentials import Credentials

from prefect_gemini import Document, Prompt
from prefect_gemini.blocks import GeminiCredentials
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.costs.report import cost_report
from prefect_gemini.gemini.errors import InvalidOption, NotFound
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.tuned_models import copy_tuned_model
from prefect_gemini.local.wire.resources.endpoints import add_tuned
from prefect_gemini.tasks import agenerate, aload_prompt, asave_prompt, asummarize
from prefect_gemini.testing import text


async def test_prompt_and_version_reach_the_model_and_the_cost_report(gemini, model, ledger_url):
    """A filled prompt is sent as text; another version is another request; the report tells them apart."""
    gemini.script(text("a summary"), times=None)
    for version in ("1", "1", "2"):
        prompt = Prompt("For {who}: what matters?", name="gist", version=version, system_instruction="Be brief.")
        await asummarize.fn(Document.text("A long story."), prompt=prompt.fill(who="the board"), model=model)
    sent = [entry.body for entry in gemini.journal.generate_calls]
    assert len(sent) == 2
    assert sent[0]["contents"][0]["parts"][0]["text"] == "For the board: what matters? Use at most 120 words."
    assert sent[0]["systemInstruction"]["parts"][0]["text"].endswith("\n\nBe brief.")
    ledger = Ledger.open(ledger_url)
    assert {line.name for line in cost_report(ledger, by="prompt")} == {"gist@1", "gist@2"}


async def test_prompts_are_saved_and_loaded_by_nodes(gemini, monkeypatch):
    """Without credentials the local server keeps them; with the Developer API there is nowhere to."""
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, *rest: real(min(seconds, 0.01), *rest))
    saved = await asave_prompt.fn(Prompt("Read {what}.", name="receipt"), note="first")
    assert await aload_prompt.fn("receipt") == await aload_prompt.fn("receipt", version=1) == saved
    with pytest.raises(NotFound):
        await aload_prompt.fn("letter")
    with pytest.raises(InvalidOption, match="keeps no prompts"):
        await aload_prompt.fn("x", credentials=GeminiCredentials(service="developer", api_key="k"))


async def test_prompts_with_holes_are_not_sent(gemini, model):
    """A missing value is found before any call."""
    with pytest.raises(InvalidOption, match="needs a value for 'who'"):
        await agenerate.fn(Prompt("For {who}"), model=model)
    assert not gemini.journal.generate_calls


@pytest.fixture
def destination(gemini, monkeypatch) -> Backend:
    """The project a model is copied to; the client's polls are not waited for."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return Backend(
        kind="vertex",
        project="dest",
        location="us-central1",
        credentials=Credentials(token="t"),
        base_url=gemini.base_url,
    )


async def test_tuned_model_is_copied_deployed_and_called(gemini, destination):
    """The endpoint that comes back is what a node takes for its model."""
    tuned = add_tuned(gemini.wire, "projects/src/locations/us-central1", base="gemini-2.5-flash", display_name="mine")
    copied = await copy_tuned_model(tuned["model"], destination, model_id="receipts")
    assert copied.name == "projects/dest/locations/us-central1/models/receipts@1"
    assert copied.endpoint.startswith("projects/dest/locations/us-central1/endpoints/")
    again = await copy_tuned_model(tuned["model"], destination, version_of="receipts", deploy=False)
    assert (again.name, again.endpoint) == (copied.name.replace("@1", "@2"), "")
    gemini.script(text("tuned"))
    client = destination.genai_client()
    reply = await client.aio.models.generate_content(model=copied.endpoint, contents="hi")
    assert reply.text == "tuned"


async def test_models_that_cannot_be_copied_say_why(destination):
    """A wrong name is found before any call; a missing model is not found."""
    with pytest.raises(InvalidOption, match="is no tuned model"):
        await copy_tuned_model("gemini-3.8-flash", destination)
    with pytest.raises(InvalidOption, match="give one of them"):
        await copy_tuned_model("projects/p/locations/l/models/1", destination, model_id="a", version_of="b")
    with pytest.raises(NotFound, match="does not exist"):
        await copy_tuned_model("projects/p/locations/us-central1/models/1", destination)
