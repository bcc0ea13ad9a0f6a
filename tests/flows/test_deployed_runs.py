"""Deployed from prefect.yaml and run by a worker, each run in a process of its own: suspended, resumed, cancelled."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.flow_runs import aresume_flow_run
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling

from prefect_gemini.flows import process_documents
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.control.pace import INSTANT
from prefect_gemini.testing import Pace, error, json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180
HELD_S = 3600.0


class House:
    """What a user has: a Prefect server, a worker, the deployments, and Gemini.

    Args:
        folder: where `prefect deploy` is called, and every path leads from.
        gemini: holds its batch jobs for an hour by its own clock.
    """

    def __init__(self, folder: Path, gemini: LocalGemini) -> None:
        self.folder, self.gemini = folder, gemini
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
            "DO_NOT_TRACK": "1",
            "GEMINI_API_KEY": "any",
            "GOOGLE_GEMINI_BASE_URL": gemini.base_url,
            "PREFECT_API_URL": PREFECT_API_URL.value() or "",
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
            "PREFECT_WORKER_QUERY_SECONDS": "0.5",
        }

    def prefect(self, *words: str) -> subprocess.Popen[bytes]:
        """Prefect's own command."""
        log = (self.folder / f"{words[0]}.log").open("wb")
        command = [sys.executable, "-m", "prefect", "--no-prompt", *words]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=subprocess.STDOUT)

    def documents(self, first: int, count: int) -> str:
        """A table of documents, each with a number."""
        name = f"{first}.jsonl"
        rows = [json.dumps({"id": f"m{n}", "text": f"Total 4.5, number {n};"}) for n in range(first, first + count)]
        (self.folder / name).write_text("\n".join(rows))
        return name

    def output(self, documents: str) -> list[dict[str, Any]]:
        """What a run has written."""
        return [json.loads(line) for line in (self.folder / "out" / documents).read_text().splitlines()]

    async def bulk(self, documents: str, **parameters: Any) -> UUID:
        """Start a run over a table."""
        return await self.start("bulk/bulk", documents=documents, text="text", output=f"out/{documents}", **parameters)

    async def start(self, deployment: str, **parameters: Any) -> UUID:
        """Start a run of a deployment."""
        async with get_client() as client:
            known = await client.read_deployment_by_name(deployment)
            return (await client.create_flow_run_from_deployment(known.id, parameters=parameters)).id

    async def until(self, run: UUID, *names: str, not_id: UUID | None = None) -> FlowRun:
        """Wait for a state of one of these names; any other that is final is a failure."""
        async with asyncio.timeout(PATIENCE_S), get_client() as client:
            while True:
                found = await client.read_flow_run(run)
                assert found.state is not None
                if found.state.name in names and found.state.id != not_id:
                    return found
                assert not found.state.is_final(), f"{found.state!r} instead of {names}"
                await asyncio.sleep(0.2)

    async def batches(self) -> None:
        """Do what the schedule does every five minutes."""
        await self.until(await self.start("batches/batches"), "Completed")

    def answers(self, tier: str) -> list[str]:
        """Names of the documents whose answers the ledger holds at this tier."""
        with sqlite3.connect(self.folder / "ledger.db") as ledger:
            found = ledger.execute("select document from gemini_calls where tier = ?", (tier,)).fetchall()
        return sorted(name for (name,) in found)

    def jobs(self) -> list[tuple[str, int]]:
        """State and number of requests of each batch job, as the service has them, oldest first."""
        found = self.gemini.wire.store.all("batches", at=self.gemini.clock.seconds())
        return [
            (job.shown["state"].removeprefix("BATCH_STATE_"), int(job.shown["batchStats"]["requestCount"]))
            for job in reversed(found)
        ]


@pytest.fixture(scope="module")
def house(prefect_server, tmp_path_factory) -> Iterator[House]:
    """Two deployments of prefect.yaml, and a worker for them."""
    with LocalGemini() as gemini:
        gemini.jobs.take_s = HELD_S
        house = House(tmp_path_factory.mktemp("deployed"), gemini)
        shutil.copy(ROOT / "prefect.yaml", house.folder)
        (house.folder / "out").mkdir()
        asyncio.run(_pool())
        worker = house.prefect("worker", "start", "--pool", "default-process")
        try:
            assert house.prefect("deploy", "--name", "bulk", "--name", "batches").wait(PATIENCE_S) == 0
            asyncio.run(_without_schedules())
            yield house
        finally:
            worker.terminate()
            worker.wait(60)


async def _pool() -> None:
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="default-process", type="process"))


async def _without_schedules() -> None:
    """The tests say when."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("batches/batches")
        for schedule in deployment.schedules:
            await client.delete_deployment_schedule(deployment.id, schedule.id)


async def gone(run: FlowRun) -> None:
    """Wait until the process of a run has ended."""
    assert run.infrastructure_pid
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ProcessLookupError):
            while True:
                os.kill(int(run.infrastructure_pid.rpartition(":")[2]), 0)
                await asyncio.sleep(0.1)


async def test_a_suspended_batch_costs_no_process_and_is_resumed_and_paid_once(house):
    """Two jobs, a request that fails, a person who resumes too early, and another run that is cancelled meanwhile."""
    gemini = house.gemini
    gemini.reset()
    gemini.script(error(503), when=lambda call: b"number 2;" in call.body)
    gemini.script(json_reply({"date": None, "total": 4.5}), times=None)
    documents, others = house.documents(0, 5), house.documents(100, 2)
    (house.folder / "out" / documents).write_text('{"name": "of yesterday"}\n')
    run = await house.bulk(documents, mode={"suspend": True, "rows_per_job": 3})
    other = await house.bulk(others, mode={"suspend": True})
    asleep = await house.until(run, "Suspended")
    await house.until(other, "Suspended")
    assert sorted(house.jobs()) == [("RUNNING", 2), ("RUNNING", 2), ("RUNNING", 3)]
    await gone(asleep)
    assert house.output(documents) == [{"name": "of yesterday"}]

    await aresume_flow_run(run)
    async with get_client() as client:
        await client.set_flow_run_state(other, Cancelling())
    await asyncio.gather(house.until(run, "Suspended", not_id=asleep.state.id), house.batches())
    await house.until(other, "Cancelled")
    assert sorted(house.jobs()) == [("CANCELLED", 2), ("RUNNING", 2), ("RUNNING", 3)]

    gemini.clock.move(HELD_S)
    await house.batches()
    await house.until(run, "Completed with failures")
    rows = sorted(house.output(documents), key=lambda row: row["index"])
    assert [row["name"] for row in rows] == ["m0", "m1", "m2", "m3", "m4"]
    assert [row["error"] for row in rows] == [None, None, "ServerError", None, None]
    assert house.answers("batch") == ["m0", "m1", "m3", "m4"]
    assert sorted(house.jobs()) == [("CANCELLED", 2), ("SUCCEEDED", 2), ("SUCCEEDED", 3)]
    assert not gemini.journal.generate_calls


async def test_a_cancelled_run_keeps_what_it_was_answered_and_goes_on_from_there(house, monkeypatch):
    """SIGTERM in the middle: calls under way are finished, the ledger has what the server gave, the rest is paid later."""
    gemini = house.gemini
    gemini.reset()
    gemini.script(json_reply({"date": None, "total": 4.5}), times=None)
    gemini.pace = Pace(first_token_s=1.0)
    documents = house.documents(200, 40)
    run = await house.bulk(documents, concurrency=4)
    await house.until(run, "Running")
    async with asyncio.timeout(PATIENCE_S):
        while not any(entry.whole for entry in gemini.journal.generate_calls):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with get_client() as client:
        await client.set_flow_run_state(run, Cancelling())
    ended = await house.until(run, "Cancelled")
    await gone(ended)
    calls = gemini.journal.generate_calls
    assert all(entry.whole for entry in calls)
    assert len(calls) == len(house.answers("standard")) == len(house.output(documents)) < 40

    gemini.pace = INSTANT
    for name, value in house.environment.items():
        if not name.startswith("PREFECT_") or "GEMINI" in name:
            monkeypatch.setenv(name, value)
    result = await process_documents(
        str(house.folder / documents), text="text", output=str(house.folder / "again.jsonl")
    )
    assert (result.written.done, result.written.from_ledger) == (40, len(calls))
    assert len(gemini.journal.generate_calls) == 40
