"""What was asked of the server, and what it said: one entry a request, in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from prefect_gemini.local.wire.control.verdict import Verdict, judge


@dataclass
class Entry:
    """One request.

    Args:
        number: from 1, in order of arrival.
        method: of HTTP.
        path: with its leading slash, without the query.
        query: without keys.
        body: parsed JSON, as it came; None where there was none or it was not JSON.
        credential: "api_key", "bearer" or "" as the request was authorised; never the secret.
        user_agent: as sent.
        kind: the route (`generate`, `stream`, `count`, …); "unknown" where there is none.
        surface: "vertex" or "developer".
        model: the model id of the path.
        status: HTTP status of the reply; 0 while it is open and where the connection was dropped.
        response_id: of a generated reply.
        started: seconds since the epoch, by the server's clock.
        ended: the same; None while open.
        retry_after_s: what the reply asked the client to wait.
        fault: the kind of fault that was served, or "".
        answered_by: "engine", "script", "fault", "quota" or "wire".
        usage: of a generated reply.
    """

    number: int
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    credential: str = ""
    user_agent: str = ""
    kind: str = "unknown"
    surface: str = "developer"
    model: str = ""
    status: int = 0
    response_id: str = ""
    started: float = 0.0
    ended: float | None = None
    retry_after_s: float | None = None
    fault: str = ""
    answered_by: str = "wire"
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """True where a generated reply reached its end unspoiled."""
        return self.status == 200 and bool(self.response_id) and not self.fault

    def as_json(self) -> dict[str, Any]:
        """For the admin plane."""
        return asdict(self)


class Journal:
    """All requests since the start, or since `clear`.

    Args:
        keep: how many of the newest to keep; None for all, as a test wants.
    """

    def __init__(self, *, keep: int | None = None) -> None:
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._lock = threading.Lock()
        self._count = 0

    def open(self, method: str, path: str, **known: Any) -> Entry:
        """Begin an entry."""
        with self._lock:
            self._count += 1
            entry = Entry(self._count, method, path, **known)
            self._entries.append(entry)
        return entry

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every request."""
        with self._lock:
            return tuple(self._entries)

    @property
    def generate_calls(self) -> tuple[Entry, ...]:
        """The requests that ask a model to answer, streamed or not."""
        return self.of("generate", "stream")

    def of(self, *kinds: str) -> tuple[Entry, ...]:
        """The requests of some kinds."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    @property
    def last(self) -> Entry:
        """The newest request.

        Raises:
            IndexError: when nothing was asked yet.
        """
        return self.entries[-1]

    def clear(self) -> None:
        """Forget every request; numbers go on."""
        with self._lock:
            self._entries.clear()

    def verdict(self) -> Verdict:
        """Judge the client by what it did."""
        return judge(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)
