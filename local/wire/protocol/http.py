"""Putting replies on the wire: whole, streamed, cut short, or as a reset connection."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON_TYPE = "application/json; charset=UTF-8"


class Hangup(Exception):
    """Reset the connection instead of ending the reply."""


@dataclass
class HttpReply:
    """A reply.

    Args:
        body: bytes, or an iterator of chunks.
        status: of HTTP.
        headers: beside Content-Type and Content-Length; names are sent in the case given here.
        content_type: of the body.
        hang_up: reset the connection and send nothing.
        silence_s: seconds to say nothing before doing anything else; ends early when the client leaves.
    """

    body: bytes | AsyncIterator[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    hang_up: bool = False
    silence_s: float = 0.0


def json_http(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpReply:
    """A JSON reply."""
    return HttpReply(encode(value), status=status, headers=headers or {})


def encode(value: Any) -> bytes:
    """JSON bytes, as UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


async def send_reply(reply: HttpReply, *, receive: Receive, send: Send, gzip_ok: bool, close: bool = False) -> None:
    """Send one reply. A client that left in the meantime is no error."""
    if reply.silence_s:
        await client_left(receive, within_s=reply.silence_s)
    if reply.hang_up:
        reset_connection(send)
        return
    headers = [
        ("Content-Type", reply.content_type),
        ("Vary", "Origin, X-Origin, Referer"),
        ("X-Content-Type-Options", "nosniff"),
        *reply.headers.items(),
    ]
    if close:
        headers.append(("Connection", "close"))
    if isinstance(reply.body, bytes):
        body = reply.body
        if gzip_ok and body and reply.content_type == JSON_TYPE:
            # Google compresses every JSON reply, however small, and its own tests look for the header.
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        await _start(send, reply.status, headers)
        await send({"type": "http.response.body", "body": body})
        return
    await _start(send, reply.status, headers)
    try:
        async for chunk in reply.body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except Hangup:
        # What was sent before must be on its way: a reset discards what still waits in the buffer.
        await asyncio.sleep(0.02)
        reset_connection(send)
        return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _start(send: Send, status: int, headers: list[tuple[str, str]]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers],
        }
    )


async def client_left(receive: Receive, *, within_s: float) -> bool:
    """Wait for the client to hang up; False when it was still there after `within_s` seconds."""
    try:
        async with asyncio.timeout(within_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


def reset_connection(send: Send) -> None:
    """Drop the connection with a TCP reset.

    ASGI has no word for this, so the transport is taken from uvicorn's own `send`.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("a connection can only be reset under uvicorn")
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
