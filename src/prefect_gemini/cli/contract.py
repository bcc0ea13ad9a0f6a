"""`prefect-gemini contract`: review, compare and list agreements, and decide on what a review found."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from prefect_gemini.cli._estimate import DryRun, show_estimate
from prefect_gemini.cli._reading import look_for
from prefect_gemini.cli._run import friendly_errors, prepare_prefect, run_flow
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
    result = run_review(
        file,
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
    prepare_prefect()
    from prefect_gemini.flows.contracts import compare_contracts
    from prefect_gemini.gemini.costs.estimate import Estimate

    with friendly_errors():
        result: ComparisonResult | Estimate = _run(
            compare_contracts(
                before,
                after,
                playbook=playbook,
                model=_model(model, credentials, budget),
                output=output,
                dry_run=dry_run,
            ),
            title="counting tokens" if dry_run else "reading both versions",
        )
    if isinstance(result, Estimate):
        show_estimate(result)
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


def run_portfolio(
    paths: list[str],
    *,
    model: str = "flash",
    credentials: str = "",
    budget: Decimal | None = None,
    **options: Any,
) -> PortfolioResult:
    """Review folders with a progress bar; leaves with status 2 and one line when it cannot start."""
    prepare_prefect()
    from prefect_gemini.flows.contracts import review_portfolio
    from prefect_gemini.gemini.costs.estimate import Estimate

    with friendly_errors():
        result: PortfolioResult | Estimate = _run(
            review_portfolio(paths, model=_model(model, credentials, budget), **options),
            title="counting tokens" if options.get("dry_run") else "reading agreements",
        )
    if isinstance(result, Estimate):
        show_estimate(result)
    return result


def run_review(
    file: str, *, model: str, credentials: str = "", budget: Decimal | None = None, **options: Any
) -> ContractResult:
    """Run the review with a progress bar; leaves with status 2 and one line when it cannot be done."""
    _there(file)
    prepare_prefect()
    from prefect_gemini.flows.contracts import review_contract
    from prefect_gemini.gemini.costs.estimate import Estimate

    with friendly_errors():
        result: ContractResult | Estimate = _run(
            review_contract(file, model=_model(model, credentials, budget), **options),
            title="counting tokens" if options.get("dry_run") else "reading the agreement",
        )
    if isinstance(result, Estimate):
        show_estimate(result)
    return result


def _run(flow_run: Any, *, title: str) -> Any:
    """A flow annotates the state it ends in; awaited, it gives that state's result."""
    return run_flow(flow_run, title=title)


def _model(model: str, credentials: str, budget: Decimal | None) -> Any:
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel
    from prefect_gemini.gemini.costs.budget import Budget as Limit

    return GeminiModel(
        model=model,
        credentials=GeminiCredentials.load(credentials) if credentials else None,
        budget=Limit(per_run=budget),
    )


def _there(*files: str) -> None:
    for file in files:
        if "://" not in file and not Path(file).expanduser().is_file():
            print(f"prefect-gemini contract: there is no file {file!r}", file=sys.stderr)
            sys.exit(2)


contract.command(waiting)
contract.command(decide)
