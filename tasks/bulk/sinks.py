"""Where results go while a run is under way: a JSONL or Parquet file, or a table of a database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from errno import EISDIR
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

from prefect.logging import get_logger
from sqlalchemy import JSON, BigInteger, Boolean

from prefect_gemini.gemini.documents.locations import scheme_of
from prefect_gemini.gemini.documents.queries import is_database
from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.tasks.bulk.rows import KEY_LENGTH, Rows
from prefect_gemini.tasks.parts.exact import Exact
from prefect_gemini.tasks.parts.outcome import Outcome
from prefect_gemini.tasks.parts.storable import as_json, storable_text

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

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

Output: TypeAlias = "str | Path | Sink"


class Sink(Protocol):
    """Where records are written. Blocking: `each` calls it from a thread, one call at a time."""

    label: str

    def write(self, records: Sequence[dict[str, Any]]) -> object:
        """Write records so that they survive this process, as far as the format allows; none, where a run had none."""

    def close(self) -> None:
        """Finish the file or connection. A sink that also has `abandon()` gets that instead when the run failed."""


class Draft:
    """A new file beside the place it is meant for: an old file stays until there is something to replace it.

    Args:
        path: the place.

    Raises:
        OSError: the file cannot be made.
        OutputFailed: another run writes to the place.
    """

    def __init__(self, path: Path) -> None:
        self.place = path.resolve()  # of a link, the file it leads to
        if self.place.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        self.place.parent.mkdir(parents=True, exist_ok=True)
        if self.place.exists():  # once it is published, the draft of another run is here
            with self.place.open("rb") as published:
                _hold(published, path)
        self.path = self.place.with_name(f"{self.place.name}.partial")
        self.file: IO[bytes] = self.path.open("ab")
        _hold(self.file, path)
        self.file.truncate(0)  # it may be what a killed run has left

    def publish(self) -> None:
        """Take the place."""
        self.path.replace(self.place)

    def drop(self) -> None:
        """Leave the place as it is."""
        self.path.unlink(missing_ok=True)


def _hold(file: IO[bytes], path: Path) -> None:
    """Hold a file until it is closed, so that no other run writes to it."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise OutputFailed(
            f"{str(path)!r} is being written by another run.", hint="Wait for it, or name another file."
        ) from None
    except OSError:  # a file system without locks
        return


class JsonLines:
    """A file with one JSON object a line, readable at any moment.

    With the first lines it takes its place; an old file has `.previous` in its name until the run ends whole.
    """

    def __init__(self, path: Path) -> None:
        self.label = str(path)
        self._draft, self._begun = Draft(path), False
        self._previous = self._draft.place.with_name(f"{self._draft.place.name}.previous")

    def write(self, records: Sequence[dict[str, Any]]) -> None:
        self._draft.file.write(b"".join(as_json(record) + b"\n" for record in records))
        self._draft.file.flush()
        if not self._begun:
            if not self._previous.exists():  # else what is in the place is of a run that did not end whole
                with suppress(FileNotFoundError):
                    self._draft.place.replace(self._previous)
            self._draft.publish()
            self._begun = True

    def close(self) -> None:
        self._draft.file.close()
        self._previous.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Close the file as far as it has come; the old one stays beside it."""
        if not self._begun:
            self._draft.drop()
        with suppress(OSError):  # what it could not write is still in its buffer
            self._draft.file.close()
        if self._begun and self._previous.exists():
            get_logger("gemini").warning("%s is not whole; the one before it is %s", self.label, self._previous)


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
            texts = {name: storable_text(value) for name, value in record.items() if isinstance(value, str)}
            parts = {name: as_json(record[name]).decode() for name in ("value", "evidence")}
            self._held.append(record | texts | parts)
        if len(self._held) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._end()
        self._draft.publish()

    def abandon(self) -> None:
        """End the file as far as it has come, under the name it has; an old one stays as it was."""
        if not self._begun:
            self._draft.drop()
        with suppress(OSError):
            self._end()
        if self._begun:
            get_logger("gemini").warning("%s is not whole: what there is of it is %s", self.label, self._draft.path)

    def _end(self) -> None:
        try:
            self._flush()
        finally:
            self._writer.close()
            self._draft.file.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(self._pa.Table.from_pylist(self._held, schema=self._schema))
            self._held = []


class OutcomeTable(Rows):
    """The table of outcomes in a database: one row a document, replaced when it is read again."""

    def __init__(self, url: str) -> None:
        super().__init__(url, TABLE, key=["source"], types=COLUMNS)
        self.prepare(list(Outcome[Any](index=0, name="").as_record()))

    def write(self, records: Sequence[Any]) -> int:
        """Write outcomes, each under its source."""
        return super().write([record | {"source": _key(record["source"])} for record in records])


def sink_of(output: Output) -> Sink:
    """What `each(output=…)` means: a `.jsonl` or `.parquet` path, an SQLAlchemy URL, or a sink.

    Raises:
        InvalidOption: a file of another kind, or a table that cannot take outcomes.
        OutputFailed: the file cannot be made, another run is writing it, or the database does not answer.
    """
    if not isinstance(output, str | Path):
        return output
    text = str(output)
    if is_database(text):
        return OutcomeTable(text)
    suffix = Path(text).suffix.lower()
    kinds: dict[str, type[JsonLines] | type[Parquet]] = {".jsonl": JsonLines, ".ndjson": JsonLines, ".parquet": Parquet}
    if suffix not in kinds or scheme_of(text) is not None:
        raise InvalidOption(
            f"`output` = {text!r} is not something results can be streamed to.",
            hint="Name a .jsonl or .parquet file of this machine or an SQLAlchemy URL; `write_table` writes CSV "
            "when all is done.",
        )
    try:
        return kinds[suffix](Path(text).expanduser())
    except OSError as error:
        raise OutputFailed(f"{text!r} cannot be written: {error.strerror}.", hint="Nothing was sent.") from None


def _key(source: str) -> str:
    """A source as a key: what is too long or cannot be stored is told apart by its digest."""
    key = storable_text(source)
    if key == source and len(key) <= KEY_LENGTH:
        return source
    digest = f" sha256:{sha256(source.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return key[: KEY_LENGTH - len(digest)] + digest
