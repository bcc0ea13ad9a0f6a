"""The bulk flow: a table of documents in, outcomes and a summary out; suspended runs are resumed."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows import process_documents, resume_batches
from prefect_gemini.flows.bulk import flow as bulk
from prefect_gemini.flows.bulk.batches import cancel_batches
from prefect_gemini.gemini import Request
from prefect_gemini.gemini.batches.gathering import Deferred, Gathering
from prefect_gemini.gemini.batches.submit import submit
from prefect_gemini.gemini.batches.wait import look
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks import Batch, aextract, asubmit_batch
from prefect_gemini.testing import json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}


@pytest.fixture
def model(gemini) -> GeminiModel:
    """A model whose calls go to the test's own server."""
    return GeminiModel(model="flash", credentials=GeminiCredentials(service="local", base_url=gemini.base_url))


@pytest.mark.parametrize("mode", ["interactive", Batch(poll_seconds=0.1)], ids=["interactive", "batch"])
async def test_a_table_becomes_outcomes_and_a_summary(gemini, model, tmp_path, mode):
    """Each row is an outcome in the file; the artifact says what it came to."""
    gemini.script([json_reply({"total": 4.5})], times=None)
    table = tmp_path / "mails.jsonl"
    table.write_text("\n".join(json.dumps({"id": f"m{n}", "text": f"Total 4.5, number {n}"}) for n in range(5)))
    result = await process_documents(
        str(table), fields=SCHEMA, model=model, output=str(tmp_path / "out.jsonl"), mode=mode
    )
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert sorted(row["name"] for row in rows) == ["m0", "m1", "m2", "m3", "m4"]
    assert all(row["value"] == {"total": 4.5} for row in rows)
    assert (result.written.done, result.backend) == (5, "local reader (no Gemini was called)")
    async with get_client() as client:
        texts = [one.data for one in await client.read_artifacts() if one.key == "bulk"]
    assert any("| documents | 5 |" in str(text) for text in texts)


async def test_a_dry_run_sends_and_writes_nothing(gemini, model, tmp_path):
    """The bill of every row, and no call to a model that costs."""
    table = tmp_path / "mails.jsonl"
    table.write_text("\n".join(json.dumps({"id": f"m{n}", "text": f"Total 4.5, number {n}"}) for n in range(5)))
    estimate = await process_documents(
        str(table), fields=SCHEMA, model=model, output=str(tmp_path / "out.jsonl"), dry_run=True
    )
    assert (estimate.documents, estimate.calls) == (5, 5)
    assert not gemini.journal.generate_calls
    assert not (tmp_path / "out.jsonl").exists()


async def test_a_folder_that_is_not_there_is_one_error(model, tmp_path):
    """Nothing to read is said at once, unless that is fine."""
    with pytest.raises(DocumentNotFound):
        await process_documents(str(tmp_path / "none"), model=model, output=str(tmp_path / "o.jsonl"))


async def test_open_jobs_are_looked_at_and_cancelled_with_their_run(gemini, model):
    """The scheduled flow counts open and ended jobs; cancelling a run cancels its jobs only."""
    gemini.wire.jobs.take_s = 3600

    @flow
    async def submits() -> None:
        await asubmit_batch(aextract, [Document.text("Total 4.5")], schema=SCHEMA, model=model)
        assert (await resume_batches(model))["open"] == 1
        assert await cancel_batches("another run", model) == 0
        assert await cancel_batches(str(runtime.flow_run.id), model) == 1

    await submits()
    counts = await resume_batches(model)
    assert (counts["ended"], counts["collected"]) == (1, 1)
    assert (await resume_batches(model))["ended"] == 0


async def test_a_cancelled_run_with_a_saved_model_cancels_its_batches(gemini, model):
    """The server gives the parameters back with a reference in the block's place, and a deleted run stops nobody."""
    gemini.wire.jobs.take_s = 3600
    await model.credentials.save("cancelled-run", overwrite=True)
    saved = await model.save("cancelled-run", overwrite=True)
    run = FlowRun(flow_id=uuid4(), parameters={"documents": "x", "model": {"$ref": {"block_document_id": str(saved)}}})
    client = await model.client()
    gathering = Gathering()
    with answered_by(gathering), pytest.raises(Deferred):
        await client.generate(Request(model="flash", contents=("a cancelled run",)))
    ((_, spool),) = gathering.spools
    job = await submit(client, spool, flow_run_id=str(run.id))
    await bulk._cancelled(process_documents, run, None)
    assert (await look(client, job)).state in ("CANCELLING", "CANCELLED")
    assert (await resume_batches(model))["ended"] >= 1
