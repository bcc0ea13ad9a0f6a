"""embed: vectors of the local server, paid once, in the order of the texts."""

from __future__ import annotations

import math
from decimal import Decimal

import google.auth
import pytest
from google.oauth2.credentials import Credentials

from prefect_gemini.blocks import GeminiCredentials
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentTooLarge, InvalidOption, UnsupportedMedia
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.tasks import (
    Batch,
    acollect_batch,
    aeach,
    aembed,
    asubmit_batch,
    await_for_batch,
    embed,
)
from prefect_gemini.tasks.estimate import aestimate
from prefect_gemini.testing import LocalGemini


@pytest.fixture
def embedder(model):
    return model.model_copy(update={"model": "gemini-embedding-001"})


async def test_texts_become_unit_vectors_in_their_order(embedder):
    """What shares words lies nearer; every vector has length 1; the cost is known."""
    texts = ["the cat sat on the mat", "a cat on a mat", "quarterly revenue rose"]
    reply = await aembed.fn(texts, model=embedder, dimensions=256)
    cat, mat, revenue = reply.value
    assert all(len(one) == 256 and math.isclose(math.hypot(*one), 1.0) for one in reply.value)
    assert sum(map(lambda a, b: a * b, cat, mat)) > sum(map(lambda a, b: a * b, cat, revenue))
    assert reply.cost > 0


async def test_a_text_is_embedded_once(gemini: LocalGemini, embedder):
    """The ledger has the vector the second time; another purpose is another vector."""
    first = await aembed.fn(["one", "two"], model=embedder)
    again = await aembed.fn(["two", "one"], model=embedder)
    assert again.from_ledger
    assert again.value == first.value[::-1]
    sent = len(gemini.journal.entries)
    await aembed.fn(["one"], model=embedder, purpose="query")
    assert len(gemini.journal.entries) == sent + 1


async def test_texts_keep_to_the_ceiling(gemini: LocalGemini, embedder):
    """At ten requests a second the last of eleven is sent a second after the first; the first may arrive a little late."""
    paced = embedder.model_copy(update={"limits": Limits(requests_per_minute=600)})
    await aembed.fn([f"text {number}" for number in range(11)], model=paced)
    started = [one.started for one in gemini.journal.entries]
    assert len(started) == 11
    assert max(started) - min(started) > 0.5


@pytest.mark.parametrize("change", [{"model": "flash"}, {"dimensions": 0}, {"texts": [" "]}])
async def test_what_cannot_be_embedded_is_refused_before_the_call(gemini: LocalGemini, model, change):
    """A model that writes, no dimensions, no text."""
    options = {"texts": ["x"], "model": model.model_copy(update={"model": change.get("model", "gemini-embedding-001")})}
    with pytest.raises(InvalidOption):
        await aembed.fn(**(options | {key: value for key, value in change.items() if key != "model"}))
    assert not gemini.journal.entries


def test_the_sync_twin_embeds_the_same(embedder):
    """`embed` outside an event loop; a lone text is one text, not its letters."""
    assert len(embed.fn("hello", model=embedder).value) == 1


async def test_documents_are_embedded_by_the_text_they_show(embedder, examples):
    """An open document is one text; a PDF is read on this machine; what shows none is refused."""
    words = Document.text("hello there")
    pdf = Document.of(next(examples.rglob("*.pdf")))
    reply = await aembed.fn([words, "hello there", pdf], model=embedder)
    assert reply.value[0] == reply.value[1] != reply.value[2]
    with pytest.raises(UnsupportedMedia):
        await aembed.fn(Document.of(next(examples.rglob("*.wav"))), model=embedder)


async def test_a_text_longer_than_the_model_reads_is_refused_or_flagged(gemini: LocalGemini, embedder):
    """Of a text that is certainly too long nothing is sent; one that may be is flagged."""
    with pytest.raises(DocumentTooLarge, match="2,048 tokens"):
        await aembed.fn("word " * 3000, model=embedder)
    assert not gemini.journal.entries
    assert "vector is of its beginning" in " ".join((await aembed.fn("word " * 2000, model=embedder)).notes)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_a_string_in_a_list_is_a_path_and_not_embedded_by_mistake(gemini: LocalGemini, embedder):
    """As for every node; the error says how to give a text."""
    (outcome,) = await aeach(aembed, ["the cat sat on the mat"], model=embedder)
    assert outcome.failure.kind == "DocumentNotFound"
    assert "Document.text" in outcome.failure.hint
    assert not gemini.journal.entries


async def test_a_purpose_that_a_model_does_not_take_is_said(embedder):
    """gemini-embedding-2 ignores it without a word; the reply has one."""
    reply = await aembed.fn("hello", model=embedder.model_copy(update={"model": "gemini-embedding-2"}), purpose="query")
    assert "takes no `purpose`" in reply.notes[-1]


async def test_a_dry_run_counts_every_text(gemini: LocalGemini, embedder):
    """All texts are in the bill, at the price of embeddings and at half of it in batch; nothing is sent."""
    found = await aestimate(aembed, [Document.text(f"text {number}") for number in range(20)], model=embedder)
    (bill,) = found.bills
    assert (found.calls, bill.prompt, bill.standard) == (20, 40, Decimal("0.15") * 40 / 10**6)
    assert bill.batch == bill.standard / 2
    assert "estimated from their letters" in " ".join(found.notes)
    assert not gemini.journal.entries


SERVICES = {
    "local": {"service": "local"},
    "developer": {"service": "developer", "api_key": "k"},
    "vertex": {"service": "vertex", "project": "p", "location": "us-central1"},
}


@pytest.fixture(params=SERVICES)
def service(request, gemini: LocalGemini, embedder, monkeypatch):
    """The embedding model at each service."""
    monkeypatch.setattr(google.auth, "default", lambda **_: (Credentials(token="t"), "p"))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    credentials = GeminiCredentials(base_url=gemini.base_url, **SERVICES[request.param])
    return embedder.model_copy(update={"credentials": credentials})


QUICK = Batch(poll_seconds=0.05, storage="gs://bucket/texts")


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_a_batch_embeds_at_half_the_price(gemini: LocalGemini, service):
    """Through one job, with the same vectors and no single call; what is in the ledger is not asked again."""
    texts = [f"text {number} of the folder" for number in range(6)]
    outcomes = await aeach(aembed, map(Document.text, texts), model=service, mode=QUICK, dimensions=64)
    assert not [entry for entry in gemini.journal if "mbedContent" in entry.path and "atch" not in entry.path]
    assert not [entry for entry in gemini.journal if entry.path.endswith((":predict", ":batchEmbedContents"))]
    made = [*gemini.wire.store.all("batches", at=0.0), *gemini.wire.store.all("batchPredictionJobs", at=0.0)]
    assert len(made) == 1
    prices = [Decimal("0.075") * one.reply.usage.prompt / 10**6 for one in outcomes]
    assert [one.reply.cost for one in outcomes] == prices
    again = await aembed.fn(texts, model=service, dimensions=64)
    assert (again.from_ledger, again.value) == (True, tuple(one.value[0] for one in outcomes))


async def test_the_steps_can_be_taken_apart(gemini: LocalGemini, service):
    """Submitted, waited for and collected; the vectors are then in the ledger, at the price of the batch."""
    texts = [f"step {number}" for number in range(3)]
    jobs = await asubmit_batch.fn(aembed, map(Document.text, texts), model=service, storage=QUICK.storage)
    assert [job.rows for job in jobs] == [3]
    jobs = await await_for_batch.fn(jobs, model=service, poll_seconds=0.05)
    (report,) = await acollect_batch.fn(jobs, model=service)
    assert (report.done, report.failed) == (3, {})
    reply = await aembed.fn(texts, model=service)
    assert (reply.from_ledger, reply.cost) == (True, report.cost)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_rows_without_a_vector_are_failures(gemini: LocalGemini, service, monkeypatch):
    """A refused row and one without a vector have their error; the others are not affected."""
    from prefect_gemini.local.wire.protocol.google_errors import GoogleError
    from prefect_gemini.local.wire.resources import batch_rows

    honest = batch_rows.embed_row

    def some(wire, call):
        if b"text 1" in call.body:
            raise GoogleError(429, "Too many.")
        return {"embedding": {}} if b"text 2" in call.body else honest(wire, call)

    monkeypatch.setattr(batch_rows, "embed_row", some)
    outcomes = await aeach(aembed, [Document.text(f"text {number}") for number in range(4)], model=service, mode=QUICK)
    assert [one.failure.kind if one.failure else "done" for one in outcomes][2:] == ["MalformedResponse", "done"]
    assert outcomes[1].failure.kind in ("RateLimited", "BatchFailed")  # Vertex AI says why in words alone


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize("service", ["vertex"], indirect=True)
async def test_where_the_service_embeds_in_no_batch_it_is_said(gemini: LocalGemini, service):
    """Not at full price in silence: a typed error that names the places there are."""
    elsewhere = service.credentials.model_copy(update={"location": "global"})
    model = service.model_copy(update={"credentials": elsewhere})
    (outcome,) = await aeach(aembed, [Document.text("hello")], model=model, mode=QUICK)
    assert outcome.failure.kind == "InvalidOption"
    assert "us-central1" in outcome.failure.hint
    assert not gemini.journal.entries
