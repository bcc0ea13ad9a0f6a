"""Cloud Storage's buckets and objects, as the server keeps them: what batch and tuning jobs read and write."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import replace
from fnmatch import fnmatchcase
from hashlib import md5
from typing import Any

import google_crc32c

from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.resources.store import Record, Store

# The class has a `list` of its own.
Rows = list[dict[str, Any]]
Uris = list[str]

BUCKETS = "buckets"
OBJECTS = "objects"
# What a client may set on an object, beside its name; the rest is the service's.
SETTABLE = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "eventBasedHold",
    "metadata",
    "storageClass",
    "temporaryHold",
)
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$")
_REASONS = {
    400: "invalid",
    404: "notFound",
    409: "conflict",
    411: "required",
    412: "conditionNotMet",
    416: "requestedRangeNotSatisfiable",
}


class StorageError(GoogleError):
    """An error in the shape of Cloud Storage, which is older than google.rpc's."""

    def body(self) -> dict[str, Any]:
        """The JSON body of the reply."""
        reason = _REASONS.get(self.code, "backendError")
        row = {"message": self.message, "domain": "global", "reason": reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [row]}}


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and object name of a `gs://` address.

    Raises:
        StorageError: 400 for anything else.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket:
        raise StorageError(400, f"{uri!r} is not a gs:// address")
    return bucket, name


class Storage:
    """Buckets and objects.

    Args:
        store: keeps them.
        clock: dates them.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.RLock()

    def read(self, uri: str) -> bytes:
        """The bytes of an object.

        Args:
            uri: `gs://BUCKET/NAME`.

        Raises:
            StorageError: 404 when it is not there.
        """
        return self.object(*split_uri(uri)).blob

    def write(self, uri: str, data: bytes | str, *, content_type: str = "application/octet-stream") -> dict[str, Any]:
        """Put an object where nothing or something else was; a bucket that is missing is made.

        Args:
            uri: `gs://BUCKET/NAME`.
            data: bytes, or text to be stored as UTF-8.

        Returns:
            The object as the API shows it.
        """
        bucket, name = split_uri(uri)
        with self._lock:
            if self._store.find(BUCKETS, bucket, at=self._clock.seconds()) is None:
                self.create_bucket(bucket)
            blob = data.encode() if isinstance(data, str) else data
            return self.put(bucket, name, blob, {"contentType": content_type})

    def list(self, prefix: str) -> Uris:
        """The addresses of all objects that begin so, in order; with `*` or `?` in it, of all that fit the pattern.

        Args:
            prefix: `gs://BUCKET/START`.
        """
        bucket, start = split_uri(prefix)
        fixed = re.split(r"[*?]", start)[0]
        found = [f"gs://{bucket}/{row['name']}" for row in self.objects(bucket, prefix=fixed)]
        return found if fixed == start else [uri for uri in found if fnmatchcase(uri, prefix.replace("[", "[[]"))]

    def delete(self, uri: str) -> None:
        """Delete an object. Raises StorageError, 404, when it is not there."""
        bucket, name = split_uri(uri)
        self.object(bucket, name)
        self._store.remove(OBJECTS, _key(bucket, name))

    def create_bucket(self, name: str, settings: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make a bucket.

        Args:
            settings: as the client sent them; they are kept and shown, and change nothing.

        Raises:
            StorageError: 400 for a name that is none, 409 for one that is taken.
        """
        if not _BUCKET_NAME.match(name):
            raise StorageError(400, f"Invalid bucket name: '{name}'")
        now = self._clock.timestamp()
        shown = {"location": "US", "storageClass": "STANDARD", "locationType": "multi-region"} | (settings or {})
        shown |= {
            "kind": "storage#bucket",
            "id": name,
            "name": name,
            "projectNumber": "123456789012",
            "metageneration": "1",
            "timeCreated": now,
            "updated": now,
            "etag": "CAE=",
        }
        try:
            self._store.add(Record(BUCKETS, name, shown))
        except KeyError:
            raise StorageError(
                409, "Your previous request to create the named bucket succeeded and you already own it."
            ) from None
        return shown

    def bucket(self, name: str) -> Record:
        """A bucket. Raises StorageError, 404, when it is not there."""
        found = self._store.find(BUCKETS, name, at=self._clock.seconds())
        if found is None:
            raise StorageError(404, "The specified bucket does not exist.")
        return found

    def buckets(self, *, prefix: str = "") -> Rows:
        """All buckets, by name."""
        rows = self._store.all(BUCKETS, at=self._clock.seconds(), under=prefix)
        return sorted((row.shown for row in rows), key=lambda row: str(row["name"]))

    def change_bucket(self, name: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Merge settings into a bucket's; None removes one."""
        record = self.bucket(name)
        shown = _merged(record.shown, settings, self._clock.timestamp())
        self._store.replace(replace(record, shown=shown))
        return shown

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket.

        Raises:
            StorageError: 404 when it is not there, 409 when something is in it.
        """
        with self._lock:
            self.bucket(name)
            if self.objects(name):
                raise StorageError(409, "The bucket you tried to delete is not empty.")
            self._store.remove(BUCKETS, name)

    def object(self, bucket: str, name: str) -> Record:
        """An object with its bytes.

        Raises:
            StorageError: 404 when it, or its bucket, is not there.
        """
        found = self._store.find(OBJECTS, _key(bucket, name), at=self._clock.seconds())
        if found is None:
            self.bucket(bucket)
            raise StorageError(404, f"No such object: {bucket}/{name}")
        return found

    def objects(self, bucket: str, *, prefix: str = "") -> Rows:
        """The objects of a bucket, by name.

        Raises:
            StorageError: 404 when the bucket is not there.
        """
        self.bucket(bucket)
        rows = self._store.all(OBJECTS, at=self._clock.seconds(), under=_key(bucket, prefix))
        return sorted((row.shown for row in rows), key=lambda row: str(row["name"]).encode())

    def put(
        self,
        bucket: str,
        name: str,
        blob: bytes,
        settings: dict[str, Any],
        *,
        if_generation: int | None = None,
    ) -> dict[str, Any]:
        """Store an object; one that was there is replaced.

        Args:
            settings: metadata the client sent; checksums in it are compared.
            if_generation: store only over this generation; 0 only where nothing is.

        Raises:
            StorageError: 400 for a name or checksum that is wrong, 404 without the bucket, 412 for another generation.
        """
        if not name or len(name.encode()) > 1024:
            raise StorageError(400, "Required" if not name else "The maximum object length is 1024 characters.")
        crc32c = base64.b64encode(google_crc32c.value(blob).to_bytes(4, "big")).decode()
        md5_hash = base64.b64encode(md5(blob, usedforsecurity=False).digest()).decode()
        _compare("CRC32C", settings.get("crc32c"), crc32c)
        _compare("MD5 hash", settings.get("md5Hash"), md5_hash)
        with self._lock:
            self.bucket(bucket)
            before = self._store.find(OBJECTS, _key(bucket, name), at=self._clock.seconds())
            last = int(before.shown["generation"]) if before else 0
            if if_generation is not None and if_generation != last:
                raise StorageError(412, "At least one of the pre-conditions you specified did not hold.")
            generation = max(int(self._clock.seconds() * 1_000_000), last + 1)
            now = self._clock.timestamp()
            shown = {"contentType": "application/octet-stream", "storageClass": "STANDARD"}
            shown |= {key: settings[key] for key in SETTABLE if settings.get(key)}
            shown |= {
                "kind": "storage#object",
                "id": f"{bucket}/{name}/{generation}",
                "name": name,
                "bucket": bucket,
                "generation": str(generation),
                "metageneration": "1",
                "size": str(len(blob)),
                "crc32c": crc32c,
                "md5Hash": md5_hash,
                "etag": base64.b64encode(str(generation).encode()).decode(),
                "timeCreated": now,
                "updated": now,
                "timeStorageClassUpdated": now,
            }
            record = Record(OBJECTS, _key(bucket, name), shown, blob=blob)
            self._store.replace(record) if before else self._store.add(record)
        return shown

    def change(self, bucket: str, name: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Merge metadata into an object's; None removes a field.

        Raises:
            StorageError: 404 when it is not there.
        """
        with self._lock:
            record = self.object(bucket, name)
            settable = {key: value for key, value in settings.items() if key in SETTABLE}
            shown = _merged(record.shown, settable, self._clock.timestamp())
            self._store.replace(replace(record, shown=shown))
        return shown


def _key(bucket: str, name: str) -> str:
    return f"{bucket}/{name}"


def _compare(what: str, said: str | None, computed: str) -> None:
    if said and said != computed:
        raise StorageError(400, f'Provided {what} "{said}" doesn\'t match calculated {what} "{computed}".')


def _merged(shown: dict[str, Any], settings: dict[str, Any], now: str) -> dict[str, Any]:
    merged = dict(shown)
    for key, value in settings.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = {name: one for name, one in (merged[key] | value).items() if one is not None}
        merged[key] = value
    merged = {key: value for key, value in merged.items() if value is not None}
    return merged | {"metageneration": str(int(shown["metageneration"]) + 1), "updated": now}
