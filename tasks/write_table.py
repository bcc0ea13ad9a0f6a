"""write_table: rows as a CSV, Parquet or JSONL file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.tasks.bulk.rows import record_of
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.sheets import write_sheet
from prefect_gemini.tasks.parts.storable import as_json, storable_text


@node(category="bulk", costs="nothing", side_effects=True)
async def awrite_table(rows: Iterable[Any], path: str | Path) -> Path:
    """Write rows to a file: CSV, Parquet or JSONL, by its name. An old file is replaced when the new one is whole.

    In a CSV or Parquet file a value with parts of its own is JSON text, and in a CSV file no cell can
    become a formula.

    Args:
        rows: mappings, pydantic models, or outcomes of `each`; the columns are those of all rows together.
        path: a .csv, .parquet or .jsonl file; its folder is made.

    Returns:
        The file.

    Raises:
        InvalidOption: another kind of file, or something that is no row.
        OutputFailed: the file cannot be written.
    """
    return await asyncio.to_thread(_write, rows, Path(path))


write_table = awrite_table.sync


def _write(rows: Iterable[Any], path: Path) -> Path:
    path = path.expanduser()
    kinds = {".csv": _csv, ".parquet": _parquet, ".pq": _parquet, ".jsonl": _jsonl, ".ndjson": _jsonl}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise InvalidOption(f"{str(path)!r} is not a kind of table; name a .csv, .parquet or .jsonl file.")
    records = [record_of(row) for row in rows]
    partial = path.with_name(f".{path.name}.{uuid4().hex[:8]}.partial")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        kind(records, partial)
        partial.replace(path)
    except OSError as error:
        raise OutputFailed(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None
    finally:
        partial.unlink(missing_ok=True)
    return path


def _columns(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record))


def _csv(records: list[dict[str, Any]], path: Path) -> None:
    columns = _columns(records)
    flat = ({name: _flat(record.get(name)) for name in columns} for record in records)
    write_sheet(path, flat, columns=columns)


def _jsonl(records: list[dict[str, Any]], path: Path) -> None:
    path.write_bytes(b"".join(as_json(record) + b"\n" for record in records))


def _parquet(records: list[dict[str, Any]], path: Path) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InvalidOption(
            "Parquet files need pyarrow.", hint="Run `pip install 'prefect-gemini[parquet]'`, or write CSV."
        ) from None
    columns = _columns(records)
    flat = {name: [_flat(record.get(name)) for record in records] for name in columns}
    try:
        pq.write_table(pa.table(flat), path, compression="zstd")
    except (pa.ArrowException, OverflowError) as error:
        raise InvalidOption(f"a column holds values of different kinds: {str(error)[:200]}.") from None


def _flat(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict | list | tuple | set | frozenset | BaseModel):
        return json.dumps(json.loads(as_json(value)), ensure_ascii=False)  # people read it
    return value
