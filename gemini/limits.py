"""How many calls at once and how fast: ceilings one sets, and what the service tolerates today.

Gemini's quota is dynamic and shared, so the number of calls in flight adapts: one more after each
round without a 429, fewer after one. Ceilings in requests and tokens a minute are paced evenly,
because a burst at the start of each minute is refused even where the minute's sum is allowed.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.retries import Clock, SystemClock


class PermitSource(Protocol):
    """Where permits come from when several processes share a ceiling."""

    async def take(self, wanted: int) -> int:
        """Obtain permits, waiting until there are some; returns how many, at least 1."""


class Limits(BaseModel):
    """Ceilings on what is sent. Empty: as fast as the service takes it.

    Args:
        requests_per_minute, tokens_per_minute: ceilings per process and model; None for none.
        concurrency: calls in flight at most.
        adaptive: go below the ceilings when the service answers 429, and come back after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_minute: float | None = Field(
        default=None, gt=0, description="Requests a minute at most; empty for no ceiling."
    )
    tokens_per_minute: float | None = Field(
        default=None, gt=0, description="Tokens a minute at most; empty for no ceiling."
    )
    concurrency: int = Field(default=64, ge=1, le=1000, description="Calls in flight at most.")
    adaptive: bool = Field(default=True, description="Slow down on 429 (too many requests), and speed up after.")


class Permit:
    """Leave to send one request. Tell it how it went before it is given back."""

    __slots__ = ("refused", "retry_after", "tokens_used")

    def __init__(self) -> None:
        self.refused = False
        self.retry_after: float | None = None
        self.tokens_used: int | None = None


class Limiter:
    """One model's limits at one backend. Safe across threads and event loops."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Clock | None = None,
        requests: PermitSource | None = None,
        tokens: PermitSource | None = None,
    ) -> None:
        self.limits = limits
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._in_flight = 0
        self._window = float(min(8, limits.concurrency)) if limits.adaptive else float(limits.concurrency)
        self._last_cut = float("-inf")
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()
        self._requests = Bucket(limits.requests_per_minute, clock=self._clock, source=requests)
        self._tokens = Bucket(limits.tokens_per_minute, clock=self._clock, source=tokens)
        self._paused_until = float("-inf")

    @property
    def window(self) -> float:
        """Calls in flight that are allowed just now."""
        return self._window

    @asynccontextmanager
    async def permit(self, *, tokens: int = 0) -> AsyncIterator[Permit]:
        """Wait for leave to send one request.

        Args:
            tokens: what it will use, as far as one can tell; corrected by `Permit.tokens_used`.
        """
        await self._enter()
        permit = Permit()
        try:
            await self._tokens.take(tokens)
            await self._requests.take(1)
            while (pause := self._paused_until - self._clock.monotonic()) > 0:
                await self._clock.sleep(pause)
            yield permit
        finally:
            self._leave(permit)
            if permit.tokens_used is not None:
                self._tokens.correct(permit.tokens_used - tokens)

    async def _enter(self) -> None:
        while True:
            with self._lock:
                if self._in_flight < int(self._window):
                    self._in_flight += 1
                    return
                loop = asyncio.get_running_loop()
                turn: asyncio.Future[None] = loop.create_future()
                self._waiting.append((loop, turn))
            try:
                await turn
            except asyncio.CancelledError:
                self._wake(1)  # the turn may have been given to us already: pass it on
                raise

    def _leave(self, permit: Permit) -> None:
        with self._lock:
            self._in_flight -= 1
            if self.limits.adaptive:
                self._adapt(permit)
            free = int(self._window) - self._in_flight
        self._wake(free)

    def _adapt(self, permit: Permit) -> None:
        now = self._clock.monotonic()
        if not permit.refused:
            self._window = min(float(self.limits.concurrency), self._window + 1.0 / self._window)
            return
        if permit.retry_after:
            self._paused_until = max(self._paused_until, now + permit.retry_after)
        if now - self._last_cut >= 1.0:  # the refusals of one round are one signal
            self._last_cut = now
            self._window = max(1.0, self._window * 0.7)

    def _wake(self, free: int) -> None:
        with self._lock:
            turns = [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]
        for loop, turn in turns:
            loop.call_soon_threadsafe(_give, turn)


def _give(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


class Bucket:
    """A rate a minute, paced evenly. Each taker is given a time slot and waits for it.

    Args:
        per_minute: the rate; None for no limit.
        clock: time.
        source: where permits come from when processes share the rate; the local pace stays.
    """

    def __init__(self, per_minute: float | None, *, clock: Clock, source: PermitSource | None = None) -> None:
        self._rate = None if per_minute is None else per_minute / 60.0
        self._clock = clock
        self._source = source
        self._lock = threading.Lock()
        self._next = float("-inf")
        self._stock = 0

    async def take(self, amount: int) -> None:
        """Wait until this much may be used."""
        if self._source is not None and amount:
            await self._draw(amount, self._source)
        if self._rate is None or not amount:
            return
        with self._lock:
            now = self._clock.monotonic()
            slot = max(now, self._next)
            self._next = slot + amount / self._rate
        if slot > now:
            await self._clock.sleep(slot - now)

    def correct(self, excess: int) -> None:
        """Book what was used beyond (or short of) the amount taken."""
        if self._rate is not None and excess:
            with self._lock:
                self._next += excess / self._rate

    async def _draw(self, amount: int, source: PermitSource) -> None:
        while True:
            with self._lock:
                if self._stock >= amount:
                    self._stock -= amount
                    return
                wanted = max(amount - self._stock, round((self._rate or 1.0) * 2.0))
            granted = await source.take(wanted)
            with self._lock:
                self._stock += granted
