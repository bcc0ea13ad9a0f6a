"""process_meetings: a folder of transcripts and recordings becomes minutes that can be checked."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.meetings.exports import write_actions, write_deadlines
from prefect_gemini.flows.meetings.held import zone_of
from prefect_gemini.flows.meetings.inbox import one_each
from prefect_gemini.flows.meetings.read import aread_meeting
from prefect_gemini.flows.meetings.report import write_report
from prefect_gemini.flows.meetings.series import CarriedOver, carried_over
from prefect_gemini.flows.meetings.store import MeetingStore, Record, item_id, series_of
from prefect_gemini.flows.meetings.summary import (
    action_table,
    bill,
    carried_table,
    decision_table,
    failure_table,
    summary,
)
from prefect_gemini.flows.meetings.tracker import Filed, file_items, tracker_of
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks import aeach
from prefect_gemini.tasks.estimate import aestimate, dry_run_state
from prefect_gemini.tasks.functions.tool import FunctionTool
from prefect_gemini.tasks.parts.outcome import Outcome


class MeetingsResult(BaseModel):
    """What a run of the meetings flow found and wrote.

    Args:
        flow_run_id: of the run.
        source, backend: where the documents came from, and who read them.
        meetings: every meeting that was read, in the order they were held.
        carried: promises of earlier meetings of the series that are still open, by the meeting's digest.
        failures: documents that could not be read, each with the reason.
        left_out: files that were not taken for meetings, each with the reason.
        filed: what became of each action item at the tracker.
        report, csv, calendar: files written.
        database: where the rows are, without a password.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    flow_run_id: str
    source: str
    backend: str
    meetings: tuple[Record, ...]
    carried: dict[str, tuple[CarriedOver, ...]]
    failures: tuple[Outcome[Any], ...]
    left_out: tuple[tuple[str, str], ...]
    filed: tuple[Filed, ...] = ()
    report: Path
    csv: Path
    calendar: Path
    database: str


@flow(name="meetings")
async def process_meetings(
    meetings: str | list[str] = "inbox/meetings",
    model: str | GeminiModel = "flash",
    output: str = "out/meetings",
    database: str = "",
    held: str = "",
    timezone: str = "UTC",
    series: str = "",
    tracker: str = "",
    words: int = 120,
    concurrency: int = 4,
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[MeetingsResult | Estimate]:
    """Read meetings: who promised what by when, and the second it was said.

    Args:
        meetings: A folder, a file, a pattern such as inbox/*.vtt, a gs:// prefix, or a list of these; transcripts and recordings.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: Folder for the report, the CSV file, the calendar and, unless another is named, the database.
        database: SQLAlchemy URL of the meetings database. Empty: an SQLite file in the output folder.
        held: Day of the meeting, such as 2026-03-02. Empty: from the transcript or the file's name.
        timezone: Time zone the meetings were held in, such as Europe/Berlin; "by Friday" is a Friday there.
        series: Which meetings these belong with. Empty: the file's name without its date.
        tracker: A task or function that files an action item, such as my_flows.tickets:create_ticket. Empty: the database alone.
        words: How long a summary may be.
        concurrency: Calls in flight at once.
        empty_is_ok: Finish quietly where there is no meeting, as a schedule over a folder should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    zone_of(timezone)
    filing = tracker_of(tracker) if tracker else None
    chosen = GeminiModel.of(model)
    backend = await chosen.backend()
    listing = documents_in(meetings)
    sources, heard_elsewhere = one_each(await asyncio.to_thread(list, listing))
    if not sources and not empty_is_ok:
        raise DocumentNotFound(
            f"There is no meeting in {meetings!r}.",
            hint="Name a folder with transcripts or recordings, or a pattern such as 'inbox/*.vtt'.",
        )
    asked: dict[str, Any] = {"model": chosen, "held": held, "timezone": timezone, "words": words}
    if dry_run:
        return await dry_run_state(await aestimate(aread_meeting, sources, concurrency=concurrency, **asked))
    outcomes = await aeach(aread_meeting, sources, concurrency=concurrency, key="meetings-progress", **asked)
    source = meetings if isinstance(meetings, str) else ", ".join(meetings)
    result = await record(
        outcomes, source=source, backend=backend.label, series=series, folder=output, database=database
    )
    result = result.model_copy(update={"left_out": (*listing.left, *heard_elsewhere)})
    if filing is not None:
        result = result.model_copy(update={"filed": await _filed(result, filing, model=chosen, database=database)})
    await _publish(result)
    unproven = sum(len(one.meeting.unproven) for one in result.meetings)
    refused = sum(one.status in ("refused", "unknown") for one in result.filed)
    return Completed(
        name="Needs review" if unproven or result.failures or refused else "Completed",
        message=f"{len(result.meetings)} meetings read, {len(result.failures)} could not be read, "
        f"{unproven} items not proven, {refused} not filed",
        data=result,
    )


@task(name="record meetings", cache_policy=NO_CACHE, persist_result=False)
async def record(
    outcomes: list[Outcome[Any]], *, source: str, backend: str, series: str, folder: str, database: str
) -> MeetingsResult:
    """Write rows, report, CSV file and calendar.

    Raises:
        StoreError: the database refused; nothing was written, and nothing has to be paid again.
    """
    return await asyncio.to_thread(_record, outcomes, source, backend, series, folder, database)


def _record(
    outcomes: list[Outcome[Any]], source: str, backend: str, series: str, folder: str, database: str
) -> MeetingsResult:
    moment = datetime.datetime.now(datetime.UTC)
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    run_id = str(runtime.flow_run.id)
    records = _records(outcomes, series)
    failures = tuple(one for one in outcomes if one.failure is not None)
    with MeetingStore(database or target / "meetings.db") as store:
        store.save(records, run_id=run_id, moment=moment)
        carried = {one.digest: carried_over(store.open_before(one), one.meeting) for one in records}
        where = store.label
    report = write_report(
        target / "report.html",
        records,
        carried=carried,
        failures=failures,
        source=source,
        backend=backend,
        bill=bill(records, backend),
        made_at=moment,
    )
    return MeetingsResult(
        flow_run_id=run_id,
        source=source,
        backend=backend,
        meetings=records,
        carried={digest: rows for digest, rows in carried.items() if rows},
        failures=failures,
        left_out=(),
        report=report,
        csv=write_actions(target / "actions.csv", records),
        calendar=write_deadlines(target / "actions.ics", records, made_at=moment),
        database=where,
    )


def _records(outcomes: list[Outcome[Any]], series: str) -> tuple[Record, ...]:
    """The meetings that were read, each once, in the order they were held."""
    found: dict[str, Record] = {}
    for one in outcomes:
        if one.reply is None or one.digest in found:
            continue
        found[one.digest] = Record(
            name=one.name,
            digest=one.digest,
            series=series or series_of(one.name),
            meeting=one.reply.value,
            model=one.reply.model_version,
            backend=one.reply.backend,
            input_tokens=one.reply.usage.prompt,
            output_tokens=one.reply.usage.output + one.reply.usage.thoughts,
            cost=one.reply.cost,
            from_ledger=one.reply.from_ledger,
        )
    return tuple(sorted(found.values(), key=lambda one: (one.meeting.held or datetime.date.max, one.name)))


async def _filed(
    result: MeetingsResult, tracker: FunctionTool, *, model: GeminiModel, database: str
) -> tuple[Filed, ...]:
    found = [(item_id(one.digest, item), item) for one in result.meetings for item in one.meeting.of("action")]
    with MeetingStore(database or result.database) as store:
        return await file_items(found, tracker, model=model, store=store)


async def _publish(result: MeetingsResult) -> None:
    await acreate_markdown_artifact(summary(result), key="meetings-report", description="What this run found")
    await acreate_table_artifact(action_table(result), key="meetings-actions", description="Who does what by when")
    await acreate_table_artifact(decision_table(result), key="meetings-decisions", description="What was decided")
    if result.carried:
        await acreate_table_artifact(
            carried_table(result), key="meetings-still-open", description="Promised and still open"
        )
    if result.failures:
        await acreate_table_artifact(failure_table(result), key="meetings-failures", description="Could not be read")
    await acreate_link_artifact(
        result.report.resolve().as_uri(), link_text="Report with a timeline of every promise", key="meetings-evidence"
    )
