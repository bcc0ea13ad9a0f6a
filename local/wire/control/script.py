"""Scripted answers: served in order, loud when they run out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.protocol.google_errors import GoogleError

Answerer = Callable[[dict[str, Any]], Reply]
Predicate = Callable[[Call], bool]


@dataclass
class _Line:
    reply: Reply | Answerer
    when: Predicate | None
    left: int | None


class Script:
    """A queue of replies. Empty and never filled, it leaves every call to the engine."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._lock = threading.Lock()
        self._in_use = False
        self._served = 0
        self.ran_dry: list[int] = []

    def add(
        self,
        replies: Sequence[Reply | Answerer] | Reply | Answerer,
        *,
        when: Predicate | None = None,
        times: int | None = 1,
    ) -> None:
        """Append replies.

        Args:
            replies: one or several; a callable gets the request body and returns a reply.
            when: serve them only to calls it is true for.
            times: how often each is served; None for always.
        """
        rows = replies if isinstance(replies, Sequence) else [replies]
        with self._lock:
            self._in_use = True
            self._lines.extend(_Line(reply, when, times) for reply in rows)

    def take(self, call: Call) -> Reply | None:
        """The next reply for this call; None when nothing was ever scripted.

        Raises:
            GoogleError: 400 FAILED_PRECONDITION when the script has run dry.
        """
        with self._lock:
            if not self._in_use:
                return None
            line = next((one for one in self._lines if one.when is None or one.when(call)), None)
            if line is None:
                number = call.entry.number
                self.ran_dry.append(number)
                raise GoogleError(
                    400,
                    f"The script has run dry: {self._served} replies were served and request {number} has none left. "
                    "Script one more, or call clear() to let the reader answer.",
                    status="FAILED_PRECONDITION",
                )
            self._served += 1
            if line.left is not None:
                line.left -= 1
                if line.left <= 0:
                    self._lines.remove(line)
            reply = line.reply
        return reply if isinstance(reply, Reply) else reply(call.payload)

    @property
    def unused(self) -> int:
        """How many scripted replies nobody asked for; those served for ever do not count."""
        with self._lock:
            return sum(line.left for line in self._lines if line.left is not None)

    def clear(self) -> None:
        """Forget the script; the engine answers again."""
        with self._lock:
            self._lines.clear()
            self._in_use = False
            self._served = 0
            self.ran_dry = []

    def assert_not_dry(self) -> None:
        """Fail when a call found no reply."""
        if self.ran_dry:
            raise AssertionError(f"the script ran dry: requests {self.ran_dry} found no reply left")
