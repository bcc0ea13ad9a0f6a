"""Time as the server sees it: the machine's clock plus whatever a test has moved it by."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that can be moved forwards, so that caches expire and quotas refill without waiting."""

    def __init__(self) -> None:
        self._moved = 0.0
        self._lock = threading.Lock()

    def seconds(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._moved

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.seconds(), tz=UTC)

    def move(self, seconds: float) -> datetime:
        """Move the clock and return the new moment.

        Args:
            seconds: how far; negative moves back.
        """
        with self._lock:
            self._moved += seconds
        return self.now()

    def timestamp(self, *, after_s: float = 0.0) -> str:
        """RFC 3339 with microseconds, as Google prints it, `after_s` seconds from now."""
        return format_time(self.now() + timedelta(seconds=after_s))


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Read RFC 3339.

    Raises:
        ValueError: when it is not a time with a zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment
