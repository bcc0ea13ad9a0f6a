"""Serving a cassette: the recorded reply to the same request, in the order of recording; anything else is loud."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply
from prefect_gemini.local.wire.replay.cassette import HERE, Cassette, Exchange, canonical, request_key

DIFFERENCES = 5


class Player:
    """Plays one cassette. It has no way to the real service: a request that was not recorded is an error.

    Args:
        cassette: the file.
        repeat: serve the last recorded reply again when a request comes more often than it was recorded.

    Raises:
        CassetteError: when the file is no cassette.
    """

    def __init__(self, cassette: Cassette, *, repeat: bool = False) -> None:
        self._exchanges = cassette.load()
        self._path = cassette.path
        self._repeat = repeat
        self._lock = threading.Lock()
        self.mismatches: list[str] = []
        self.rewind()

    def rewind(self) -> None:
        """Play from the beginning."""
        with self._lock:
            self._waiting: dict[str, deque[Exchange]] = defaultdict(deque)
            self._played: dict[str, Exchange] = {}
            for exchange in self._exchanges:
                self._waiting[exchange.key].append(exchange)
            self.mismatches.clear()

    @property
    def unused(self) -> list[str]:
        """Method and path of what was recorded and nobody asked for."""
        with self._lock:
            return [f"{one.method} {one.path}" for rows in self._waiting.values() for one in rows]

    def answer(self, call: Call) -> HttpReply:
        """The recorded reply.

        Raises:
            GoogleError: 400 FAILED_PRECONDITION, naming what differs from the nearest recorded request.
        """
        body = canonical(call.body, call.headers.get("content-type", ""))
        key = request_key(call.method, call.path, body)
        with self._lock:
            rows = self._waiting.get(key)
            if rows:
                exchange = self._played[key] = rows.popleft()
            elif key in self._played and self._repeat:
                exchange = self._played[key]
            else:
                why = self._why(call, body, played=key in self._played)
                self.mismatches.append(why)
                raise GoogleError(400, why, status="FAILED_PRECONDITION")
        call.entry.answered_by = "replay"
        _note(call, exchange)
        kind = exchange.headers.get("content-type", "application/json; charset=UTF-8")
        here = f"http://{call.headers.get('host', 'localhost')}"
        headers = {
            _title(name): value.replace(HERE, here)
            for name, value in exchange.headers.items()
            if name != "content-type"
        }
        chunks = exchange.reply()
        if len(chunks) > 1:
            return HttpReply(_each(chunks), status=exchange.status, headers=headers, content_type=kind)
        return HttpReply(b"".join(chunks), status=exchange.status, headers=headers, content_type=kind)

    def assert_matched(self) -> None:
        """Fail when a request was not on the cassette."""
        if self.mismatches:
            raise AssertionError("not on the cassette:\n  " + "\n  ".join(self.mismatches))

    def _why(self, call: Call, body: Any, *, played: bool) -> str:
        asked = f"{call.method} {call.path}"
        if played:
            return f"{asked} was asked more often than it was recorded in {self._path}. Record it again, or use repeat."
        near = [one for one in self._exchanges if (one.method, one.path) == (call.method, call.path)]
        if not near:
            paths = sorted({f"{one.method} {one.path}" for one in self._exchanges})
            return f"{asked} is not in {self._path}. It has: {', '.join(paths[:20]) or 'nothing'}."
        found = min((differences(one.body, body) for one in near), key=len)
        shown = "; ".join(found[:DIFFERENCES]) + (" …" if len(found) > DIFFERENCES else "")
        return f"{asked} was recorded in {self._path} with another body. The nearest differs: {shown}"


def differences(recorded: Any, sent: Any, path: str = "body") -> list[str]:
    """Where two bodies differ, one line a place."""
    if isinstance(recorded, dict) and isinstance(sent, dict):
        return [
            line
            for key in sorted(recorded.keys() | sent.keys())
            for line in differences(recorded.get(key), sent.get(key), f"{path}.{key}")
        ]
    if isinstance(recorded, list) and isinstance(sent, list) and len(recorded) == len(sent):
        return [
            line
            for number, (one, other) in enumerate(zip(recorded, sent, strict=True))
            for line in differences(one, other, f"{path}[{number}]")
        ]
    if recorded == sent:
        return []
    return [f"{path}: recorded {_short(recorded)}, sent {_short(sent)}"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"


def _title(name: str) -> str:
    return "-".join("URL" if word == "url" else word.capitalize() for word in name.split("-"))


def _note(call: Call, exchange: Exchange) -> None:
    """Put into the journal what the verdict reads of a reply."""
    wait = exchange.headers.get("retry-after", "")
    if wait.isdigit():
        call.entry.retry_after_s = float(wait)
    if call.kind not in ("generate", "stream") or exchange.status != 200:
        return
    for chunk in exchange.chunks:
        for line in chunk.splitlines() if call.kind == "stream" else [chunk]:
            try:
                said = json.loads(line.removeprefix("data: "))
            except ValueError:
                continue
            if isinstance(said, dict):
                call.entry.response_id = said.get("responseId", "replayed")
                call.entry.usage = said.get("usageMetadata", call.entry.usage)


async def _each(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
