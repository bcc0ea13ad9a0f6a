"""Large media for the Developer API: uploaded once, then sent by reference.

The fingerprint of a request is made of the bytes, before this: a file that was uploaded anew asks the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.errors import CorruptDocument, DeadlineExceeded
from prefect_gemini.gemini.request import Part, Turn

if TYPE_CHECKING:
    from google.genai import Client

INLINE = 15_000_000
"""Bytes of media in one request; base64 makes 20 MB of them, the Developer API's limit on a request
(ai.google.dev, "File input methods")."""

READY_S, LOOK_S = 300.0, 2.0
"""How long the service may take to make film readable, and how often it is asked."""

Turns = tuple[Turn | Mapping[str, Any], ...]


async def by_reference(turns: Turns, sdk: Client) -> Turns:
    """The turns with media uploaded where it is too large to be sent in them; the largest parts go first.

    A file is named by its content, so that it is uploaded once while the service keeps it (48 hours).

    Args:
        turns: the contents of a request.
        sdk: the google-genai client of the Developer API or the local server.

    Raises:
        CorruptDocument: the service could not read an uploaded file.
        DeadlineExceeded: it did not become readable in time.
    """
    media = [part for turn in turns if isinstance(turn, Turn) for part in turn.parts if part.data is not None]
    room = sum(len(part.data or b"") for part in media) - INLINE
    moved: dict[int, Part] = {}
    for part in sorted(media, key=lambda one: -len(one.data or b"")):
        if room <= 0:
            break
        moved[id(part)] = await _uploaded(part, sdk)
        room -= len(part.data or b"")
    if not moved:
        return turns
    return tuple(
        replace(turn, parts=tuple(moved.get(id(part), part) for part in turn.parts)) if isinstance(turn, Turn) else turn
        for turn in turns
    )


async def _uploaded(part: Part, sdk: Client) -> Part:
    from google.genai import errors

    data = part.data or b""
    name = f"files/{hashlib.sha256(data).hexdigest()[:40]}"
    try:
        file = await sdk.aio.files.get(name=name)
    except errors.ClientError as error:
        if error.code not in (403, 404):  # of a file that is not there the service says that it may not be read
            raise
        try:
            file = await sdk.aio.files.upload(
                file=io.BytesIO(data), config={"name": name, "mime_type": part.media_type or "application/octet-stream"}
            )
        except errors.ClientError as there:
            if there.code != 409:  # somebody uploaded the same bytes meanwhile
                raise
            file = await sdk.aio.files.get(name=name)
    waited = 0.0
    while _state(file) == "PROCESSING":
        if waited >= READY_S:
            raise DeadlineExceeded(f"The uploaded {part.media_type} was not readable after {READY_S:.0f} s.")
        await asyncio.sleep(LOOK_S)
        waited += LOOK_S
        file = await sdk.aio.files.get(name=name)
    if _state(file) == "FAILED":
        raise CorruptDocument(f"Gemini could not read the uploaded {part.media_type}.")
    return replace(part, data=None, uri=str(file.uri))


def _state(file: Any) -> str:
    return str(getattr(file.state, "name", file.state) or "ACTIVE")
