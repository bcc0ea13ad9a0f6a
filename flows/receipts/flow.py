"""process_receipts: a folder of receipts becomes proven expenses."""

from __future__ import annotations

import asyncio
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.receipts.book import book
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.policy import Policy
from prefect_gemini.flows.receipts.read import aread_receipt
from prefect_gemini.flows.receipts.report import write_report
from prefect_gemini.flows.receipts.store import ExpenseStore, Run
from prefect_gemini.flows.receipts.summary import exception_rows, expense_rows, summary
from prefect_gemini.flows.receipts.table import write_csv
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks import aeach
from prefect_gemini.tasks.estimate import aestimate, dry_run_state
from prefect_gemini.tasks.parts.costs import publish_costs
from prefect_gemini.tasks.parts.outcome import Outcome


class ReceiptsResult(BaseModel):
    """What a run of the receipts flow found and wrote.

    Args:
        run: the run as the database has it: times, counts, tokens and cost.
        expenses: every receipt that was read, in the order of the documents.
        exceptions: every reason a document needs a person.
        left_out: files that were not taken for receipts, each with the reason.
        saved: US dollars not paid again, because the ledger had the answer.
        report, csv: files written.
        database: where the rows are, without a password.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    run: Run
    expenses: tuple[Expense, ...]
    exceptions: tuple[ReceiptException, ...]
    left_out: tuple[tuple[str, str], ...]
    saved: Decimal
    report: Path
    csv: Path
    database: str

    @property
    def flow_run_id(self) -> str:
        return self.run.id


@flow(name="receipts")
async def process_receipts(
    receipts: str | list[str] = "inbox/receipts",
    model: str | GeminiModel = "flash",
    output: str = "out/receipts",
    database: str = "",
    policy: str = "",
    concurrency: int = 8,
    trace: bool = False,
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[ReceiptsResult | Estimate]:
    """Read receipts, prove every value, and book them.

    Args:
        receipts: A folder, a file, a pattern such as inbox/*.jpg, a gs:// prefix, or a list of these.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: Folder for the report, the CSV file and, unless another is named, the database.
        database: SQLAlchemy URL of the expense database. Empty: an SQLite file in the output folder.
        policy: Path of a YAML file with limits by category. Empty: the policy that comes with the library.
        concurrency: Calls in flight at once.
        trace: Show each receipt as a task run of its own; for 200 at most.
        empty_is_ok: Finish quietly where there is no receipt, as a schedule over an inbox should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    started = datetime.datetime.now(datetime.UTC)
    rules = Policy.load(policy or None)
    chosen = GeminiModel.of(model)
    backend = await chosen.backend()
    listing = documents_in(receipts)
    sources = await asyncio.to_thread(list, listing)
    if not sources and not empty_is_ok:
        raise DocumentNotFound(
            f"There is no receipt in {receipts!r}.",
            hint="Name a folder with pictures or PDFs, or a pattern such as 'inbox/*.jpg'.",
        )
    if dry_run:
        return await dry_run_state(await aestimate(aread_receipt, sources, model=chosen, concurrency=concurrency))
    outcomes = await aeach(
        aread_receipt, sources, model=chosen, concurrency=concurrency, trace=trace, key="receipts-progress"
    )
    source = receipts if isinstance(receipts, str) else ", ".join(receipts)
    run = _run(outcomes, started=started, source=source, backend=backend.label, model=chosen.model)
    result = await record(outcomes, sources, run=run, rules=rules, folder=output, database=database)
    result = result.model_copy(update={"left_out": tuple(listing.left)})
    await _publish(result)
    review = sum(expense.status == "needs_review" for expense in result.expenses)
    return Completed(
        name="Needs review" if review or run.failed else "Completed",
        message=f"{len(result.expenses)} receipts read, {review} need review, {run.failed} could not be read",
        data=result,
    )


@task(name="record", cache_policy=NO_CACHE, persist_result=False)
async def record(
    outcomes: list[Outcome[Any]], sources: list[str], *, run: Run, rules: Policy, folder: str, database: str
) -> ReceiptsResult:
    """Check the readings and write rows, CSV and report.

    Raises:
        StoreError: the database refused; nothing was written, and nothing has to be paid again.
    """
    return await asyncio.to_thread(_record, outcomes, sources, run, rules, folder, database)


def _record(
    outcomes: list[Outcome[Any]], sources: list[str], run: Run, rules: Policy, folder: str, database: str
) -> ReceiptsResult:
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    with ExpenseStore(database or target / "expenses.db") as store:
        expenses, exceptions = book(outcomes, policy=rules, known=store.known(), today=run.finished_at.date())
        store.save(run, expenses, exceptions)
        where = store.label
    return ReceiptsResult(
        run=run,
        expenses=expenses,
        exceptions=exceptions,
        left_out=(),
        saved=sum(
            (one.reply.cost or Decimal(0) for one in outcomes if one.reply and one.reply.from_ledger), Decimal(0)
        ),
        report=write_report(target / "report.html", expenses, exceptions, run=run, sources=sources),
        csv=write_csv(expenses, target / "expenses.csv"),
        database=where,
    )


def _run(outcomes: list[Outcome[Any]], *, started: datetime.datetime, source: str, backend: str, model: str) -> Run:
    replies = [outcome.reply for outcome in outcomes if outcome.reply]
    paid = [reply.cost for reply in replies if not reply.from_ledger]
    return Run(
        id=str(runtime.flow_run.id),
        started_at=started,
        finished_at=datetime.datetime.now(datetime.UTC),
        source=source,
        backend=backend,
        model=replies[0].model if replies else model,
        documents=len(outcomes),
        failed=len(outcomes) - len(replies),
        input_tokens=sum(reply.usage.prompt for reply in replies),
        output_tokens=sum(reply.usage.output + reply.usage.thoughts for reply in replies),
        cost=None if None in paid else sum(filter(None, paid), Decimal(0)),
    )


async def _publish(result: ReceiptsResult) -> None:
    await acreate_markdown_artifact(summary(result), key="receipts-report", description="What this run found")
    await acreate_table_artifact(expense_rows(result), key="receipts-expenses", description="Expenses")
    await acreate_table_artifact(exception_rows(result), key="receipts-exceptions", description="What needs a person")
    await publish_costs(key="receipts-costs")
    await acreate_link_artifact(
        result.report.resolve().as_uri(), link_text="Report with the place of every value", key="receipts-evidence"
    )
