"""How fast requests are sent: evenly, below a ceiling, and at what the service takes today.

Gemini's quota is dynamic and shared, so its size is found by asking. A refusal lowers the rate a
little; a second one soon after measures the quota, for what was served between the two is what there
is; several in a row leave single probes. Quiet raises the rate again, slowly at first, then faster
with every second, so that a quota that has come back is found within seconds while one that has not
is rarely overstepped.
"""

from __future__ import annotations

import math
from collections import deque

HEADROOM = 0.995
"""Share of a ceiling that is used: at all of it, the slightest jitter of the network is refused."""
CUT = 0.85
"""What a refusal leaves of the rate where nothing better is known."""
BLOCK_CUT = 0.6
"""What is left of that when the next calls are refused as well: about half in all."""
BLOCK = 3
"""Refusals in a row, each after a pause, that mean the quota has shrunk or is used up."""
GROWTH = 0.1
"""Growth a second after a pause; it doubles with every second of quiet, up to FASTEST."""
FASTEST = 1.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
"""Pauses between probes that the service gives no time for; they double from first to longest."""
MEMORY_S = 2.0
"""How far back accepted calls are counted, to know the rate at a first refusal without a ceiling."""
SHORTEST_S = 0.25
"""A shorter stretch than this says nothing about a rate."""
EPISODE_S = 30.0
"""Two refusals nearer than this measure the quota: what was served between them, by the time between."""
SLOWEST = 0.2
"""Requests a second that are tried however often they are refused."""


class Pace:
    """The pace of one model. Not thread-safe; the limiter holds the lock.

    Args:
        ceiling: requests a second at most; None for no ceiling.
        adaptive: whether refusals lower the rate.
        now: the time, in seconds.
    """

    def __init__(self, ceiling: float | None, *, adaptive: bool, now: float) -> None:
        self._ceiling = None if ceiling is None else ceiling * HEADROOM
        self._adaptive = adaptive
        self.rate = self._ceiling
        self.round = 0
        self._next = now
        self._row = 0
        self._refused_at = -math.inf
        self._quiet_from = -math.inf
        self._grown_at = now
        self._served = 0
        self._accepted: deque[float] = deque()

    def slot(self, now: float) -> float:
        """Reserve the next moment to send at. It is void when `round` has changed by then."""
        slot = max(now, self._next)
        if self._row >= 2:
            self._next = slot + self._pause_s()  # blocked: one probe, and the next after a pause
        elif self.rate is not None:
            self._next = slot + 1.0 / self.rate
        return slot

    def accepted(self, now: float, *, sent: float, waited: bool) -> None:
        """A call was served.

        Args:
            now: the time.
            sent: when it was sent.
            waited: whether the pace held it back; only then is there a reason to go faster.
        """
        self._accepted.append(now)
        while self._accepted[0] < now - MEMORY_S:
            self._accepted.popleft()
        if sent < self._refused_at:
            return  # it was on its way when the refusal came, and says nothing about the time after
        if self._row >= 2:
            self.restart(now)
        self._row = 0
        self._served += 1
        step = min(now - self._grown_at, 0.25)
        self._grown_at = now
        if self.rate is None or not waited or not self._adaptive:
            return
        growth = min(FASTEST, GROWTH * 2.0 ** max(0.0, min(30.0, now - self._quiet_from)))
        self.rate *= math.exp(growth * step)
        if self._ceiling is not None:
            self.rate = min(self.rate, self._ceiling)

    def refused(self, now: float, *, sent: float, retry_after: float | None) -> None:
        """A call was answered with 429.

        Args:
            now: the time.
            sent: when it was sent.
            retry_after: seconds the service asked to wait; nobody sends before.
        """
        if not self._adaptive:
            return
        if sent >= self._refused_at:
            self._row += 1
            self._lower(now)
            self._refused_at = self._grown_at = now
            self._served = 0
        pause = max(retry_after or 0.0, self._pause_s() if self._row >= 2 or not retry_after else 0.0)
        self._quiet_from = max(self._quiet_from, now + pause)
        self.restart(self._quiet_from)

    def _lower(self, now: float) -> None:
        if self.rate is None:
            recent = [moment for moment in self._accepted if moment >= now - MEMORY_S]
            stretch = max(SHORTEST_S, now - recent[0]) if recent else MEMORY_S
            self.rate = max(1.0, len(recent) / stretch) * CUT
        elif self._row == 1 and self._served and now - self._refused_at < EPISODE_S:
            measured = self._served / max(1.0, now - self._refused_at)
            self.rate = min(self.rate, max(measured, self.rate / 2))
        elif self._row == 1:
            self.rate *= CUT
        elif self._row == BLOCK:
            self.rate *= BLOCK_CUT
        self.rate = max(SLOWEST, self.rate)

    def _pause_s(self) -> float:
        return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** max(0, self._row - 1))

    def restart(self, at: float) -> None:
        """Void what is reserved: the next call is sent at this moment, the others after it."""
        self._next = at
        self.round += 1
