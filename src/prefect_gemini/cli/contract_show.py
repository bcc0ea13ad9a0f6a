"""What `prefect-gemini contract` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from prefect_gemini.cli._run import console
from prefect_gemini.cli._show import in_the_ui, show_table

if TYPE_CHECKING:
    from prefect_gemini.flows.contracts import ComparisonResult, ContractResult, PortfolioResult

STYLES = {
    "high": "red",
    "medium": "yellow",
    "none": "green",
    "missing": "yellow",
    "unsupported": "red",
    "worse": "red",
    "better": "green",
    "not read": "red",
}


def show_review(result: ContractResult) -> None:
    """Print what a review found, what falls due, the bill, and where everything is."""
    from prefect_gemini.flows.contracts.summary import (
        STATUS,
        bill,
        deadline_rows,
        fact_rows,
        finding_rows,
        remark_rows,
    )

    review = result.review
    console.print(Text.assemble((f"{review.reading.name}: ", "bold"), STATUS[review.status]))
    for one in review.reading.remarks:
        if one.code == "suspected_injection":
            console.print(Text(f"Warning: {one.message} {one.quote!r}", style="bold red"))
    short = ("clause", "status", "position", "risk", "where", "why", "decision")
    decided = any(review.decision(one.key) for one in review.reading.findings)
    rows = [{name: row[name] for name in short if name != "decision" or decided} for row in finding_rows(review)]
    show_table("Clauses", rows, styles=STYLES)
    show_table("What falls due", deadline_rows(review))
    show_table("Facts", fact_rows(review), styles={"not in the document": "red"})
    show_table("What code found in the text", remark_rows(review))
    console.print("Bill     ", Text(bill(review)))
    console.print("Cache    ", Text(str(review.reading.cache)))
    console.print("Report   ", Text(result.report.resolve().as_uri()))
    console.print("Calendar ", Text(str(result.calendar)))
    console.print("JSON     ", Text(str(result.data)))
    console.print("Database ", Text(result.database))
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))


def show_comparison(result: ComparisonResult) -> None:
    """Print what changed, and where the report is."""
    from prefect_gemini.flows.contracts.versions import change_rows, fact_change_rows

    found = result.comparison
    console.print(
        Text(f"{found.before} → {found.after}: highest risk {found.risk_before} → {found.risk_after}", style="bold")
    )
    rows = [{name: row[name] for name in ("clause", "change", "risk", "effect")} for row in change_rows(found)]
    show_table("Clauses that changed", rows, styles=STYLES)
    show_table("Facts that changed", fact_change_rows(found))
    console.print("Report   ", Text(result.report.resolve().as_uri()))
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))


def show_portfolio(result: PortfolioResult) -> None:
    """Print the agreements and what falls due, by date."""
    from prefect_gemini.flows.contracts.portfolio import obligation_rows, overview_rows

    show_table("Agreements", overview_rows(result), styles=STYLES)
    rows = [
        {name: row[name] for name in ("act by", "what", "days left", "agreement")}
        for row in obligation_rows(result.reviews)
    ]
    show_table("What falls due", rows)
    for path, why in result.left_out:
        console.print("Left out:", Text(f"{path}: {why}"))
    cost = "no price is known for this model" if result.cost is None else f"${result.cost:.4f} at list prices"
    console.print("Bill     ", Text(f"{cost}; nothing was paid" if "local" in result.backend else cost))
    console.print("Reports  ", Text(f"{result.obligations.parent}/*.html"))
    console.print("Table    ", Text(str(result.obligations)))
    console.print("Calendar ", Text(str(result.calendar)))
    console.print("Database ", Text(result.database))
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))
