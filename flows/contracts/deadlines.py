"""What falls due and when: computed by code from proven dates and lengths of time."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.contracts.facts import Proven
from prefect_gemini.flows.contracts.spans import Span, before, last_business_day, last_day
from prefect_gemini.flows.ics import Entry

Kind = Literal["effective", "notice", "expires", "renews"]

TITLES: dict[Kind, str] = {
    "effective": "takes effect",
    "notice": "last day for notice of non-renewal",
    "expires": "term ends",
    "renews": "renews",
}
REMIND_DAYS = (30, 7)
MOST_RENEWALS = 2000
"""Renewals followed up to today: a weekly one since 1987."""


class Deadline(BaseModel):
    """One day that matters.

    Args:
        kind: what happens.
        day: when; the last day on which it can be done, where something is to be done.
        rule: how it was computed, for a person who checks it.
        serve_by: for a notice, the last business day on or before `day`.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    day: datetime.date
    rule: str
    serve_by: datetime.date | None = None

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def act_by(self) -> datetime.date:
        """The day to act: of a notice the business day, which is never later."""
        return self.serve_by or self.day


def deadlines_of(proven: Proven, *, today: datetime.date, country: str = "") -> tuple[Deadline, ...]:
    """The deadlines of an agreement, in the order of their days.

    A term of a year from 1 March ends with the last day of February. Where an agreement renews by
    itself, its terms are followed to the one that runs today. A notice period is counted back from the
    last day of the term, so that the notice is never a day late.

    Args:
        proven: its facts.
        today: the day of the review where its reader is.
        country: whose public holidays are no business days.
    """
    found: list[Deadline] = []
    with suppress(OverflowError):  # what lies beyond the year 9999 falls due for nobody
        for one in _deadlines(proven, today, country):
            found.append(one)  # those before it are kept
    return tuple(sorted(found, key=lambda one: one.day))


def entries_of(deadlines: tuple[Deadline, ...], *, name: str, digest: str) -> tuple[Entry, ...]:
    """Deadlines as calendar entries; one document's keep their identity from export to export."""
    return tuple(
        Entry(
            uid=f"{one.kind}-{digest[:16]}@prefect-gemini",
            title=f"{name}: {one.title}",
            when=one.act_by,
            description=one.rule,
            remind_days=REMIND_DAYS if one.kind in ("notice", "expires", "renews") else (),
        )
        for one in deadlines
    )


def _deadlines(proven: Proven, today: datetime.date, country: str) -> Iterator[Deadline]:
    start = proven.effective or proven.agreed
    if proven.effective:
        yield Deadline(kind="effective", day=proven.effective, rule="named in the agreement")
    ends, rule = _first_end(proven, start)
    if ends is None:
        return
    renewed = 0
    while proven.automatic and proven.renewal and proven.renewal.length and ends < today and renewed < MOST_RENEWALS:
        # Counted from the first end each time: a chain of months that ends on the 31st keeps to it.
        renewed += 1
        ends = _end_after(_first_end(proven, start)[0], proven.renewal, renewed)
        rule = f"renewed {'once' if renewed == 1 else f'{renewed} times'} by {proven.renewal}"
    if proven.automatic:
        yield Deadline(kind="renews", day=ends + datetime.timedelta(days=1), rule=f"the day after the term: {rule}")
    else:
        yield Deadline(kind="expires", day=ends, rule=rule)
    if proven.notice:
        day = before(ends, proven.notice, country=country)
        yield Deadline(
            kind="notice",
            day=day,
            rule=f"{proven.notice} before the term ends on {ends}",
            serve_by=last_business_day(day, country=country),
        )


def _first_end(proven: Proven, start: datetime.date | None) -> tuple[datetime.date | None, str]:
    if proven.expires:
        return proven.expires, "named in the agreement"
    if start is None or proven.term is None:
        return None, ""
    return last_day(start, proven.term), f"{proven.term} from {start}"


def _end_after(first: datetime.date | None, renewal: Span, times: int) -> datetime.date:
    assert first is not None  # only called with an end
    begins = first + datetime.timedelta(days=1)
    return last_day(begins, Span(renewal.length * times, renewal.unit))
