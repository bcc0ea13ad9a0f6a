"""`prefect-gemini contract`: review, compare and list agreements, and decide on what a review found."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from prefect_gemini.cli._estimate import DryRun
from prefect_gemini.cli._reading import look_for, run_reading
from prefect_gemini.cli.contract_decide import decide, waiting
from prefect_gemini.cli.contract_show import show_comparison, show_portfolio, show_review

if TYPE_CHECKING:
    from prefect_gemini.flows.contracts import ComparisonResult, ContractResult, PortfolioResult

Budget = Annotated[Decimal | None, Parameter(help="US dollars this run may cost; it stops before more.")]

contract = App(
    name="contract",
    help="Review an agreement against a playbook: every finding with its page, every date computed.",
)


@contract.default
def review(
    file: str,
    *,
    playbook: str = "saas",
    model: str = "flash",
    credentials: str = "",
    output: str = "out/contracts",
    database: str = "",
    approve: bool = False,
    approval_hours: float = 72,
    on_timeout: Literal["reject", "accept"] = "reject",
    timezone: str = "UTC",
    holidays: str = "",
    cache: Literal["auto", "always", "never"] = "auto",
    budget: Budget = None,
    dry_run: DryRun = False,
) -> None:
    """Review one agreement.

    With GOOGLE_API_KEY, or GOOGLE_CLOUD_PROJECT and application-default credentials, Gemini reads;
    without either the local reader does, and nothing leaves this machine.

    Exit status: 0 nothing is left to decide, 1 a person has to decide or has rejected it, 2 it could not be read.

    Parameters
    ----------
    file
        A PDF, DOCX or text file, or a gs:// address.
    playbook
        saas (customer side), nda, supplier, or the path of a YAML file of your own.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    output
        Folder for the report, the calendar, the JSON file and the database.
    database
        SQLAlchemy URL of the contract database; empty: an SQLite file in the output folder.
    approve
        Wait for a person's decisions on high risks; they come from the Prefect UI or from
        `prefect-gemini contract decide`, and need a running Prefect server.
    approval_hours
        Hours until the default is taken.
    on_timeout
        The default: what every open finding is taken as when nobody has decided.
    timezone
        Where you are, such as Europe/Berlin; decides what today is.
    holidays
        Country whose public holidays are no business days, such as US, GB, DE-BY; empty: weekends only.
    cache
        Whether the document is kept in a context cache while questions are asked; auto: where it pays.
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    _there(file)
    result: ContractResult = run_reading(
        "prefect_gemini.flows.contracts:review_contract",
        file,
        title="reading the agreement",
        model=model,
        credentials=credentials,
        budget=budget,
        playbook=playbook,
        output=output,
        database=database,
        approval="wait" if approve else "none",
        approval_hours=approval_hours,
        on_timeout=on_timeout,
        timezone=timezone,
        holidays=holidays,
        cache=cache,
        dry_run=dry_run,
    )
    show_review(result)
    sys.exit(1 if result.review.status in ("needs_decision", "rejected") else 0)


@contract.command
def compare(
    before: str,
    after: str,
    *,
    playbook: str = "saas",
    model: str = "flash",
    credentials: str = "",
    output: str = "out/contracts",
    budget: Budget = None,
    dry_run: DryRun = False,
) -> None:
    """Compare two versions of an agreement, clause by clause, and say what it does to the risk.

    Exit status: 0 no clause became riskier, 1 some did, 2 a version could not be read.

    Parameters
    ----------
    before
        The earlier version.
    after
        The later version.
    playbook
        saas (customer side), nda, supplier, or the path of a YAML file of your own.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    output
        Folder for the report and the JSON file.
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    _there(before, after)
    result: ComparisonResult = run_reading(
        "prefect_gemini.flows.contracts:compare_contracts",
        before,
        after=after,
        title="reading both versions",
        playbook=playbook,
        model=model,
        credentials=credentials,
        budget=budget,
        output=output,
        dry_run=dry_run,
    )
    show_comparison(result)
    sys.exit(1 if result.comparison.worse else 0)


@contract.command
def portfolio(
    *paths: str,
    playbook: str = "saas",
    model: str = "flash",
    credentials: str = "",
    output: str = "out/contracts",
    database: str = "",
    timezone: str = "UTC",
    holidays: str = "",
    concurrency: int = 4,
    budget: Budget = None,
    dry_run: DryRun = False,
) -> None:
    """Review folders of agreements, and list obligations and renewals by date.

    Exit status: 0 every agreement was read, 1 some could not be, 2 the run could not start.

    Parameters
    ----------
    paths
        Folders, files, patterns, or gs:// prefixes.
    playbook
        saas (customer side), nda, supplier, or the path of a YAML file of your own.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    output
        Folder for reports, table, calendar and database.
    database
        SQLAlchemy URL of the contract database; empty: an SQLite file in the output folder.
    timezone
        Where you are, such as Europe/Berlin; decides what today is.
    holidays
        Country whose public holidays are no business days; empty: weekends only.
    concurrency
        Agreements read at once.
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    look_for("contract portfolio", paths, example="~/agreements")
    result = run_portfolio(
        list(paths),
        model=model,
        credentials=credentials,
        budget=budget,
        playbook=playbook,
        output=output,
        database=database,
        timezone=timezone,
        holidays=holidays,
        concurrency=concurrency,
        dry_run=dry_run,
    )
    show_portfolio(result)
    sys.exit(1 if result.failures else 0)


def run_portfolio(paths: list[str], *, model: str = "flash", **options: Any) -> PortfolioResult:
    """Run the flow; see `run_reading`."""
    result: PortfolioResult = run_reading(
        "prefect_gemini.flows.contracts:review_portfolio", paths, model=model, title="reading agreements", **options
    )
    return result


def _there(*files: str) -> None:
    for file in files:
        if "://" not in file and not Path(file).expanduser().is_file():
            print(f"prefect-gemini contract: there is no file {file!r}", file=sys.stderr)
            sys.exit(2)


contract.command(waiting)
contract.command(decide)
