"""When to ask again: by cause, with one owner, never past the deadline."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.errors import (
    CircuitOpen,
    DeadlineExceeded,
    EmptyAnswer,
    GeminiError,
    MalformedFunctionCall,
    MalformedResponse,
    Truncated,
)

T = TypeVar("T")


class Cause(Enum):
    """What a failure calls for."""

    NEVER = "never"
    WAIT = "wait, then again"
    SAMPLE = "once more: another sample may come out whole"


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class RetryPolicy(BaseModel):
    """How often and how long to try. The SDK's own retries stay off: two loops would multiply.

    The defaults follow Google's guidance for Gemini: truncated exponential backoff with jitter,
    a first wait of at least a second, and no more than two retries.

    Args:
        max_attempts: requests sent at most, the first included.
        deadline_s: seconds from the first request to the last, waits included; None for no limit.
        first_wait_s: the wait after the first failure; doubles with each.
        longest_wait_s: the wait it stops doubling at. A Retry-After may be longer.
        jitter: share of a wait added at random, so that callers do not return together.
        samples: how many answers that came out broken are asked for again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: int = Field(3, ge=1, le=20)
    deadline_s: float | None = Field(600.0, gt=0)
    first_wait_s: float = Field(1.0, ge=0)
    longest_wait_s: float = Field(60.0, ge=0)
    jitter: float = Field(0.5, ge=0, le=1)
    samples: int = Field(1, ge=0, le=3)

    def wait(self, failures: int, error: GeminiError, *, chance: float) -> float:
        """Seconds to wait after so many failures.

        Args:
            failures: how many requests have failed, at least 1.
            error: the last failure; its `retry_after` is a floor.
            chance: a random number between 0 and 1.
        """
        backoff = min(self.longest_wait_s, self.first_wait_s * 2.0 ** (failures - 1))
        return max(backoff, error.retry_after or 0.0) + self.jitter * chance * backoff


def cause(error: GeminiError) -> Cause:
    """What a failure calls for. The one place that decides.

    A truncated answer is asked for again only where half of it is worth nothing: under a schema,
    or when the stream broke off. An open circuit is not waited for; that is its point.
    """
    if isinstance(error, Truncated):
        return Cause.SAMPLE if error.retryable else Cause.NEVER
    if isinstance(error, MalformedFunctionCall | EmptyAnswer | MalformedResponse):
        return Cause.SAMPLE
    if isinstance(error, CircuitOpen):
        return Cause.NEVER
    return Cause.WAIT if error.retryable else Cause.NEVER


@dataclass(slots=True)
class Attempts:
    """One call's requests: counts them, waits between them, and knows when to stop.

    Args:
        policy: how often and how long.
        clock, chance: time and randomness, injected by tests.
    """

    policy: RetryPolicy
    clock: Clock
    chance: Callable[[], float] = random.random
    sent: int = 0
    failures: int = 0
    samples: int = 0
    started: float | None = None

    def start(self) -> None:
        """Start the deadline, if it is not running: it begins with the first request, not in the queue before it."""
        if self.started is None:
            self.started = self.clock.monotonic()

    def remaining_s(self) -> float | None:
        """Seconds left of the deadline; None while it is not running, or where there is none.

        Raises:
            DeadlineExceeded: none are left.
        """
        if self.started is None or self.policy.deadline_s is None:
            return None
        left = self.policy.deadline_s - (self.clock.monotonic() - self.started)
        if left <= 0:
            raise DeadlineExceeded(
                f"The deadline of {self.policy.deadline_s:g} s has passed.", attempts=max(self.sent, 1)
            )
        return left

    async def recover(self, error: GeminiError) -> None:
        """Wait as the cause asks, or raise the error if there is nothing left to try.

        Raises:
            GeminiError: the error given, with the number of attempts.
        """
        error.attempts = max(self.sent, 1)
        self.failures += 1
        what = cause(error)
        if what is Cause.SAMPLE:
            self.samples += 1
            if self.samples > self.policy.samples:
                raise error
        if what is Cause.NEVER or self.sent >= self.policy.max_attempts:
            raise error
        wait = self.policy.wait(self.failures, error, chance=self.chance())
        if what is Cause.SAMPLE and not isinstance(error, MalformedResponse):
            wait = 0.0  # the service is well; only the answer was not
        gone = 0.0 if self.started is None else self.clock.monotonic() - self.started
        if self.policy.deadline_s is not None and gone + wait >= self.policy.deadline_s:
            raise error
        await self.clock.sleep(wait)

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run an attempt until it succeeds or nothing is left to try.

        Args:
            attempt: sends one request; raises our errors.
        """
        while True:
            try:
                return await attempt()
            except GeminiError as error:
                await self.recover(error)
