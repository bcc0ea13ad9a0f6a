"""Several processes submit overlapping documents at once: the server's journal says what was paid."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from prefect_gemini.gemini import GeminiClient
from prefect_gemini.gemini.batches import book as books
from prefect_gemini.gemini.batches import service as services
from prefect_gemini.gemini.batches import submit as submitting
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.wait import wait
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.store import Store
from tests.gemini.batching import FAST, ROOT, answer, asked, backend_of, sent, spooled

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
