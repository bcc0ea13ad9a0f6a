"""Streams: server-sent events with `alt=sse`, one JSON array without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.protocol.http import Hangup, HttpReply, encode


def stream_reply(bodies: AsyncIterator[Any], *, as_events: bool, fault: Reply | None = None) -> HttpReply:
    """A streamed reply.

    Args:
        bodies: one per chunk.
        as_events: `data:` lines; otherwise the elements of a JSON array.
        fault: what goes wrong on the way.
    """
    chunks = _events(bodies) if as_events else _array(bodies)
    return HttpReply(
        _spoiled(chunks, fault) if fault else chunks,
        headers={"Content-Disposition": "attachment"} if as_events else {},
        content_type="text/event-stream" if as_events else "application/json; charset=UTF-8",
    )


async def _events(bodies: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for body in bodies:
        yield b"data: " + encode(body) + b"\r\n\r\n"


async def _array(bodies: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    before = b"["
    async for body in bodies:
        yield before + encode(body)
        before = b"\n,\r\n"
    yield b"]" if before != b"[" else b"[]"


async def _spoiled(chunks: AsyncIterator[bytes], fault: Reply) -> AsyncIterator[bytes]:
    """The chunks with a fault in them. A stream never gets to its finish reason once it is cut."""
    sent = 0
    held: bytes | None = None
    async for chunk in chunks:
        if held is not None:
            yield held
            sent += 1
        held = None
        if fault.kind == "slow_stream":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "bad_chunk" and sent == fault.after:
            yield chunk[: len(chunk) // 2] + b"\r\n\r\n"
            sent += 1
            continue
        elif fault.kind in ("cut_stream", "stall") and sent >= fault.after:
            await _end(fault)
            return
        # The last chunk carries the finish reason: hold each back until another follows.
        held = chunk
    if fault.kind in ("cut_stream", "stall"):
        await _end(fault)
    elif held is not None:
        yield held


async def _end(fault: Reply) -> None:
    if fault.kind == "stall":
        await asyncio.sleep(fault.seconds)
        raise Hangup
    if fault.reason == "reset":
        raise Hangup
