"""Progress of a bulk run: an artifact in the Prefect UI, and whoever else watches."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.context import FlowRunContext

from prefect_gemini.tasks.outcome import Outcome

ARTIFACT_EVERY_S = 2.0


@dataclass
class Progress:
    """Where a bulk run stands.

    Args:
        total: items in all.
        done, failed: finished ones.
        cost: US dollars so far, where prices are known.
        errors: finished items by the class of their error.
    """

    total: int
    done: int = 0
    failed: int = 0
    cost: Decimal = Decimal(0)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> int:
        return self.done + self.failed

    def add(self, outcome: Outcome[object]) -> None:
        """Count one more outcome and tell those who watch."""
        if outcome.reply is not None and not outcome.reply.from_ledger:
            self.cost += outcome.reply.cost or Decimal(0)
        if outcome.failure is not None:
            self.errors[outcome.failure.kind] += 1
        self.count(failed=outcome.failure is not None)

    def count(self, *, failed: bool = False) -> None:
        """Count one more item and tell those who watch."""
        self.failed += failed
        self.done += not failed
        watcher = _watcher.get()
        if watcher:
            watcher(self)


_watcher: ContextVar[Callable[[Progress], None] | None] = ContextVar("prefect_gemini_progress", default=None)


@contextmanager
def watching(callback: Callable[[Progress], None]) -> Iterator[None]:
    """Have `callback` called after each finished item of every bulk run inside the block."""
    token = _watcher.set(callback)
    try:
        yield
    finally:
        _watcher.reset(token)


@asynccontextmanager
async def progress_artifact(progress: Progress, *, key: str) -> AsyncIterator[None]:
    """Keep one progress artifact up to date while the block runs; nothing outside a flow run."""
    if FlowRunContext.get() is None:
        yield
        return
    artifact = await acreate_progress_artifact(progress=0.0, key=key, description=f"{progress.total} items")

    async def update() -> None:
        done = 100.0 * progress.finished / progress.total if progress.total else 100.0
        errors = ", ".join(f"{count} {kind}" for kind, count in progress.errors.most_common(5))
        await aupdate_progress_artifact(
            artifact_id=artifact,
            progress=done,
            description=f"{progress.finished} of {progress.total}, ${progress.cost:.4f}"
            + (f"; {errors}" if errors else ""),
        )

    async def keep_updating() -> None:
        while True:
            await asyncio.sleep(ARTIFACT_EVERY_S)
            await update()

    updating = asyncio.create_task(keep_updating())
    try:
        yield
    finally:
        updating.cancel()
        await asyncio.gather(updating, return_exceptions=True)
        await update()
