"""Reading a request's body, up to a limit."""

from __future__ import annotations

from prefect_gemini.local.wire.protocol.http import Receive

# The Developer API's limit for an inline request in 2026; uploads go in pieces below it.
LARGEST_BODY = 100 * 1024 * 1024


async def read_body(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether all of it was read."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_BODY:
            return b"", False
        if not message.get("more_body"):
            break
    return b"".join(pieces), True
