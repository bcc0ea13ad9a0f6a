"""CSV, TSV, JSONL and Parquet files with a document a row, read as they are needed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeAlias
from urllib.parse import urlsplit

import fsspec

from prefect_gemini.gemini.documents.rows import Broken, Columns, Row
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption

__all__ = ["count_of", "rows_of", "table_kind"]

Records: TypeAlias = Iterator[Mapping[str, Any] | Broken]

_KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
_AT_ONCE = 1000
"""Rows of a Parquet file held in memory at a time."""
LONGEST_CELL = 10_000_000
"""Characters of a cell: more than the largest text that Gemini is sent (`document.MAX_TEXT_BYTES`)."""


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
    read: dict[str, Callable[[str], Records]] = {"csv": _csv, "tsv": _tsv, "jsonl": _jsonl, "parquet": _parquet}
    try:
        yield from columns.rows(read[table_kind(source) or "csv"](str(source)), where=str(source))
    except (OSError, ImportError) as error:
        raise DocumentNotFound(f"{str(source)!r} cannot be read: {str(error)[:200]}.") from None


def count_of(source: str | Path, columns: Columns) -> int:
    """How many documents `rows_of` gives; the file is read through, but for Parquet, which says it.

    Raises:
        DocumentNotFound, InvalidOption: as `rows_of`.
    """
    if table_kind(source) != "parquet":
        return sum(1 for _ in rows_of(source, columns))
    next(rows_of(source, columns), None)  # raises what is wrong with it
    with fsspec.open(str(source), "rb") as stream:
        return int(_parquet_file(stream, str(source)).metadata.num_rows)


def _csv(source: str, delimiter: str = "") -> Records:
    # A document's own text may be longer than the 128 kB the module expects of a cell.
    csv.field_size_limit(max(LONGEST_CELL, csv.field_size_limit()))
    with fsspec.open(source, "rb") as stream:
        # Spreadsheets save "Unicode text" as UTF-16, and put a byte order mark before the first column's name.
        encoding = "utf-16" if stream.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with fsspec.open(source, "rt", encoding=encoding, newline="") as stream:
        try:
            yield from _cells(stream, delimiter)
        except UnicodeError:
            raise InvalidOption(
                f"{source!r} is not UTF-8.",
                hint="Save it as `CSV UTF-8`, or run `iconv -f WINDOWS-1252 -t UTF-8` on it; nothing was sent.",
            ) from None


def _cells(stream: IO[str], delimiter: str) -> Records:
    first = stream.readline()
    lines: Iterable[str] = chain([first], stream)
    # Strict: an open quotation mark would otherwise swallow the rows behind it.
    reader = csv.reader(lines, delimiter=delimiter or _delimiter(first), strict=True)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(f"line {reader.line_num} is not CSV ({error}).")
            continue
        if not cells:
            continue
        if header is None:
            header = cells
            if twice := [name for name in header if name and header.count(name) > 1]:
                raise InvalidOption(f"two columns are called {twice[0]!r}.", hint="Give each a name of its own.")
        elif len(cells) > len(header):
            yield Broken(f"line {reader.line_num} has {len(cells)} cells, and there are {len(header)} columns.")
        else:
            yield dict(zip(header, cells + [None] * (len(header) - len(cells)), strict=True))


def _delimiter(header: str) -> str:
    """A comma, or what spreadsheets of other countries write in its place, whichever the header has most of."""
    return max(",;\t", key=header.count)


def _tsv(source: str) -> Records:
    return _csv(source, "\t")


def _jsonl(source: str) -> Records:
    with fsspec.open(source, "rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                yield Broken(f"line {number} is not JSON ({str(error)[:200]}).")
                continue
            yield record if isinstance(record, dict) else Broken(f"line {number} is not a JSON object.")


def _parquet(source: str) -> Records:
    with fsspec.open(source, "rb") as stream:
        batches = _parquet_file(stream, source).iter_batches(batch_size=_AT_ONCE)
        while (batch := _asked(lambda: next(batches, None), source)) is not None:
            yield from batch.to_pylist()


def _parquet_file(stream: IO[bytes], source: str) -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise InvalidOption(
            "Parquet files need pyarrow.", hint="Run `pip install 'prefect-gemini[parquet]'`."
        ) from None
    return _asked(lambda: pyarrow.parquet.ParquetFile(stream), source)


def _asked(question: Callable[[], Any], source: str) -> Any:
    import pyarrow

    try:
        return question()
    except pyarrow.ArrowException as error:
        raise InvalidOption(f"{source!r} is not a sound Parquet file: {str(error)[:200]}.") from None
