"""What clients stored in the server: caches, files, jobs; in memory, or in an SQLite file that outlives it."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Record:
    """One stored resource.

    Args:
        kind: `cachedContents`, `files`, `batches`, …
        name: the resource name, unique within its kind.
        shown: what the API shows of it.
        hidden: what belongs to it and is never shown.
        blob: its bytes, for files.
        expires: seconds since the epoch; None where it stays.
        number: order of creation.
    """

    kind: str
    name: str
    shown: dict[str, Any]
    hidden: dict[str, Any] = field(default_factory=dict)
    blob: bytes = b""
    expires: float | None = None
    number: int = 0


class Store:
    """Resources by kind and name.

    Args:
        path: of the SQLite file; in memory without one.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        # Write-ahead: a killed process loses nothing that was answered.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS resource (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, "
            "name TEXT NOT NULL, shown TEXT NOT NULL, hidden TEXT NOT NULL, blob BLOB NOT NULL, expires REAL, "
            "UNIQUE (kind, name))"
        )

    def add(self, record: Record) -> None:
        """Store a new resource.

        Raises:
            KeyError: when the name is taken.
        """
        with self._lock:
            try:
                self._db.execute(
                    "INSERT INTO resource (kind, name, shown, hidden, blob, expires) VALUES (?, ?, ?, ?, ?, ?)",
                    (record.kind, record.name, *_columns(record)),
                )
            except sqlite3.IntegrityError as error:
                raise KeyError(record.name) from error

    def replace(self, record: Record) -> None:
        """Store a resource that is there anew.

        Raises:
            KeyError: when it is not there.
        """
        with self._lock:
            done = self._db.execute(
                "UPDATE resource SET shown = ?, hidden = ?, blob = ?, expires = ? WHERE kind = ? AND name = ?",
                (*_columns(record), record.kind, record.name),
            )
            if not done.rowcount:
                raise KeyError(record.name)

    def put(self, record: Record) -> None:
        """Store a resource, new or not."""
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO resource (kind, name, shown, hidden, blob, expires) VALUES (?, ?, ?, ?, ?, ?)",
                (record.kind, record.name, *_columns(record)),
            )

    def find(self, kind: str, name: str, *, at: float) -> Record | None:
        """A resource that has not expired.

        Args:
            at: the moment, in seconds since the epoch.
        """
        with self._lock:
            row = self._db.execute(
                "SELECT kind, name, shown, hidden, blob, expires, number FROM resource WHERE kind = ? AND name = ? "
                "AND (expires IS NULL OR expires > ?)",
                (kind, name, at),
            ).fetchone()
        return _record(row) if row else None

    def all(self, kind: str, *, at: float, under: str = "") -> list[Record]:
        """The resources of a kind that have not expired, newest first.

        Args:
            at: the moment, in seconds since the epoch.
            under: only names that begin so.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT kind, name, shown, hidden, x'', expires, number FROM resource WHERE kind = ? "
                "AND name >= ? AND name < ? AND (expires IS NULL OR expires > ?) ORDER BY number DESC",
                (kind, under, under + "\U0010ffff", at),
            ).fetchall()
        return [_record(row) for row in rows]

    def remove(self, kind: str, name: str) -> bool:
        """Delete a resource; False when it was not there."""
        with self._lock:
            return bool(self._db.execute("DELETE FROM resource WHERE kind = ? AND name = ?", (kind, name)).rowcount)

    def clear(self) -> None:
        """Delete everything."""
        with self._lock:
            self._db.execute("DELETE FROM resource")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def new_number() -> str:
    """A resource id of nineteen digits, as Vertex gives."""
    return str(10**18 + secrets.randbelow(8 * 10**18))


def new_word(letters: int = 12) -> str:
    """A resource id of small letters and digits, as the Developer API gives."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(letters))


def _columns(record: Record) -> tuple[str, str, bytes, float | None]:
    return json.dumps(record.shown), json.dumps(record.hidden), record.blob, record.expires


def _record(row: tuple[Any, ...]) -> Record:
    kind, name, shown, hidden, blob, expires, number = row
    return Record(kind, name, json.loads(shown), json.loads(hidden), blob, expires, number)
