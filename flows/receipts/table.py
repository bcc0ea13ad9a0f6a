"""Expenses as flat rows and as a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect_gemini.flows.receipts.expense import Expense
from prefect_gemini.flows.sheets import write_sheet

COLUMNS = (
    "document",
    "status",
    "merchant",
    "address",
    "date",
    "time",
    "currency",
    "subtotal",
    "tax",
    "tip",
    "rounding",
    "total",
    "payment_method",
    "category",
    "lines",
    "duplicate_of",
    "reasons",
    "cost_usd",
    "digest",
)


def row(expense: Expense) -> dict[str, Any]:
    """An expense as one flat row, for CSV and for tables."""
    receipt = expense.receipt
    taxes = [tax.amount for tax in receipt.taxes if tax.amount is not None]
    reasons = [finding.code for finding in expense.findings + expense.policy if finding.severity == "error"]
    return {
        "document": expense.name,
        "status": expense.status,
        "merchant": receipt.merchant,
        "address": receipt.address,
        "date": receipt.date,
        "time": receipt.time.strftime("%H:%M") if receipt.time else None,
        "currency": receipt.currency,
        "subtotal": receipt.subtotal,
        "tax": sum(taxes) if taxes else None,
        "tip": receipt.tip,
        "rounding": receipt.rounding,
        "total": receipt.total,
        "payment_method": receipt.payment_method,
        "category": receipt.category.value if receipt.category else None,
        "lines": len(receipt.line_items),
        "duplicate_of": expense.duplicate.name if expense.duplicate else None,
        "reasons": " ".join(["duplicate"] * (expense.duplicate is not None) + list(dict.fromkeys(reasons))),
        "cost_usd": None if expense.cost is None else format(expense.cost, "f"),
        "digest": expense.digest,
    }


def write_csv(expenses: Sequence[Expense], path: str | Path) -> Path:
    """Write expenses to a UTF-8 CSV file, one row a document, and return its path."""
    return write_sheet(path, map(row, expenses), columns=COLUMNS)
