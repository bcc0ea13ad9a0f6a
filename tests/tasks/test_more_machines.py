"""The same flow on more machines: clusters of two workers, one ledger, one budget, one quota."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption, NoCredentials
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.tasks import Outcome, aeach, aextract, each
from prefect_gemini.tasks.bulk import shards
from prefect_gemini.tasks.bulk.batching import Batch
from prefect_gemini.tasks.bulk.elsewhere import Caller, Plan
from prefect_gemini.testing import LocalGemini, Pace, error, json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def number_in(payload: dict[str, Any]) -> int:
    """The number that a document ends with."""
    return int(payload["contents"][0]["parts"][-1]["text"].split()[-1])


def answer(payload: dict[str, Any]) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": number_in(payload)})


def numbered(name: str, count: int) -> list[Document]:
    """Documents that no other test has: the ledger of the workers is one for all tests here."""
    return [Document.text(f"{name} document {number}", name=f"{name}{number}") for number in range(count)]


def asked(gemini: LocalGemini) -> Counter[int]:
    """How often each document was asked for."""
    return Counter(number_in(call.body) for call in gemini.journal.generate_calls)


@pytest.fixture(scope="module")
def cluster(postgres: str, prefect_server: None) -> Iterator[Any]:
    """Two Dask workers, processes of their own, one shard at a time each."""
    pytest.importorskip("prefect_dask")
    from distributed import LocalCluster

    # Also for the worker that comes in the place of a killed one, whenever that is.
    environment = {
        "PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL": postgres,
        "PREFECT_INTEGRATIONS_GEMINI_MAX_ATTEMPTS": "1",
    }
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": None, "env": environment}
    with LocalCluster(n_workers=2, **options) as running:
        yield running


@pytest.fixture
def dask(cluster: Any, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A task runner on the two Dask workers."""
    from prefect_dask import DaskTaskRunner

    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", postgres)
    return DaskTaskRunner(address=cluster.scheduler_address)


@pytest.fixture
def ray(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A task runner that starts Ray with two workers, on this machine's loopback and in a folder of its own."""
    prefect_ray = pytest.importorskip("prefect_ray")
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", postgres)
    for name, value in {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}.items():
        monkeypatch.setenv(name, value)
    folder = tempfile.mkdtemp(prefix="ray-")  # sockets have short names
    yield prefect_ray.RayTaskRunner(
        init_kwargs={
            "num_cpus": 2,
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",
            "_temp_dir": folder,
            "object_store_memory": 80_000_000,
        }
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["dask", "ray"])
def runner(request: pytest.FixtureRequest) -> Any:
    """Each task runner whose extra is installed."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def model(gemini: LocalGemini) -> GeminiModel:
    """A model whose calls go to the test's own server, from wherever they are made."""
    gemini.script([answer], times=None)
    return GeminiModel(model="flash", credentials=GeminiCredentials(service="local", base_url=gemini.base_url))


async def test_shards_run_on_two_workers_and_nothing_is_paid_twice(gemini, model, runner, tmp_path):
    """Outcomes keep their order, the ledger in PostgreSQL is shared, and the budget holds for all workers together."""
    name = type(runner).__name__
    documents = numbered(name, 12)

    @flow(task_runner=runner)
    async def run() -> tuple[list[Outcome[Any]], list[Outcome[Any]], list[Outcome[Any]]]:
        first = await aeach(aextract, [*documents, tmp_path / "no.pdf"], schema=SCHEMA, model=model)
        again = await aeach(aextract, documents, schema=SCHEMA, model=model, shard_size=3)
        tight = model.model_copy(update={"budget": Budget(per_run=Decimal("0.0001"))})
        return first, again, await aeach(aextract, numbered(f"{name} more", 2), schema=SCHEMA, model=tight)

    first, again, refused = await run()
    assert [outcome.value["n"] for outcome in first[:12]] == list(range(12))
    assert first[12].failure.kind == "DocumentNotFound"
    assert all(outcome.reply.from_ledger for outcome in again)
    assert asked(gemini) == dict.fromkeys(range(12), 1)
    assert {outcome.failure.kind for outcome in refused} == {"BudgetExceeded"}


async def test_options_mean_the_same_on_a_cluster(gemini, model, dask, monkeypatch, tmp_path):
    """Shards of any size, a trace, an output, a failure that passes, a batch: the outcomes are those of one process."""
    monkeypatch.setattr(shards, "RETRY_AFTER_S", 0.0)
    for where in ("alone", "there"):
        gemini.script([error(503)], when=lambda call, where=where: f"{where} 3 document 1" in str(call.body), times=1)
    options: list[dict[str, Any]] = [
        {"shard_size": 2},
        {"trace": True},
        {"output": "out.jsonl"},
        {"retries": 1},
        {"mode": Batch(poll_seconds=0.1)},
    ]

    async def run(where: str) -> list[Any]:
        found: list[Any] = []
        for place, option in enumerate(options):
            documents: list[Any] = [*numbered(f"{where} {place}", 5), tmp_path / "no.pdf"]
            if "output" in option:
                await aeach(aextract, documents, schema=SCHEMA, model=model, output=tmp_path / f"{where}.jsonl")
                rows = [json.loads(line) for line in (tmp_path / f"{where}.jsonl").read_text().splitlines()]
                rows.sort(key=lambda row: row["index"])
                told = [(row["name"], row["value"], row["error"], row["cost"]) for row in rows]
            else:
                outcomes = await aeach(aextract, documents, schema=SCHEMA, model=model, **option)
                told = [(one.name, one.value if one.ok else None, one.failure, cost_of(one)) for one in outcomes]
            found.append([(name.replace(where, ""), *rest) for name, *rest in told])
        return found

    here = await flow(run)("alone")
    there = await flow(task_runner=dask)(run)("there")
    for option, one, other in zip(options, here, there, strict=True):
        assert one == other, option
    assert here[3][1][1] == {"n": 1}


def cost_of(outcome: Outcome[Any]) -> Decimal | None:
    """What an outcome has cost."""
    return None if outcome.reply is None else outcome.reply.cost


def test_the_sync_twin_works_on_a_cluster(gemini, model, dask):
    """A flow without `async` gets the same outcomes."""

    @flow(task_runner=dask)
    def run() -> list[Outcome[Any]]:
        return each(aextract, numbered("sync", 3), schema=SCHEMA, model=model)

    assert [outcome.value["n"] for outcome in run()] == [0, 1, 2]


async def test_a_worker_that_is_killed_loses_nothing(gemini, model, dask, cluster):
    """kill -9 in the middle: every outcome, in order, and paid twice is at most what that worker had on its way."""
    gemini.pace = Pace(first_token_s=0.2)

    @flow(task_runner=dask)
    async def run() -> list[Outcome[Any]]:
        return await aeach(aextract, numbered("killed", 40), schema=SCHEMA, model=model)

    running = asyncio.create_task(run())
    await calls(gemini, 12)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    outcomes = await running
    assert [outcome.value["n"] for outcome in outcomes] == list(range(40))
    # Four calls in flight, and the answers whose place they took, not yet in the ledger.
    assert asked(gemini).total() - 40 <= 4 + 4


async def test_cancelling_reaches_the_workers(gemini, model, dask, tmp_path):
    """Calls under way are finished, written and in the ledger; what was not begun is not begun, in no shard."""
    gemini.pace = Pace(first_token_s=0.7)
    out, documents = tmp_path / "out.jsonl", numbered("cancelled", 80)

    @flow(task_runner=dask)
    async def run() -> None:
        await aeach(aextract, documents, schema=SCHEMA, model=model, concurrency=4, output=out)

    running = asyncio.create_task(run())
    await calls(gemini, 4)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    begun = asked(gemini)
    written = [json.loads(line)["value"]["n"] for line in out.read_text().splitlines()]
    assert sorted(written) == sorted(begun)
    assert len(begun) <= 40
    gemini.pace = Pace(first_token_s=0.0)
    again = await aeach(aextract, documents, schema=SCHEMA, model=model)
    assert {one.index for one in again if one.reply.from_ledger} == set(begun)
    async with get_client() as client:
        assert not [one for one in await client.read_variables() if one.name.startswith("gemini-stop")]


async def calls(gemini: LocalGemini, count: int) -> None:
    """Wait until the server has had so many."""
    async with asyncio.timeout(60):
        while len(gemini.journal.generate_calls) < count:  # noqa: ASYNC110 - the server is on another thread
            await asyncio.sleep(0.02)


async def test_workers_keep_to_one_ceiling_together(gemini, model, dask):
    """A hundred documents at fifteen a second, as the server saw them; workers that did not share would send thirty."""
    limits = Limits(requests_per_minute=900, shared=True)
    shared = model.model_copy(update={"limits": limits})

    @flow(task_runner=dask)
    async def run() -> list[Outcome[Any]]:
        return await aeach(aextract, numbered("limit", 100), schema=SCHEMA, model=shared, concurrency=16)

    assert all(outcome.ok for outcome in await run())
    started = sorted(call.started for call in gemini.journal.generate_calls)
    assert len(started) == 100
    # Two seconds' worth of permits are there at the start.
    assert 15 * (started[-1] - started[0]) + 30 + 8 >= 100


async def test_a_worker_with_another_environment_refuses(monkeypatch, tmp_path):
    """Neither the local reader nor a ledger of its own stands in for what the flow has."""
    monkeypatch.setenv("GOOGLE_API_KEY", "one")
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", "postgresql://somebody@db/gemini")
    caller = await Caller.of(GeminiModel())
    await caller.check()
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{tmp_path}/own.db")
    with pytest.raises(InvalidOption, match="ledger of its own"):
        await caller.check()
    monkeypatch.delenv("GOOGLE_API_KEY")
    with pytest.raises(NoCredentials, match="local backend"):
        await caller.check()


@pytest.mark.parametrize(
    ("places", "in_flight", "total", "size"),
    [(2, 8, 40, 10), (2, 8, 3, 1), (2, 64, 10_000, 256), (16, 256, 1_000_000, 2000), (4, 8, None, 100)],
)
def test_every_place_has_something_to_do(places, in_flight, total, size):
    """Few documents are divided among all workers; many go in shards as large as in one process, or larger."""
    plan = Plan(places, -(-in_flight // places))
    assert plan.size(total) == size
