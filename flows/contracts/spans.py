"""Lengths of time as agreements write them, and calendar arithmetic with them."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import holidays

from prefect_gemini.flows.contracts.models import Unit

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORD = "|".join([*_ONES[1:], *_TENS])
_SPAN = re.compile(
    rf"""\b(?:
        (?:(?P<words>(?:(?:{_WORD}|hundred|and)[\s-]+)*(?:{_WORD}|hundred))\s*)?\(\s*(?P<digits>\d{{1,4}})\s*\)
      | (?P<number>\d{{1,4}})
      | (?P<spelled>(?:(?:{_WORD}|hundred|and)[\s-]+)*(?:{_WORD}|hundred))
      | (?P<one>a|an|each|per)(?=\s+(?:calendar\s+)?(?:month|year|week)\b)
    )[\s-]*(?P<kind>(?:business|working|banking|calendar|consecutive|full|additional|successive)[\s-]+){{0,2}}(?P<unit>day|week|month|year)s?\b""",
    re.IGNORECASE | re.VERBOSE,
)


class UnknownCountry(ValueError):
    """No public holidays are known for a place; `hint` says what to write."""

    def __init__(self, country: str) -> None:
        super().__init__(f"No public holidays are known for {country!r}.")
        self.hint = "Write an ISO 3166 code such as US, GB or DE, with a subdivision if need be: US-CA, DE-BY."


@dataclass(frozen=True)
class Span:
    """A length of time: so many of a unit."""

    length: int
    unit: Unit

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        return f"{self.length} {unit if self.length != 1 else unit.removesuffix('s')}"


def spans_in(text: str) -> Iterator[Span]:
    """Every length of time in a text: `thirty (30) days`, `12-month`, `five business days`, `one year`."""
    for match in _SPAN.finditer(text):
        unit = f"{match['unit'].lower()}s"
        if unit == "days" and re.search(r"(?:business|working|banking)", match["kind"] or "", re.IGNORECASE):
            unit = "business_days"
        yield Span(_length(match), unit)  # type: ignore[arg-type]  # the pattern has no other units


def after(day: datetime.date, span: Span, *, country: str = "") -> datetime.date:
    """The day that lies a span after another. Months and years keep the day of the month, or end with the month."""
    return _moved(day, span, 1, country)


def last_day(begins: datetime.date, span: Span, *, country: str = "") -> datetime.date:
    """The last day of a time that begins with a day: a year from 1 March ends with the last of February.

    Where the month it runs into has no such day, it ends with that month, and not a day before.
    """
    end = after(begins, span, country=country)
    cut = span.unit in ("months", "years") and end.day < begins.day
    return end if cut else end - datetime.timedelta(days=1)


def before(day: datetime.date, span: Span, *, country: str = "") -> datetime.date:
    """The day that lies a span before another."""
    return _moved(day, span, -1, country)


def is_business_day(day: datetime.date, *, country: str = "") -> bool:
    """Monday to Friday, and no public holiday of the country where one is named.

    Raises:
        UnknownCountry: there is no such code.
    """
    return day.weekday() < 5 and day not in _holidays(country)


def last_business_day(day: datetime.date, *, country: str = "") -> datetime.date:
    """A day itself, or the last business day before it."""
    while not is_business_day(day, country=country):
        day -= datetime.timedelta(days=1)
    return day


def _moved(day: datetime.date, span: Span, sign: int, country: str) -> datetime.date:
    if span.unit in ("days", "weeks"):
        return day + datetime.timedelta(days=sign * span.length * (7 if span.unit == "weeks" else 1))
    if span.unit in ("months", "years"):
        return _months(day, sign * span.length * (12 if span.unit == "years" else 1))
    left = span.length
    while left:
        day += datetime.timedelta(days=sign)
        left -= is_business_day(day, country=country)
    return day


def _months(day: datetime.date, count: int) -> datetime.date:
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    if not datetime.MINYEAR <= year <= datetime.MAXYEAR:
        raise OverflowError(f"the calendar has no year {year}")
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def _length(match: re.Match[str]) -> int:
    if match["digits"] or match["number"]:
        return int(match["digits"] or match["number"])
    if match["one"]:
        return 1
    total, part = 0, 0
    for word in re.findall(r"[a-z]+", match["spelled"].lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word in _TENS:
            part += _TENS[word]
        elif word in _ONES:
            part += _ONES.index(word)
    return total + part


@lru_cache(maxsize=32)
def _holidays(country: str) -> holidays.HolidayBase | frozenset[datetime.date]:
    if not country:
        return frozenset()
    code, _, part = country.upper().partition("-")
    try:
        return holidays.country_holidays(code, subdiv=part or None)
    except NotImplementedError:
        raise UnknownCountry(country) from None
