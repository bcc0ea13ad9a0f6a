"""review_contract: one agreement held against a playbook, decided on by people, with everything on record."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import flow, runtime, task
from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from prefect.utilities.annotations import quote as unwalked
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.contracts.approval import Approval, adecide
from prefect_gemini.flows.contracts.deadlines import entries_of
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.read import aread_contract
from prefect_gemini.flows.contracts.report import write_report
from prefect_gemini.flows.contracts.review import Review
from prefect_gemini.flows.contracts.spans import is_business_day
from prefect_gemini.flows.contracts.store import ContractStore
from prefect_gemini.flows.contracts.summary import STATUS, deadline_rows, finding_rows, remark_rows, summary
from prefect_gemini.flows.ics import write_calendar
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.tasks.bulk.progress import Progress
from prefect_gemini.tasks.context_cache import Policy
from prefect_gemini.tasks.estimate import aestimate, dry_run_state


class ContractResult(BaseModel):
    """What a review found and wrote.

    Args:
        review: the review.
        report, calendar, data: files written: HTML, iCalendar, JSON.
        database: where the rows are, without a password.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    review: Review
    report: Path
    calendar: Path
    data: Path
    database: str

    @property
    def flow_run_id(self) -> str:
        return self.review.run_id

    @property
    def files(self) -> dict[str, str]:
        """What was written, by what it is."""
        return {
            "Report": str(self.report),
            "Calendar": str(self.calendar),
            "JSON": str(self.data),
            "Database": self.database,
        }


@flow(name="contract-review")
async def review_contract(
    contract: str = "inbox/contracts/agreement.pdf",
    playbook: str = "saas",
    model: str | GeminiModel = "flash",
    output: str = "out/contracts",
    database: str = "",
    approval: Approval = "none",
    approval_hours: float = 72,
    on_timeout: Literal["reject", "accept"] = "reject",
    timezone: str = "UTC",
    holidays: str = "",
    cache: Policy = "auto",
    keep_cache_minutes: float = 0,
    part_tokens: int = 0,
    dry_run: bool = False,
) -> State[ContractResult | Estimate]:
    """Review an agreement: clauses, risks, dates, and what a person has to decide.

    Args:
        contract: A PDF, DOCX or text file, or a gs:// address.
        playbook: saas (customer side), nda, supplier, or the path of a YAML file of your own.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: Folder for the report, the calendar, the JSON file and, unless another is named, the database.
        database: SQLAlchemy URL of the contract database. Empty: an SQLite file in the output folder.
        approval: Whether people decide on high risks: none, wait (the process stays), suspend (it ends until then).
        approval_hours: Hours until the default is taken.
        on_timeout: The default: what every open finding is taken as when nobody has decided.
        timezone: Where the reader is, such as Europe/Berlin; decides what today is.
        holidays: Country whose public holidays are no business days, such as US, GB, DE or DE-BY. Empty: weekends only.
        cache: Whether the document is kept in a context cache while questions are asked: auto (where it pays), always, never.
        keep_cache_minutes: Minutes such a cache is kept for later runs on the same document.
        part_tokens: Tokens of the document sent at once. 0: the model's whole window.
        dry_run: Only say what it would cost; nothing is generated.
    """
    book = Playbook.load(playbook)
    now = now_in(timezone)
    is_business_day(now.date(), country=holidays)  # a misspelt country is an error before anything is paid
    chosen = GeminiModel.of(model)
    backend = await chosen.backend()
    resolve(chosen.model, backend=backend.kind)
    document = await asyncio.to_thread(Document.of, contract)
    options: dict[str, Any] = {
        "playbook": book,
        "model": chosen,
        "cache": cache,
        "keep_cache_s": keep_cache_minutes * 60,
        "part_tokens": part_tokens,
    }
    if dry_run:
        return await dry_run_state(await aestimate(aread_contract, [document], **options))
    Progress(total=1).tell()
    reply = await aread_contract(unwalked(document), **options)
    review = Review.of(reply, run_id=str(runtime.flow_run.id), backend=backend.label, now=now, country=holidays)
    result = await record(review, document, folder=output, database=database)
    await publish(result)
    decisions = await adecide(review, approval=approval, hours=approval_hours, default=on_timeout, playbook=book)
    if decisions:
        review = review.model_copy(update={"decisions": decisions})
        result = await record(review, document, folder=output, database=database)
        await publish(result)
    return Completed(
        name={"needs_decision": "Needs decision", "to_amend": "To amend", "rejected": "Rejected"}.get(
            review.status, "Completed"
        ),
        message=f"{review.reading.name}: {STATUS[review.status]}, highest risk {review.risk}",
        data=result,
    )


@task(name="record", cache_policy=NO_CACHE, persist_result=False)
async def record(review: Review, document: Document, *, folder: str, database: str) -> ContractResult:
    """Write rows, report, calendar and JSON of a review.

    Raises:
        StoreError: the database refused; nothing was written to it, and nothing has to be paid again.
    """
    return await asyncio.to_thread(write_all, review, document, folder, database)


def write_all(review: Review, document: Document | None, folder: str, database: str) -> ContractResult:
    """Write everything of a review: rows first, because they are what must not be lost."""
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    with ContractStore(database or target / "contracts.db") as store:
        store.save(review)
        where = store.label
    name = f"{Path(review.reading.name).stem}-{review.reading.digest[:8]}"
    data = target / f"{name}.json"
    data.write_text(review.model_dump_json(indent=2), encoding="utf-8")
    return ContractResult(
        review=review,
        report=write_report(target / f"{name}.html", review, document),
        calendar=write_calendar(
            target / f"{name}.ics",
            entries_of(review.deadlines, name=review.reading.name, digest=review.reading.digest),
            name=review.reading.name,
            made_at=review.reviewed_at,
        ),
        data=data,
        database=where,
    )


async def publish(result: ContractResult) -> None:
    """Show a review in the Prefect UI."""
    review = result.review
    await acreate_markdown_artifact(
        summary(review, files=result.files), key="contract-report", description=review.reading.name
    )
    for key, rows, what in (
        ("contract-clauses", finding_rows(review), "Clauses"),
        ("contract-deadlines", deadline_rows(review), "What falls due"),
        ("contract-remarks", remark_rows(review), "What code found in the text"),
    ):
        if rows:
            await acreate_table_artifact(rows, key=key, description=what)
    await acreate_link_artifact(
        result.report.resolve().as_uri(), link_text="Report with every passage highlighted", key="contract-evidence"
    )


def now_in(timezone: str) -> datetime.datetime:
    """Now, where somebody is.

    Raises:
        InvalidOption: there is no such time zone.
    """
    try:
        return datetime.datetime.now(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidOption(
            f"There is no time zone {timezone!r}.", hint="Write it as Europe/Berlin, America/New_York or UTC."
        ) from None
