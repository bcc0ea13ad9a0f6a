"""The run in words and rows, for the Prefect UI and the terminal."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from prefect_gemini.flows.receipts.views import amount
from prefect_gemini.gemini.plain import escape_terminal, plain

if TYPE_CHECKING:
    from prefect_gemini.flows.receipts.flow import ReceiptsResult

SHOWN_ROWS = 500  # the UI renders a larger table slowly; the database and the CSV file have every row


def expense_rows(result: ReceiptsResult) -> list[dict[str, Any]]:
    """One row an expense, as text that no page or terminal interprets."""
    return [
        {
            "receipt": escape_terminal(one.name),
            "merchant": escape_terminal(one.receipt.merchant or ""),
            "date": str(one.receipt.date or ""),
            "total": amount(one.receipt.total, one.receipt.currency),
            "category": str(one.receipt.category or ""),
            "status": one.status.replace("_", " "),
        }
        for one in result.expenses[:SHOWN_ROWS]
    ]


def exception_rows(result: ReceiptsResult) -> list[dict[str, Any]]:
    """One row a reason, with what to do about it."""
    return [
        {
            "receipt": escape_terminal(one.name),
            "severity": one.severity,
            "reason": escape_terminal(one.message),
            "what to do": escape_terminal(one.action),
        }
        for one in result.exceptions[:SHOWN_ROWS]
    ]


def totals(result: ReceiptsResult) -> dict[str, Decimal]:
    """The sum of recorded expenses by currency; currencies are never added up."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in result.expenses:
        if one.status == "recorded" and one.receipt.total is not None:
            sums[one.receipt.currency or "unknown currency"] += one.receipt.total
    return dict(sorted(sums.items()))


def bill(result: ReceiptsResult) -> str:
    """What the run cost, and who was paid."""
    run = result.run
    cost = "no price is known for this model" if run.cost is None else f"${run.cost:.4f}"
    if "local" in run.backend:
        cost = f"{cost} on {run.model} at list prices; nothing was paid"
    tokens = f"{run.input_tokens:,} tokens in, {run.output_tokens:,} out"
    saved = f"; ${result.saved:.4f} saved, because the ledger had the answers" if result.saved else ""
    return f"{tokens}: {cost}{saved}"


def summary(result: ReceiptsResult) -> str:
    """The run as markdown."""
    run = result.run
    sums = ", ".join(amount(total, currency) for currency, total in totals(result).items()) or "nothing"
    review = sum(one.status == "needs_review" for one in result.expenses)
    rejected = sum(one.status == "rejected" for one in result.expenses)
    lines = [
        f"# {run.documents} receipts from {plain(run.source)}",
        "",
        f"- **Recorded:** {sums}",
        f"- **Need review:** {review}; **rejected:** {rejected}; **could not be read:** {run.failed}",
        f"- **Read by:** {run.backend}",
        f"- **Bill:** {bill(result)}",
        f"- **Report:** `{result.report}`; **CSV:** `{result.csv}`; **database:** `{result.database}`",
        *(f"- **Left out:** {plain(path)}: {plain(why)}" for path, why in result.left_out[:20]),
    ]
    return "\n".join(lines)
