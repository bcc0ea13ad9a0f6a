"""Progress of a bulk run: an artifact in the Prefect UI, and whoever else watches."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.logging import get_logger

from prefect_gemini.gemini.plain import escape_terminal
from prefect_gemini.tasks.parts.outcome import Outcome

ARTIFACT_EVERY_S = 2.0
RECENT_S = 30.0
"""Seconds over which the speed of now is taken: a burst out of the ledger says nothing about the rest."""


@dataclass
class Progress:
    """Where a bulk run stands.

    Args:
        total: items in all; None while that is not known.
        done, failed: finished ones.
        from_ledger: those of `done` that cost nothing, because the ledger had the answer.
        cost: US dollars so far, where prices are known.
        errors: finished items by the class of their error.
        examples: what the first error of each class says.
        waiting: what the run is waiting for, such as a batch job; "" while it works.
    """

    total: int | None = None
    done: int = 0
    failed: int = 0
    from_ledger: int = 0
    cost: Decimal = Decimal(0)
    errors: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    waiting: str = ""
    _started: float = field(default_factory=time.monotonic)
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def finished(self) -> int:
        return self.done + self.failed

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def per_second(self) -> float:
        """Items a second since the start."""
        return self.finished / self.seconds if self.seconds else 0.0

    @property
    def speed(self) -> float:
        """Items a second over the last `RECENT_S`."""
        if not self._seen:
            return self.per_second
        since, finished = self._seen[0]
        passed = time.monotonic() - since
        return (self.finished - finished) / passed if passed else self.per_second

    @property
    def eta_s(self) -> float | None:
        """Seconds to the end at the speed of now; None where that cannot be said."""
        if self.total is None or not self.speed:
            return None
        return (self.total - self.finished) / self.speed

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total:,}"
        ended = self.finished == self.total
        parts = [f"{self.finished:,}{of}, {self.per_second if ended else self.speed:.1f} a second"]
        if not ended and self.eta_s is not None:
            parts.append(f"{timedelta(seconds=round(self.eta_s))} left")
        parts.append(f"${self.cost:.4f}")
        if self.from_ledger:
            parts.append(f"{self.from_ledger:,} from the ledger")
        said = ", ".join(parts)
        errors = ", ".join(f"{count:,} {kind}" for kind, count in self.errors.most_common(5))
        return "; ".join(part for part in (said, errors, self.waiting) if part)

    def add(self, outcome: Outcome[Any]) -> None:
        """Count one more outcome and tell those who watch."""
        if outcome.reply is not None:
            self.from_ledger += outcome.reply.from_ledger
            if not outcome.reply.from_ledger:
                self.cost += outcome.reply.cost or Decimal(0)
        if outcome.failure is not None:
            self.errors[outcome.failure.kind] += 1
            self.examples.setdefault(outcome.failure.kind, _told(outcome))
        self.count(failed=outcome.failure is not None)

    def count(self, *, failed: bool = False) -> None:
        """Count one more item and tell those who watch."""
        now = time.monotonic()
        if not self._seen or now - self._seen[-1][0] >= 1:
            self._seen.append((now, self.finished))
        while len(self._seen) > 2 and now - self._seen[1][0] >= RECENT_S:
            self._seen.popleft()
        self.failed += failed
        self.done += not failed
        self.tell()

    def say(self, waiting: str) -> None:
        """Say what the run is doing, or waiting for."""
        self.waiting = waiting
        self.tell()

    def tell(self) -> None:
        """Tell those who watch."""
        watcher = _watcher.get()
        if watcher:
            watcher(self)


def _told(outcome: Outcome[Any]) -> str:
    failure = outcome.failure
    assert failure is not None
    named = failure.message if outcome.name in failure.message else f"{outcome.name}: {failure.message}"
    return escape_terminal(f"{named} {failure.hint}".strip(), longest=400)


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
    artifact = await acreate_progress_artifact(progress=0.0, key=key, description=str(progress))

    async def update() -> None:
        done = 100.0 * progress.finished / progress.total if progress.total else 100.0 * (progress.total == 0)
        try:
            await aupdate_progress_artifact(artifact_id=artifact, progress=done, description=str(progress))
        except (httpx.HTTPError, OSError, PrefectException) as error:  # no reason to lose what has been paid for
            get_logger("gemini").warning("the progress is not shown: %s", type(error).__name__)

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
        if progress.total is None:
            progress.total = progress.finished
        await update()
