"""A server that says exactly what a test tells it to, byte for byte, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from prefect_gemini.gemini.backend import Backend

USAGE = {
    "promptTokenCount": 10,
    "candidatesTokenCount": 4,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 16,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
}


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Say:
    """One response. `drop` closes the connection after the pieces without ending the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    content_type: str = "application/json"
    drop: bool = False
    stall_s: float = 0.0
    pause_s: float = 0.0


def answer(text: str = "hello", *, finish: str | None = "STOP", parts: list[Any] | None = None, **more: Any) -> dict:
    """A generateContent response."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts or [{"text": text}]}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate | more.pop("candidate", {})],
        "usageMetadata": USAGE,
        "modelVersion": "gemini-3.8-flash",
        "responseId": "r-1",
        **more,
    }


def say(payload: Any, status: int = 200, **options: Any) -> Say:
    """A JSON response."""
    return Say(status=status, pieces=[json.dumps(payload).encode()], **options)


def error(status: int, reason: str, message: str = "no", *, details: Iterable[Any] = (), **options: Any) -> Say:
    """Google's error body."""
    body = {"error": {"code": status, "message": message, "status": reason, "details": list(details)}}
    return say(body, status, **options)


def sse(*payloads: Any, **options: Any) -> Say:
    """A stream; a payload that is bytes goes out as it is."""
    pieces = [
        payload if isinstance(payload, bytes) else b"data: " + json.dumps(payload).encode() + b"\r\n\r\n"
        for payload in payloads
    ]
    return Say(pieces=pieces, content_type="text/event-stream", **options)


class Scripted:
    """Plays its script in order; the last line is repeated when `repeat` is set."""

    def __init__(self) -> None:
        self.script: list[Say | Callable[[Seen], Say]] = []
        self.seen: list[Seen] = []
        self.repeat = False
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def backend(self) -> Backend:
        return Backend.local(self.base_url)

    def plays(self, *script: Say | Callable[[Seen], Say] | dict, repeat: bool = False) -> Scripted:
        """Replace the script; a dict is a JSON response."""
        self.script = [say(line) if isinstance(line, dict) else line for line in script]
        self.seen.clear()
        self.repeat = repeat
        return self

    async def start(self) -> Scripted:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has had enough
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        seen = Seen(method, path, headers, json.loads(raw) if raw else None)
        self.seen.append(seen)
        line = self.script[0] if self.repeat and len(self.script) == 1 else self.script.pop(0)
        told = line(seen) if callable(line) else line
        if told.stall_s:
            await asyncio.sleep(told.stall_s)
        writer.write(f"HTTP/1.1 {told.status} X\r\nContent-Type: {told.content_type}\r\n".encode())
        for name, value in told.headers.items():
            writer.write(f"{name}: {value}\r\n".encode())
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        for piece in told.pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            if told.pause_s:
                await asyncio.sleep(told.pause_s)
        if told.drop:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True
