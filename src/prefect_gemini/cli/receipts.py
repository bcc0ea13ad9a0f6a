"""`prefect-gemini receipts`: read receipts from the command line."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from prefect_gemini.cli._estimate import DryRun
from prefect_gemini.cli._reading import look_for, run_reading
from prefect_gemini.cli._run import console
from prefect_gemini.cli._show import in_the_ui, show_table

if TYPE_CHECKING:
    from prefect_gemini.flows.receipts import ReceiptsResult

STYLES = {"recorded": "green", "needs review": "yellow", "rejected": "red", "error": "red", "warning": "yellow"}


def receipts(
    *paths: str,
    model: str = "flash",
    credentials: str = "",
    output: str = "out/receipts",
    database: str = "",
    policy: str = "",
    budget: Annotated[Decimal | None, Parameter(help="US dollars this run may cost; it stops before more.")] = None,
    concurrency: int = 8,
    trace: bool = False,
    dry_run: DryRun = False,
) -> None:
    """Read receipts, prove every value, and book them.

    With GOOGLE_API_KEY, or GOOGLE_CLOUD_PROJECT and application-default credentials, Gemini reads;
    without either the local reader does, and nothing leaves this machine.

    Exit status: 0 every document was read, 1 some could not be, 2 the run could not start.

    Parameters
    ----------
    paths
        Folders, files, patterns, or gs:// prefixes.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    output
        Folder for the report, the CSV file and the database.
    database
        SQLAlchemy URL of the expense database; empty: an SQLite file in the output folder.
    policy
        Path of a YAML file with limits by category; empty: the one that comes with the library.
    concurrency
        Calls in flight at once.
    trace
        One Prefect task run a receipt; for 200 at most.
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    look_for("receipts", paths, example="~/receipts")
    result = process(
        list(paths),
        model=model,
        credentials=credentials,
        output=output,
        database=database,
        policy=policy,
        budget=budget,
        concurrency=concurrency,
        trace=trace,
        dry_run=dry_run,
    )
    show(result)
    sys.exit(1 if result.run.failed else 0)


def process(paths: list[str], *, model: str = "flash", **options: Any) -> ReceiptsResult:
    """Run the flow; see `run_reading`."""
    result: ReceiptsResult = run_reading(
        "prefect_gemini.flows.receipts:process_receipts", paths, model=model, title="reading receipts", **options
    )
    return result


def show(result: ReceiptsResult) -> None:
    """Print the expenses, the exceptions, the bill, and where everything is."""
    from prefect_gemini.flows.receipts.summary import bill, exception_rows, expense_rows, totals
    from prefect_gemini.flows.receipts.views import amount

    console.print(f"[bold]Read by {result.run.backend}[/]")
    show_table("Expenses", expense_rows(result), right="total", styles=STYLES)
    show_table("What needs a person", exception_rows(result), styles=STYLES)
    for path, why in result.left_out:
        console.print("Left out:", Text(f"{path}: {why}"))
    for currency, total in totals(result).items():
        console.print("Recorded ", Text(amount(total, currency)))
    console.print("Bill     ", Text(bill(result)))
    console.print("Report   ", Text(result.report.resolve().as_uri()))
    console.print("CSV      ", Text(str(result.csv)))
    console.print("Database ", Text(result.database))
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))
