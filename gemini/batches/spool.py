"""The requests of a batch on their way to the service: a JSONL file that is built a row at a time."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from os import SEEK_END
from pathlib import Path
from typing import Any, NamedTuple

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.batches.vectors import embeds
from prefect_gemini.gemini.errors import InvalidOption

MOST_BYTES = {"vertex": 1_000_000_000, "developer": 2_000_000_000, "local": 2_000_000_000}
MOST_ROWS = 200_000
"""Limits of a job: Vertex AI 1 GB and 200,000 requests, the Developer API 2 GB (November 2026)."""
INLINE_BYTES, INLINE_ROWS = 15_000_000, 100
"""The Developer API takes 20 MB without a file."""

TOKENS = "tokens"
"""What a row's `origin` says beside whom it is booked on: the tokens of a text, if the service does not count them."""


class Row(NamedTuple):
    """What is remembered of a request while its answer is awaited."""

    origin: Mapping[str, str]
    labels: Mapping[str, str]
    fresh: bool = False


@dataclass
class Spool:
    """Requests to one model, by fingerprint; the same one twice is one row.

    Args:
        backend: whom they go to.
        model: the model's id.
        most_rows: rows a job may have.
    """

    backend: Backend
    model: str
    most_rows: int = MOST_ROWS
    rows: dict[str, Row] = field(default_factory=dict)
    size: int = 0
    estimate: Decimal | None = Decimal(0)

    def __post_init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="prefect-gemini-batch-")  # noqa: SIM115
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, fingerprint: str, body: Mapping[str, Any], row: Row, *, estimate: Decimal | None) -> bool:
        """Add a request; False when the job is full.

        Args:
            fingerprint: what makes it equal to another.
            body: its JSON, as an interactive call would send it.
            row: whom it is booked on.
            estimate: USD it will cost at most; None where no price is known.

        Raises:
            InvalidOption: the request alone is larger than a job may be, or holds what a batch does not take.
        """
        if fingerprint in self.rows:
            return True
        if self.backend.kind == "vertex" and body.get("cachedContent"):
            raise InvalidOption("Vertex AI takes no explicit cache in a batch.", hint="Leave out `cached_content`.")
        line = json.dumps(self._line(fingerprint, body), separators=(",", ":")).encode() + b"\n"
        most = MOST_BYTES[self.backend.kind]
        if len(line) > most:
            raise InvalidOption(f"one request has {len(line):,} bytes; a whole batch job takes {most:,}.")
        if len(self.rows) >= self.most_rows or self.size + len(line) > most:
            return False
        self._file.write(line)
        self.size += len(line)
        self.rows[fingerprint] = row
        self.estimate = None if self.estimate is None or estimate is None else self.estimate + estimate
        return True

    def without(self, fingerprints: Set[str]) -> Spool:
        """These requests without some."""
        if not fingerprints & self.rows.keys():
            return self
        rest = Spool(self.backend, self.model, self.most_rows)
        self._file.seek(0)
        for fingerprint, line in zip(self.rows, self._file, strict=True):
            if fingerprint not in fingerprints:
                rest._file.write(line)
                rest.size += len(line)
                rest.rows[fingerprint] = self.rows[fingerprint]
        self._file.seek(0, SEEK_END)
        rest.estimate = None if self.estimate is None else self.estimate * len(rest.rows) / max(1, len(self.rows))
        return rest

    @property
    def key(self) -> str:
        """The same for the same requests to the same account, whatever their order."""
        content = "\n".join([self.backend.identity, self.model, *sorted(self.rows)])
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def inline(self) -> bool:
        """Whether it is small enough to go without a file; google-genai gives inline texts to be embedded no key."""
        return not embeds(self.model) and self.size <= INLINE_BYTES and len(self.rows) <= INLINE_ROWS

    def lines(self) -> Iterator[dict[str, Any]]:
        """The rows as JSON."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def path(self) -> Path:
        """The rows as a file, for an upload."""
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="prefect-gemini-batch-")
        path = Path(self._folder.name) / f"{self.key[:32]}.jsonl"
        if not path.exists():
            self._file.seek(0)
            with path.open("wb") as copy:
                while block := self._file.read(1 << 20):
                    copy.write(block)
        return path

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _line(self, fingerprint: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if self.backend.kind != "vertex" or embeds(self.model):
            return {"key": fingerprint, "request": dict(body)}
        # Of other rows Vertex AI echoes the request and no key, in any order; a label is at most 63 characters.
        labels = {**(body.get("labels") or {}), "row": fingerprint[:32], "row_end": fingerprint[32:]}
        return {"request": {**body, "labels": labels}}


def key_of(line: Mapping[str, Any]) -> str | None:
    """The fingerprint in a row of output, of either service; None where there is none."""
    for place in (line, line.get("metadata")):
        if isinstance(place, Mapping) and isinstance(place.get("key"), str):
            return str(place["key"])
    request = line.get("request")
    labels = request.get("labels") if isinstance(request, Mapping) else None
    if isinstance(labels, Mapping) and labels.get("row"):
        return f"{labels['row']}{labels.get('row_end', '')}"
    return None
