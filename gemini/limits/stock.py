"""Permits that several processes share: taken from one source in slices, so that not every call asks."""

from __future__ import annotations

import threading
from typing import Protocol

from prefect_gemini.gemini.limits.waiting import Turn, Waiting

SLICE_S = 2.0
"""Seconds' worth of permits in a slice."""


class PermitSource(Protocol):
    """Where permits come from when several processes share a ceiling."""

    async def take(self) -> int:
        """Obtain a slice of permits, waiting until there is one; returns how many, at least 1."""


class Stock:
    """The permits a process has left of its last slices. Safe across threads and event loops.

    Args:
        source: where they come from; None where nothing is shared.
    """

    def __init__(self, source: PermitSource | None) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._left = 0
        self._fetching = False
        self._waiting = Waiting()

    async def draw(self, amount: int) -> None:
        """Use permits; where there are too few, one caller takes a slice and the others wait for it."""
        if self._source is None:
            return
        while amount:
            turn: Turn | None = None
            with self._lock:
                used = min(amount, self._left)
                self._left -= used
                amount -= used
                if amount and self._fetching:
                    turn = self._waiting.join()
                elif amount:
                    self._fetching = True
            if turn is not None:
                await turn
            elif amount:
                await self._fetch(self._source)

    async def _fetch(self, source: PermitSource) -> None:
        granted = 0
        try:
            granted = await source.take()
        finally:
            with self._lock:
                self._left += granted
                self._fetching = False
                self._waiting.wake(len(self._waiting))
