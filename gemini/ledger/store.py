"""The ledger's database: one engine, short transactions, run off the event loop."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.ledger.statements import Upserts
from prefect_gemini.gemini.ledger.tables import metadata

__all__ = ["Store"]

T = TypeVar("T")

BUSY_SECONDS = 30.0
"""How long SQLite waits for another process's write; ours take well under a millisecond."""
POSTGRES_THREADS = 4
SCHEMA_LOCK = 0x67656D69
"""PostgreSQL advisory lock under which the tables are made."""


class Store:
    """A database of the ledger's tables, safe for many threads and processes.

    SQLite has one writing thread a process, in WAL mode: a row is on its way to disk before `run`
    returns, and survives the death of the process (not a power cut: `synchronous` is NORMAL).

    Args:
        url: SQLAlchemy URL: `sqlite:///path`, `sqlite://` (memory) or `postgresql://…`.

    Raises:
        InvalidOption: The URL is of another kind of database, or its driver is missing.
    """

    def __init__(self, url: str) -> None:
        self.url = _supported(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.insert: Callable[..., Any] = sqlite.insert if self.is_sqlite else postgresql.insert
        self.upserts = Upserts(self.insert)
        self._engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._threads = ThreadPoolExecutor(
            max_workers=1 if self.is_sqlite else POSTGRES_THREADS, thread_name_prefix="gemini-ledger"
        )
        self._threads.submit(self._create).result()

    def __repr__(self) -> str:
        return f"Store({self.url.render_as_string(hide_password=True)!r})"

    async def write(self, work: Callable[[Connection], T], *, undo: Callable[[Connection], Any] | None = None) -> T:
        """Run one writing transaction off the event loop; it finishes even if the caller is cancelled.

        Args:
            work: The transaction.
            undo: Run after it if the caller was cancelled meanwhile, and so never learns the result.
        """
        future = self._threads.submit(self._in_transaction, work)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if undo is not None:
                future.add_done_callback(lambda _: self._threads.submit(self._in_transaction, undo))
            raise

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run one reading transaction off the event loop."""
        return await asyncio.wrap_future(self._threads.submit(self._in_reading, work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Run one writing transaction and wait for it; for callers without an event loop."""
        return self._threads.submit(self._in_transaction, work).result()

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Run one reading transaction and wait for it; for callers without an event loop."""
        return self._threads.submit(self._in_reading, work).result()

    def now(self, connection: Connection) -> float:
        """Tell the time, in seconds, by one clock for all who share the database."""
        if self.is_sqlite:
            return time.time()
        return float(connection.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0.0)

    def serialize(self, connection: Connection, key: str) -> None:
        """Make writers of one key wait for each other until their transactions end."""
        if not self.is_sqlite:  # an SQLite transaction here already has the only write lock
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})

    def close(self) -> None:
        """Wait for what is under way and close the connections."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    def _in_reading(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect().execution_options(gemini_read=True) as connection:
            return work(connection)

    def _create(self) -> None:
        with self._engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
            metadata.create_all(connection)
            for table in metadata.sorted_tables:
                for index in table.indexes:  # a table that an earlier version made may lack one
                    index.create(connection, checkfirst=True)
        if self.is_sqlite and self.url.database:
            _keep_private(Path(self.url.database))


def _supported(url: str) -> URL:
    """Check a URL and choose our driver for it."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise InvalidOption(
        f"The ledger cannot be kept in {parsed.get_backend_name()!r}.",
        hint="Use an SQLite file (`sqlite:///ledger.db`) or PostgreSQL (`postgresql://user@host/database`).",
    )


def _sqlite_engine(url: URL) -> Engine:
    """Open SQLite: WAL, and writers that take their lock at the start, so that none fails half-way."""
    if url.database:
        Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    else:
        engine = create_engine(url, connect_args={"check_same_thread": False}, poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would otherwise begin transactions of its own
        for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("gemini_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL) -> Engine:
    """Open PostgreSQL through psycopg."""
    try:
        return create_engine(url, pool_size=POSTGRES_THREADS, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise InvalidOption(
            "A ledger in PostgreSQL needs the `psycopg` driver.", hint="Run `pip install 'prefect-gemini[postgres]'`."
        ) from None


def _keep_private(path: Path) -> None:
    """Let only the owner read the ledger: its replies hold what documents say."""
    if os.name == "posix":
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
