"""Pages: `pageSize` and `pageToken` in, `nextPageToken` out."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import invalid

DEFAULT_SIZE = 50
LARGEST_SIZE = 1_000


def page(call: Call, key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of a list; a list without rows is an empty message, as Google sends it.

    Args:
        key: of the rows in the reply.

    Raises:
        GoogleError: 400 for a page size or token that is none.
    """
    size_text = call.query.get("pageSize") or call.query.get("page_size") or "0"
    try:
        size = int(size_text)
    except ValueError:
        raise invalid(f"Invalid value at 'page_size' (TYPE_INT32), \"{size_text}\"") from None
    if size < 0:
        raise invalid("page_size must not be negative.")
    start = _start(call.query.get("pageToken") or call.query.get("page_token") or "")
    end = start + min(size or DEFAULT_SIZE, LARGEST_SIZE)
    result: dict[str, Any] = {}
    if rows[start:end]:
        result[key] = rows[start:end]
    if end < len(rows):
        result["nextPageToken"] = base64.urlsafe_b64encode(f"from {end}".encode()).decode()
    return result


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(" ")
        if word != "from":
            raise ValueError(token)
        return int(number)
    except (ValueError, binascii.Error):
        raise invalid("page_token is invalid.") from None
