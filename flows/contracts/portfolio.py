"""review_portfolio: a folder of agreements, and one table of what falls due by date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.contracts.deadlines import Deadline, entries_of
from prefect_gemini.flows.contracts.flow import now_in, write_all
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.read import Reading, aread_contract
from prefect_gemini.flows.contracts.review import Review
from prefect_gemini.flows.contracts.spans import is_business_day
from prefect_gemini.flows.contracts.store import ContractStore
from prefect_gemini.flows.contracts.summary import STATUS
from prefect_gemini.flows.ics import write_calendar
from prefect_gemini.flows.sheets import write_sheet
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.errors import DocumentError, DocumentNotFound
from prefect_gemini.gemini.plain import escape_terminal, one_line, plain
from prefect_gemini.tasks import aeach
from prefect_gemini.tasks.estimate import aestimate, dry_run_state
from prefect_gemini.tasks.parts.outcome import Outcome

SHOWN_ROWS = 500
OBLIGATIONS = ("act by", "day", "what", "days left", "agreement", "with", "computed")


class PortfolioResult(BaseModel):
    """What a run over a folder found and wrote.

    Args:
        reviews: of the agreements that could be read.
        failures: name, what kept it from being read, and what to do, of those that could not.
        left_out: files that were not taken for agreements, each with the reason.
        obligations, calendar: files written: CSV and iCalendar.
        cost: US dollars of this run's calls; None where a price is not known.
        backend: who was called.
        database: where the rows are, without a password.
        flow_run_id: of the flow run.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    reviews: tuple[Review, ...]
    failures: tuple[tuple[str, str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    obligations: Path
    calendar: Path
    cost: Decimal | None
    backend: str
    database: str
    flow_run_id: str


@flow(name="contract-portfolio")
async def review_portfolio(
    contracts: str | list[str] = "inbox/contracts",
    playbook: str = "saas",
    model: str | GeminiModel = "flash",
    output: str = "out/contracts",
    database: str = "",
    timezone: str = "UTC",
    holidays: str = "",
    concurrency: int = 4,
    trace: bool = True,
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[PortfolioResult | Estimate]:
    """Review a folder of agreements and put what falls due into one table and one calendar.

    Args:
        contracts: A folder, a file, a pattern such as inbox/*.pdf, a gs:// prefix, or a list of these.
        playbook: saas (customer side), nda, supplier, or the path of a YAML file of your own.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: Folder for reports, table, calendar and, unless another is named, the database.
        database: SQLAlchemy URL of the contract database. Empty: an SQLite file in the output folder.
        timezone: Where the reader is, such as Europe/Berlin; decides what today is.
        holidays: Country whose public holidays are no business days, such as US, GB, DE. Empty: weekends only.
        concurrency: Agreements read at once.
        trace: Show each agreement as a task run of its own; for 200 at most.
        empty_is_ok: Finish quietly where there is no agreement, as a schedule over an inbox should.
        dry_run: Only say what it would cost; nothing is generated.
    """
    book, now = Playbook.load(playbook), now_in(timezone)
    is_business_day(now.date(), country=holidays)  # a misspelt country is an error before anything is paid
    chosen = GeminiModel.of(model)
    backend = await chosen.backend()
    resolve(chosen.model, backend=backend.kind)
    listing = documents_in(contracts)
    sources = await asyncio.to_thread(list, listing)
    if not sources and not empty_is_ok:
        raise DocumentNotFound(
            f"There is no agreement in {contracts!r}.", hint="Name a folder, or a pattern such as 'contracts/*.pdf'."
        )
    options: dict[str, Any] = {"playbook": book, "model": chosen, "concurrency": concurrency}
    if dry_run:
        return await dry_run_state(await aestimate(aread_contract, sources, **options))
    outcomes = await aeach(aread_contract, sources, trace=trace, key="contracts-progress", **options)
    reviews = [
        Review.of(one.reply, run_id=str(runtime.flow_run.id), backend=backend.label, now=now, country=holidays)
        for one in outcomes
        if one.reply is not None
    ]
    result = await asyncio.to_thread(_written, outcomes, reviews, sources, output, database, backend.label)
    result = result.model_copy(update={"left_out": tuple(listing.left)})
    await acreate_markdown_artifact(summary(result), key="contracts-report", description="The portfolio")
    for key, rows, what in (
        ("contracts-obligations", obligation_rows(result.reviews), "What falls due, by date"),
        ("contracts-overview", overview_rows(result), "Agreements by risk"),
    ):
        if rows:
            await acreate_table_artifact(rows[:SHOWN_ROWS], key=key, description=what)
    waiting = sum(one.status == "needs_decision" for one in reviews)
    return Completed(
        name="Needs decision" if waiting or result.failures else "Completed",
        message=f"{len(reviews)} agreements reviewed, {waiting} need decisions, {len(result.failures)} could not be read",
        data=result,
    )


def obligation_rows(reviews: Sequence[Review]) -> list[dict[str, str]]:
    """One row a day that matters, the nearest first."""
    rows = []
    for review, one in sorted(_all(reviews), key=lambda pair: pair[1].act_by):
        rows.append(
            {
                "act by": str(one.act_by),
                "day": str(one.day),
                "what": one.title,
                "days left": str((one.act_by - review.reviewed_at.date()).days),
                "agreement": escape_terminal(review.reading.name),
                "with": escape_terminal(_parties(review.reading), longest=200),
                "computed": one.rule,
            }
        )
    return rows


def overview_rows(result: PortfolioResult) -> list[dict[str, str]]:
    """One row an agreement, those that could not be read last."""
    rows = [
        {
            "agreement": escape_terminal(one.reading.name),
            "status": STATUS[one.status],
            "risk": one.risk,
            "open": str(len(one.open)),
            "parties": escape_terminal(_parties(one.reading), longest=200),
            "remarks": str(len(one.reading.remarks)),
        }
        for one in result.reviews
    ]
    return rows + [
        {
            "agreement": escape_terminal(name),
            "status": "not read",
            "risk": "",
            "open": "",
            "parties": "",
            "remarks": escape_terminal(f"{why} {hint}"),
        }
        for name, why, hint in result.failures
    ]


def summary(result: PortfolioResult) -> str:
    """The portfolio as markdown."""
    coming = [
        pair
        for pair in sorted(_all(result.reviews), key=lambda pair: pair[1].act_by)
        if pair[1].act_by >= pair[0].reviewed_at.date()
    ]
    return "\n".join(
        [
            f"# {len(result.reviews)} agreements",
            "",
            f"- **High risk:** {sum(one.risk == 'high' for one in result.reviews)}; **could not be read:** {len(result.failures)}",
            f"- **Table:** `{result.obligations}`; **calendar:** `{result.calendar}`; **database:** `{result.database}`",
            *(f"- **{one.act_by}:** {plain(review.reading.name)}: {one.title}" for review, one in coming[:20]),
            *(
                f"- **Not read:** {plain(name)}: {one_line(why)} {one_line(hint)}"
                for name, why, hint in result.failures
            ),
            *(f"- **Left out:** {plain(path)}: {one_line(why)}" for path, why in result.left_out[:20]),
        ]
    )


def _written(
    outcomes: Sequence[Outcome[Any]],
    reviews: list[Review],
    sources: Sequence[str],
    output: str,
    database: str,
    backend: str,
) -> PortfolioResult:
    target = Path(output).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    read = [source for one, source in zip(outcomes, sources, strict=True) if one.ok]
    with ContractStore(database or target / "contracts.db") as store:
        where = store.label
    for review, source in zip(reviews, read, strict=True):
        write_all(review, _again(source, review), output, database)
    entries = [
        entry
        for review in reviews
        for entry in entries_of(review.deadlines, name=review.reading.name, digest=review.reading.digest)
    ]
    costs = [review.cost for review in reviews]
    return PortfolioResult(
        reviews=tuple(reviews),
        failures=tuple((one.name, one.failure.message, one.failure.hint) for one in outcomes if one.failure),
        obligations=write_sheet(target / "obligations.csv", obligation_rows(reviews), columns=OBLIGATIONS),
        calendar=write_calendar(
            target / "obligations.ics",
            entries,
            name="Agreements",
            made_at=reviews[0].reviewed_at if reviews else now_in("UTC"),
        ),
        cost=None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
        backend=backend,
        database=where,
        flow_run_id=str(runtime.flow_run.id),
    )


def _again(source: str, review: Review) -> Document | None:
    """The agreement for its report; None where it was moved or replaced since it was read. Its rows are written all the same."""
    try:
        document = Document.of(source)
    except DocumentError:
        return None
    return document if document.is_reference or document.digest == review.reading.digest else None


def _all(reviews: Sequence[Review]) -> list[tuple[Review, Deadline]]:
    return [(review, one) for review in reviews for one in review.deadlines]


def _parties(reading: Reading) -> str:
    return ", ".join(fact.value for fact in reading.proven.facts if fact.name == "party" and fact.supported)
