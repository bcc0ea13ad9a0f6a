"""Batch jobs: submitted once, found again, collected by key, on both services."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from prefect_gemini.gemini import GeminiClient, RetryPolicy
from prefect_gemini.gemini.batches import collect as collecting
from prefect_gemini.gemini.batches import service as services
from prefect_gemini.gemini.batches import spool as spools
from prefect_gemini.gemini.batches import submit as submitting
from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.gathering import Deferred, Gathering
from prefect_gemini.gemini.batches.job import ENDED, GOING, BatchJob
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.submit import submit
from prefect_gemini.gemini.batches.wait import wait
from prefect_gemini.gemini.batches.waiters import Waiters
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.gemini.errors import (
    BatchFailed,
    BudgetExceeded,
    DeadlineExceeded,
    InvalidOption,
    ServerError,
    Truncated,
)
from prefect_gemini.gemini.ledger.tables import batch_rows
from prefect_gemini.testing import error, finish, json_reply
from tests.gemini.batching import (
    BUCKET,
    FAST,
    ROOT,
    answer,
    asked,
    backend_of,
    jobs,
    sent,
    spooled,
    submitted,
    submitted_once,
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Nobody waits for an output that will not come."""
    monkeypatch.setattr(collecting, "LOOK_AGAIN_S", (0.0, 0.01))


@pytest.fixture(params=["developer", "file", "vertex"])
async def client(request, gemini, tmp_path, monkeypatch):
    """A client of each service; "file" is the Developer API with its requests in a file."""
    if request.param == "file":
        monkeypatch.setattr(spools, "INLINE_ROWS", 0)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    monkeypatch.setattr(submitting, "LOOK_AFTER_S", (0.0, 0.01))
    async with GeminiClient(backend_of(request.param, gemini), ledger=tmp_path / "l.db", retries=FAST) as one:
        yield one


async def test_answers_are_the_same_at_half_the_price(client, gemini):
    """What came back is what an interactive call gives, is in the ledger, and costs half; asking again costs nothing."""
    gemini.script([answer], times=None)
    alone = await client.generate(asked(7))
    job = await wait(client, await submitted(client, range(3)), poll_s=0.05)
    assert (job.state, job.rows, job.reattached) == ("SUCCEEDED", 3, False)
    report = await collect(client, job)
    assert (report.done, report.failed, report.missing, report.duplicates) == (3, {}, (), 0)
    replies = [await client.generate(asked(number)) for number in range(3)]
    assert [reply.value for reply in replies] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert all(reply.from_ledger for reply in replies)
    assert replies[0].usage.prompt == alone.usage.prompt
    assert replies[0].cost == alone.cost / 2
    assert report.cost == sum((reply.cost for reply in replies), Decimal(0))
    assert len(gemini.journal.generate_calls) == 1


async def test_the_same_requests_are_the_same_job(client, gemini):
    """Submitted again, in another order and by another client, the job is found and not made again."""
    gemini.script([answer], times=None)
    first = await submitted(client, range(3))
    async with GeminiClient(client.backend, ledger=client.ledger) as other:
        second = await submitted(other, range(2, -1, -1))
    assert (second.name, second.reattached) == (first.name, True)
    assert len(jobs(gemini)) == 1
    assert (await submitted(client, range(4))).name != first.name


async def test_a_job_that_an_unclear_failure_left_behind_is_adopted(client, gemini, monkeypatch):
    """The service makes the job and answers 504: it is looked up by its display name."""
    create = services.Service.create

    async def unclear(self: Any, source: Any, job: BatchJob) -> Any:
        await create(self, source, job)
        raise ServerError("504: gone", status=504)

    monkeypatch.setattr(services.Service, "create", unclear)
    job = await submitted(client, range(2))
    assert (job.reattached, len(jobs(gemini))) == (False, 1)
    assert job.name == jobs(gemini)[0].name


async def test_a_refusal_is_not_repeated_and_a_passing_failure_is(client, gemini):
    """400 raises at once; 503 before anything was made is tried again, and one job results."""

    def creates(call: Any) -> bool:
        return call.method == "POST" and "batch" in call.path

    gemini.faults.add(error(400), on=["*"], when=creates, times=1)
    with pytest.raises(Exception, match="400"):
        await submitted(client, range(1))
    assert not await Book(client.ledger, client.backend.identity).open_jobs()
    gemini.faults.add(error(503), on=["*"], when=creates, times=1)
    await submitted(client, range(2))
    assert len(jobs(gemini)) == 1


async def test_a_job_without_an_answer_to_a_row_says_so(client, gemini):
    """Rows that fail and rows that are cut are reported with a typed error; they can be sent again alone."""
    gemini.script([error(404)], when=lambda call: "document 1" in call.body.decode(), times=1)
    gemini.script([finish("MAX_TOKENS", '{"n"')], when=lambda call: "document 2" in call.body.decode(), times=1)
    gemini.script([answer], times=None)
    report = await collect(client, await wait(client, await submitted(client, range(4)), poll_s=0.05))
    kinds = sorted(type(one).__name__ for one in report.failed.values())
    assert report.done == 2
    assert kinds in (["NotFound", "Truncated"], ["BatchFailed", "Truncated"])
    gathering = Gathering()
    with answered_by(gathering):
        answers = [await client.generate(asked(number)) for number in (0, 3)]
        for number in (1, 2):
            with pytest.raises(Deferred):
                await client.generate(asked(number))
    assert [reply.value["n"] for reply in answers] == [0, 3]
    ((_, again),) = gathering.spools
    second = await submit(client, again, storage=BUCKET)
    assert (second.rows, second.attempt, second.reattached) == (2, 1, False)
    assert (await collect(client, await wait(client, second, poll_s=0.05))).done == 2


async def test_the_output_is_matched_by_key(gemini, tmp_path, monkeypatch):
    """Shuffled, doubled, missing, foreign and broken rows: each answer lands with its request, the rest is reported."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("vertex", gemini), ledger=tmp_path / "l.db") as client:
        job = await wait(client, await submitted(client, range(4)), poll_s=0.05)
        place = f"{job.output}/predictions.jsonl"
        rows = [json.loads(line) for line in gemini.storage.read(place).splitlines()]
        odd = json.loads(json.dumps(rows[0]).replace(rows[0]["request"]["labels"]["row"], "0" * 32))
        said = [json.dumps(one) for one in (rows[3], rows[1], odd, rows[0], rows[3], {"response": {}})]
        gemini.storage.write(place, "\n".join([*said, "{broken", ""]).encode(), content_type="application/jsonl")
        report = await collect(client, job)
        assert (report.done, report.duplicates, report.strange, report.unreadable) == (3, 1, 2, 1)
        assert len(report.missing) == 1
        assert isinstance(report.failed[report.missing[0]], BatchFailed)
        assert [(await client.generate(asked(number))).value["n"] for number in (0, 1, 3)] == [0, 1, 3]
        assert "1 missing, 1 twice, 2 not asked for, 1 not readable" in report.sentence


async def test_collecting_twice_books_once(client, gemini):
    """The second collection changes no total: each row's money is booked once."""
    gemini.script([answer], times=None)
    job = await wait(client, await submitted(client, range(3)), poll_s=0.05)
    first, second = await collect(client, job), await collect(client, job)
    assert first.cost == second.cost
    from sqlalchemy import func, select

    from prefect_gemini.gemini.ledger.tables import calls, spent, usd

    def totals(connection: Any) -> tuple[int, Decimal]:
        rows = connection.scalar(select(func.count()).select_from(calls))
        return rows, usd(connection.scalar(select(func.sum(spent.c.picodollars)).where(spent.c.scope == "day")))

    assert client.ledger.store.read_now(totals) == (3, first.cost)


@pytest.mark.parametrize(
    ("state", "ended"),
    [(state, True) for state in sorted(ENDED)] + [(state, False) for state in sorted(GOING)] + [("SURPRISED", False)],
)
async def test_every_state_is_waited_for_or_ends_the_wait(state, ended, gemini, tmp_path, monkeypatch):
    """Final states end the wait; all others, a state nobody has seen yet too, are waited out to the deadline."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    gemini.wire.jobs.take_s = 3600
    async with GeminiClient(backend_of("vertex", gemini), ledger=tmp_path / "l.db") as client:
        job = await submitted(client, range(1))
        (record,) = jobs(gemini)
        gemini.wire.jobs._waiting.clear()
        gemini.wire.store.replace(replace(record, shown=record.shown | {"state": f"JOB_STATE_{state}"}))
        if ended:
            found = await wait(client, job, poll_s=0.01)
            assert (found.state, found.known) == (state, True)
            if state != "SUCCEEDED":
                report = await collect(client, found)
                assert len(report.missing) == 1
        else:
            with pytest.raises(DeadlineExceeded, match=state):
                await wait(client, job, poll_s=0.01, timeout_s=0.03)
            with pytest.raises(BatchFailed, match="not ended"):
                await collect(client, job)


async def test_a_state_nobody_knows_ends_when_the_service_says_so(gemini, tmp_path):
    """A new word for an end is not waited out for days: the service gives its time."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        job = await wait(client, await submitted(client, range(2)), poll_s=0.05)
        (record,) = jobs(gemini)
        gemini.wire.store.replace(replace(record, shown=record.shown | {"state": "BATCH_STATE_SURPRISED"}))
        found = await wait(client, job, poll_s=0.01, timeout_s=0.1)
        assert (found.state, found.known, found.ended) == ("SURPRISED", False, True)
        assert (await collect(client, found)).done == 2


async def test_a_fresh_request_is_sent_though_there_is_an_answer(gemini, tmp_path):
    """Who asks for a fresh answer pays again; who does not gets what has come meanwhile."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        late, fresh = await spooled(client, range(2)), await spooled(client, range(1), fresh=True)
        for number in range(2):
            await client.generate(asked(number))
        assert await submit_once(client, late) == []
        (job,) = await submit_once(client, fresh)
        assert (job.rows, len(jobs(gemini))) == (1, 1)


async def test_a_job_is_looked_for_among_the_newest_only(gemini, tmp_path, monkeypatch):
    """A list that goes back for years is not walked; one that is not in order is."""
    monkeypatch.setattr(services, "PAGE", 2)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        gemini.wire.jobs.take_s = 1e9
        for number in range(6):
            await submitted(client, range(number, number + 1))
        old = jobs(gemini)
        for record in old[1:]:
            shown = record.shown | {"createTime": "2026-01-02T00:00:00Z"}
            gemini.wire.store.replace(replace(record, shown=shown))
        gemini.journal.clear()
        await submitted(client, range(9, 10))
        assert len(gemini.journal.of("batches.list")) == 1
        shown = old[0].shown | {"createTime": "2025-01-02T00:00:00Z"}
        gemini.wire.store.replace(replace(old[0], shown=shown))
        gemini.wire.store.remove("batches", jobs(gemini)[0].name)
        gemini.journal.clear()
        await submitted(client, range(10, 11))
        assert len(gemini.journal.of("batches.list")) == 2


async def test_after_a_failed_job_the_same_requests_are_a_new_attempt(gemini, tmp_path, monkeypatch):
    """A job that ended without answers is collected as failed; submitting again makes a second job, once."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        gemini.wire.jobs.take_s = 3600
        job = await submitted(client, range(2))
        await services.Service(client).cancel(job.name)
        report = await collect(client, await wait(client, job, poll_s=0.01))
        assert (report.job.state, len(report.missing)) == ("CANCELLED", 2)
        again, same = await submitted(client, range(2)), await submitted(client, range(2))
        assert (again.attempt, same.name, same.reattached) == (2, again.name, True)
        assert again.display_name == f"{job.display_name}-2"


async def test_a_second_attempt_uploads_a_file_of_its_own(gemini, tmp_path, monkeypatch):
    """The first one's may expire before it is read; a name has at most 40 letters, digits and dashes, no dash last."""
    monkeypatch.setattr(spools, "INLINE_ROWS", 0)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        gemini.wire.jobs.take_s = 3600
        job = await submitted(client, range(2))
        await services.Service(client).cancel(job.name)
        await collect(client, await wait(client, job, poll_s=0.01))
        assert (await submitted(client, range(2))).attempt == 2
        names = [file.name async for file in await client.sdk.aio.files.list()]
        assert len(names) == 2
        assert all(re.fullmatch(r"files/[a-z0-9][a-z0-9-]{0,38}[a-z0-9]", name) for name in names)


async def test_limits_and_budget_are_checked_before_anything_is_sent(gemini, tmp_path, monkeypatch):
    """Full jobs are followed by another; a request too large for any and a budget too small are refused."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        gathering = Gathering(most_rows=2)
        with answered_by(gathering):
            for number in range(5):
                with pytest.raises(Deferred):
                    await client.generate(asked(number))
        assert [len(spool.rows) for _, spool in gathering.spools] == [2, 2, 1]
        monkeypatch.setitem(spools.MOST_BYTES, "developer", 100)
        with answered_by(Gathering()), pytest.raises(InvalidOption, match="whole batch job"):
            await client.generate(asked(1))
        monkeypatch.undo()
    tight = GeminiClient(client.backend, ledger=tmp_path / "l.db", budget=Budget(per_day=1e-9))
    with pytest.raises(BudgetExceeded):
        await submitted(tight, range(1))
    with answered_by(Gathering()), pytest.raises(InvalidOption, match="ledger"):
        await GeminiClient(client.backend).generate(asked(1))
    assert not gemini.journal.entries


async def test_open_jobs_count_against_the_budget(gemini, tmp_path):
    """Two jobs that fit the day's budget one by one do not fit together, until the first has its real price."""
    gemini.script([answer], times=None)
    free = GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db")
    spool = await spooled(free, range(1))
    assert spool.estimate is not None
    tight = GeminiClient(free.backend, ledger=tmp_path / "l.db", budget=Budget(per_day=float(spool.estimate) * 1.5))
    job = await submitted(tight, range(1))
    with pytest.raises(BudgetExceeded):
        await submitted(tight, range(1, 2))
    with pytest.raises(BudgetExceeded):
        await tight.generate(asked(3))
    await collect(tight, await wait(tight, job, poll_s=0.05))
    assert (await submitted(tight, range(1, 2))).name


async def test_a_job_the_service_has_forgotten_is_asked_anew(gemini, tmp_path):
    """Its answers cannot be had any more; the documents are not stuck with it."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        job = await submitted(client, range(2))
        await client.sdk.aio.batches.delete(name=job.name)
        again = await submitted(client, range(2))
        assert (again.attempt, again.reattached) == (2, False)
        assert again.name != job.name


async def test_a_wait_outlives_an_outage_and_never_takes_a_collection_back(gemini, tmp_path):
    """The service is away for some looks; and who looks with old eyes does not open a collected job again."""
    gemini.script([answer], times=None)
    retries = RetryPolicy(max_attempts=1)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db", retries=retries) as client:
        job = await submitted(client, range(1))
        service = services.Service.get
        away = iter([True, True, False])

        async def get(self, name):
            if next(away, False):
                raise ServerError("503")
            return await service(self, name)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services.Service, "get", get)
            ended = await wait(client, job, poll_s=0.05)
        await collect(client, ended)
        await wait(client, job, poll_s=0.05)
        assert not await Book(client.ledger, client.backend.identity).open_jobs()


async def test_a_large_job_that_failed_whole_is_settled_in_parts(gemini, tmp_path, monkeypatch):
    """More rows without an answer than a database takes parameters."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        spool = await spooled(client, range(1))
        (kept,) = spool.rows.values()
        job = await submit(client, spool)
        place = {"identity": client.backend.identity, "key": job.key, "attempt": 1, "state": "open"}
        place |= {"origin": dict(kept.origin), "labels": {}}
        rows = [{**place, "fingerprint": f"f{number}"} for number in range(1_200)]
        await client.ledger.store.write(lambda connection: connection.execute(insert(batch_rows), rows))
        settle, sizes = Book.settle, []

        async def counted(self, job, paid, failed, upsert):
            sizes.append(len(failed))
            await settle(self, job, paid, failed, upsert)

        monkeypatch.setattr(Book, "settle", counted)
        report = await collect(client, await wait(client, job, poll_s=0.05))
        assert (report.done, len(report.missing), len(report.failed)) == (1, 1_200, 1_200)
        assert max(sizes) <= 500


async def test_two_runs_that_wait_for_one_job_are_both_remembered(gemini, tmp_path):
    """The run that made a job may be dead: whoever found it is to be woken too."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        job = await submitted(client, range(1), flow_run_id="first")
        await submitted(client, range(1), flow_run_id="second")
        waiters = Waiters(client.ledger, client.backend.identity)
        assert [(one.name, run) for one, run in await waiters.all()] == [(job.name, "first"), (job.name, "second")]


KILLED = """
import asyncio, os, sys
from google import genai  # here, and not in every child
from pydantic import SecretStr
from prefect_gemini.gemini import Backend, GeminiClient
from prefect_gemini.gemini.batches import book, service
from tests.gemini.batching import KEY, submitted_once

def dies(kind, name, before):
    original = getattr(kind, name)
    async def method(*args, **options):
        if not before:
            await original(*args, **options)
        os._exit(9)
    setattr(kind, name, method)

def dies_between_rows():
    book.AT_ONCE, execute, written = 1, book._execute, []
    def third(*args, **options):
        written.append(1)
        os._exit(9) if len(written) == 3 else execute(*args, **options)
    book._execute = third

for line in sys.stdin:
    moment, step, ledger, first = line.split()
    child = os.fork()
    if not child:
        kind = book.Book if step in ("intend", "hold", "note") else service.Service
        dies_between_rows() if step == "rows" else dies(kind, step, moment == "before")
        client = GeminiClient(Backend("developer", api_key=SecretStr(KEY), base_url=sys.argv[1]), ledger=ledger)
        asyncio.run(submitted_once(client, range(int(first), int(first) + 3)))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
WRITING = ("before intend", "between rows", "after intend")
SENDING = ("before upload", "before create")
SENT = ("after create", "after hold", "after note")


async def test_a_process_killed_at_any_moment_leaves_one_job(gemini, tmp_path, monkeypatch):
    """After kill -9 another process submits the same requests, or some of them: each is sent once, and found."""
    monkeypatch.setattr(submitting, "LOOK_AFTER_S", (0.0, 0.01))
    gemini.wire.jobs.take_s = 3600
    both = [(moment, further) for further in (0, 1) for moment in (*WRITING, *SENDING, *SENT)]
    cases = [(*case, tmp_path / f"{number}.db", 10 * number) for number, case in enumerate(both)]
    told = "".join(f"{moment} {ledger} {first}\n" for moment, _, ledger, first in cases)
    command = [sys.executable, "-c", KILLED, gemini.base_url]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    killed = await asyncio.to_thread(
        subprocess.run, command, input=told, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert killed.stdout.split() == ["9"] * len(cases), killed.stderr
    for moment, further, ledger, first in cases:
        before = sum(sent(gemini)[f"document {number}"] for number in range(first, first + 3))
        assert before == (3 if moment in SENT else 0), moment
        async with GeminiClient(backend_of("developer", gemini), ledger=ledger) as client:
            found = await submitted_once(client, range(first + further, first + further + 3))
        rows = [(job.rows, job.reattached, job.attempt) for job in found]
        expected = [(3, True, 1), (1, False, 1)][: 1 + further] if before else [(3, False, 1)]
        assert rows == expected, moment
    assert set(sent(gemini).values()) == {1}


@pytest.mark.parametrize("kept", ["repaired", "cut"])
async def test_a_resumed_run_goes_on_where_it_was(client, gemini, kept):
    """A run that was suspended between two batches does not pay for the first again, whose answer does not serve."""
    first = {"repaired": json_reply({"m": 1}), "cut": finish("MAX_TOKENS", '{"n":')}[kept]
    gemini.script([first, json_reply({"n": 1})])
    mine = replace(asked(1), origin={"flow_run_id": "run"})

    async def step(gathering: Gathering) -> Any:
        """Ask, and bring home what was spooled."""
        with answered_by(gathering):
            try:
                return await client.generate(mine)
            except Deferred:
                ((_, spool),) = gathering.spools
                job = await wait(client, await submit(client, spool, storage=BUCKET), poll_s=0.05)
                report = await collect(client, job)
        gathering.failed |= report.failed
        gathering.collected |= set(spool.rows)
        gathering.spools = []
        return None

    before = Gathering(resumed="run")
    await step(before)
    if kept == "repaired":
        with answered_by(before), pytest.raises(Deferred):
            await client.generate(mine)  # the repair is spooled, and the run is suspended
        after = Gathering(resumed="run")
        assert await step(after) is None
        reply = await step(after)
        assert (reply.value, reply.attempts) == ({"n": 1}, 2)
        assert "was repaired" in reply.notes[-1]
    else:
        with pytest.raises(Truncated) as cut:
            await step(Gathering(resumed="run"))
        assert cut.value.partial.cost > 0
    assert len(jobs(gemini)) == (2 if kept == "repaired" else 1)
