"""Callers that wait for their turn, on whatever thread or event loop they are."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TypeAlias

Turn: TypeAlias = "asyncio.Future[None]"


class Waiting:
    """A queue of callers. Not thread-safe by itself: whoever owns it holds a lock."""

    def __init__(self) -> None:
        self._turns: deque[tuple[asyncio.AbstractEventLoop, Turn]] = deque()

    def __len__(self) -> int:
        return len(self._turns)

    def join(self, *, first: bool = False) -> Turn:
        """Stand in line, at its end or at its head; await what this returns."""
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        (self._turns.appendleft if first else self._turns.append)((loop, turn))
        return turn

    def leave(self, turn: Turn) -> bool:
        """Give up waiting; tells whether the turn had not been given yet."""
        for place, (_, other) in enumerate(self._turns):
            if other is turn:
                del self._turns[place]
                return True
        return False

    def wake(self, count: int) -> None:
        """Give the first so many their turn."""
        for _ in range(min(count, len(self._turns))):
            loop, turn = self._turns.popleft()
            with suppress(RuntimeError):  # the loop has been closed, and its callers with it
                loop.call_soon_threadsafe(_give, turn)


def _give(turn: Turn) -> None:
    if not turn.done():
        turn.set_result(None)
