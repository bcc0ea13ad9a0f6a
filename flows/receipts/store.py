"""The expense database: one row a document, whatever happens twice."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from prefect_gemini.flows.database import Database, StoreError, delete_where
from prefect_gemini.flows.receipts.duplicates import Seen
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.tables import exceptions, expenses, line_items, metadata, runs, taxes

__all__ = ["ExpenseStore", "Run", "StoreError"]


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


class ExpenseStore(Database):
    """An open expense database: a `Database` of receipts."""

    metadata = metadata
    what = "expense database"
    main = "expenses"

    def save(self, run: Run, found: Sequence[Expense], reasons: Iterable[ReceiptException] = ()) -> None:
        """Write a run in one transaction: all of it or nothing.

        A document recorded before is updated, its lines and exceptions replaced; a byte-for-byte
        duplicate has its original's row and adds an exception only.

        Raises:
            StoreError: the database refused; nothing was written.
        """
        moment = run.finished_at
        rows = [expense for expense in found if expense.duplicate is None or expense.duplicate.reason != "content"]
        with self.named(), self.engine.begin() as connection:
            self.upsert(connection, runs, [_run_row(run)])
            self.upsert(connection, expenses, [_expense_row(one, run, moment) for one in rows], keep=("recorded_at",))
            for table, lines in ((line_items, _line_rows(rows)), (taxes, _tax_rows(rows))):
                delete_where(connection, table.c.digest, [one.digest for one in rows])
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
        with self.named(), self.engine.connect() as connection:
            return tuple(Seen(*row) for row in connection.execute(query))

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
