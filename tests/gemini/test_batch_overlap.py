"""Several processes submit overlapping documents at once: the server's journal says what was paid."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import update

from prefect_gemini.gemini import GeminiClient
from prefect_gemini.gemini.batches import book as books
from prefect_gemini.gemini.batches import service as services
from prefect_gemini.gemini.batches import submit as submitting
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.wait import wait
from prefect_gemini.gemini.errors import InvalidRequest
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.store import Store
from prefect_gemini.gemini.ledger.tables import claims
from prefect_gemini.testing import error
from tests.gemini.batching import FAST, ROOT, answer, asked, backend_of, jobs, sent, spooled, submitted_once

ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(submitting, "LOOK_AFTER_S", (0.0, 0.01))


RUN = """
import asyncio, sys
from pydantic import SecretStr
from prefect_gemini.gemini import Backend, GeminiClient
from prefect_gemini.gemini.batches.overlap import submit_once
from tests.gemini.batching import KEY, spooled

url, ledger = sys.argv[1:]

async def rounds():
    client = GeminiClient(Backend("developer", api_key=SecretStr(KEY), base_url=url), ledger=ledger)
    for line in sys.stdin:
        spool = await spooled(client, range(*map(int, line.split())))
        print("ready", flush=True)
        sys.stdin.readline()
        print(*(job.name for job in await submit_once(client, spool)), flush=True)

asyncio.run(rounds())
"""


def test_two_processes_with_overlapping_documents_send_each_once(gemini, tmp_path):
    """Let go at the same instant, six times over: each has jobs for all of its documents, and none was sent twice."""
    gemini.wire.jobs.take_s = 3600
    command = [sys.executable, "-c", RUN, gemini.base_url, str(tmp_path / "l.db")]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    runs = [subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, **pipes) for _ in range(2)]

    def tell(run: Any, line: str) -> None:
        run.stdin.write(f"{line}\n")
        run.stdin.flush()

    for first in range(0, 600, 100):
        for run, start in zip(runs, (first, first + 2), strict=True):
            tell(run, f"{start} {start + 4}")
        assert [run.stdout.readline().strip() for run in runs] == ["ready", "ready"]
        for run in runs:
            tell(run, "go")
        names = [run.stdout.readline().split() for run in runs]
        assert sorted(len(some) for some in names) == [1, 2]
        assert len({*names[0], *names[1]}) == 2
    for run in runs:
        run.stdin.close()
        assert run.wait(60) == 0
        run.stdout.close()
    assert len(sent(gemini)) == 36
    assert set(sent(gemini).values()) == {1}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_the_interleaving_each_document_is_sent_once(
    gemini, tmp_path, monkeypatch, request, database, seed
):
    """Four runs with ledgers of their own on one database, held up at random between every two steps."""
    gemini.script([answer], times=None)
    url = f"sqlite:///{tmp_path / 'l.db'}"
    if database == "postgres":
        url = request.getfixturevalue("postgres")
    chance = random.Random(seed)

    def held_up(kind: type, name: str) -> None:
        method = getattr(kind, name)

        async def slowly(*args: Any, **options: Any) -> Any:
            await asyncio.sleep(chance.random() * 0.02)
            result = await method(*args, **options)
            await asyncio.sleep(chance.random() * 0.02)
            return result

        monkeypatch.setattr(kind, name, slowly)

    for name in ("holding", "answered", "intend", "newest", "note", "settle"):
        held_up(books.Book, name)
    for name in ("upload", "create", "find"):
        held_up(services.Service, name)
    stores = [Store(url) for _ in range(4)]
    base = 100 * seed  # PostgreSQL keeps what earlier tests have asked
    clients = [GeminiClient(backend_of("developer", gemini), ledger=Ledger(store), retries=FAST) for store in stores]

    async def one(client: GeminiClient) -> None:
        start = base + chance.randrange(6)
        numbers = range(start, start + chance.randrange(1, 8))
        spool = await spooled(client, numbers)
        for job in await submit_once(client, spool):
            await collect(client, await wait(client, job, poll_s=0.05))
        replies = [await client.generate(asked(number)) for number in numbers]
        assert [reply.value["n"] for reply in replies] == list(numbers)

    await asyncio.gather(*(one(client) for client in clients))
    assert not gemini.journal.generate_calls
    assert set(sent(gemini).values()) == {1}
    for client, store in zip(clients, stores, strict=True):
        await client.aclose()
        store.close()


async def test_what_is_collected_between_two_looks_is_not_sent_again(gemini, tmp_path, monkeypatch):
    """Another run's job is open at one look, and its answers are in the ledger before the next."""
    gemini.script([answer], times=None)
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db") as client:
        (job,) = await submitted_once(client, range(3))
        job = await wait(client, job, poll_s=0.05)
        holding = books.Book.holding

        async def late(self: books.Book, spool: Any) -> Any:
            await collect(client, job)
            return await holding(self, spool)

        spool = await spooled(client, range(4))
        monkeypatch.setattr(books.Book, "holding", late)
        (rest,) = await submit_once(client, spool)
        assert (rest.rows, set(sent(gemini).values())) == (1, {1})


async def test_a_job_that_the_service_refused_leaves_its_documents_free(gemini, tmp_path):
    """One run's job is refused while another waits to hear what became of it: that one sends the documents."""
    async with GeminiClient(backend_of("developer", gemini), ledger=tmp_path / "l.db", retries=FAST) as client:
        gemini.faults.add(error(400), on=["batches.create"], times=1)
        runs = [asyncio.create_task(submitted_once(client, range(start, start + 3))) for start in (0, 1)]
        results = await asyncio.gather(*runs, return_exceptions=True)
        (refused,) = [one for one in results if isinstance(one, InvalidRequest)]
        (job,) = [job for one in results if isinstance(one, list) for job in one]
        assert refused.status == 400
        assert (job.rows, len(jobs(gemini))) == (3, 1)


async def test_a_run_that_slept_too_long_does_not_send_what_others_have_taken(gemini, tmp_path, monkeypatch):
    """A laptop is closed during the upload: its claim lapses, another run closes the job and sends the documents."""
    gemini.wire.jobs.take_s = 3600
    stores = [Store(f"sqlite:///{tmp_path / 'l.db'}") for _ in range(2)]
    clients = [GeminiClient(backend_of("developer", gemini), ledger=Ledger(store), retries=FAST) for store in stores]
    upload = services.Service.upload

    async def sleeps(self: Any, spool: Any, job: Any) -> Any:
        monkeypatch.setattr(services.Service, "upload", upload)
        await stores[0].write(lambda connection: connection.execute(update(claims).values(expires_at=0.0)))
        others.extend(await submitted_once(clients[1], range(1, 4)))
        return await upload(self, spool, job)

    others: list[Any] = []
    monkeypatch.setattr(services.Service, "upload", sleeps)
    found = await submitted_once(clients[0], range(3))
    assert [job.rows for job in others] == [3]
    assert [(job.rows, job.reattached) for job in found] == [(3, True), (1, False)]
    assert set(sent(gemini).values()) == {1}
    for client, store in zip(clients, stores, strict=True):
        await client.aclose()
        store.close()
