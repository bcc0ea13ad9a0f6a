"""How many calls at once and how fast: the ceilings one sets, and what the service takes today."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.calls.retries import Clock, SystemClock
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.limits.pace import Pace
from prefect_gemini.gemini.limits.stock import PermitSource, Stock
from prefect_gemini.gemini.limits.waiting import Waiting

FIRST_WINDOW = 8
"""Calls in flight at the start; each success adds one until the first refusal."""
WINDOW_CUT = 0.7
"""What a refusal leaves of the calls in flight."""
LATE_S = 0.03
"""A call that comes later than this to its moment takes another: calls that a stall has held up would go out in
one burst, and a ceiling over a sliding window refuses as many half a minute later."""
LOOK_S = 0.25
"""How often a call that waits for its moment looks whether the moment has been moved."""


class Limits(BaseModel):
    """Ceilings on what is sent. Empty: as fast as the service takes it.

    Args:
        requests_per_minute, tokens_per_minute: ceilings of this process for each model; None for
            none. They are paced evenly: a burst at the start of each minute would be refused even
            where the minute's sum is allowed.
        concurrency: calls in flight at most.
        adaptive: go below the ceilings when the service answers 429, and come back after.
        shared: hold the ceilings for all processes together.
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
    shared: bool = Field(
        default=False, description="Hold the ceilings for all workers together, instead of for each process."
    )

    def of(self, model: ModelInfo) -> Limits:
        """These limits for one model: a quota that the model still had is its ceiling where none is set."""
        if self.requests_per_minute or self.tokens_per_minute or not (model.rpm or model.tpm):
            return self
        return self.model_copy(update={"requests_per_minute": model.rpm, "tokens_per_minute": model.tpm})


class Permit:
    """Leave to send one request. Tell it how it went before it is given back."""

    __slots__ = ("refused", "retry_after", "sent", "served", "tokens_used", "waited")

    def __init__(self) -> None:
        self.refused = False
        self.served = False
        self.retry_after: float | None = None
        self.tokens_used: int | None = None
        self.sent = 0.0
        self.waited = False


class Limiter:
    """One model's limits at one backend. Safe across threads and event loops.

    Args:
        limits: the ceilings.
        clock: time.
        requests, tokens: where permits come from when processes share a ceiling.
    """

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
        self._window = float(min(FIRST_WINDOW, limits.concurrency) if limits.adaptive else limits.concurrency)
        self._steady = float(limits.concurrency)
        self._cut_at = float("-inf")
        self._waiting = Waiting()
        per_minute = limits.requests_per_minute
        self._pace = Pace(
            None if per_minute is None else per_minute / 60.0, adaptive=limits.adaptive, now=self._clock.monotonic()
        )
        self._tokens = TokenPace(limits.tokens_per_minute, clock=self._clock)
        self._stocks = [(1, Stock(requests)), (0, Stock(tokens))]

    @property
    def window(self) -> float:
        """Calls in flight that are allowed just now."""
        return self._window

    @property
    def rate(self) -> float | None:
        """Requests a second that are sent just now; None for as many as there are."""
        return self._pace.rate

    @asynccontextmanager
    async def permit(
        self, *, tokens: int = 0, patience_s: float | None = None, again: bool = False
    ) -> AsyncIterator[Permit]:
        """Wait for leave to send one request.

        Args:
            tokens: what it will use, as far as one can tell; corrected by `Permit.tokens_used`.
            patience_s: seconds to wait at most; None for as long as it takes.
            again: whether this request has been sent before; it then goes before new ones.

        Raises:
            TimeoutError: the patience is at its end.
        """
        async with asyncio.timeout(patience_s) as patience:
            await self._enter(again=again)
            permit = Permit()
            try:
                for requests, stock in self._stocks:
                    await stock.draw(requests or tokens)
                await self._tokens.take(tokens)
                await self._await_slot(permit)
            except BaseException:
                self._leave(permit)
                raise
            patience.reschedule(None)
        try:
            yield permit
        finally:
            self._leave(permit)
            if permit.tokens_used is not None:
                self._tokens.correct(permit.tokens_used - tokens)

    async def _await_slot(self, permit: Permit) -> None:
        """Wait for a moment of the pace; ask for another when refusals have moved it."""
        while True:
            with self._lock:
                now = self._clock.monotonic()
                slot, round_ = self._pace.slot(now), self._pace.round
            while now < slot:
                permit.waited = True
                await self._clock.sleep(min(slot - now, LOOK_S))
                now = self._clock.monotonic()
                if self._pace.round != round_:
                    break
            with self._lock:
                now = self._clock.monotonic()
                if self._pace.round == round_ and now - slot <= LATE_S:
                    permit.sent = now
                    return
                if self._pace.round == round_:
                    self._pace.restart(now)

    async def _enter(self, *, again: bool) -> None:
        while True:
            with self._lock:
                if self._in_flight < int(self._window):
                    self._in_flight += 1
                    return
                turn = self._waiting.join(first=again)
            try:
                await turn
            except asyncio.CancelledError:
                with self._lock:
                    if not self._waiting.leave(turn):
                        self._waiting.wake(1)  # the turn had been given to us already: pass it on
                raise

    def _leave(self, permit: Permit) -> None:
        with self._lock:
            self._in_flight -= 1
            now = self._clock.monotonic()
            if permit.refused:
                self._pace.refused(now, sent=permit.sent, retry_after=permit.retry_after)
                if self.limits.adaptive and permit.sent >= self._cut_at:
                    self._cut_at = now
                    self._steady = self._window = max(1.0, self._window * WINDOW_CUT)
            elif permit.served:
                self._pace.accepted(now, sent=permit.sent, waited=permit.waited)
                step = 1.0 if self._window < self._steady else 1.0 / self._window
                self._window = min(float(self.limits.concurrency), self._window + step)
            self._waiting.wake(int(self._window) - self._in_flight)


class TokenPace:
    """A ceiling in tokens, paced evenly: each taker is given a moment and waits for it.

    Args:
        per_minute: the ceiling; None for none.
        clock: time.
    """

    def __init__(self, per_minute: float | None, *, clock: Clock) -> None:
        self._rate = None if per_minute is None else per_minute / 60.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = float("-inf")

    async def take(self, amount: int) -> None:
        """Wait until so many tokens may be used."""
        if self._rate is None or not amount:
            return
        with self._lock:
            now = self._clock.monotonic()
            slot = max(now, self._next)
            self._next = slot + amount / self._rate
        if slot > now:
            await self._clock.sleep(slot - now)

    def correct(self, excess: int) -> None:
        """Book what was used beyond, or short of, the amount taken."""
        if self._rate is not None and excess:
            with self._lock:
                self._next += excess / self._rate
