"""The report of a run: every promise leads to the second it was said."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect_gemini.flows.meetings.follow_up import follow_up
from prefect_gemini.flows.meetings.series import CarriedOver
from prefect_gemini.flows.meetings.store import Record
from prefect_gemini.flows.report.page import render_page, write_page
from prefect_gemini.pages.transcripts.clock import clock
from prefect_gemini.tasks.parts.outcome import Outcome


@dataclass(frozen=True)
class Mark:
    """Something on the timeline: where it begins and how wide it is, in percent; `cue` is where it leads."""

    kind: str
    title: str
    cue: int
    left: float
    width: float = 0.0


@dataclass(frozen=True)
class Card:
    """One meeting of the report."""

    ref: str
    record: Record
    carried: tuple[CarriedOver, ...]
    topics: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    email: str

    @property
    def timed(self) -> bool:
        return bool(self.topics or self.marks)


def write_report(
    path: str | Path,
    records: Sequence[Record],
    *,
    carried: Mapping[str, tuple[CarriedOver, ...]],
    failures: Sequence[Outcome[Any]],
    source: str,
    backend: str,
    bill: str,
    made_at: datetime.datetime,
) -> Path:
    """Write the report and return its path.

    Args:
        path: of the HTML file.
        records: the meetings, in order.
        carried: open promises of earlier meetings, by digest.
        failures: documents that could not be read.
        source: where the documents came from.
        backend, bill: who read them, and what it cost, as a person reads it.
        made_at: the end of the run.
    """
    cards = [card(one, f"m{number}", carried.get(one.digest, ())) for number, one in enumerate(records, 1)]
    html = render_page(
        "report.html",
        package="prefect_gemini.flows.meetings",
        filters={"clock": clock},
        cards=cards,
        failures=failures,
        counts=Counter(item.kind for one in records for item in one.meeting.items if item.proven),
        unproven=sum(len(one.meeting.unproven) for one in records),
        source=source,
        backend=backend,
        bill=bill,
        made_at=made_at,
    )
    return write_page(path, html)


def card(record: Record, ref: str, carried: tuple[CarriedOver, ...] = ()) -> Card:
    """A meeting, ready to be shown."""
    meeting, length = record.meeting, record.meeting.duration
    return Card(
        ref,
        record,
        carried,
        topics=tuple(
            Mark(
                "topic",
                one.title,
                one.cue,
                _percent(one.start, length),
                _percent((one.end or length) - one.start, length),
            )
            for one in meeting.topics
            if one.cue is not None and one.start is not None and length
        ),
        marks=tuple(
            Mark(
                one.kind,
                f"{clock(one.start)} {one.owner}: {one.text}" if one.owner else f"{clock(one.start)} {one.text}",
                one.cue,
                _percent(one.start, length),
            )
            for one in meeting.items
            if one.cue is not None and one.start is not None and length
        ),
        email=follow_up(meeting),
    )


def _percent(part: float, whole: float) -> float:
    return round(100 * min(1.0, max(0.0, part / whole)), 2)
