"""Action items for other programs: a CSV file and a calendar."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from prefect_gemini.flows.ics import Entry, write_calendar
from prefect_gemini.flows.meetings.store import Record, item_id
from prefect_gemini.flows.sheets import write_sheet
from prefect_gemini.pages.transcripts.clock import clock

COLUMNS = ("id", "meeting", "held", "task", "owner", "due", "due_said", "at", "speaker", "quote", "remarks")


def write_actions(path: str | Path, records: Sequence[Record]) -> Path:
    """Write the proven action items as CSV, one row an item, and return the path."""
    return write_sheet(path, action_rows(records), columns=COLUMNS)


def action_rows(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """One row a proven action item."""
    for record in records:
        for item in record.meeting.of("action"):
            yield {
                "id": item_id(record.digest, item),
                "meeting": record.meeting.title,
                "held": record.meeting.held,
                "task": item.text,
                "owner": item.owner,
                "due": item.due,
                "due_said": item.due_said,
                "at": "" if item.start is None else clock(item.start),
                "speaker": item.speaker,
                "quote": item.quote,
                "remarks": "; ".join(item.notes),
            }


def write_deadlines(path: str | Path, records: Sequence[Record], *, made_at: datetime.datetime) -> Path:
    """Write the action items that have a day as an iCalendar file, and return the path."""
    entries = [
        Entry(
            uid=f"{item_id(record.digest, item)}@prefect-gemini",
            title=f"{item.owner}: {item.text}" if item.owner else item.text,
            when=item.due,
            description=f"{record.meeting.title}\n{item.speaker}: {item.quote}",
            remind_days=(1,),
        )
        for record in records
        for item in record.meeting.of("action")
        if item.due is not None
    ]
    return write_calendar(path, entries, name="Action items", made_at=made_at)
