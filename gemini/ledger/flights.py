"""Single flight: identical requests that run at the same time are sent once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Flights:
    """Work in progress by key, within one event loop."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._waiting: dict[str, int] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[Any]]) -> tuple[Any, bool]:
        """Join the work under this key, or start it.

        A caller that is cancelled leaves the others their result; when the last one leaves, the
        work is cancelled too.

        Args:
            key: what makes two pieces of work the same.
            work: a coroutine function.

        Returns:
            The result, and whether this caller started the work.
        """
        task = self._tasks.get(key)
        first = task is None
        if task is None:
            task = asyncio.ensure_future(_run(work))
            self._tasks[key] = task
            self._waiting[key] = 0
            task.add_done_callback(lambda done: self._landed(key, done))
        self._waiting[key] += 1
        try:
            return await asyncio.shield(task), first
        finally:
            if self._tasks.get(key) is task:
                self._waiting[key] -= 1
                if not self._waiting[key] and not task.done():
                    self._landed(key, task)
                    task.cancel()

    def _landed(self, key: str, task: asyncio.Task[Any]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._waiting[key]
        if task.done() and not task.cancelled():
            task.exception()  # every caller may have left; asyncio would log it as never retrieved


async def _run(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()
