"""Lengths of time as contracts write them: "twelve (12) months", "sixty days' prior notice"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from prefect_gemini.local.reader.words import NUMERALS

UNITS = ("days", "business_days", "weeks", "months", "years")

_NUMBERS = NUMERALS | {"hundred": 100, "a": 1, "an": 1}
_NAMES = "|".join(sorted(_NUMBERS.keys() - {"a", "an"}, key=len, reverse=True))
_PERIOD = re.compile(
    rf"(?<![\w.])(?:(?P<figures>\d{{1,4}})|(?P<words>(?:{_NAMES})(?:[- ](?:{_NAMES}))*)|(?P<one>an?))"
    r"(?:\s*\(\s*(?P<inner>\d{1,4})\s*\))?[\s-]*(?P<kind>business|working|calendar|consecutive|full)?[\s-]*"
    r"(?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Period:
    """A length of time in a text.

    Args:
        length: how many units.
        unit: days, business_days, weeks, months or years.
        start, end: in the text.
    """

    length: int
    unit: str
    start: int
    end: int


def periods_in(text: str) -> Iterator[Period]:
    """Find lengths of time, left to right; the figure in brackets counts where there are both."""
    for match in _PERIOD.finditer(text):
        kind, unit = (match["kind"] or "").lower(), match["unit"].lower() + "s"
        if match["one"] and not match["inner"] and not re.match(r"\s+(term|period|initial)", text[match.end() :]):
            continue  # "a year" is rather a rate than a length
        length = int(match["inner"] or match["figures"] or _spelled(match["words"] or match["one"]))
        yield Period(
            length, "business_days" if kind in ("business", "working") and unit == "days" else unit, *match.span()
        )


FAR = 60
"""Characters between a length of time and the word it belongs to; one farther away belongs to another."""


def nearest(text: str, marks: str, *, units: Collection[str] = UNITS) -> Period | None:
    """The period nearest to some wording; None where none is near.

    Args:
        text: the passage.
        marks: a pattern of the words it belongs to.
        units: those it may have.
    """
    places = [match.span() for match in re.finditer(marks, text, re.IGNORECASE)]
    near = [
        (distance, period.start, period)
        for period in periods_in(text)
        if period.unit in units
        and (distance := min((_between(text, period, *place) for place in places), default=FAR)) < FAR
    ]
    return min(near)[2] if near else None


def _between(text: str, period: Period, start: int, end: int) -> int:
    """Characters from a period to a word; another part of the sentence counts as thirty more."""
    first, last = (period.end, start) if period.end <= start else (end, period.start)
    parted = re.search(r"\b(?:unless|if|provided|except|until)\b|[;,]", text[first:last])
    return max(last - first, 0) + 30 * (parted is not None)


def _spelled(words: str) -> int:
    total = 0
    for word in re.split(r"[- ]", words.lower()):
        number = _NUMBERS[word]
        total = max(total, 1) * 100 if number == 100 else total + number
    return total
