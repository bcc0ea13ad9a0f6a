"""Cloud Storage's JSON API over the server's buckets: as far as google-cloud-storage and gcsfs go."""

from __future__ import annotations

import base64
import binascii
import re
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import quote

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.resources.storage import SETTABLE, StorageError
from prefect_gemini.local.wire.resources.store import Record, new_word
from prefect_gemini.local.wire.wire import Wire

UPLOADS = "storageUploads"
UPLOAD_KEPT_S = 7 * 24 * 3600.0
LARGEST_PAGE = 1_000
_KINDS: dict[str, type] = dict.fromkeys(SETTABLE, str) | {
    "name": str,
    "crc32c": str,
    "md5Hash": str,
    "metadata": dict,
    "labels": dict,
    "eventBasedHold": bool,
    "temporaryHold": bool,
    "sourceObjects": list,
    "destination": dict,
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)$")


async def create_bucket(wire: Wire, call: Call) -> HttpReply:
    """Make a bucket."""
    settings = _json(call)
    return json_http(_linked(wire, wire.storage.create_bucket(str(settings.get("name", "")), settings)))


async def list_buckets(wire: Wire, call: Call) -> HttpReply:
    """Show all buckets; this server has them for every project alike."""
    rows = [_linked(wire, row) for row in wire.storage.buckets(prefix=call.query.get("prefix", ""))]
    return json_http({"kind": "storage#buckets"} | _page(call, rows, [])[0])


async def get_bucket(wire: Wire, call: Call) -> HttpReply:
    """Show one bucket."""
    return json_http(_linked(wire, wire.storage.bucket(call.params["bucket"]).shown))


async def change_bucket(wire: Wire, call: Call) -> HttpReply:
    """Change labels and other settings of a bucket."""
    return json_http(_linked(wire, wire.storage.change_bucket(call.params["bucket"], _json(call))))


async def delete_bucket(wire: Wire, call: Call) -> HttpReply:
    """Delete an empty bucket."""
    wire.storage.delete_bucket(call.params["bucket"])
    return HttpReply(status=204)


async def list_objects(wire: Wire, call: Call) -> HttpReply:
    """Show the objects of a bucket by prefix; what lies below a delimiter is folded into prefixes."""
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    rows = wire.storage.objects(call.params["bucket"], prefix=prefix)
    if start := call.query.get("startOffset"):
        rows = [row for row in rows if row["name"] >= start]
    if end := call.query.get("endOffset"):
        rows = [row for row in rows if row["name"] < end]
    items, folders = [], set()
    for row in rows:
        folder, cut, rest = row["name"][len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if cut:
            folders.add(f"{prefix}{folder}{cut}")
        if not cut or (not rest and call.query.get("includeTrailingDelimiter") == "true"):
            items.append(_linked(wire, row))
    shown, prefixes = _page(call, items, sorted(folders))
    if prefixes:
        shown["prefixes"] = prefixes
    return json_http({"kind": "storage#objects"} | shown)


async def get_object(wire: Wire, call: Call) -> HttpReply:
    """Show one object, or with `alt=media` send its bytes."""
    record = _object(wire, call)
    if call.query.get("alt") != "media":
        return json_http(_linked(wire, record.shown))
    shown, blob = record.shown, record.blob
    headers = {
        "ETag": shown["etag"],
        "X-Goog-Generation": shown["generation"],
        "X-Goog-Metageneration": shown["metageneration"],
        "X-Goog-Hash": f"crc32c={shown['crc32c']},md5={shown['md5Hash']}",
        "X-Goog-Stored-Content-Length": shown["size"],
        "X-Goog-Storage-Class": shown["storageClass"],
        "Accept-Ranges": "bytes",
    }
    if shown.get("contentEncoding"):
        headers["X-Goog-Stored-Content-Encoding"] = headers["Content-Encoding"] = shown["contentEncoding"]
    wanted = _RANGE.match(call.headers.get("range", ""))
    if wanted is None:
        return HttpReply(blob, headers=headers, content_type=shown["contentType"])
    start, end = _span(wanted, len(blob))
    if start >= len(blob):
        raise StorageError(416, "The requested range cannot be satisfied.")
    headers["Content-Range"] = f"bytes {start}-{end}/{len(blob)}"
    return HttpReply(blob[start : end + 1], status=206, headers=headers, content_type=shown["contentType"])


async def change_object(wire: Wire, call: Call) -> HttpReply:
    """Change an object's metadata."""
    _object(wire, call)
    return json_http(_linked(wire, wire.storage.change(call.params["bucket"], call.params["object"], _json(call))))


async def delete_object(wire: Wire, call: Call) -> HttpReply:
    """Delete one object."""
    record = _object(wire, call)
    wire.storage.delete(f"gs://{record.name}")
    return HttpReply(status=204)


async def compose(wire: Wire, call: Call) -> HttpReply:
    """Join up to 32 objects of a bucket into one."""
    body, bucket = _json(call), call.params["bucket"]
    sources = [str(row.get("name", "")) for row in body.get("sourceObjects") or ()]
    if not 1 <= len(sources) <= 32:
        raise StorageError(400, "The number of source components provided must be between 1 and 32.")
    parts = [wire.storage.object(bucket, name) for name in sources]
    settings = {"contentType": parts[0].shown["contentType"]} | (body.get("destination") or {})
    blob = b"".join(part.blob for part in parts)
    return json_http(_linked(wire, _put(wire, call, call.params["object"], blob, settings)))


async def rewrite(wire: Wire, call: Call) -> HttpReply:
    """Copy an object within or between buckets, in one go."""
    record = _object(wire, call)
    settings = {**record.shown, **_json(call)}
    shown = wire.storage.put(call.params["bucket2"], call.params["object2"], record.blob, settings)
    if call.kind == "storage.copy":
        return json_http(_linked(wire, shown))
    size = str(len(record.blob))
    done = {"kind": "storage#rewriteResponse", "done": True, "totalBytesRewritten": size, "objectSize": size}
    return json_http(done | {"resource": _linked(wire, shown)})


async def upload(wire: Wire, call: Call) -> HttpReply:
    """Take an object whole (`media`), with its metadata (`multipart`), or begin to take it in pieces (`resumable`)."""
    if "upload_id" in call.query:
        return await continue_upload(wire, call)
    wire.storage.bucket(call.params["bucket"])
    match call.query.get("uploadType", ""):
        case "media":
            kind = call.headers.get("content-type", "")
            return json_http(_linked(wire, _put(wire, call, "", call.body, {"contentType": kind})))
        case "multipart":
            settings, blob = _multipart(call)
            return json_http(_linked(wire, _put(wire, call, str(settings.get("name", "")), blob, settings)))
        case "resumable":
            settings = _json(call)
            settings.setdefault("contentType", call.headers.get("x-upload-content-type", ""))
            name = call.query.get("name") or str(settings.get("name", ""))
            hidden = {"name": name, "settings": settings, "query": call.query}
            upload_id = new_word(40)
            wire.store.add(Record(UPLOADS, upload_id, {}, hidden, expires=wire.clock.seconds() + UPLOAD_KEPT_S))
            address = f"{wire.base_url}/upload/storage/v1/b/{call.params['bucket']}/o?uploadType=resumable"
            return json_http({}, headers={"Location": f"{address}&upload_id={upload_id}", "X-GUploader-UploadID": "l"})
    raise StorageError(400, f"Invalid upload type: {call.query.get('uploadType', '')!r}")


async def continue_upload(wire: Wire, call: Call) -> HttpReply:
    """Take the next piece of a resumable upload, or say how much is there."""
    record = wire.store.find(UPLOADS, call.query["upload_id"], at=wire.clock.seconds())
    if record is None:
        raise StorageError(404, "Upload not found.")
    if call.method == "DELETE":
        wire.store.remove(UPLOADS, record.name)
        return HttpReply(status=499)
    blob, total = record.blob, None
    if "content-range" in call.headers:
        said = _CONTENT_RANGE.match(call.headers["content-range"])
        if said is None:
            raise StorageError(400, "Failed to parse Content-Range header.")
        total = None if said[3] == "*" else int(said[3])
        if said[1] is not None:
            if int(said[1]) > len(blob) or int(said[2]) - int(said[1]) + 1 != len(call.body):
                raise StorageError(400, f"Content-Range {call.headers['content-range']} does not follow what is there.")
            blob = blob[: int(said[1])] + call.body
    else:
        blob, total = call.body, len(call.body)
    if total is not None and len(blob) >= total:
        call.query = {**record.hidden["query"], "upload_id": record.name}
        shown = _put(wire, call, record.hidden["name"], blob, record.hidden["settings"])
        wire.store.remove(UPLOADS, record.name)
        return json_http(_linked(wire, shown))
    wire.store.replace(Record(UPLOADS, record.name, {}, record.hidden, blob, record.expires))
    return HttpReply(status=308, headers={"Range": f"bytes=0-{len(blob) - 1}"} if blob else {})


def _put(wire: Wire, call: Call, name: str, blob: bytes, settings: dict[str, Any]) -> dict[str, Any]:
    known = call.query.get("ifGenerationMatch")
    name = call.params.get("object") or call.query.get("name") or name
    expected = int(known) if known and known.isdigit() else None
    return wire.storage.put(call.params["bucket"], name, blob, settings, if_generation=expected)


def _object(wire: Wire, call: Call) -> Record:
    """The object of the path, if it is the one the query's conditions mean."""
    record = wire.storage.object(call.params["bucket"], call.params["object"])
    shown = record.shown
    if call.query.get("generation", shown["generation"]) != shown["generation"]:
        raise StorageError(404, f"No such object: {record.name}#{call.query['generation']}")
    for name in ("generation", "metageneration"):
        wanted = call.query.get(f"if{name.capitalize()}Match")
        unwanted = call.query.get(f"if{name.capitalize()}NotMatch")
        if (wanted is not None and wanted != shown[name]) or unwanted == shown[name]:
            raise StorageError(412, "At least one of the pre-conditions you specified did not hold.")
    return record


def _json(call: Call) -> dict[str, Any]:
    return _checked(call.payload)


def _checked(body: Any) -> dict[str, Any]:
    """A body whose known fields are of their kind; unknown ones are let through, as Cloud Storage does."""
    if not isinstance(body, dict):
        raise StorageError(400, "Parse Error")
    for name, value in body.items():
        if value is not None and not isinstance(value, _KINDS.get(name, object)):
            raise StorageError(400, f"Invalid value for: {name}")
    if any(not isinstance(one, dict) for one in body.get("sourceObjects") or ()):
        raise StorageError(400, "Invalid value for: sourceObjects")
    return body


def _multipart(call: Call) -> tuple[dict[str, Any], bytes]:
    """Metadata and bytes of a `multipart/related` body."""
    head = BytesHeaderParser().parsebytes(b"Content-Type: " + call.headers.get("content-type", "").encode() + b"\r\n")
    boundary = head.get_param("boundary")
    if not isinstance(boundary, str):
        raise StorageError(400, "Missing multipart boundary.")
    pieces = (b"\r\n" + call.body).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 4 or not pieces[3].startswith(b"--"):
        raise StorageError(400, "Invalid multipart request with 2 parts expected.")
    (_, metadata), (kind, blob) = (_part(piece) for piece in pieces[1:3])
    described = Call(call.method, call.path, {}, {}, metadata).payload
    return {"contentType": kind} | _checked(described), blob


def _part(piece: bytes) -> tuple[str, bytes]:
    head, _, content = piece.lstrip(b"\r\n").partition(b"\r\n\r\n")
    return str(BytesHeaderParser().parsebytes(head + b"\r\n").get("content-type", "")), content


def _span(wanted: re.Match[str], size: int) -> tuple[int, int]:
    first, last = wanted[1], wanted[2]
    if not first:
        return max(0, size - int(last or 0)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _page(call: Call, items: list[dict[str, Any]], prefixes: list[str]) -> tuple[dict[str, Any], list[str]]:
    """One page of items and prefixes together, in the order of their names."""
    try:
        size = min(int(call.query.get("maxResults") or LARGEST_PAGE), LARGEST_PAGE)
        after = base64.urlsafe_b64decode(call.query.get("pageToken", "")).decode()
    except (ValueError, binascii.Error):
        raise StorageError(400, "Invalid Value") from None
    named = sorted([(row["name"], row) for row in items] + [(name, None) for name in prefixes], key=lambda one: one[0])
    left = [one for one in named if not after or one[0] > after]
    shown: dict[str, Any] = {}
    if rows := [row for _, row in left[:size] if row is not None]:
        shown["items"] = rows
    if len(left) > size:
        shown["nextPageToken"] = base64.urlsafe_b64encode(left[size - 1][0].encode()).decode()
    return shown, [name for name, row in left[:size] if row is None]


def _linked(wire: Wire, shown: dict[str, Any]) -> dict[str, Any]:
    """With the links a client follows, which point to this server."""
    if shown["kind"] == "storage#bucket":
        return shown | {"selfLink": f"{wire.base_url}/storage/v1/b/{shown['name']}"}
    path = f"storage/v1/b/{shown['bucket']}/o/{quote(shown['name'], safe='')}"
    media = f"{wire.base_url}/download/{path}?generation={shown['generation']}&alt=media"
    return shown | {"selfLink": f"{wire.base_url}/{path}", "mediaLink": media}
