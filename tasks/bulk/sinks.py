"""Where results go while a run is under way: a JSONL or Parquet file, or a table of a database."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias
from uuid import uuid4

from pydantic_core import to_json
from sqlalchemy import JSON, BigInteger, Boolean

from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.tasks.bulk.rows import Rows
from prefect_gemini.tasks.parts.exact import Exact
from prefect_gemini.tasks.parts.outcome import Outcome

TABLE = "gemini_outcomes"
COLUMNS = {
    "index": BigInteger(),
    "ok": Boolean(),
    "value": JSON(none_as_null=True),
    "evidence": JSON(),
    "cost": Exact(),
    "prompt_tokens": BigInteger(),
    "output_tokens": BigInteger(),
    "from_ledger": Boolean(),
}
"""Types of the columns that are not text: the first outcomes may leave any of them empty."""
ROW_GROUP = 1000
"""Rows to a row group of a Parquet file, held in memory until they are written."""
WRITE_EVERY_S = 0.5
MOST_WAITING = 2000
"""Outcomes that may wait to be written; more make the run wait for the disk."""

Output: TypeAlias = "str | Path | Sink"


class Sink(Protocol):
    """Where records are written. Blocking: `each` calls it from a thread, one call at a time."""

    label: str

    def write(self, records: Sequence[dict[str, Any]]) -> object:
        """Write records so that they survive this process, as far as the format allows; none, where a run had none."""

    def close(self) -> None:
        """Finish the file or connection."""


class Draft:
    """A new file beside the place it is meant for: an old file stays until there is something to replace it.

    Args:
        path: the place.
    """

    def __init__(self, path: Path) -> None:
        self._place = path.resolve()
        if self._place.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        self._place.parent.mkdir(parents=True, exist_ok=True)
        self._draft = self._place.with_name(f".{self._place.name}.{uuid4().hex[:8]}.partial")
        self.file: IO[bytes] = self._draft.open("xb")

    def publish(self) -> None:
        """Take the place. Another run that writes to it has a file of its own."""
        self._draft.replace(self._place)

    def drop(self) -> None:
        """Leave the place as it is."""
        self._draft.unlink(missing_ok=True)


class JsonLines:
    """A file with one JSON object a line, readable at any moment. With the first lines it replaces an old file."""

    def __init__(self, path: Path) -> None:
        self.label = str(path)
        self._draft, self._begun = Draft(path), False

    def write(self, records: Sequence[dict[str, Any]]) -> None:
        self._draft.file.write(b"".join(to_json(record) + b"\n" for record in records))
        self._draft.file.flush()
        if not self._begun:
            self._draft.publish()
            self._begun = True

    def close(self) -> None:
        self._draft.file.close()
        if not self._begun:
            self._draft.drop()


class Parquet:
    """A Parquet file. It becomes readable, and replaces an old one, when the run ends."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise InvalidOption(
                "Parquet files need pyarrow.", hint="Run `pip install 'prefect-gemini[parquet]'`, or write JSONL."
            ) from None
        text, number, flag = pa.string(), pa.int64(), pa.bool_()
        kinds = {"index": number, "ok": flag, "from_ledger": flag, "prompt_tokens": number, "output_tokens": number}
        kinds["cost"] = pa.decimal128(24, 12)
        columns = Outcome[Any](index=0, name="").as_record()
        self.label = str(path)
        self._pa, self._schema = pa, pa.schema([(name, kinds.get(name, text)) for name in columns])
        self._draft, self._begun = Draft(path), False
        self._writer = pq.ParquetWriter(self._draft.file, self._schema, compression="zstd")
        self._held: list[dict[str, Any]] = []

    def write(self, records: Sequence[dict[str, Any]]) -> None:
        self._begun = True
        for record in records:
            self._held.append(
                record | {name: json.dumps(record[name], ensure_ascii=False) for name in ("value", "evidence")}
            )
        if len(self._held) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._draft.file.close()
        if self._begun:
            self._draft.publish()
        else:
            self._draft.drop()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(self._pa.Table.from_pylist(self._held, schema=self._schema))
            self._held = []


def sink_of(output: Output) -> Sink:
    """What `each(output=…)` means: a `.jsonl` or `.parquet` path, an SQLAlchemy URL, or a sink.

    Raises:
        InvalidOption: a file of another kind.
        OutputFailed: the file cannot be made.
    """
    if not isinstance(output, str | Path):
        return output
    text = str(output)
    if "://" in text:
        return Rows(text, TABLE, key=["source"], types=COLUMNS)
    suffix = Path(text).suffix.lower()
    kinds: dict[str, type[JsonLines] | type[Parquet]] = {".jsonl": JsonLines, ".ndjson": JsonLines, ".parquet": Parquet}
    if suffix not in kinds:
        raise InvalidOption(
            f"`output` = {text!r} is not something results can be streamed to.",
            hint="Name a .jsonl or .parquet file or an SQLAlchemy URL; `write_table` writes CSV when all is done.",
        )
    try:
        return kinds[suffix](Path(text).expanduser())
    except OSError as error:
        raise OutputFailed(f"{text!r} cannot be written: {error.strerror}.") from None


class Stream:
    """Outcomes on their way to a sink, written a few hundred at a time and never more than it can take."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.label = sink.label
        self._queue: asyncio.Queue[Outcome[Any]] = asyncio.Queue(MOST_WAITING)
        self._failed: BaseException | None = None
        self._ended, self._written = asyncio.Event(), False

    async def put(self, outcome: Outcome[Any]) -> None:
        """Hand an outcome on.

        Raises:
            OutputFailed: an earlier one could not be written.
        """
        if self._failed is not None:
            raise self._failed
        await self._queue.put(outcome)

    async def run(self) -> None:
        """Write until `end`; a failure is told to whoever puts next."""
        while not (self._ended.is_set() and self._queue.empty()):
            batch = self._taken()
            if not batch:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), WRITE_EVERY_S)
                continue
            if self._failed is None:
                await self._write(batch)

    async def complete(self) -> None:
        """All was handed on: an output of no outcomes is written as that, and replaces what was there."""
        if self._queue.empty() and not self._written:
            await self._write([])

    def end(self) -> None:
        """Nothing more comes; what is left is written."""
        self._ended.set()

    def check(self) -> None:
        """Raise what went wrong, if anything did."""
        if self._failed is not None:
            raise self._failed

    def _taken(self) -> list[Outcome[Any]]:
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def _write(self, batch: list[Outcome[Any]]) -> None:
        self._written = True
        try:
            await asyncio.to_thread(lambda: self._sink.write([outcome.as_record() for outcome in batch]))
        except OSError as error:
            self._failed = OutputFailed(f"{self._sink.label}: {error.strerror or error}.")
        except Exception as error:
            self._failed = error


@asynccontextmanager
async def streaming(output: Output) -> AsyncIterator[Stream]:
    """A stream to a sink that is finished, and checked, when the block ends.

    Raises:
        OutputFailed: something could not be written.
    """
    sink = await asyncio.to_thread(sink_of, output)
    stream = Stream(sink)
    writing = asyncio.create_task(stream.run())
    try:
        yield stream
        await stream.complete()
    finally:
        stream.end()
        await writing
        await asyncio.to_thread(sink.close)
    stream.check()
