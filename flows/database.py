"""What every flow's database shares: SQLite by default, PostgreSQL by URL, exact amounts, errors that name it.

Amounts are kept exactly: NUMERIC where the database has it, decimal text in SQLite, whose NUMERIC is
a binary float.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from prefect_gemini.tasks.parts.exact import Exact

__all__ = ["Database", "Exact", "Moment", "StoreError"]


class StoreError(RuntimeError):
    """A database cannot be used as asked; `hint` says what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class Moment(sa.types.TypeDecorator[datetime.datetime]):
    """A point in time, kept in UTC; SQLite has no time zones of its own."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: sa.Dialect) -> datetime.datetime | None:
        return None if value is None else value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, dialect: sa.Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Database:
    """An open database; use it as a context manager.

    A flow's store inherits from this and names its tables, what it is called, and its main table.

    Args:
        target: a path (a SQLite file, made with its folder when missing) or a database URL,
            `sqlite:///…` or `postgresql://user@host/name`.

    Raises:
        StoreError: the URL is not understood, its driver is missing, or the database does not open.
    """

    metadata: ClassVar[sa.MetaData]
    what: ClassVar[str]
    main: ClassVar[str]

    def __init__(self, target: str | Path) -> None:
        self.target = target
        url = self._url(target)
        try:
            self.engine = sa.create_engine(url)
        except ModuleNotFoundError as missing:
            raise StoreError(
                f"The database driver {missing.name!r} is not installed.",
                hint='For PostgreSQL, `pip install "prefect-gemini[postgres]"`.',
            ) from missing
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _configure_sqlite)
        with self.named():
            self.metadata.create_all(self.engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @property
    def label(self) -> str:
        """Where the database is, as a person reads it, without its password."""
        if self.engine.dialect.name == "sqlite":
            return str(self.engine.url.database)
        return self.engine.url.render_as_string(hide_password=True)

    def rows(self, table: str = "") -> Iterator[dict[str, Any]]:
        """Every row of a table, the main one if none is named, in the order of its key; for exports and checks.

        Raises:
            StoreError: there is no such table.
        """
        source = self.metadata.tables.get(table or self.main)
        if source is None:
            raise StoreError(f"There is no table {table!r}; there are {', '.join(sorted(self.metadata.tables))}.")
        with self.named(), self.engine.connect() as connection:
            for row in connection.execute(sa.select(source).order_by(*source.primary_key.columns)).mappings():
                yield dict(row)

    def upsert(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], *, keep: tuple[str, ...] = ()
    ) -> None:
        """Insert rows; where the key is there already, replace the others of their columns.

        Args:
            keep: columns that stay as they were first written; where all do, a row that is there is left alone.
        """
        if not rows:
            return
        insert = (postgresql if self.engine.dialect.name == "postgresql" else sqlite).insert(table)
        keys = [column.name for column in table.primary_key.columns]
        changed = {name: insert.excluded[name] for name in rows[0] if name not in (*keys, *keep)}
        unchanged = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(
            insert.on_conflict_do_update(index_elements=keys, set_=changed) if changed else unchanged, rows
        )

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn what the driver raises into a `StoreError` that names the database and hides its password."""
        try:
            yield
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise StoreError(
                f"The {self.what} {self.label!r} failed: {cause}",
                hint="Check that the path is writable, or that the server is reachable and the user may create tables.",
            ) from error

    def _url(self, target: str | Path) -> sa.URL:
        text = str(target)
        if "://" not in text:
            path = Path(text).expanduser()
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The folder {str(path.parent)!r} for the {self.what} cannot be made: {error.strerror}.",
                    hint="Choose a path you may write to.",
                ) from error
            return sa.URL.create("sqlite", database=str(path))
        try:
            url = sa.make_url(text.replace("postgres://", "postgresql://", 1))
            if url.drivername == "postgresql":
                url = url.set(drivername="postgresql+psycopg")
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise StoreError(
                    f"{url.get_backend_name()!r} is not a database the flows write to.",
                    hint="Use a path (SQLite) or a `postgresql://…` URL.",
                )
            url.get_dialect()
        except (ArgumentError, NoSuchModuleError) as error:
            raise StoreError(
                "The database URL is not understood.", hint="Write it as `postgresql://user:password@host/name`."
            ) from error
        return url


def delete_where(connection: sa.Connection, column: sa.Column[Any], values: list[str]) -> None:
    """Delete the rows whose column has one of many values, a few hundred to a statement."""
    for start in range(0, len(values), 500):
        connection.execute(column.table.delete().where(column.in_(values[start : start + 500])))


def _configure_sqlite(connection: Any, _: object) -> None:
    """Let readers and one writer work at once, and a second writer wait half a minute for its turn."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
