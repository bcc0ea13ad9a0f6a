"""`prefect-gemini costs`: what was spent, from the ledger."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from prefect_gemini.cli._run import console, friendly_errors, notes


def costs(
    *,
    by: Literal["day", "flow", "model", "prompt", "document"] = "day",
    since: str | None = None,
    ledger: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Show what Gemini has cost, at list prices, from the ledger of every call that was paid.

    Calls answered by the local reader were not billed; their line says what Gemini would have cost.

    Parameters
    ----------
    by
        Group by day (UTC), flow, model, prompt or document.
    since
        First day to count, for example 2026-11-01.
    ledger
        Another ledger than your own: a path or an SQLAlchemy URL.
    as_json
        Print JSON instead of a table.
    """
    with friendly_errors():
        from prefect_gemini.blocks.settings import GeminiSettings
        from prefect_gemini.gemini.costs.report import cost_report, cost_rows
        from prefect_gemini.gemini.errors import InvalidOption
        from prefect_gemini.gemini.ledger.ledger import Ledger

        try:
            first = date.fromisoformat(since) if since else None
        except ValueError:
            raise InvalidOption(f"`--since` {since!r} is not a day.", hint="Write it as 2026-11-01.") from None
        if ledger and "://" not in ledger and not Path(ledger).expanduser().is_file():
            raise InvalidOption(f"There is no ledger {ledger!r}.", hint="Name an SQLite file, or an SQLAlchemy URL.")
        opened = Ledger.open(ledger or GeminiSettings().ledger_location())
        lines = cost_report(opened, by=by, since=first)
        opened.close()
    if as_json:
        print(json.dumps({"by": by, "since": since, "lines": cost_rows(lines)}, indent=2))
        return
    if not lines:
        notes.print("No call has been paid for yet." if first is None else f"No call has been paid for since {first}.")
        return
    table = Table(title=f"Cost by {by}, USD at list prices", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(by)
    table.add_column("backend", no_wrap=True)
    for name in ("calls", "input", "cached", "output", "USD"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(
            line.name,
            line.backend if line.backend != "local" else "local (not billed)",
            f"{line.calls:,}",
            f"{line.prompt:,}",
            f"{line.cached:,}",
            f"{line.output:,}",
            f"{line.usd:,.6f}",
        )
    console.print(table)
    billed = sum((line.usd for line in lines if line.backend != "local"), Decimal(0))
    local = sum((line.usd for line in lines if line.backend == "local"), Decimal(0))
    console.print(f"Billed by Google: ${billed:,.6f}. Answered by the local reader, would have cost: ${local:,.6f}.")
    if wasted := sum(line.wasted for line in lines):
        console.print(f"{wasted:,} of the calls were paid for without a usable answer (blocked, cut, or not valid).")
    if unpriced := sum(line.unpriced for line in lines):
        console.print(f"{unpriced:,} of the calls went to a model without a known price and are not in the sums.")
