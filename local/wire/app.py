"""The ASGI application: journal, faults, authentication, route, reply."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control import admin
from prefect_gemini.local.wire.control.journal import Entry
from prefect_gemini.local.wire.control.mishaps import perform
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.job_routes import work_of
from prefect_gemini.local.wire.protocol import authentication
from prefect_gemini.local.wire.protocol.body import LARGEST_BODY, read_body
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, Message, Receive, Send, json_http, send_reply
from prefect_gemini.local.wire.routes import find_route
from prefect_gemini.local.wire.wire import Wire

INSTEAD = ("error", "reset", "stall", "html")
Listener = Callable[[Entry], None]


class App:
    """Serves one Wire.

    Args:
        wire: the state.
        listener: told of every request when it is over; for a live log.
    """

    def __init__(self, wire: Wire, *, listener: Listener | None = None) -> None:
        self.wire = wire
        self.listener = listener
        wire.jobs.serve(work_of(wire))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        body, whole = await read_body(receive)
        call = Call(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        if call.path.startswith(admin.PREFIX):
            reply = admin.answer(self.wire, call)
        else:
            reply = await self._answer_and_note(call, whole=whole)
        gzip_ok = "gzip" in call.headers.get("accept-encoding", "")
        entry = call.entry
        # Noted before sending, so that a client that has its reply finds it in the journal.
        entry.status = 0 if reply.hang_up else reply.status
        if isinstance(reply.body, bytes) and not reply.silence_s:
            entry.ended = self.wire.clock.seconds()
        await send_reply(reply, receive=receive, send=send, gzip_ok=gzip_ok, close=not whole)
        entry.ended = entry.ended or self.wire.clock.seconds()
        if self.listener is not None and entry.number:
            self.listener(entry)

    async def _answer_and_note(self, call: Call, *, whole: bool) -> HttpReply:
        found = find_route(call.method, call.path)
        if found is not None:
            route, call.params = found
            call.kind, call.surface = route.kind, route.surface
        call.entry = self.wire.journal.open(
            call.method,
            call.path,
            query={key: value for key, value in call.query.items() if key != "key"},
            credential=authentication.credential(call.headers, call.query),
            user_agent=call.headers.get("user-agent", ""),
            kind=call.kind or "unknown",
            surface=call.surface,
            model=call.model,
            started=self.wire.clock.seconds(),
        )
        try:
            if not whole:
                raise invalid(f"Request payload size exceeds the limit: {LARGEST_BODY} bytes.")
            if found is None and self.wire.player is None:
                return _not_found(call.path)
            call.entry.body = _shown(call)
            call.fault = self.wire.faults.draw(call)
            if call.fault is not None and call.fault.kind in INSTEAD and not _in_stream(call.fault):
                call.entry.answered_by = "fault"
                call.entry.fault = "" if call.fault.kind == "error" else call.fault.kind
                return perform(call.fault, call)
            if self.wire.player is not None:
                return self.wire.player.answer(call)
            assert found is not None
            if self.wire.authentication and not found[0].anonymous:
                authentication.require(call.entry.credential, call.surface)
            return await found[0].handler(self.wire, call)
        except GoogleError as error:
            if error.code == 429 and call.entry.answered_by == "wire":
                call.entry.answered_by = "quota"
            call.entry.retry_after_s = _wait_of(error)
            return json_http(error.body(), status=error.code, headers=error.headers())
        except Exception:  # the server must stay up, and say what broke
            traceback.print_exc()
            return json_http(GoogleError(500).body(), status=500)


def _in_stream(fault: Reply) -> bool:
    """A stall after some chunks spoils the stream later; everything else stands in for the reply."""
    return fault.kind == "stall" and fault.after > 0


def _shown(call: Call) -> Any:
    if "json" not in call.headers.get("content-type", "json"):
        return None
    try:
        return call.payload if call.body.strip() else None
    except GoogleError:
        return None


def _wait_of(error: GoogleError) -> float | None:
    """The shortest wait an error names: a client that honours either hint has done right."""
    waits = [float(value) for value in error.headers().values()]
    waits += [float(row["retryDelay"].rstrip("s")) for row in error.details if "retryDelay" in row]
    return min(waits, default=None)


def _not_found(path: str) -> HttpReply:
    """Google answers a path it does not know with a page, not with JSON."""
    shown = path.replace("&", "&amp;").replace("<", "&lt;")
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n"
        f"  <p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL <code>{shown}</code> was not found on "
        "this server.  <ins>That’s all we know.</ins>\n"
    )
    return HttpReply(page.encode(), status=404, content_type="text/html; charset=UTF-8")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
