"""Rows into a database: tables made from what the rows hold, rows with a known key replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from prefect_gemini.gemini.documents.queries import engine_of
from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.tasks.parts.exact import Exact
from prefect_gemini.tasks.parts.storable import as_json, as_json_column, jsonable, storable_text

_TYPES: tuple[tuple[type, Any], ...] = (
    (bool, Boolean()),
    (int, BigInteger()),
    (float, Float()),
    (Decimal, Exact()),
    (datetime, DateTime(timezone=True)),
    (date, Date()),
    (str, Text()),
)
KEY_LENGTH = 500
"""Characters of a text column that is part of a key; some databases index no text without a length."""
MAKING = 7_166_402
"""PostgreSQL's advisory lock of whoever makes a table."""
_BUSY_S = 60
"""Seconds to wait for another writer of an SQLite file."""


def record_of(row: Any) -> dict[str, Any]:
    """A row as a mapping of column to value: a mapping, a pydantic model, or an outcome.

    Raises:
        InvalidOption: it is none of these.
    """
    if hasattr(row, "as_record"):
        return dict(row.as_record())
    if isinstance(row, BaseModel):
        return {name: getattr(row, name) for name in type(row).model_fields}
    if isinstance(row, Mapping):
        return {str(name): value for name, value in row.items()}
    raise InvalidOption(f"a row is a mapping, a pydantic model or an outcome, not {type(row).__name__!r}.")


class Rows:
    """One table that rows are written to. Blocking; run it in a thread.

    Args:
        url: SQLAlchemy URL of the database.
        table: name of the table; made from the first rows if it is not there.
        key: columns that tell rows apart: a row with a known key replaces the old one. Empty: rows are appended.
        types: SQLAlchemy types of columns of a new table; the others are found in the first rows.

    Raises:
        InvalidOption: a database SQLAlchemy does not know, or whose driver is missing.
    """

    def __init__(
        self, url: str, table: str, key: Sequence[str] = (), *, types: Mapping[str, Any] | None = None
    ) -> None:
        waiting = {"timeout": _BUSY_S} if url.startswith("sqlite") else {}
        self._engine = engine_of(url, json_serializer=as_json_column, pool_pre_ping=True, connect_args=waiting)
        self._name, self._key, self._types = table, tuple(key), dict(types or {})
        self._table: Table | None = None
        self._lock = threading.Lock()
        self.label = f"{make_url(url).render_as_string(hide_password=True)}, table {table}"

    def prepare(self, columns: Sequence[str]) -> None:
        """Make the table, or check the one that is there, before anything is paid for that goes into it.

        Args:
            columns: what the rows will have; those that are not among `types` hold text.

        Raises:
            InvalidOption: the table lacks a column, or nothing in it keeps two rows of one key apart.
            OutputFailed: the database refused.
        """
        with self._begun() as connection:
            table = self._known(connection, columns, [])
            self._check_key(connection, table)

    def write(self, records: Sequence[Mapping[str, Any]]) -> int:
        """Write rows in one transaction: all of them or none.

        Returns:
            How many were written, rows of one key counted once.

        Raises:
            InvalidOption: rows without a key, or columns that the table does not have.
            OutputFailed: the database refused.
        """
        if not records:
            return 0
        if missing := [name for name in self._key if any(record.get(name) is None for record in records)]:
            raise InvalidOption(f"a row has no {missing[0]!r}, which is part of the key of table {self._name!r}.")
        columns = list(dict.fromkeys(name for record in records for name in record))
        with self._begun() as connection:
            table = self._known(connection, columns, records)
            rows = self._unique(
                [{name: _plain(record.get(name), table.c[name]) for name in record} for record in records]
            )
            self._upsert(connection, table, rows)
        return len(rows)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self._lock:
            try:
                with self._engine.begin() as connection:
                    yield connection
            except SQLAlchemyError as error:
                raise OutputFailed(f"{self.label}: {str(error).splitlines()[0][:300]}.") from None

    def _known(self, connection: Connection, columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> Table:
        if self._table is None:
            self._table = self._made(connection, columns, records)
        if strange := [name for name in columns if name not in self._table.c]:
            raise InvalidOption(
                f"table {self._name!r} has no column {strange[0]!r}.", hint="Add it, or write to another table."
            )
        return self._table

    def _check_key(self, connection: Connection, table: Table) -> None:
        found = inspect(connection)
        unique: list[Sequence[str | None]] = [[column.name for column in table.primary_key]]
        unique += [one["column_names"] for one in found.get_unique_constraints(self._name)]
        unique += [one["column_names"] for one in found.get_indexes(self._name) if one["unique"]]
        if self._key and not any(set(names) == set(self._key) for names in unique):
            raise InvalidOption(
                f"nothing keeps two rows of one {', '.join(self._key)} apart in table {self._name!r}.",
                hint="Make it the primary key, or write to another table.",
            )

    def _made(self, connection: Connection, columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> Table:
        metadata = MetaData()
        if connection.dialect.name == "postgresql":  # where two may make one table at once, and one of them fails
            connection.execute(select(func.pg_advisory_xact_lock(MAKING)))
        if inspect(connection).has_table(self._name):
            return Table(self._name, metadata, autoload_with=connection)
        table = Table(
            self._name,
            metadata,
            *(
                Column(name, self._column_type(name, records), primary_key=name in self._key, autoincrement=False)
                for name in columns
            ),
        )
        connection.execute(CreateTable(table, if_not_exists=True))  # another run may have been as far
        return table

    def _column_type(self, name: str, records: Sequence[Mapping[str, Any]]) -> Any:
        kind = self._types.get(name) or _type(name, records)
        # Some databases index no text without a length.
        return String(KEY_LENGTH) if name in self._key and isinstance(kind, Text) else kind

    def _unique(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not self._key:
            return rows
        unique = {tuple(row[name] for name in self._key): row for row in rows}
        # Two runs that replace the same rows take them in one order, so that neither waits for the other in a circle.
        return [unique[key] for key in sorted(unique, key=str)]

    def _upsert(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        rows = [{name: row.get(name) for name in names} for row in rows]
        if not self._key:
            connection.execute(insert(table), rows)
            return
        dialects = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
        spelt = dialects.get(connection.dialect.name)
        if spelt is None:  # a database without an upsert of its own: the old rows go in the same transaction
            for row in rows:
                connection.execute(delete(table).where(*(table.c[name] == row[name] for name in self._key)))
            connection.execute(insert(table), rows)
            return
        statement: Any = spelt(table)
        others = {name: statement.excluded[name] for name in names if name not in self._key}
        if others:
            statement = statement.on_conflict_do_update(index_elements=list(self._key), set_=others)
        else:
            statement = statement.on_conflict_do_nothing()
        connection.execute(statement, rows)


def _type(name: str, records: Sequence[Mapping[str, Any]]) -> Any:
    kinds = {type(value) for record in records if (value := record.get(name)) is not None}
    if kinds == {int, float}:
        return Float()
    if kinds == {int, Decimal}:
        return Exact()
    for kind, column in _TYPES:
        if kinds == {kind}:
            return column
    return JSON(none_as_null=True) if kinds else Text()


def _plain(value: Any, column: Column[Any]) -> Any:
    if value is None:
        return None
    if isinstance(column.type, JSON):
        return jsonable(value)
    if isinstance(column.type, String):
        if isinstance(value, dict | list):
            value = as_json(value).decode()
        return storable_text(str(value))
    if isinstance(column.type, Integer) and isinstance(value, float | Decimal) and value != int(value):
        # PostgreSQL would round it and say nothing.
        raise InvalidOption(f"column {column.name!r} holds whole numbers, and a row has {value}.")
    return value
