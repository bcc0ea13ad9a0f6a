"""Expenses as a CSV file that a spreadsheet can open without running anything in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect_gemini.flows.receipts.expense import Expense

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

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def safe_cell(value: Any) -> str:
    """A cell as text; what a spreadsheet would run as a formula begins with an apostrophe instead.

    A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break is a formula to Excel and
    LibreOffice, and may come from a receipt. Plain numbers stay numbers, negative ones too.
    """
    text = "" if value is None else str(value)
    if text[:1] in (
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "\uff1d",
        "\uff0b",
        "\uff0d",
        "\uff20",
    ) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


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
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The byte order mark tells Excel that the file is UTF-8; without it "Café" is garbled there.
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for expense in expenses:
            flat = row(expense)
            writer.writerow([safe_cell(flat[column]) for column in COLUMNS])
    return target
