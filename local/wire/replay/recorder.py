"""Recording: a proxy that passes every request on to the real service and keeps request and reply.

It is a server of its own with no admin plane: nothing on it resets, repeats or sends anything that
a client did not send. Every call through it is a real call, and is paid for.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import httpx

from prefect_gemini.local.wire.control.clock import format_time
from prefect_gemini.local.wire.protocol.body import read_body
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import Hangup, HttpReply, Message, Receive, Send, json_http, send_reply
from prefect_gemini.local.wire.replay.cassette import (
    HERE,
    KEPT_HEADERS,
    Cassette,
    Exchange,
    canonical,
    public_query,
    scrub,
)

DEVELOPER = "https://generativelanguage.googleapis.com"
STORAGE = "https://storage.googleapis.com"
TOKENS = "https://oauth2.googleapis.com"
TIMEOUT_S = 600.0
# Belong to one connection, or would be wrong after the proxy has unpacked the reply.
_HOP = ("host", "connection", "content-length", "accept-encoding", "transfer-encoding", "keep-alive")
Listener = Callable[[Exchange], None]


def service_of(path: str) -> str:
    """The address of the service that a path belongs to."""
    words = path.strip("/").split("/")
    if words[-1] == "token":
        return TOKENS
    if words[0] == "storage" or words[:2] in (["upload", "storage"], ["download", "storage"]):
        return STORAGE
    if "projects" not in words and "publishers" not in words:
        return DEVELOPER
    location = words[words.index("locations") + 1] if "locations" in words else "global"
    return f"https://{'' if location == 'global' else location + '-'}aiplatform.googleapis.com"


class Recorder:
    """The ASGI application that records.

    Args:
        cassette: what is written.
        base_url: where requests go; Google's address by their path if empty.
        listener: told of every exchange when it is over.
    """

    def __init__(self, cassette: Cassette, *, base_url: str = "", listener: Listener | None = None) -> None:
        self._cassette = cassette
        self._base_url = base_url.rstrip("/")
        self._listener = listener
        self._lock = threading.Lock()
        self._client: httpx.AsyncClient | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self.own_url = ""
        cassette.start(source=self._base_url or "Google", at=format_time(datetime.now(tz=UTC)))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            return
        body, whole = await read_body(receive)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if self._client is None:
            # Made on the server's own event loop, to which it belongs.
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name.decode("latin-1").lower() not in _HOP
        }
        path = scope.get("raw_path", scope["path"].encode()).decode("ascii").partition("?")[0]
        asked = Exchange(
            scope["method"],
            scope["path"],
            public_query(query),
            canonical(body, headers.get("content-type", "")),
        )
        try:
            if not whole:
                raise GoogleError(400, "Request payload size exceeds the limit.")
            request = self._client.build_request(
                asked.method,
                (self._base_url or service_of(path)) + path,
                params=query or None,
                headers=headers | {"accept-encoding": "identity"},
                content=body,
            )
            reply = await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            reason = f"The recorder could not reach the service: {type(error).__name__}"
            await send_reply(
                json_http(GoogleError(502, reason).body(), status=502), receive=receive, send=send, gzip_ok=False
            )
            return
        except GoogleError as error:
            await send_reply(json_http(error.body(), status=error.code), receive=receive, send=send, gzip_ok=False)
            return
        shown = {name: value for name, value in reply.headers.items() if name.lower() in KEPT_HEADERS}
        await send_reply(
            HttpReply(
                self._passed_on(asked, reply),
                status=reply.status_code,
                headers={
                    name: self._at(value, self.own_url)
                    for name, value in shown.items()
                    if name.lower() != "content-type"
                },
                content_type=reply.headers.get("content-type", "application/json; charset=UTF-8"),
            ),
            receive=receive,
            send=send,
            gzip_ok=False,
        )

    def _passed_on(self, asked: Exchange, reply: httpx.Response) -> AsyncIterator[bytes]:
        """The reply's pieces as they come. It is read to its end and kept even if the client has left: it is paid for."""
        pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(asked, reply, pieces))
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        return _each(pieces)

    async def _read(
        self, asked: Exchange, reply: httpx.Response, pieces: asyncio.Queue[bytes | Exception | None]
    ) -> None:
        whole = []
        try:
            async for piece in reply.aiter_bytes():
                whole.append(piece)
                pieces.put_nowait(piece)
        except httpx.HTTPError as error:
            # Half a reply is nothing to be served again.
            pieces.put_nowait(error)
            return
        finally:
            await reply.aclose()
        streamed = "event-stream" in reply.headers.get("content-type", "")
        self._write(asked, reply, b"".join(whole), streamed=streamed)
        pieces.put_nowait(None)

    def _write(self, asked: Exchange, reply: httpx.Response, whole: bytes, *, streamed: bool) -> None:
        if asked.path.endswith("/token"):
            return  # an access token is nobody's but the client's
        encoding = "text"
        try:
            text = scrub(whole.decode())
            chunks = _events(text) if streamed else (text,)
        except UnicodeDecodeError:
            encoding, chunks = "base64", (base64.b64encode(whole).decode(),)
        headers = {
            name.lower(): scrub(self._at(value, HERE))
            for name, value in reply.headers.items()
            if name.lower() in KEPT_HEADERS
        }
        exchange = Exchange(
            asked.method, asked.path, asked.query, asked.body, reply.status_code, headers, chunks, encoding
        )
        with self._lock:
            self._cassette.add(exchange)
        if self._listener is not None:
            self._listener(exchange)

    def _at(self, address: str, here: str) -> str:
        """An address of the service, moved to where the client is to find it."""
        for real in (self._base_url, DEVELOPER, STORAGE, "https://www.googleapis.com"):
            if real and address.startswith(real):
                return here + address.removeprefix(real)
        return address


async def _each(pieces: asyncio.Queue[bytes | Exception | None]) -> AsyncIterator[bytes]:
    while (piece := await pieces.get()) is not None:
        if isinstance(piece, Exception):
            raise Hangup
        yield piece


def _events(text: str) -> tuple[str, ...]:
    """Server-sent events one by one, each with the blank line that ends it."""
    pieces = text.replace("\r\n", "\n").split("\n\n")
    return tuple(piece + "\r\n\r\n" for piece in pieces if piece.strip())
