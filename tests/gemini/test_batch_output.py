"""A job's output on its way back: streamed, broken off, late, or gone."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from prefect_gemini.gemini import GeminiClient, RetryPolicy
from prefect_gemini.gemini.batches import collect as collecting
from prefect_gemini.gemini.batches import service as services
from prefect_gemini.gemini.batches import spool as spools
from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.wait import wait
from prefect_gemini.gemini.errors import BatchFailed, PermissionDenied, TransportError
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.store import Store
from prefect_gemini.gemini.ledger.tables import calls
from prefect_gemini.local.wire import app
from prefect_gemini.local.wire.protocol.http import Hangup, HttpReply
from tests.gemini.batching import FAST, KEY, answer, asked, backend_of, jobs, submitted

PATIENT = RetryPolicy(first_wait_s=0.0, longest_wait_s=0.0, max_attempts=3)
AT_ONCE = RetryPolicy(max_attempts=1)


@pytest.fixture(autouse=True)
def _soon(gemini, monkeypatch):
    monkeypatch.setattr(collecting, "LOOK_AGAIN_S", (0.0, 0.01, 0.02))
    monkeypatch.setattr(spools, "INLINE_ROWS", 0)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gemini.base_url)
    gemini.wire.storage.create_bucket("bucket")
    gemini.script([answer], times=None)


def breaks_off(monkeypatch: Any, how: str, *, times: int) -> None:
    """The next outputs that the server sends end after a third of their bytes."""
    send, left = app.send_reply, iter(range(times))

    async def third(body: bytes) -> AsyncIterator[bytes]:
        yield body[: len(body) // 3]
        if how != "short":
            raise Hangup

    async def cut(reply: HttpReply, **options: Any) -> None:
        if reply.content_type == "application/jsonl" and isinstance(reply.body, bytes) and next(left, None) is not None:
            length = {} if how == "chunked" else {"Content-Length": str(len(reply.body))}
            reply = replace(reply, body=third(reply.body), headers=reply.headers | length)
        await send(reply, **options)

    monkeypatch.setattr(app, "send_reply", cut)


def answers(client: GeminiClient) -> int:
    """How many the ledger has of this account."""
    query = select(func.count()).select_from(calls).where(calls.c.identity == client.backend.identity)
    return client.ledger.store.read_now(lambda connection: connection.scalar(query))


async def ended(client: GeminiClient, numbers: range) -> Any:
    return await wait(client, await submitted(client, numbers), poll_s=0.05)


async def test_an_output_goes_to_a_file_piece_by_piece(gemini, tmp_path, monkeypatch):
    """Two gigabytes would not fit into memory: what is downloaded is written a megabyte at a time, and read by rows."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        job = await ended(client, range(3))
        output = gemini.wire.store.find("files", job.output, at=gemini.clock.seconds())
        foreign = json.dumps({"key": "nobody's", "response": {"text": "x" * 1000}}).encode() + b"\n"
        gemini.wire.store.replace(replace(output, blob=output.blob + foreign * 8_000))
        pieces = list[int]()
        temporary = services.tempfile.TemporaryFile

        def watched(**options: Any) -> Any:
            file = temporary(**options)
            write = file.write

            class File:
                def __getattr__(self, name: str) -> Any:
                    return getattr(file, name)

                def __iter__(self) -> Any:
                    return iter(file)

                def __enter__(self) -> Any:
                    return self

                def __exit__(self, *_: object) -> None:
                    file.close()

                def write(self, data: bytes) -> int:
                    pieces.append(len(data))
                    return write(data)

            return File()

        monkeypatch.setattr(services.tempfile, "TemporaryFile", watched)
        report = await collect(client, job)
        assert (report.done, report.strange, report.missing) == (3, 8_000, ())
        assert sum(pieces) > 8_000_000
        assert max(pieces) <= 1 << 20


@pytest.mark.parametrize("how", ["reset", "short", "chunked"])
@pytest.mark.parametrize("kind", ["developer", "vertex"])
async def test_an_output_that_breaks_off_is_an_error_and_never_fewer_rows(
    how, kind, gemini, tmp_path, monkeypatch, caplog
):
    """However the connection ends, no row is taken for missing, and collecting again finds them all."""
    async with GeminiClient(backend_of(kind, gemini), ledger=tmp_path / "l.db", retries=AT_ONCE) as client:
        job = await ended(client, range(6))
        monkeypatch.setattr(services, "PATIENCE_S", 0.5)
        with monkeypatch.context() as patch:
            breaks_off(patch, how, times=1_000)
            caplog.set_level("DEBUG")
            with pytest.raises(TransportError) as broken:
                await collect(client, job)
        assert broken.value.retryable
        assert KEY not in caplog.text + repr(broken.value)
        assert [one.name for one in await Book(client.ledger, client.backend.identity).open_jobs()] == [job.name]
        report = await collect(client, job)
        assert (report.done, report.missing, answers(client)) == (6, (), 6)


@pytest.mark.parametrize("kind", ["developer", "vertex"])
async def test_an_output_that_breaks_off_once_is_fetched_again(kind, gemini, tmp_path, monkeypatch):
    """One lost connection is nobody's business but the retries'."""
    async with GeminiClient(backend_of(kind, gemini), ledger=tmp_path / "l.db", retries=PATIENT) as client:
        job = await ended(client, range(6))
        breaks_off(monkeypatch, "reset", times=1)
        report = await collect(client, job)
        assert (report.done, report.missing) == (6, ())


@pytest.mark.parametrize("kind", ["developer", "vertex"])
async def test_an_output_that_is_written_late_is_waited_for(kind, gemini, tmp_path, monkeypatch):
    """A job that is SUCCEEDED and has no output yet is looked at again before a row counts as missing."""
    async with GeminiClient(backend_of(kind, gemini), ledger=tmp_path / "l.db") as client:
        job = await ended(client, range(3))
        lines, looks = services.Service.lines, list[int]()

        async def late(self: Any, shown: Any) -> AsyncIterator[str]:
            looks.append(1)
            count = 0
            async for line in lines(self, shown):
                if len(looks) == 3 or (len(looks) == 2 and count < 1):
                    yield line
                count += 1

        monkeypatch.setattr(services.Service, "lines", late)
        report = await collect(client, job)
        assert (report.done, report.missing, report.duplicates, len(looks)) == (3, (), 0, 3)
        replies = [await client.generate(asked(number)) for number in range(3)]
        assert report.cost == sum((reply.cost for reply in replies), Decimal(0))


async def test_an_output_that_never_comes_is_said_plainly(gemini, tmp_path, monkeypatch):
    """After the last look the rows are failures that name the job and its state, and can be asked anew."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        job = await ended(client, range(2))

        async def nothing(self: Any, shown: Any) -> AsyncIterator[str]:
            for line in ():
                yield line

        monkeypatch.setattr(services.Service, "lines", nothing)
        report = await collect(client, job)
        assert report.sentence == "SUCCEEDED: 0 of 2 rows answered, 2 failed, $0.0000 (2 missing)"
        assert all("SUCCEEDED without this row" in str(failure) for failure in report.failed.values())
        assert (await submitted(client, range(2))).attempt == 2


async def test_an_output_that_google_keeps_no_more_does_not_hold_its_documents_for_ever(gemini, tmp_path):
    """A file that is gone is an error while it should be there, and missing rows two days later."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db", retries=FAST) as client:
        job = await ended(client, range(2))
        gemini.wire.store.remove("files", job.output)
        with pytest.raises(PermissionDenied):
            await collect(client, job)
        report = await collect(client, job.model_copy(update={"created_at": job.created_at - timedelta(days=3)}))
        assert len(report.missing) == 2
        assert "not there any more" in str(report.failed[report.missing[0]])


async def test_what_was_collected_is_remembered_when_the_output_is_gone(gemini, tmp_path):
    """Another process has collected the job; whoever collects it days later hears of no missing row."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db", retries=FAST) as client:
        job = await ended(client, range(3))
        output = gemini.wire.store.find("files", job.output, at=gemini.clock.seconds())
        first, *others = output.blob.splitlines(keepends=True)
        refused = {"key": json.loads(first)["key"], "error": {"code": 404, "message": "no such file"}}
        rows = [json.dumps(refused).encode() + b"\n", *others]
        gemini.wire.store.replace(replace(output, blob=b"".join(rows)))
        first = await collect(client, job)
        gemini.wire.store.remove("files", job.output)
        later = await collect(client, job.model_copy(update={"created_at": job.created_at - timedelta(days=3)}))
        assert (later.done, later.missing, later.failed.keys()) == (2, (), first.failed.keys())
        assert all("NotFound" in str(failure) for failure in later.failed.values())
        assert answers(client) == 2


async def test_two_who_collect_at_once_book_each_row_once(gemini, postgres, monkeypatch):
    """Two processes on one PostgreSQL, each held up between its look and its booking."""
    stores = [Store(postgres) for _ in range(2)]
    clients = [GeminiClient(backend_of("developer", gemini), ledger=Ledger(store)) for store in stores]
    job = await ended(clients[0], range(3))
    execute = Connection.execute

    def held_up(self: Connection, statement: Any, *arguments: Any, **options: Any) -> Any:
        result = execute(self, statement, *arguments, **options)
        if "gemini_batch_rows" in str(statement) and "state" in str(statement) and statement.is_select:
            result = result.freeze()()
            time.sleep(0.2)
        return result

    monkeypatch.setattr(Connection, "execute", held_up)
    await asyncio.gather(*(collect(client, job) for client in clients))
    assert answers(clients[0]) == 3
    for client, store in zip(clients, stores, strict=True):
        await client.aclose()
        store.close()


async def test_a_job_that_is_forgotten_while_it_is_waited_for_ends(gemini, tmp_path):
    """Its rows are failures with the reason, and everything else of the run goes on."""
    gemini.wire.jobs.take_s = 3600
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db", retries=FAST) as client:
        job = await submitted(client, range(2))
        gemini.wire.store.remove("batches", jobs(gemini)[0].name)
        report = await collect(client, await wait(client, job, poll_s=0.01))
        assert (report.job.state, len(report.missing)) == ("EXPIRED", 2)
        assert all(isinstance(failure, BatchFailed) for failure in report.failed.values())
        assert not await Book(client.ledger, client.backend.identity).open_jobs()
