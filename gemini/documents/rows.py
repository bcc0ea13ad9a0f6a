"""Rows as documents: which column of a table or query holds them, and opening one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import CorruptDocument, EmptyDocument, InvalidOption

__all__ = ["Broken", "Columns", "Row"]

LOCATIONS = ("document", "path", "file", "uri", "url")
TEXTS = ("text", "content", "body")
NAMES = ("id", "key", "name")
"""What columns are usually called; a table that names them otherwise needs to be told."""


class Broken(NamedTuple):
    """A row of a table that cannot be read, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One document out of a table: where it is, or its text.

    Args:
        name: what a person calls it: the row's id, or its place.
        location: a path or URL; None where the row holds the document itself.
        text: the document itself: its text, or the bytes of a file.
        fields: the row's other columns.
        allow_http: fetch http(s) locations.
        broken: why the row cannot be read; "" for one that can.
    """

    name: str
    location: str | None = None
    text: str | bytes | None = field(default=None, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    allow_http: bool = False
    broken: str = ""

    def open(self) -> Document:
        """The document.

        Raises:
            CorruptDocument: the row cannot be read.
            DocumentError: as `Document.of` and `Document.text`.
        """
        if self.broken:
            raise CorruptDocument(f"{self.name}: {self.broken}", hint="Mend the row and run again.")
        if self.location is not None:
            if not self.location.strip():
                raise EmptyDocument(f"{self.name}: the row names no document.", hint="Fill in its path or URL.")
            return Document.of(self.location, name=self.name, allow_http=self.allow_http)
        if isinstance(self.text, bytes):
            return Document.of(self.text, name=self.name)
        return Document.text(self.text or "", name=self.name)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; those left out are found by their usual names.

    Args:
        location: paths or URLs.
        text: the documents' text itself.
        name: what each document is called.
        allow_http: fetch http(s) locations.
    """

    location: str | None = None
    text: str | None = None
    name: str | None = None
    allow_http: bool = False

    def rows(self, records: Iterable[Mapping[str, Any] | Broken], *, where: str) -> Iterator[Row]:
        """Each record as a row; one that cannot be read keeps its place, and says so when it is opened.

        Raises:
            InvalidOption: no column holds documents (the message lists the columns), or the first record
                cannot be read: then the file is not what its name says.
        """
        found: Columns | None = None
        for number, record in enumerate(records, 1):
            if isinstance(record, Broken):
                if found is None:
                    raise InvalidOption(f"{where}: {record.why}")
                yield Row(name=f"row {number}", broken=record.why)
                continue
            found = found or self._found(tuple(record), where)
            location, text = _cell(record, found.location), _cell(record, found.text)
            named = _cell(record, found.name)
            yield Row(
                name=str(named if named is not None else location if location is not None else f"row {number}"),
                # An empty cell is a document that cannot be opened, and says so in its place.
                location=None if found.location is None else str("" if location is None else location),
                text=None if found.text is None else _text(text),
                fields={key: value for key, value in record.items() if key not in (found.location, found.text)},
                allow_http=self.allow_http,
            )

    def _found(self, columns: tuple[str, ...], where: str) -> Columns:
        listed = ", ".join(f"`{column}`" for column in columns)
        for named in (self.location, self.text, self.name):
            if named is not None and named not in columns:
                raise InvalidOption(f"{where} has no column `{named}`; it has {listed}.")
        if self.location is not None and self.text is not None:
            raise InvalidOption("a row's document is at a location or is a text, not both.")
        location, text = self.location, self.text
        if location is None and text is None:
            location = _first(columns, LOCATIONS)
            text = None if location else _first(columns, TEXTS)
        if location is None and text is None:
            raise InvalidOption(
                f"no column of {where} is known to hold documents; it has {listed}.",
                hint="Name it: `column=` for paths and URLs, `text=` for the text itself.",
            )
        return Columns(location, text, self.name or _first(columns, NAMES), self.allow_http)


def _cell(record: Mapping[str, Any], column: str | None) -> Any:
    return None if column is None else record.get(column)


def _text(value: Any) -> str | bytes:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _first(columns: tuple[str, ...], usual: tuple[str, ...]) -> str | None:
    by_name: Callable[[str], str | None] = {column.lower(): column for column in reversed(columns)}.get
    return next((column for name in usual if (column := by_name(name))), None)
