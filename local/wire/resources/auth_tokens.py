"""auth_tokens: short-lived keys a server of one's own hands to a browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control.clock import format_time, parse_time
from prefect_gemini.local.wire.protocol.google_errors import invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.resources.store import Record, new_word
from prefect_gemini.local.wire.wire import Wire

KIND = "auth_tokens"
KEPT_S = 30 * 60.0
LONGEST_S = 20 * 3600.0


async def create_token(wire: Wire, call: Call) -> HttpReply:
    """Make a token. This server takes any key, so the token is taken too."""
    body = call.read("AuthToken")
    if body.get("uses", 1) < 0:
        raise invalid("uses must not be negative.")
    name = f"{KIND}/{new_word(64)}"
    expires = _moment(wire, body.get("expireTime", ""))
    shown: dict[str, Any] = {"name": name, "expireTime": format_time(datetime.fromtimestamp(expires, tz=UTC))}
    wire.store.add(Record(KIND, name, shown, body, expires=expires))
    return json_http({"name": name})


def _moment(wire: Wire, text: str) -> float:
    if not text:
        return wire.clock.seconds() + KEPT_S
    try:
        expires = parse_time(text).timestamp()
    except ValueError:
        raise invalid(f"Invalid value at 'auth_token.expire_time': {text!r}") from None
    if not wire.clock.seconds() < expires <= wire.clock.seconds() + LONGEST_S:
        raise invalid("expire_time must be in the future, and less than 20 hours away.")
    return expires
