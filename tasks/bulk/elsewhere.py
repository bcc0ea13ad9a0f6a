"""Shards on other processes and machines: the flow's task runner decides where, such as Dask or Ray."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from sqlalchemy import make_url

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.blocks.settings import GeminiSettings
from prefect_gemini.gemini.documents.sources import Item
from prefect_gemini.gemini.dry_run import standing_in
from prefect_gemini.gemini.errors import InvalidOption, NoCredentials, SetupError
from prefect_gemini.tasks.bulk import shards
from prefect_gemini.tasks.bulk.items import outcome_of
from prefect_gemini.tasks.bulk.shards import SHARDS_IN_FLIGHT, Shard, Take, usual_size
from prefect_gemini.tasks.bulk.stop_sign import StopSign
from prefect_gemini.tasks.bulk.stopping import Stopping
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.outcome import Outcome

SHARDS_A_PLACE = 2
"""Shards a place gets at least, where there are enough documents; more would begin and end more often."""
ROUNDS = 8
"""Documents of a shard for each of its calls in flight: its last calls leave the place half empty."""


def runner_elsewhere() -> TaskRunner[Any] | None:
    """The running flow's task runner where it leads out of this process; None where it does not.

    A dry run stays in the process that counts.
    """
    context = FlowRunContext.get()
    if context is None or standing_in() is not None or isinstance(context.task_runner, ThreadPoolTaskRunner):
        return None
    return context.task_runner


def _places(runner: Any) -> int:
    """How many shards a task runner runs at once, as it says now; four where it does not say."""
    kind = type(runner).__module__.partition(".")[0]
    if kind == "prefect_dask":
        places = sum(runner.client.nthreads().values())
    elif kind == "prefect_ray":
        places = int(import_module("ray").cluster_resources().get("CPU", 0))
    else:
        places = getattr(runner, "_max_workers", 0)
    return places or SHARDS_IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is divided among the places of a task runner.

    Args:
        places: shards that run at once.
        concurrency: calls in flight in each of them.
    """

    places: int
    concurrency: int

    @classmethod
    async def of(cls, runner: TaskRunner[Any], concurrency: int) -> Plan:
        """The plan for so many calls in flight altogether."""
        places = await asyncio.to_thread(_places, runner)
        return cls(places, -(-concurrency // places))

    @property
    def in_flight(self) -> int:
        """Shards under way: every place has its next one waiting."""
        return 2 * self.places

    def size(self, total: int | None) -> int:
        """How many items to a shard."""
        usual = max(usual_size(total), ROUNDS * self.concurrency)
        return usual if total is None else max(1, min(usual, -(-total // (SHARDS_A_PLACE * self.places))))


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a node calls and where it is booked. Both come from the environment where nothing else says so, and every
    machine has its own.

    Args:
        model: the model.
        backend: kind of backend that it leads to in the flow's process.
        shared: whether the flow's ledger is one for many machines.
    """

    model: GeminiModel
    backend: str
    shared: bool

    @classmethod
    async def of(cls, model: GeminiModel) -> Caller:
        """The caller as this process sees it."""
        return cls(model, (await model.backend()).kind, _shares_a_ledger())

    async def check(self) -> None:
        """Hold it against the environment of this process.

        Raises:
            NoCredentials: somebody else would be called from here, such as the local reader.
            InvalidOption: what is paid would be written where the others do not look.
        """
        here = (await self.model.backend()).kind
        if here != self.backend:
            raise NoCredentials(
                f"This worker would call the {here} backend, and its flow calls the {self.backend} one.",
                hint="Give every machine the same environment, or the model a saved credentials block.",
            )
        if self.shared and not _shares_a_ledger():
            raise InvalidOption(
                "This worker would keep a ledger of its own, and its flow keeps one in PostgreSQL.",
                hint="Set PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL on every machine.",
            )


def _shares_a_ledger() -> bool:
    return make_url(GeminiSettings.current().ledger_location()).get_backend_name() != "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkElsewhere:
    """What is done to every item; see `shards.Work`.

    Args:
        concurrency: items at once in each shard.
        caller: whom the flow would call; a worker that would call somebody else refuses.
        sign: shown to the workers when the run is to end.
    """

    node: Node[Any, Any]
    arguments: dict[str, Any]
    concurrency: int
    stopping: Stopping
    take: Take
    retries: int
    caller: Caller | None
    sign: StopSign

    async def run(self, shard: Shard) -> None:
        """Run one shard; when its worker is lost or items fail for a passing reason, what is unfinished runs again."""
        left = list(enumerate(shard.items, shard.start))
        named = run_shard.with_options(
            name=self.node.verb, task_run_name=f"{self.node.verb} {shard.start}-{shard.stop}"
        )
        for attempt in range(self.retries + 1):
            if attempt:
                await asyncio.sleep(shards.RETRY_AFTER_S)
            if self.stopping.asked:
                return
            last = attempt == self.retries
            future: Any = named.submit(Parcel(self, left))
            try:
                await _ended(future)
                outcomes = await asyncio.to_thread(future.result)
            except SetupError:
                raise
            except Exception:
                if last or self.stopping.asked:
                    raise
                continue
            again: list[tuple[int, Item]] = []
            for outcome in outcomes:
                passing = outcome.failure is not None and outcome.failure.retryable
                if passing and not last and not self.stopping.asked:
                    again.append((outcome.index, shard.items[outcome.index - shard.start]))
                else:
                    await self.take(outcome)
            if not (left := again):
                return


async def _ended(future: Any) -> None:
    """Wait for a Prefect future without a thread: hundreds of shards may be under way."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: Any) -> None:
        with suppress(RuntimeError):  # the run has been given up, and its loop with it
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(tell)
    await ended.wait()


class Parcel:
    """A shard on its way. No collection to Prefect, which would look into every document for futures."""

    def __init__(self, work: WorkElsewhere, items: list[tuple[int, Item]]) -> None:
        self.node, self.arguments, self.items = work.node, work.arguments, items
        self.concurrency, self.sign, self.caller = work.concurrency, work.sign, work.caller


@task(cache_policy=NO_CACHE, tags=["gemini"])
async def run_shard(parcel: Parcel) -> list[Outcome[Any]]:
    """Run a shard where the task runner puts it; the outcomes of what was begun come back together.

    Raises:
        NoCredentials: this worker would call somebody else than the flow would.
    """
    if parcel.caller is not None:
        await parcel.caller.check()
    places = asyncio.Semaphore(parcel.concurrency)
    async with parcel.sign.watched() as stopping:

        async def one(number: int, item: Item) -> Outcome[Any] | None:
            async with places:
                return None if stopping.asked else await outcome_of(parcel.node, number, item, parcel.arguments)

        outcomes = await asyncio.gather(*(one(number, item) for number, item in parcel.items))
    return [outcome for outcome in outcomes if outcome is not None]
