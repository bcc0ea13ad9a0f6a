"""Every node that reads, through a batch of either service: the outcome is that of asking one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import google.auth
import pytest
from google.oauth2.credentials import Credentials

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows.receipts import aread_receipt
from prefect_gemini.flows.triage import asort_request
from prefect_gemini.gemini.calls import uploads
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.pages.sound import as_wav
from prefect_gemini.tasks import (
    Batch,
    aclassify,
    acontext_cache,
    aeach,
    aembed,
    aextract,
    agenerate,
    asummarize,
    atranscribe,
    node,
)
from prefect_gemini.tasks.parts.outcome import Outcome
from prefect_gemini.tasks.parts.together import together
from prefect_gemini.testing import LocalGemini, blocked_answer, finish, function_call, json_reply, text

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
BUCKET = "gs://bucket/batches"
QUICK = Batch(poll_seconds=0.05, storage=BUCKET)
LITE, FLASH = "gemini-3.5-flash-lite", "gemini-3.8-flash"


@pytest.fixture(params=["developer", "vertex"])
def model(request, gemini: LocalGemini, monkeypatch) -> GeminiModel:
    """flash, at each of the two services."""
    monkeypatch.setattr(google.auth, "default", lambda **_: (Credentials(token="t"), "p"))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    where: dict[str, Any] = {"developer": {"api_key": "k"}, "vertex": {"project": "p", "location": "us-central1"}}
    service = request.param
    credentials = GeminiCredentials(service=service, base_url=gemini.base_url, **where[service])
    return GeminiModel(model="flash", credentials=credentials)


def several(model: GeminiModel) -> GeminiModel:
    return model.model_copy(update={"model": "flash-lite", "escalate_to": ["flash"]})


def embedder(model: GeminiModel) -> GeminiModel:
    return model.model_copy(update={"model": "gemini-embedding-001"})


def as_is(model: GeminiModel) -> GeminiModel:
    return model


def number(payload: dict[str, Any]) -> int:
    """The number in the document of a request."""
    words = " ".join(part.get("text", "") for turn in payload["contents"] for part in turn["parts"])
    return int(words.split("document ")[1].split()[0])


def right(payload: dict[str, Any]) -> Any:
    return json_reply({"n": number(payload)})


def wrong_at_first(payload: dict[str, Any]) -> Any:
    """Against the schema until the model is shown what is wrong."""
    return right(payload) if len(payload["contents"]) > 1 else json_reply({"m": 1})


def never_right(payload: dict[str, Any]) -> Any:
    return json_reply({"m": 1})


def invented(payload: dict[str, Any]) -> Any:
    """A value of an even document is not in it."""
    return json_reply({"n": number(payload) if number(payload) % 2 else 777})


def an_expense(payload: dict[str, Any]) -> Any:
    words = " ".join(part.get("text", "") for turn in payload["contents"] for part in turn["parts"])
    at = words.split("Corner Shop ")[1][0]
    return function_call("record_expense", {"merchant": f"Corner Shop {at}", "total": float(f"12.1{at}")})


def heard(payload: dict[str, Any]) -> Any:
    return json_reply({"cues": [{"speaker": "Ann", "start": "00:00:00", "end": "00:00:01", "text": "Hello."}]})


def an_index(payload: dict[str, Any]) -> Any:
    return text('{"index": 1}') if "schema" in str(payload["generationConfig"]).lower() else text("A gist.")


@node(category="reading")
async def amap_reduce(document: Document, *, model: Any) -> Reply[str]:
    """Summarize the words of a document at once, then the summaries."""
    pieces = await together(asummarize.fn(Document.text(f"{document.content} {at}"), model=model) for at in range(5))
    return await asummarize.fn(Document.text(" ".join([document.content, *(one.value for one in pieces)])), model=model)


@node(category="reading")
async def aquestions(document: Document, *, model: Any) -> Reply[Any]:
    """Two questions about one document, with a cache where it pays."""
    async with acontext_cache(document, model=model, policy="always") as cache:
        first, _ = await together([cache.ask("How many?", output=SCHEMA), cache.ask("Who?")])
    return first


def texts() -> list[Any]:
    return [Document.text(f"document {at} says {at}", name=f"d{at}") for at in range(3)]


def recordings() -> list[Any]:
    import numpy as np

    loud = (6000 * np.sin(np.arange(16_000 * 9) * 0.1)).astype(np.int16)
    loud[16_000 * 4 : 16_000 * 5] = 0
    return [as_wav(loud)]


def receipts() -> list[Any]:
    return [Document.text(f"Corner Shop {at}\n2026-11-02\nTotal 12.1{at} EUR\n") for at in range(3)]


CASES: dict[str, tuple[Any, dict[str, Any], Callable[..., Any], Any, Callable[[], list[Any]]]] = {
    "extract": (aextract, {"schema": SCHEMA}, as_is, right, texts),
    "extract, repaired": (aextract, {"schema": SCHEMA}, as_is, wrong_at_first, texts),
    "extract, beyond repair": (aextract, {"schema": SCHEMA}, as_is, never_right, texts),
    "extract, blocked": (aextract, {"schema": SCHEMA}, as_is, lambda _: blocked_answer("SAFETY"), texts),
    "extract, cut": (asummarize, {}, as_is, lambda _: finish("MAX_TOKENS", "half of"), texts),
    "extract, in a cascade": (aextract, {"schema": SCHEMA}, several, invented, texts),
    "extract, in a cascade beyond repair": (
        aextract,
        {"schema": SCHEMA},
        several,
        {LITE: never_right, FLASH: right},
        texts,
    ),
    "receipts": (aread_receipt, {}, as_is, an_expense, receipts),
    "classify": (aclassify, {"labels": ["letter", "bill"]}, as_is, an_index, texts),
    "summarize": (asummarize, {"words": 20}, as_is, lambda _: text("A gist."), texts),
    "generate": (agenerate, {"schema": SCHEMA}, as_is, right, texts),
    "transcribe": (atranscribe, {}, as_is, heard, recordings),
    "transcribe, by reference": (atranscribe, {}, as_is, heard, recordings),
    "embed": (aembed, {"dimensions": 16}, embedder, right, texts),
    "several nodes": (asort_request, {}, as_is, an_index, texts),
    "map and reduce": (amap_reduce, {}, as_is, lambda _: text("A gist."), texts),
    "a cache": (aquestions, {}, as_is, right, texts),
}


def seen(outcomes: list[Outcome[Any]]) -> list[Any]:
    """What may not differ: everything but cost, tier, latency, and who counted an embedding's tokens."""
    return [
        one.failure.model_copy(update={"message": one.failure.message.partition(" in a batch")[0]})
        if one.reply is None
        else (
            one.reply.value,
            one.reply.evidence,
            one.reply.finish_reason,
            [note for note in one.reply.notes if "counted no tokens" not in note and "would have cost" not in note],
            one.reply.model,
            one.reply.from_ledger,
        )
        for one in outcomes
    ]


@pytest.mark.parametrize("case", CASES)
async def test_the_outcome_is_that_of_asking_one_by_one(case, gemini, model, tmp_path, monkeypatch):
    """Value, evidence, finish reason, notes, model and failure are equal; nothing is asked one by one; it costs half."""
    monkeypatch.setattr(sys.modules["prefect_gemini.tasks.transcribe"], "PIECE_S", 6.0)
    if "by reference" in case:
        monkeypatch.setattr(uploads, "INLINE", 1000)
    tool, arguments, chosen, script, sources = CASES[case]
    for name, one in (script if isinstance(script, dict) else {"": script}).items():
        gemini.script([one], when=lambda call, name=name: name in call.model, times=None)
    alone = await aeach(tool, sources(), model=chosen(model), retries=0, **arguments)
    sent = len(gemini.journal.generate_calls)
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{tmp_path / 'batch.db'}")
    through = await aeach(tool, sources(), model=chosen(model), mode=QUICK, **arguments)
    assert seen(through) == seen(alone)
    assert len(gemini.journal.generate_calls) == sent
    for one, other in zip(through, alone, strict=True):
        if one.reply is not None and case != "embed":
            assert one.reply.cost == other.reply.cost / 2
            assert one.reply.saved == (None if other.reply.saved is None else other.reply.saved / 2)
