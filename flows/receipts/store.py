"""The expense database: one row a document, whatever happens twice.

SQLite by default, PostgreSQL by URL. Amounts are kept exactly: NUMERIC where the database has it,
decimal text in SQLite, whose NUMERIC is a binary float.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from prefect_gemini.flows.receipts.duplicates import Seen
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.tables import exceptions, expenses, line_items, metadata, runs, taxes


class StoreError(RuntimeError):
    """The expense database cannot be used as asked; `hint` says what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Run:
    """One run of the flow over some documents.

    Args:
        id: unique; the flow run's id.
        started_at, finished_at: with time zone.
        source: the folder or pattern, as given.
        backend: who was called, as a person reads it.
        model: the model asked for.
        documents, failed: how many there were, and how many gave no receipt.
        input_tokens, output_tokens: of all calls.
        cost: US dollars; None where a price is not known.
    """

    id: str
    started_at: datetime.datetime
    finished_at: datetime.datetime
    source: str = ""
    backend: str = ""
    model: str = ""
    documents: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None


@dataclass
class ExpenseStore:
    """An open expense database; use it as a context manager.

    Args:
        target: a path (a SQLite file, made with its folder when missing) or a database URL,
            `sqlite:///…` or `postgresql://user@host/name`.

    Raises:
        StoreError: the URL is not understood, its driver is missing, or the database does not open.
    """

    target: str | Path
    engine: sa.Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        url = _url(self.target)
        try:
            self.engine = sa.create_engine(url)
        except ModuleNotFoundError as missing:
            raise StoreError(
                f"The database driver {missing.name!r} is not installed.",
                hint='For PostgreSQL, `pip install "prefect-gemini[postgres]"`.',
            ) from missing
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _configure_sqlite)
        with self._named():
            metadata.create_all(self.engine)

    def __enter__(self) -> ExpenseStore:
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

    def save(self, run: Run, found: Sequence[Expense], reasons: Iterable[ReceiptException] = ()) -> None:
        """Write a run in one transaction: all of it or nothing.

        A document recorded before is updated, its lines and exceptions replaced; a byte-for-byte
        duplicate has its original's row and adds an exception only.

        Raises:
            StoreError: the database refused; nothing was written.
        """
        moment = run.finished_at
        rows = [expense for expense in found if expense.duplicate is None or expense.duplicate.reason != "content"]
        with self._named(), self.engine.begin() as connection:
            self._upsert(connection, runs, [_run_row(run)])
            self._upsert(connection, expenses, [_expense_row(one, run, moment) for one in rows], keep=("recorded_at",))
            for table, lines in ((line_items, _line_rows(rows)), (taxes, _tax_rows(rows))):
                _delete(connection, table.c.digest, [one.digest for one in rows])
                if lines:
                    connection.execute(table.insert(), lines)
            self._replace_exceptions(connection, run, found, list(reasons))

    def known(self) -> tuple[Seen, ...]:
        """The originals recorded so far, as `find_duplicates` compares them."""
        wanted = (
            expenses.c.name,
            expenses.c.digest,
            expenses.c.perceptual_hash,
            expenses.c.merchant,
            expenses.c.date,
            expenses.c.total,
            expenses.c.currency,
        )
        query = sa.select(*wanted).where(expenses.c.duplicate_of.is_(None)).order_by(expenses.c.recorded_at)
        with self._named(), self.engine.connect() as connection:
            return tuple(Seen(*row) for row in connection.execute(query))

    def rows(self, table: str = "expenses") -> Iterator[dict[str, Any]]:
        """Every row of a table in the order of its key, for exports and checks.

        Raises:
            StoreError: there is no such table.
        """
        source = metadata.tables.get(table)
        if source is None:
            raise StoreError(f"There is no table {table!r}; there are {', '.join(sorted(metadata.tables))}.")
        with self._named(), self.engine.connect() as connection:
            for row in connection.execute(sa.select(source).order_by(*source.primary_key.columns)).mappings():
                yield dict(row)

    def _upsert(
        self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], *, keep: tuple[str, ...] = ()
    ) -> None:
        if not rows:
            return
        insert = (postgresql if self.engine.dialect.name == "postgresql" else sqlite).insert(table)
        keys = [column.name for column in table.primary_key.columns]
        changed = {name: insert.excluded[name] for name in rows[0] if name not in (*keys, *keep)}
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)

    def _replace_exceptions(
        self, connection: sa.Connection, run: Run, found: Sequence[Expense], reasons: list[ReceiptException]
    ) -> None:
        """A document's exceptions are those of its latest run; where it could not be read then, under no digest."""
        documents = {(one.name, one.digest) for one in found} | {(one.name, one.digest) for one in reasons}
        documents |= {(name, "") for name, _ in documents}
        if documents:
            old = exceptions.delete().where(
                exceptions.c.name == sa.bindparam("of_name"), exceptions.c.digest == sa.bindparam("of_digest")
            )
            connection.execute(old, [{"of_name": name, "of_digest": digest} for name, digest in sorted(documents)])
        counted: dict[tuple[str, str], int] = {}
        rows = []
        for reason in reasons:
            key = (reason.name, reason.digest)
            counted[key] = position = counted.get(key, -1) + 1
            rows.append(_exception_row(reason, position, run))
        if rows:
            connection.execute(exceptions.insert(), rows)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the driver raises into a `StoreError` that names the database and hides its password."""
        try:
            yield
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise StoreError(
                f"The expense database {self.label!r} failed: {cause}",
                hint="Check that the path is writable, or that the server is reachable and the user may create tables.",
            ) from error


def _url(target: str | Path) -> sa.URL:
    text = str(target)
    if "://" not in text:
        path = Path(text).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {str(path.parent)!r} for the expense database cannot be made: {error.strerror}.",
                hint="Choose a path you may write to.",
            ) from error
        return sa.URL.create("sqlite", database=str(path))
    try:
        url = sa.make_url(text.replace("postgres://", "postgresql://", 1))
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise StoreError(
                f"{url.get_backend_name()!r} is not a database the receipts flow writes to.",
                hint="Use a path (SQLite) or a `postgresql://…` URL.",
            )
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            "The database URL is not understood.", hint="Write it as `postgresql://user:password@host/name`."
        ) from error
    return url


def _configure_sqlite(connection: Any, _: object) -> None:
    """Let readers and one writer work at once, and a second writer wait half a minute for its turn."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _delete(connection: sa.Connection, column: sa.Column[Any], values: list[str]) -> None:
    for start in range(0, len(values), 500):
        connection.execute(column.table.delete().where(column.in_(values[start : start + 500])))


def _run_row(run: Run) -> dict[str, Any]:
    return {column.name: getattr(run, column.name) for column in runs.columns}


def _expense_row(expense: Expense, run: Run, moment: datetime.datetime) -> dict[str, Any]:
    receipt = expense.receipt
    printed = {
        name: getattr(receipt, name)
        for name in ("merchant", "address", "date", "time", "currency", "subtotal", "tip", "rounding", "total")
    }
    return {
        **printed,
        "payment_method": receipt.payment_method,
        "category": receipt.category.value if receipt.category else None,
        "tax": sum((tax.amount for tax in receipt.taxes if tax.amount is not None), Decimal(0))
        if receipt.taxes
        else None,
        "digest": expense.digest,
        "name": expense.name,
        "run_id": run.id,
        "status": expense.status,
        "duplicate_of": expense.duplicate.digest if expense.duplicate else None,
        "perceptual_hash": expense.perceptual_hash,
        "model": expense.model,
        "backend": expense.backend,
        "input_tokens": expense.input_tokens,
        "output_tokens": expense.output_tokens,
        "cost": expense.cost,
        "recorded_at": moment,
        "updated_at": moment,
    }


def _line_rows(found: Sequence[Expense]) -> list[dict[str, Any]]:
    return [
        {"digest": one.digest, "position": position, **item.model_dump()}
        for one in found
        for position, item in enumerate(one.receipt.line_items)
    ]


def _tax_rows(found: Sequence[Expense]) -> list[dict[str, Any]]:
    return [
        {"digest": one.digest, "position": position, **tax.model_dump()}
        for one in found
        for position, tax in enumerate(one.receipt.taxes)
    ]


def _exception_row(reason: ReceiptException, position: int, run: Run) -> dict[str, Any]:
    return {**reason.model_dump(exclude={"fields"}), "fields": ", ".join(reason.fields), "position": position} | {
        "run_id": run.id
    }
