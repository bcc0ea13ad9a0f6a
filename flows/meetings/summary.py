"""The run in words and rows, for the Prefect UI and the terminal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from prefect_gemini.flows.meetings.models import Kind, Meeting
from prefect_gemini.flows.meetings.store import Record
from prefect_gemini.gemini.plain import escape_terminal, plain
from prefect_gemini.pages.transcripts.clock import clock

if TYPE_CHECKING:
    from prefect_gemini.flows.meetings.flow import MeetingsResult

SHOWN_ROWS = 500  # the UI renders a larger table slowly; the database and the CSV file have every row


def action_table(result: MeetingsResult) -> list[dict[str, str]]:
    """One row a proven action item, as text that no page or terminal interprets."""
    return [
        {
            "meeting": escape_terminal(record.meeting.title),
            "owner": escape_terminal(item.owner or "nobody named"),
            "task": escape_terminal(item.text),
            "due": str(item.due or escape_terminal(item.due_said)),
            "at": clock(item.start) if item.start is not None else f"turn {(item.cue or 0) + 1}",
        }
        for record in result.meetings
        for item in record.meeting.of("action")
    ][:SHOWN_ROWS]


def decision_table(result: MeetingsResult) -> list[dict[str, str]]:
    """One row a proven decision."""
    return [
        {
            "meeting": escape_terminal(record.meeting.title),
            "decision": escape_terminal(item.text),
            "said by": escape_terminal(item.speaker),
            "at": clock(item.start) if item.start is not None else f"turn {(item.cue or 0) + 1}",
        }
        for record in result.meetings
        for item in record.meeting.of("decision")
    ][:SHOWN_ROWS]


def carried_table(result: MeetingsResult) -> list[dict[str, str]]:
    """One row a promise of an earlier meeting that is still open."""
    return [
        {
            "item": one.id,
            "owner": escape_terminal(one.owner or "nobody named"),
            "task": escape_terminal(one.text),
            "due": f"{one.due} overdue" if one.overdue else one.due,
            "promised in": escape_terminal(one.meeting),
            "this time": ("spoken of, sounds done" if one.said_done else "spoken of")
            if one.cue is not None
            else "not spoken of",
        }
        for rows in result.carried.values()
        for one in rows
    ][:SHOWN_ROWS]


def failure_table(result: MeetingsResult) -> list[dict[str, str]]:
    """One row a document that could not be read, with what to do about it."""
    return [
        {
            "document": escape_terminal(one.name),
            "reason": escape_terminal(one.failure.message),
            "what to do": escape_terminal(one.failure.hint),
        }
        for one in result.failures
        if one.failure is not None
    ]


def bill(records: tuple[Record, ...], backend: str) -> str:
    """What a run cost, and who was paid."""
    paid = [one.cost for one in records if not one.from_ledger]
    saved = sum((one.cost or Decimal(0) for one in records if one.from_ledger), Decimal(0))
    total = (
        "no price is known for this model"
        if None in paid
        else f"${sum((cost for cost in paid if cost), Decimal(0)):.4f}"
    )
    if "local" in backend:
        total = f"{total} at list prices; nothing was paid"
    tokens = (
        f"{sum(one.input_tokens for one in records):,} tokens in, {sum(one.output_tokens for one in records):,} out"
    )
    return f"{tokens}: {total}" + (f"; ${saved:.4f} saved, because the ledger had the answers" if saved else "")


def _counts(meeting: Meeting) -> str:
    kinds: tuple[tuple[Kind, str], ...] = (
        ("action", "action items"),
        ("decision", "decisions"),
        ("question", "open questions"),
    )
    counted = ", ".join(f"{len(meeting.of(kind))} {name}" for kind, name in kinds)
    return f"{counted}; {len(meeting.unproven)} not proven."


def summary(result: MeetingsResult) -> str:
    """The run as markdown."""
    lines = [f"# {len(result.meetings)} meetings from {plain(result.source)}", ""]
    for record in result.meetings:
        meeting = record.meeting
        kind = " (quoted, not written)" if meeting.extractive else ""
        lines += [
            f"## {plain(meeting.title)}" + (f", {meeting.held}" if meeting.held else ""),
            "",
            f"**Summary{kind}:** {plain(meeting.summary)}",
            "",
            _counts(meeting),
            "",
        ]
    lines += [
        f"- **Could not be read:** {len(result.failures)}",
        f"- **Read by:** {plain(result.backend)}",
        f"- **Bill:** {bill(result.meetings, result.backend)}",
        f"- **Report:** `{result.report}`; **CSV:** `{result.csv}`; **calendar:** `{result.calendar}`; **database:** `{result.database}`",
        *(f"- **Left out:** {plain(path)}: {plain(why)}" for path, why in result.left_out[:20]),
    ]
    return "\n".join(lines)
