"""The bulk flow: a table of documents in, outcomes and a summary out; suspended runs are resumed."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Cancelled, Crashed, Running, Suspended

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows import process_documents, resume_batches
from prefect_gemini.flows.bulk import batches
from prefect_gemini.flows.bulk import flow as bulk
from prefect_gemini.flows.bulk.batches import cancel_batches
from prefect_gemini.gemini import Request
from prefect_gemini.gemini.batches import submit as submitting
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.gathering import Deferred, Gathering
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.service import Service
from prefect_gemini.gemini.batches.submit import submit
from prefect_gemini.gemini.batches.wait import look, wait
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks import Batch, aextract, asubmit_batch
from prefect_gemini.tasks.bulk.batching import LATE
from prefect_gemini.testing import json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

WAITS_S = int(timedelta(hours=1).total_seconds() + LATE.total_seconds())
"""Seconds after which Prefect gives up a run that waits an hour."""
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


async def test_what_was_left_out_of_a_folder_is_counted(gemini, model, tmp_path):
    """Files that are no documents are not dropped in silence; what the run writes there is no document either."""
    gemini.script([json_reply({"total": 4.5})], times=None)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("a.txt", "b.exe", "c.exe", ".hidden.txt"):
        (inbox / name).write_text("Total 4.5")
    (inbox / "linked").symlink_to(inbox)
    (inbox / "<b>|[x](http:y).pdf").write_bytes(b"no PDF")
    for own in (1, 2):  # its draft, and then what the first run has written
        result = await process_documents(
            str(inbox), fields=SCHEMA, model=model, output=str(inbox / "out" / "values.jsonl")
        )
        assert (result.written.documents, result.written.done) == (2, 1)
        assert result.left_out == {
            "hidden": 1,
            "not a document by its name": 2,
            "a link to a folder": 1,
            "the output of this run": own,
        }
    assert "2 not a document by its name" in bulk.summary(result)
    assert "&lt;b&gt;\\|\\[x\\]\\(http" in bulk.summary(result)


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


async def flow_run(state: State) -> str:
    """A deployment's run of the bulk flow, in this state."""
    async with get_client() as client:
        deployment = await client.create_deployment(await client.create_flow(process_documents), name="tested")
        return str((await client.create_flow_run_from_deployment(deployment, state=state)).id)


async def state_of(run: str) -> State:
    async with get_client() as client:
        return (await client.read_flow_run(UUID(run))).state


@pytest.fixture
async def waits_for(gemini, model):
    """Submits one document for a run, or finds the job it is in."""
    gemini.script([json_reply({"total": 4.5})], times=None)
    gemini.wire.jobs.take_s = 3600
    client = await model.client()

    async def submits(run: str | None, text: str = "one document") -> BatchJob:
        gathering = Gathering()
        with answered_by(gathering), pytest.raises(Deferred):
            await client.generate(Request(model="flash", contents=(text,)))
        ((_, spool),) = gathering.spools
        (job,) = await submit_once(client, spool, flow_run_id=run)
        return job

    submits.client = client
    return submits


async def test_the_last_of_the_runs_that_wait_for_a_job_cancels_it(model, waits_for):
    """Two runs wait; the first that is cancelled leaves, and the job goes on for the other."""
    first, second = await flow_run(Running()), await flow_run(Running())
    job = await waits_for(first)
    assert (await waits_for(second)).name == job.name
    assert await cancel_batches(first, model) == 0
    assert not (await look(waits_for.client, job)).state.startswith("CANCEL")
    assert await cancel_batches(second, model) == 1
    assert (await look(waits_for.client, job)).state.startswith("CANCEL")
    assert await cancel_batches(second, model) == 0


async def test_a_run_that_has_ended_keeps_no_job_from_being_cancelled(model, waits_for):
    """The run that submitted the job crashed and the one that found it is cancelled: nobody waits."""
    crashed, found = await flow_run(Crashed()), await flow_run(Running())
    await waits_for(crashed)
    await waits_for(found)
    assert await cancel_batches(found, model) == 1


async def test_a_job_from_outside_of_a_flow_is_not_cancelled_with_a_run(model, waits_for):
    """Who submitted it may be waiting for it in a process that Prefect knows nothing of."""
    await waits_for(None)
    run = await flow_run(Running())
    await waits_for(run)
    assert await cancel_batches(run, model) == 0


async def test_a_suspended_run_is_woken_when_another_has_collected_its_job(gemini, model, waits_for):
    """Its job is closed, so nobody looks at it any more: the run is resumed all the same, and once."""
    run = await flow_run(Suspended(timeout_seconds=WAITS_S))
    job = await waits_for(run)
    gemini.clock.move(3600)
    await collect(waits_for.client, await wait(waits_for.client, job, poll_s=0.05), flow_run_id="another")
    assert (await resume_batches(model))["resumed"] == 1
    assert not (await state_of(run)).is_paused()
    assert (await resume_batches(model))["resumed"] == 0


async def test_a_suspended_run_sleeps_on_while_one_of_its_jobs_is_open(gemini, model, waits_for):
    """One job collected by another run, one under way: it would only be suspended again."""
    run = await flow_run(Suspended(timeout_seconds=WAITS_S))
    job = await waits_for(run)
    gemini.clock.move(3600)
    await collect(waits_for.client, await wait(waits_for.client, job, poll_s=0.05))
    await waits_for(run, "another document")
    assert (await resume_batches(model))["resumed"] == 0
    gemini.clock.move(3600)
    await asyncio.sleep(0.3)
    assert (await resume_batches(model))["resumed"] == 1


async def test_a_suspended_run_whose_time_is_up_is_woken(model, waits_for):
    """Its job goes on; it says itself what it waited for, before Prefect fails it without a reason."""
    run = await flow_run(Suspended(timeout_seconds=int(LATE.total_seconds())))
    await waits_for(run)
    assert (await resume_batches(model))["resumed"] == 1


async def test_a_run_that_waits_for_a_person_is_not_woken_by_its_batch(gemini, model, waits_for):
    """It was resumed by hand, and has come to an approval since."""
    state = Suspended(timeout_seconds=WAITS_S)
    state.state_details.run_input_keyset = {"description": "d", "response": "r", "schema": "s"}
    run = await flow_run(state)
    job = await waits_for(run)
    gemini.clock.move(3600)
    await collect(waits_for.client, await wait(waits_for.client, job, poll_s=0.05))
    assert (await resume_batches(model))["resumed"] == 0
    assert (await state_of(run)).is_paused()


async def test_the_jobs_of_a_suspended_run_are_cancelled_with_it(model, waits_for):
    """A suspended run has no process that could tell: the scheduled flow finds that it was cancelled."""
    job = await waits_for(await flow_run(Cancelled()))
    assert (await resume_batches(model))["cancelled"] == 1
    assert (await look(waits_for.client, job)).state.startswith("CANCEL")


async def test_what_nobody_will_collect_is_collected(gemini, model, waits_for):
    """The run crashed, and Google keeps answers for two days: they go to the ledger, and a rerun pays nothing."""
    await waits_for(await flow_run(Crashed()))
    gemini.clock.move(3600)
    await asyncio.sleep(0.3)
    assert (await resume_batches(model))["collected"] == 1
    reply = await waits_for.client.generate(Request(model="flash", contents=("one document",)))
    assert reply.from_ledger
    assert not gemini.journal.generate_calls


async def test_an_ended_job_is_not_left_until_a_slower_one_has_ended(gemini, model, waits_for, monkeypatch):
    """A suspended run waits for two jobs, and one takes days: the other's answers are brought home before they expire."""
    run = await flow_run(Suspended(timeout_seconds=WAITS_S))
    await waits_for(run)
    gemini.clock.move(3600)
    await waits_for(run, "another document")
    await asyncio.sleep(0.3)
    assert (await resume_batches(model))["collected"] == 0
    monkeypatch.setattr(batches, "LONG", timedelta())
    counts = await resume_batches(model)
    assert (counts["collected"], counts["resumed"], counts["open"]) == (1, 0, 1)


async def test_a_job_that_never_got_to_the_service_is_closed(model, waits_for, monkeypatch):
    """Its process died before it sent it: hours later it is open no more."""
    monkeypatch.setattr(submitting, "LOOK_AFTER_S", (0.0, 0.01))

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Service, "create", dies)
        with pytest.raises(KeyboardInterrupt):
            await waits_for(None)
    assert (await resume_batches(model))["open"] == 1
    monkeypatch.setattr(batches, "LONG", timedelta())
    assert (await resume_batches(model))["open"] == 0
