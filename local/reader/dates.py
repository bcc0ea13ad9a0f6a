"""Dates and times as people print them, in the order of their country and the month names of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Order = Literal["DMY", "MDY"]

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner januari janvier janv enero ene gennaio gen",
            "february feb februar februari février fevrier févr fevr fév febrero febbraio febr feb",
            "march mar märz maerz mrz maart mrt mars marzo mac",
            "april apr avril avr abril abr aprile",
            "may mai mei mayo maggio mag",
            "june jun juni juin junio giugno giu",
            "july jul juli juillet juil julio luglio lug julai",
            "august aug augustus août aout agosto ago ogos",
            "september sep sept septembre septiembre settembre set sett",
            "october oct oktober okt octobre octubre ottobre ott oktober",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre déc diciembre dic dicembre disember dis",
        ),
        1,
    )
    for name in names.split()
}
"""Month names and their short forms: English, German, French, Dutch, Spanish, Italian, Malay."""

_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d{2}|'?\d{2})"
# A time may be glued to the year where the OCR lost the blank: "26/02/1808:28".
_END = r"(?=(?:[012]?\d:[0-5]\d)|\D|$)"
_GAP = r"\s?[-/.,]\s?"
_FORMS = (
    re.compile(
        rf"(?<!\d)(?P<year>(?:19|20)\d{{2}})(?:{_GAP}|年\s?)(?P<month>\d{{1,2}})(?:{_GAP}|月\s?)(?P<day>\d{{1,2}})日?(?!\d)"
    ),
    re.compile(rf"(?<![\d.])(?P<first>\d{{1,2}})(?P<gap>{_GAP})(?P<second>\d{{1,2}})(?P=gap){_YEAR}{_END}"),
    re.compile(
        rf"(?<!\d)(?P<first>\d{{1,2}})(?:\s?[-/.]\s?)(?P<second>\d{{1,2}})(?:\s?[-/.]\s?)(?P<year>(?:19|20)\d{{2}}){_END}"
    ),
    re.compile(
        rf"(?<![\d])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?(?:\s?[-/.,]?\s?|\s(?:de|of|di)\s)(?P<name>{_NAME})\.?"
        rf"(?:\s?[-/.,]?\s?|\s(?:de|of|di)\s){_YEAR}{_END}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![A-Za-z])(?P<name>{_NAME})\.?\s?[-/.,]?\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s?[-/.,]\s?|\s){_YEAR}{_END}",
        re.IGNORECASE,
    ),
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>20[0-4]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d.,])(?P<hour>[01]?\d|2[0-3])\s?[:.hH]\s?(?P<minute>[0-5]\d)(?:\s?[:.]\s?(?P<second>[0-5]\d))?"
    r"\s?(?P<half>[AaPp]\.?\s?[Mm]\b\.?)?(?![\d:])"
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a text.

    Args:
        value: the calendar day.
        start, end: in the text.
        certain: False where day and month could be the other way round.
        named: the month is spelled.
        compact: eight digits, which may be a number as well.
    """

    value: date
    start: int
    end: int
    certain: bool
    named: bool = False
    compact: bool = False


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A time of day in a text; `colon` tells a clock from a number with a dot."""

    value: time
    start: int
    end: int
    colon: bool


def dates_in(text: str, *, order: Order = "DMY") -> Iterator[PrintedDate]:
    """Find dates, left to right.

    Args:
        text: a line or more.
        order: which comes first where both readings are days of the calendar.
    """
    taken: list[tuple[int, int]] = []
    found: list[PrintedDate] = []
    for form in (*_FORMS, _COMPACT):
        for match in form.finditer(text):
            if any(match.start() < end and match.end() > start for start, end in taken):
                continue
            printed = _read(match, order)
            if printed is not None:
                taken.append(match.span())
                found.append(printed)
    yield from sorted(found, key=lambda printed: printed.start)


def order_of(texts: Iterable[str], *, default: Order = "DMY") -> Order:
    """The order of day and month a document shows by its dates that leave no choice; `default` without one."""
    votes = {"DMY": 0, "MDY": 0}
    for text in texts:
        for match in _FORMS[1].finditer(text):
            first, second = int(match["first"]), int(match["second"])
            if first > 12 >= second > 0:
                votes["DMY"] += 1
            elif second > 12 >= first > 0:
                votes["MDY"] += 1
    if votes["DMY"] == votes["MDY"]:
        return default
    return "DMY" if votes["DMY"] > votes["MDY"] else "MDY"


def times_in(text: str) -> Iterator[PrintedTime]:
    """Find times of day: `14:05`, `2:05 PM`, `14.05.09`, `14h05`."""
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"])
        half = (match["half"] or "").lower()
        if half and not 1 <= hour <= 12 and not (half.startswith("p") and hour > 12):
            continue
        if half.startswith("p") and hour < 12:
            hour += 12
        elif half.startswith("a") and hour == 12:
            hour = 0
        colon = ":" in match[0] or bool(half)
        yield PrintedTime(
            time(hour, int(match["minute"]), int(match["second"] or 0)), match.start(), match.end(), colon
        )


def _read(match: re.Match[str], order: Order) -> PrintedDate | None:
    parts = match.groupdict()
    year = int(parts["year"].lstrip("'"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    named = parts.get("name") is not None
    if named:
        choices = [(int(parts["day"]), MONTHS[parts["name"].lower()])]
    elif parts.get("month") is not None:
        choices = [(int(parts["day"]), int(parts["month"]))]
    else:
        first, second = int(parts["first"]), int(parts["second"])
        choices = [(first, second), (second, first)]
        if order == "MDY":
            choices.reverse()
    days = [day for day in (_day(year, month, number) for number, month in choices) if day is not None]
    if not days:
        return None
    return PrintedDate(days[0], match.start(), match.end(), len(set(days)) == 1, named, match.re is _COMPACT)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
