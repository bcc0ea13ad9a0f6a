"""Files a prompt refers to, put in where they are referred to."""

from __future__ import annotations

import base64
import re
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.resources.storage import StorageError, split_uri
from prefect_gemini.local.wire.resources.store import Record
from prefect_gemini.local.wire.wire import Wire

FILES = "files"
URLS = "urls"
_FILE = re.compile(r"(?:https?://[^/]+/v1\w*/)?(files/[a-z0-9-]+)$")


def inline_files(wire: Wire, call: Call, contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turns with every `fileData` that this server holds replaced by `inlineData`.

    Raises:
        GoogleError: for a file that is not there, or an address of the other surface.
    """
    return [
        content | {"parts": [_inline(wire, call, part) for part in content.get("parts", [])]} for content in contents
    ]


def is_stored_file(part: dict[str, Any]) -> bool:
    """Whether a part refers to a file of the Files API."""
    return bool(_FILE.match(part.get("fileData", {}).get("fileUri", "")))


def _inline(wire: Wire, call: Call, part: dict[str, Any]) -> dict[str, Any]:
    if "fileData" not in part:
        return part
    uri = part["fileData"].get("fileUri", "")
    mime = part["fileData"].get("mimeType", "")
    data, known_mime = _stored_file(wire, call, uri) if _FILE.match(uri) else _other(wire, call, uri)
    rest = {key: value for key, value in part.items() if key != "fileData"}
    return rest | {"inlineData": {"mimeType": mime or known_mime, "data": base64.b64encode(data).decode()}}


def _stored_file(wire: Wire, call: Call, uri: str) -> tuple[bytes, str]:
    """A file of the Files API."""
    match = _FILE.match(uri)
    name = match[1] if match else uri
    if call.surface == "vertex":
        raise GoogleError(403, f"Permission denied on the file {uri}: Vertex AI reads gs:// and public addresses.")
    record = wire.store.find(FILES, name, at=wire.clock.seconds())
    if record is None:
        raise GoogleError(
            403, f"You do not have permission to access the File {name.removeprefix('files/')} or it may not exist."
        )
    if record.shown["state"] != "ACTIVE":
        raise GoogleError(
            400,
            f"The File {name.removeprefix('files/')} is not in an ACTIVE state and usage is not allowed.",
            status="FAILED_PRECONDITION",
        )
    return record.blob, record.shown["mimeType"]


def _registered(wire: Wire, uri: str) -> Record | None:
    """The file that was made of an object of Cloud Storage."""
    now = wire.clock.seconds()
    names = (record.name for record in wire.store.all(FILES, at=now) if record.shown.get("uri") == uri)
    return wire.store.find(FILES, next(names, ""), at=now)


def _other(wire: Wire, call: Call, uri: str) -> tuple[bytes, str]:
    """An object of Cloud Storage, or an address on the network, which this server never fetches."""
    if call.surface == "developer" and (registered := _registered(wire, uri)) is not None:
        return registered.blob, registered.shown["mimeType"]
    # The Developer API reads what was uploaded to it or registered with it, and YouTube.
    if call.surface == "developer" and not uri.startswith("https://www.youtube.com/"):
        raise invalid(f"Invalid or unsupported file uri: {uri}")
    if uri.startswith("gs://"):
        try:
            record = wire.storage.object(*split_uri(uri))
            return record.blob, record.shown["contentType"]
        except StorageError:
            pass
    planted = wire.store.find(URLS, uri, at=wire.clock.seconds())
    if planted is not None:
        return planted.blob, planted.shown.get("contentType", "")
    if not re.match(r"(gs|https?)://.", uri):
        raise invalid(f"Invalid or unsupported file uri: {uri}")
    raise GoogleError(
        400,
        f"Cannot fetch content from the provided URL {uri}: this local server holds no such object and fetches nothing "
        "from the network. Send the bytes inline, or put them in through the Files API or the admin plane.",
    )
