"""A circuit breaker: stop sending where nearly everything fails, and probe before resuming."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.errors import CircuitOpen


class State(Enum):
    """Closed lets everything through, open nothing, half open one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class CircuitPolicy(BaseModel):
    """When to stop sending, and for how long.

    Half of the calls, where others open at a fifth: with three attempts a service that fails every
    fifth time still answers 99 of 100 calls, and an open circuit would answer none.

    Args:
        failure_share: of the calls in the window; at this share the circuit opens.
        minimum_calls: fewer calls than this never open it.
        window_s: seconds that are looked back on.
        open_s: seconds until a probe is let through.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    failure_share: float = Field(0.5, gt=0, le=1)
    minimum_calls: int = Field(10, ge=1)
    window_s: float = Field(30.0, gt=0)
    open_s: float = Field(30.0, gt=0)


class Circuit:
    """The breaker of one model in one place. Safe across threads.

    Only failures of the service count: 5xx, timeouts, lost connections. A 429 is the limiter's
    business, and a 4xx says nothing about the service's health.
    """

    def __init__(self, name: str, policy: CircuitPolicy, *, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.policy = policy
        self._now = now
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._opened: float | None = None
        self._ticket = 0
        self._probe: int | None = None

    @property
    def state(self) -> State:
        """What the next call meets."""
        with self._lock:
            return self._state()

    def enter(self) -> int:
        """Ask to send a call.

        Returns:
            A ticket; every call that enters leaves with it, by `succeeded`, `failed` or `ignored`.

        Raises:
            CircuitOpen: with the seconds until a probe is let through.
        """
        with self._lock:
            state = self._state()
            if state is State.OPEN or (state is State.HALF_OPEN and self._probe is not None):
                opened = self._now() if self._opened is None else self._opened
                left = self.policy.open_s - (self._now() - opened)
                raise CircuitOpen(
                    f"{self.name} is failing; not sent.", retry_after=left if left > 0 else self.policy.open_s
                )
            self._ticket += 1
            if state is State.HALF_OPEN:
                self._probe = self._ticket
            return self._ticket

    def succeeded(self, ticket: int) -> None:
        """The service answered; a probe that succeeds closes the circuit."""
        with self._lock:
            if ticket == self._probe:
                self._opened = None
                self._probe = None
                self._calls.clear()
                self._failures = 0
            self._record(failed=False)

    def failed(self, ticket: int) -> None:
        """The service failed; a probe that fails opens the circuit again."""
        with self._lock:
            if ticket == self._probe:
                self._probe = None
                self._opened = self._now()
                return
            self._record(failed=True)
            total = len(self._calls)
            enough = total >= self.policy.minimum_calls
            if self._opened is None and enough and self._failures >= self.policy.failure_share * total:
                self._opened = self._now()

    def ignored(self, ticket: int) -> None:
        """The call says nothing about the service: it was cancelled, or refused for its content."""
        with self._lock:
            if ticket == self._probe:
                self._probe = None

    def _state(self) -> State:
        if self._opened is None:
            return State.CLOSED
        return State.OPEN if self._now() - self._opened < self.policy.open_s else State.HALF_OPEN

    def _record(self, *, failed: bool) -> None:
        now = self._now()
        self._calls.append((now, failed))
        self._failures += failed
        while self._calls and self._calls[0][0] < now - self.policy.window_s:
            self._failures -= self._calls.popleft()[1]
