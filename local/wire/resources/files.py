"""The Files API: resumable upload, get, list, delete, download."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control.clock import format_time
from prefect_gemini.local.wire.generating.media import FILES
from prefect_gemini.local.wire.protocol import authentication
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.storage import split_uri
from prefect_gemini.local.wire.resources.store import Record, new_word
from prefect_gemini.local.wire.wire import Wire

KEPT_S = 48 * 3600.0
LARGEST_FILE = 2 * 1024**3
UPLOADS = "uploads"
_MIME = re.compile(r"(?:application|audio|font|image|message|model|multipart|text|video)/[\w.+*-]+")
_NAME = re.compile(r"files/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")


async def start_upload(wire: Wire, call: Call) -> HttpReply:
    """Open a resumable upload, or take a file whole (`uploadType=media`)."""
    command = call.headers.get("x-goog-upload-command", "")
    if "start" not in command:
        shown = _keep(wire, call, {}, call.headers.get("content-type", ""), call.body)
        return json_http({"file": shown})
    described = call.read("CreateFileRequest").get("file", {}) if call.body.strip() else {}
    mime = described.get("mimeType") or call.headers.get("x-goog-upload-header-content-type", "")
    _check(wire, described, mime)
    length = call.headers.get("x-goog-upload-header-content-length", "0")
    if length.isdigit() and int(length) > LARGEST_FILE:
        raise invalid(f"File size {length} exceeds the limit: {LARGEST_FILE} bytes.")
    upload = new_word(24)
    hidden = {"file": described, "mimeType": mime, "fileName": call.headers.get("x-goog-upload-file-name", "")}
    wire.store.add(Record(UPLOADS, upload, {}, hidden, expires=wire.clock.seconds() + KEPT_S))
    address = f"{wire.base_url}/upload/{call.version}/files?upload_id={upload}&upload_protocol=resumable"
    return json_http(
        {},
        headers={
            "X-Goog-Upload-URL": address,
            "X-Goog-Upload-Status": "active",
            "X-Goog-Upload-Chunk-Granularity": "262144",
        },
    )


async def continue_upload(wire: Wire, call: Call) -> HttpReply:
    """Take the next piece of an upload."""
    record = wire.store.find(UPLOADS, call.query.get("upload_id", ""), at=wire.clock.seconds())
    if record is None:
        raise GoogleError(404, "Upload not found.")
    command = call.headers.get("x-goog-upload-command", "")
    if "query" in command:
        headers = {"X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": str(len(record.blob))}
        return json_http({}, headers=headers)
    if "upload" not in command and "finalize" not in command:
        raise invalid(f"Invalid X-Goog-Upload-Command: {command!r}")
    offset = call.headers.get("x-goog-upload-offset", "0")
    if offset != str(len(record.blob)):
        raise invalid(f"Offset {offset} does not match the {len(record.blob)} bytes received.")
    blob = record.blob + call.body
    if "finalize" not in command:
        wire.store.replace(Record(UPLOADS, record.name, {}, record.hidden, blob, record.expires))
        return json_http({}, headers={"X-Goog-Upload-Status": "active"})
    shown = _keep(wire, call, record.hidden["file"], record.hidden["mimeType"], blob)
    wire.store.remove(UPLOADS, record.name)
    return json_http({"file": shown}, headers={"X-Goog-Upload-Status": "final"})


async def upload(wire: Wire, call: Call) -> HttpReply:
    """Start or continue, as the address says."""
    if "upload_id" in call.query:
        return await continue_upload(wire, call)
    if wire.authentication:
        authentication.require(call.entry.credential, call.surface)
    return await start_upload(wire, call)


async def register_files(wire: Wire, call: Call) -> HttpReply:
    """Make files of objects of Cloud Storage, which stay where they are."""
    uris = call.read("RegisterFilesRequest").get("uris", [])
    if not uris:
        raise invalid("* RegisterFilesRequest.uris: at least one uri is required\n")
    rows = []
    for uri in uris:
        found = wire.storage.object(*split_uri(uri))
        name, mime = f"files/{new_word()}", found.shown["contentType"]
        shown = _shown(wire, name, {}, mime, found.blob, version=call.version, source="REGISTERED") | {"uri": uri}
        wire.store.add(Record(FILES, name, shown, blob=found.blob, expires=wire.clock.seconds() + KEPT_S))
        rows.append(shown)
    return json_http({"files": rows})


async def get_file(wire: Wire, call: Call) -> HttpReply:
    """Show one file."""
    return json_http(find_file(wire, call).shown)


async def list_files(wire: Wire, call: Call) -> HttpReply:
    """Show all files, newest first."""
    rows = [record.shown for record in wire.store.all(FILES, at=wire.clock.seconds())]
    return json_http(page(call, "files", rows))


async def delete_file(wire: Wire, call: Call) -> HttpReply:
    """Delete one file."""
    wire.store.remove(FILES, find_file(wire, call).name)
    return json_http({})


async def download_file(wire: Wire, call: Call) -> HttpReply:
    """Send the bytes of a file the service made; what a client uploaded it does not give back."""
    record = find_file(wire, call)
    if record.shown["source"] != "GENERATED":
        raise invalid("Only generated files can be downloaded.")
    return HttpReply(record.blob, content_type=record.shown["mimeType"])


def find_file(wire: Wire, call: Call) -> Record:
    """A file that has not expired.

    Raises:
        GoogleError: 403: the service tells nobody what exists.
    """
    record = wire.store.find(FILES, f"files/{call.params['id']}", at=wire.clock.seconds())
    if record is None:
        raise no_file(f"files/{call.params['id']}")
    return record


def no_file(name: str) -> GoogleError:
    """403 for a file that is not there: the service tells nobody what exists."""
    short = name.removeprefix("files/")
    return GoogleError(403, f"You do not have permission to access the File {short} or it may not exist.")


def keep_generated(wire: Wire, *, mime: str, blob: bytes, version: str = "v1beta", prefix: str = "") -> str:
    """Store a file of the service's own making; returns its name, which begins as `prefix` says."""
    shown = _shown(wire, f"files/{prefix}{new_word()}", {}, mime, blob, version=version, source="GENERATED")
    wire.store.add(Record(FILES, shown["name"], shown, blob=blob, expires=wire.clock.seconds() + KEPT_S))
    return str(shown["name"])


def _keep(wire: Wire, call: Call, described: dict[str, Any], mime: str, blob: bytes) -> dict[str, Any]:
    name = described.get("name") or f"files/{new_word()}"
    shown = _shown(wire, name, described, mime, blob, version=call.version, source="UPLOADED")
    try:
        wire.store.add(Record(FILES, name, shown, blob=blob, expires=wire.clock.seconds() + KEPT_S))
    except KeyError:
        raise _taken(name) from None
    return shown


def _shown(
    wire: Wire, name: str, described: dict[str, Any], mime: str, blob: bytes, *, version: str, source: str
) -> dict[str, Any]:
    now = wire.clock.timestamp()
    uri = f"https://generativelanguage.googleapis.com/{version}/{name}"
    shown: dict[str, Any] = {
        "name": name,
        "mimeType": mime,
        "sizeBytes": str(len(blob)),
        "createTime": now,
        "updateTime": now,
        "expirationTime": format_time(datetime.fromtimestamp(wire.clock.seconds() + KEPT_S, tz=UTC)),
        "sha256Hash": base64.b64encode(sha256(blob).hexdigest().encode()).decode(),
        "uri": uri,
        "state": "ACTIVE",
        "source": source,
    }
    if described.get("displayName"):
        shown["displayName"] = described["displayName"]
    if source == "GENERATED":
        shown["downloadUri"] = f"{uri}:download?alt=media"
    if mime.startswith("video/"):
        shown["videoMetadata"] = {"videoDuration": "1s"}
    return shown


def _check(wire: Wire, described: dict[str, Any], mime: str) -> None:
    if not _MIME.fullmatch(mime.partition(";")[0]):
        raise invalid(f"Unsupported MIME type: {mime}")
    name = described.get("name", "")
    if name and not _NAME.match(name):
        raise invalid(
            "* CreateFileRequest.file.name: file.name must be of the form files/ID, where ID has at most 40 "
            "lower-case letters, digits or dashes and does not begin or end with a dash\n"
        )
    if name and wire.store.find(FILES, name, at=wire.clock.seconds()) is not None:
        raise _taken(name)


def _taken(name: str) -> GoogleError:
    return GoogleError(409, f"File {name} already exists.")
