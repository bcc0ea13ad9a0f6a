"""SQL queries with a document a row: read a thousand rows at a time, and never written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, TextClause, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from prefect_gemini.gemini.documents.locations import scheme_of
from prefect_gemini.gemini.documents.rows import Columns, Row
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption

__all__ = ["count_of_query", "is_database", "rows_of_query"]

DATABASES = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql", "bigquery", "snowflake", "duckdb")
_AT_ONCE = 1000
"""Rows held in memory at a time."""


def is_database(source: str) -> bool:
    """Whether a text is an SQLAlchemy URL of a database."""
    return (scheme_of(source) or "").partition("+")[0] in DATABASES


def with_driver(url: str) -> URL:
    """The URL of a database; of PostgreSQL with the driver that we come with, where it names none."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def engine_of(url: str, **options: Any) -> Engine:
    """SQLAlchemy's engine for a database.

    Args:
        url: SQLAlchemy URL.
        options: of `create_engine`.

    Raises:
        InvalidOption: a database SQLAlchemy does not know, or whose driver is missing; no URL.
    """
    try:
        return create_engine(with_driver(url), **options)
    except (NoSuchModuleError, ImportError) as error:
        raise InvalidOption(f"the database's driver is missing: {error}.", hint="Install it with pip.") from None
    except (ArgumentError, ValueError):  # which may quote a part of the password
        raise InvalidOption("the database URL is not one.", hint="Quote `@`, `/` and `:` in a password.") from None


def rows_of_query(url: str, query: str, columns: Columns) -> Iterator[Row]:
    """The documents an SQL query selects, fetched a thousand rows at a time.

    Args:
        url: SQLAlchemy URL of the database.
        query: one SELECT statement.

    Raises:
        InvalidOption: the database refuses the query, or no column holds documents.
        DocumentNotFound: the database stops answering half-way.
    """
    read = 0
    with _connected(url) as (connection, where):
        try:
            if connection.dialect.name == "sqlite":
                # A query left open for the length of a run would keep every writer of the file waiting, this
                # run's own output included. The copy is on disk, and goes with the connection.
                connection.execute(_sql(f"CREATE TEMP TABLE gemini_documents AS {query.strip().rstrip(';')}\n"))
                query = "SELECT * FROM temp.gemini_documents ORDER BY rowid"
            found = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(_sql(query))
            for row in columns.rows((dict(row) for row in found.mappings()), where=where):
                read += 1
                yield row
        except SQLAlchemyError as error:
            if not read:
                raise
            raise DocumentNotFound(
                f"{where} ended after {read:,} rows: {_said(error)}.", hint="Run again: nothing is paid twice."
            ) from None


def count_of_query(url: str, query: str) -> int:
    """How many rows an SQL query selects, counted by the database.

    Raises:
        InvalidOption: the database refuses the query.
    """
    with _connected(url) as (connection, _):
        counting = _sql(f"SELECT count(*) FROM ({query.strip().rstrip(';')}\n) AS documents")
        return int(connection.execute(counting).scalar_one())


@contextmanager
def _connected(url: str) -> Iterator[tuple[Connection, str]]:
    engine = engine_of(url)
    where = f"the query at {make_url(url).render_as_string(hide_password=True)!r}"
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            yield connection, where
    except SQLAlchemyError as error:
        raise InvalidOption(f"{where} fails: {_said(error)}.") from None
    finally:
        engine.dispose()


def _sql(query: str) -> TextClause:
    # A colon in a query is the query's own: there are no parameters.
    return text(query.replace(":", "\\:"))


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
