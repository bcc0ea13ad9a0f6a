"""Shards on other processes and machines: the flow's task runner decides where, Dask or Ray."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from prefect_gemini.gemini.documents.sources import Item
from prefect_gemini.tasks.bulk.items import outcome_of
from prefect_gemini.tasks.bulk.shards import Shard, Take
from prefect_gemini.tasks.bulk.stopping import Stopping
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.outcome import Outcome


def runner_elsewhere() -> TaskRunner[Any] | None:
    """The running flow's task runner where it leads out of this process; None where it does not."""
    context = FlowRunContext.get()
    if context is None or isinstance(context.task_runner, ThreadPoolTaskRunner):
        return None
    return context.task_runner


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkElsewhere:
    """What is done to every item; see `shards.Work`.

    Args:
        concurrency: items at once in each shard.
    """

    node: Node[Any, Any]
    arguments: dict[str, Any]
    concurrency: int
    stopping: Stopping
    take: Take
    retries: int

    async def run(self, shard: Shard) -> None:
        """Run one shard; when its worker is lost or items fail for a passing reason, what is unfinished runs again."""
        left = list(enumerate(shard.items, shard.start))
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            named = run_shard.with_options(
                name=self.node.verb, task_run_name=f"{self.node.verb} {shard.start}-{shard.stop}"
            )
            future: Any = named.submit(Parcel(self.node, left, self.arguments, self.concurrency))
            try:
                outcomes = await asyncio.to_thread(future.result)
            except Exception:
                if last or self.stopping.asked:
                    raise
                continue
            again: list[tuple[int, Item]] = []
            for outcome in outcomes:
                if outcome.failure is not None and outcome.failure.retryable and not last:
                    again.append((outcome.index, shard.items[outcome.index - shard.start]))
                else:
                    await self.take(outcome)
            if not (left := again) or self.stopping.asked:
                return


class Parcel:
    """A shard on its way. No collection to Prefect, which would look into every document for futures."""

    def __init__(
        self, node: Node[Any, Any], items: list[tuple[int, Item]], arguments: dict[str, Any], concurrency: int
    ) -> None:
        self.node, self.items, self.arguments, self.concurrency = node, items, arguments, concurrency


@task(cache_policy=NO_CACHE, tags=["gemini"])
async def run_shard(parcel: Parcel) -> list[Outcome[Any]]:
    """Run a shard where the task runner puts it; its outcomes come back together."""
    places = asyncio.Semaphore(parcel.concurrency)

    async def one(number: int, item: Item) -> Outcome[Any]:
        async with places:
            return await outcome_of(parcel.node, number, item, parcel.arguments)

    return list(await asyncio.gather(*(one(number, item) for number, item in parcel.items)))
