"""`prefect-gemini meeting`: read meetings from the command line."""

from __future__ import annotations

import datetime
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from prefect_gemini.cli._estimate import DryRun
from prefect_gemini.cli._reading import look_for, run_reading
from prefect_gemini.cli._run import console, friendly_errors
from prefect_gemini.cli._show import in_the_ui, show_table

if TYPE_CHECKING:
    from prefect_gemini.flows.meetings import MeetingsResult


def meeting(
    *paths: str,
    model: str = "flash",
    credentials: str = "",
    held: str = "",
    timezone: str = "UTC",
    series: str = "",
    tracker: str = "",
    output: str = "out/meetings",
    database: str = "",
    words: int = 120,
    budget: Annotated[Decimal | None, Parameter(help="US dollars this run may cost; it stops before more.")] = None,
    concurrency: int = 4,
    done: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = (),
    dry_run: DryRun = False,
) -> None:
    """Read transcripts and recordings: who promised what by when, and the second it was said.

    With GOOGLE_API_KEY, or GOOGLE_CLOUD_PROJECT and application-default credentials, Gemini reads;
    without either the local reader does, which quotes and does not write, and nothing leaves this machine.

    Exit status: 0 every document was read, 1 some could not be, 2 the run could not start.

    Parameters
    ----------
    paths
        Files, folders, patterns, or gs:// prefixes: WebVTT, SubRip, text, JSON, Word, sound, film.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    held
        Day of the meeting, such as 2026-03-02; empty: from the transcript or the file's name.
    timezone
        Time zone the meetings were held in, such as Europe/Berlin.
    series
        Which meetings these belong with; empty: the file's name without its date.
    tracker
        A task or function that files an action item, such as my_flows.tickets:create_ticket.
    output
        Folder for the report, the CSV file, the calendar and the database.
    database
        SQLAlchemy URL of the meetings database; empty: an SQLite file in the output folder.
    words
        How long a summary may be.
    concurrency
        Calls in flight at once.
    done
        Close action items by their ids, as the report and the CSV file name them; reads nothing else.
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    if done:
        close(done, database or str(Path(output) / "meetings.db"))
        return
    look_for("meeting", paths, example="standup.vtt")
    result = process(
        list(paths),
        model=model,
        credentials=credentials,
        budget=budget,
        held=held,
        timezone=timezone,
        series=series,
        tracker=tracker,
        output=output,
        database=database,
        words=words,
        concurrency=concurrency,
        dry_run=dry_run,
    )
    show(result)
    sys.exit(1 if result.failures else 0)


def close(ids: tuple[str, ...], database: str) -> None:
    """Close action items and say so; leaves with status 2 where one is not there."""
    from prefect_gemini.flows.meetings.store import MeetingStore

    with friendly_errors(), MeetingStore(database) as store:
        for one in ids:
            store.close_item(one, moment=datetime.datetime.now(datetime.UTC))
            console.print("Closed   ", Text(one))


def process(paths: list[str], *, model: str = "flash", **options: Any) -> MeetingsResult:
    """Run the flow; see `run_reading`."""
    result: MeetingsResult = run_reading(
        "prefect_gemini.flows.meetings:process_meetings", paths, model=model, title="reading meetings", **options
    )
    return result


def show(result: MeetingsResult) -> None:
    """Print summaries, action items, decisions, what is still open, the bill, and where everything is."""
    from prefect_gemini.flows.meetings.summary import action_table, bill, carried_table, decision_table, failure_table
    from prefect_gemini.gemini.plain import escape_terminal

    console.print(f"[bold]Read by {result.backend}[/]")
    for record in result.meetings:
        meeting = record.meeting
        head = f"{meeting.title}, {meeting.held}" if meeting.held else meeting.title
        console.print(Text(escape_terminal(head), style="bold"))
        if meeting.extractive:
            console.print(Text("Quoted sentences, not a written summary:", style="dim"))
        for line in meeting.summary.splitlines():
            console.print(Text(escape_terminal(line)))
        for note in meeting.notes:
            console.print(Text(f"Note: {escape_terminal(note)}", style="dim"))
    show_table("Who does what by when", action_table(result))
    show_table("Decisions", decision_table(result))
    show_table("Promised before and still open", carried_table(result), whole="item")
    show_table("Could not be read", failure_table(result))
    show_table(
        "Filed",
        [
            {"task": escape_terminal(one.text), "status": one.status, "answer": escape_terminal(one.answer)}
            for one in result.filed
        ],
    )
    for path, why in result.left_out:
        console.print("Left out:", Text(f"{path}: {why}"))
    console.print("Bill     ", Text(bill(result.meetings, result.backend)))
    console.print("Report   ", Text(result.report.resolve().as_uri()))
    console.print("CSV      ", Text(str(result.csv)))
    console.print("Calendar ", Text(str(result.calendar)))
    console.print("Database ", Text(result.database))
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))
