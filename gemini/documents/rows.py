"""Rows as documents: a CSV, JSONL or Parquet file, or an SQL query, one document a row, read as they are needed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import fsspec
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy import text as sql
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption

__all__ = ["Columns", "Row", "count_of_query", "rows_of", "rows_of_query", "table_kind"]

LOCATIONS = ("document", "path", "file", "uri", "url")
TEXTS = ("text", "content", "body")
NAMES = ("id", "key", "name")
"""What columns are usually called; a table that names them otherwise needs to be told."""

_KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
_AT_ONCE = 1000
"""Rows held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One document out of a table: where it is, or its text.

    Args:
        name: what a person calls it: the row's id, or its place.
        location: a path or URL; None where the row holds the text itself.
        text: the text.
        fields: the row's other columns.
        allow_http: fetch http(s) locations.
    """

    name: str
    location: str | None = None
    text: str | None = field(default=None, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    allow_http: bool = False

    def open(self) -> Document:
        """The document.

        Raises:
            DocumentError: as `Document.of` and `Document.text`.
        """
        if self.location is not None:
            return Document.of(self.location, name=self.name, allow_http=self.allow_http)
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

    def rows(self, records: Iterable[Mapping[str, Any]], *, where: str) -> Iterator[Row]:
        """Each record as a row.

        Raises:
            InvalidOption: no column holds documents; the message lists the columns.
        """
        found: Columns | None = None
        for number, record in enumerate(records, 1):
            found = found or self._found(tuple(record), where)
            location, text = _cell(record, found.location), _cell(record, found.text)
            named = _cell(record, found.name)
            yield Row(
                name=str(named if named is not None else location if location is not None else f"row {number}"),
                # An empty cell is a document that cannot be opened, and says so in its place.
                location=None if found.location is None else str(location or ""),
                text=None if found.text is None else str(text or ""),
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


def table_kind(source: str | Path) -> str | None:
    """csv, tsv, jsonl or parquet, by the name of a file or URL; None for everything else."""
    path = urlsplit(source).path if isinstance(source, str) and "://" in source else str(source)
    return _KINDS.get(PurePosixPath(path).suffix.lower())


def rows_of(source: str | Path, columns: Columns) -> Iterator[Row]:
    """The documents of a CSV, JSONL or Parquet file, local or at a URL fsspec knows.

    Raises:
        DocumentNotFound: the file cannot be opened.
        InvalidOption: it cannot be read as what its name says, or no column holds documents.
    """
    kind = table_kind(source)
    read = {"csv": _csv, "tsv": _tsv, "jsonl": _jsonl, "parquet": _parquet}[kind or "csv"]
    try:
        yield from columns.rows(read(str(source)), where=str(source))
    except (OSError, ImportError) as error:
        raise DocumentNotFound(f"{str(source)!r} cannot be read: {str(error)[:200]}.") from None


def rows_of_query(url: str, query: str, columns: Columns) -> Iterator[Row]:
    """The documents an SQL query selects, fetched a thousand rows at a time.

    Args:
        url: SQLAlchemy URL of the database.
        query: one SELECT statement.

    Raises:
        InvalidOption: the database refuses the query, or no column holds documents.
    """
    with _connected(url) as (connection, where):
        found = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(sql(query))
        yield from columns.rows((dict(row) for row in found.mappings()), where=where)


def count_of_query(url: str, query: str) -> int:
    """How many rows an SQL query selects, counted by the database.

    Raises:
        InvalidOption: the database refuses the query.
    """
    with _connected(url) as (connection, _):
        counting = sql(f"SELECT count(*) FROM ({query.strip().rstrip(';')}) AS documents")
        return int(connection.execute(counting).scalar_one())


@contextmanager
def _connected(url: str) -> Iterator[tuple[Connection, str]]:
    try:
        where = f"the query at {make_url(url).render_as_string(hide_password=True)!r}"
        engine = create_engine(url)
    except (ArgumentError, ValueError):  # which may quote a part of the password
        raise InvalidOption("the database URL is not one.", hint="Quote `@`, `/` and `:` in a password.") from None
    try:
        with engine.connect() as connection:
            yield connection, where
    except SQLAlchemyError as error:
        raise InvalidOption(f"{where} fails: {str(error).splitlines()[0][:300]}.") from None
    finally:
        engine.dispose()


def _csv(source: str, delimiter: str = ",") -> Iterator[Mapping[str, Any]]:
    # utf-8-sig: spreadsheets put a byte order mark before the first column's name.
    with fsspec.open(source, "rt", encoding="utf-8-sig", newline="") as stream:
        for number, record in enumerate(csv.DictReader(stream, delimiter=delimiter), 2):
            if None in record:
                raise InvalidOption(f"{source!r}: row {number} has more cells than there are columns.")
            yield record


def _tsv(source: str) -> Iterator[Mapping[str, Any]]:
    return _csv(source, "\t")


def _jsonl(source: str) -> Iterator[Mapping[str, Any]]:
    with fsspec.open(source, "rt", encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                raise InvalidOption(f"{source!r}: line {number} is not JSON ({error}).") from None
            if not isinstance(record, dict):
                raise InvalidOption(f"{source!r}: line {number} is not a JSON object.")
            yield record


def _parquet(source: str) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow.parquet
    except ImportError:
        raise InvalidOption(
            "Parquet files need pyarrow.", hint="Run `pip install 'prefect-gemini[parquet]'`."
        ) from None
    with fsspec.open(source, "rb") as stream:
        for batch in pyarrow.parquet.ParquetFile(stream).iter_batches(batch_size=_AT_ONCE):
            yield from batch.to_pylist()


def _cell(record: Mapping[str, Any], column: str | None) -> Any:
    return None if column is None else record.get(column)


def _first(columns: tuple[str, ...], usual: tuple[str, ...]) -> str | None:
    by_name: Callable[[str], str | None] = {column.lower(): column for column in reversed(columns)}.get
    return next((column for name in usual if (column := by_name(name))), None)
