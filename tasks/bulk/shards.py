"""Shards: a hundred items or more to one task run, read as they are needed, run again only where needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import TaskRunContext
from prefect.states import Cancelled, Completed

from prefect_gemini.gemini.documents.sources import Item
from prefect_gemini.tasks.bulk.items import outcome_of
from prefect_gemini.tasks.bulk.stopping import Stopping
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.outcome import Outcome
from prefect_gemini.tasks.parts.together import together

SHARDS_IN_FLIGHT = 4
"""The tail of one shard is filled by the next."""
MOST_SHARDS = 500
"""Task runs a run should have: each costs Prefect 6 to 9 ms of client CPU and 10 to 44 ms of server CPU."""
SMALLEST_SHARD = 100
RETRY_AFTER_S = 5.0

Take: TypeAlias = Callable[[Outcome[Any]], Awaitable[None]]


def usual_size(total: int | None) -> int:
    """How many items to a shard, so that a run has a few hundred task runs at most."""
    return SMALLEST_SHARD if total is None else max(SMALLEST_SHARD, -(-total // MOST_SHARDS))


@dataclass(frozen=True, slots=True)
class Shard:
    """Some neighbouring items.

    Args:
        start: place of the first one.
        items: they themselves.
    """

    start: int
    items: tuple[Item, ...]

    @property
    def stop(self) -> int:
        return self.start + len(self.items)


class Reader:
    """Reads items a shard at a time, off the event loop.

    Args:
        items: what to read, once.
        size: items to a shard.
    """

    def __init__(self, items: Iterable[Item], size: int) -> None:
        self._items, self._size = iter(items), size
        self._lock = asyncio.Lock()
        self._read = 0
        self._broken: Exception | None = None

    async def next(self) -> Shard | None:
        """The next shard; None when there is none left, or none that can be read."""
        async with self._lock:
            items = await asyncio.to_thread(self._taken)
            start, self._read = self._read, self._read + len(items)
            return Shard(start, items) if items else None

    def check(self) -> None:
        """Raise what kept items from being read, if anything did: those before it are worth finishing first."""
        if self._broken is not None:
            raise self._broken

    def _taken(self) -> tuple[Item, ...]:
        items: list[Item] = []
        try:
            if self._broken is None:
                items.extend(islice(self._items, self._size))
        except Exception as error:
            self._broken = error
        return tuple(items)


class ShardUnfinished(Exception):
    """Some items of a shard failed for a passing reason; the shard is run again for these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is done to every item.

    Args:
        node: which node.
        arguments: its other arguments.
        places: how many at once.
        stopping: asked between items.
        take: gets each outcome when it is final.
        retries: how often a shard is run again for items that failed for a passing reason.
    """

    node: Node[Any, Any]
    arguments: dict[str, Any]
    places: asyncio.Semaphore
    stopping: Stopping
    take: Take
    retries: int

    async def run(self, shard: Shard) -> None:
        """Run one shard as one task run; every outcome goes to `take`."""
        finished: set[int] = set()

        # The name keeps the shard's place in the list, and tells which documents it had.
        @task(
            name=self.node.verb,
            task_run_name=f"{self.node.verb} {shard.start}-{shard.stop}",
            cache_policy=NO_CACHE,
            persist_result=False,
            # A flow run keeps what its tasks return; of a million items it would not forget one.
            cache_result_in_memory=False,
            retries=self.retries,
            retry_delay_seconds=RETRY_AFTER_S,
            retry_condition_fn=_unfinished,
            tags=["gemini"],
        )
        async def run_shard(start: int, stop: int) -> Any:
            left = [number for number in range(start, stop) if number not in finished]
            # When an outcome cannot be taken the calls under way end all the same: they are paid for.
            ended = await together(self._one(shard, number, finished) for number in left)
            held = [outcome for outcome in ended if outcome is not None]
            if held and _attempt() <= self.retries and not self.stopping.asked:
                raise ShardUnfinished(f"{len(held)} of {stop - start} items: {held[0].failure}")
            for outcome in held:
                await self._give(outcome, finished)
            if len(finished) < stop - start:
                return Cancelled(message=f"stopped: {stop - start - len(finished)} items were not begun")
            return Completed(message=f"{stop - start} items")

        running: Any = run_shard(shard.start, shard.stop, return_state=True)
        state: State[Any] = await running
        if not state.is_cancelled():
            await state.aresult()  # raises what kept the shard from its end

    async def _one(self, shard: Shard, number: int, finished: set[int]) -> Outcome[Any] | None:
        """Run one item; gives back an outcome that may still change."""
        async with self.places:
            if self.stopping.asked:
                return None
            outcome = await outcome_of(self.node, number, shard.items[number - shard.start], self.arguments)
        if outcome.failure is not None and outcome.failure.retryable:
            return outcome
        await self._give(outcome, finished)
        return None

    async def _give(self, outcome: Outcome[Any], finished: set[int]) -> None:
        finished.add(outcome.index)
        try:
            await self.take(outcome)
        except Exception:
            self.stopping.asked = True  # what cannot be taken is not to be paid for
            raise


def _unfinished(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Whether a shard is run again: only for its items, not for an output that cannot be written."""
    return isinstance(state.data, ShardUnfinished)


def _attempt() -> int:
    context = TaskRunContext.get()
    return context.task_run.run_count if context is not None else 1
