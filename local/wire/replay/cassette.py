"""The cassette: a file of requests and replies, one JSON object a line, without secrets.

The first line says what the file is; every further line is one exchange, written when its reply
was complete, so that a killed recorder loses nothing that was paid for.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = "prefect-gemini cassette"
VERSION = 1
# Differ from run to run and mean nothing to the answer: billing labels name the flow run, names carry the time.
VOLATILE = ("labels", "displayName", "display_name")
LONGEST_TEXT = 4_096
"""Characters of one value of a request; of longer ones (pictures, documents) only the digest is kept."""
KEPT_HEADERS = (
    "content-type",
    "content-range",
    "etag",
    "location",
    "range",
    "retry-after",
    "x-goog-generation",
    "x-goog-hash",
    "x-goog-upload-chunk-granularity",
    "x-goog-upload-status",
    "x-goog-upload-url",
)
HERE = "{here}"
"""Stands in a kept address for the server that serves it."""
_SECRET_QUERY = ("key", "access_token", "upload_id")
_SECRETS = re.compile(
    r"AIza[0-9A-Za-z_\-]{30,}|AQ\.[0-9A-Za-z_\-]{30,}|ya29\.[0-9A-Za-z_\-.]+|1//[0-9A-Za-z_\-]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?<=[?&]key=)[^&\s\"']+|(?<=[?&]upload_id=)[^&\s\"']+|(?<=Bearer )[^\s\"',}]+|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*",
    re.DOTALL,
)


class CassetteError(ValueError):
    """A file that is no cassette, or one of another version."""


@dataclass(frozen=True)
class Exchange:
    """One request and its reply.

    Args:
        method, path: of the request.
        query: without keys and tokens.
        body: of the request, as `canonical` leaves it.
        status: of the reply.
        headers: of the reply, names in lower case.
        chunks: the reply as it came, text; one chunk where it was not streamed.
        encoding: "text", or "base64" where the reply was not text.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: tuple[str, ...] = ()
    encoding: str = "text"

    @property
    def key(self) -> str:
        """What makes two requests the same."""
        return request_key(self.method, self.path, self.body)

    def reply(self) -> list[bytes]:
        """The reply's bytes, chunk by chunk."""
        if self.encoding == "base64":
            return [base64.b64decode(chunk) for chunk in self.chunks]
        return [chunk.encode() for chunk in self.chunks]


def request_key(method: str, path: str, body: Any) -> str:
    """A digest of what makes two requests the same: method, path, and body without what is volatile."""
    text = json.dumps([method, path, body], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def canonical(body: bytes, content_type: str) -> Any:
    """A request's body as a cassette keeps and compares it.

    JSON loses its volatile fields and its secrets, and long values become digests; anything else is
    a digest altogether.
    """
    if not body.strip():
        return None
    if "json" in (content_type or "json"):
        try:
            return _tidy(json.loads(body), depth=0)
        except (ValueError, RecursionError):
            pass
    return _digest(body)


def scrub(text: str) -> str:
    """Text without anything that looks like a key, a token or a private key."""
    return _SECRETS.sub("[secret]", text)


def public_query(query: dict[str, str]) -> dict[str, str]:
    """A query without keys and tokens."""
    return {name: value for name, value in query.items() if name not in _SECRET_QUERY}


class Cassette:
    """A cassette file.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def start(self, *, source: str, at: str) -> None:
        """Begin a new file, or go on with one that is there.

        Args:
            source: whose replies they are.
            at: the moment, RFC 3339.

        Raises:
            CassetteError: for a file that is something else.
        """
        if self.path.exists() and self.path.stat().st_size:
            self.load()
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write({"format": FORMAT, "version": VERSION, "source": source, "recorded": at})

    def add(self, exchange: Exchange) -> None:
        """Write one exchange."""
        self._write({key: value for key, value in asdict(exchange).items() if value not in (None, {}, ())})

    def load(self) -> list[Exchange]:
        """All exchanges, in the order they were recorded. A last line that was cut short is left out.

        Raises:
            CassetteError: for a file that is no cassette.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
            head = json.loads(lines[0])
        except (OSError, ValueError, IndexError) as error:
            raise CassetteError(f"{self.path} cannot be read as a cassette: {error}") from error
        if not isinstance(head, dict) or head.get("format") != FORMAT or head.get("version") != VERSION:
            raise CassetteError(f"{self.path} is no cassette of version {VERSION}")
        exchanges = []
        for number, line in enumerate(lines[1:], start=2):
            try:
                row = json.loads(line)
            except ValueError as error:
                if number == len(lines):
                    break
                raise CassetteError(f"{self.path}, line {number}: {error}") from error
            exchanges.append(Exchange(**{**row, "chunks": tuple(row.get("chunks", ()))}))
        return exchanges

    def _write(self, row: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _tidy(value: Any, *, depth: int) -> Any:
    if isinstance(value, dict):
        # Deeper down the same names may be the caller's own, in a schema or an argument.
        gone = VOLATILE if depth <= 1 else ()
        return {key: _tidy(one, depth=depth + 1) for key, one in sorted(value.items()) if key not in gone}
    if isinstance(value, list):
        return [_tidy(one, depth=depth + 1) for one in value]
    if isinstance(value, str):
        return scrub(value) if len(value) <= LONGEST_TEXT else _digest(value.encode())
    return value


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()} ({len(data)} bytes)"
