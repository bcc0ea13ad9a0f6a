"""Evidence: where in the document each extracted value is printed, found by code and not by the model."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.evidence.quotes import FUZZY_THRESHOLD, Haystack, Span
from prefect_gemini.gemini.evidence.values import (
    CURRENCY_SIGNS,
    Printed,
    PrintedDay,
    PrintedTime,
    amounts,
    dates,
    times,
)
from prefect_gemini.gemini.schemas.validation import json_path
from prefect_gemini.pages.words import Page

Box = tuple[int, int, int, int]


class Evidence(BaseModel):
    """Where one value is printed.

    Args:
        path: of the value, for example `items[0].amount`.
        value: as extracted, in its JSON form.
        quote: the characters of the source it rests on; None where there are none.
        page: counted from 1; None for text without pages.
        box: (ymin, xmin, ymax, xmax), 0 to 1000 of the page, as Gemini writes boxes.
        start, end: the span of the quote in the page's text, or in the whole text without pages.
        match: how it was found; "unsupported" where it was not.
        score: 1.0 for exact and normalised, the share of characters that agree for fuzzy, 0.0 for unsupported.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    value: Any
    quote: str | None = None
    page: int | None = None
    box: Box | None = None
    start: int | None = None
    end: int | None = None
    match: Literal["exact", "normalised", "fuzzy", "unsupported"] = "unsupported"
    score: float = 0.0

    @property
    def supported(self) -> bool:
        """Whether the value is in the document."""
        return self.match != "unsupported"


class Source(Haystack):
    """A document's text to ground values in: plain text, or pages with boxes. What it takes is prepared once."""

    def __init__(self, source: str | Sequence[Page]) -> None:
        self.pages: tuple[Page, ...] = () if isinstance(source, str) else tuple(source)
        super().__init__(source if isinstance(source, str) else "\n".join(page.text for page in self.pages))
        self._page_starts: list[int] = []
        offset = 0
        for page in self.pages:
            self._page_starts.append(offset)
            offset += len(page.text) + 1

    @classmethod
    def of(cls, source: str | Sequence[Page] | Source) -> Source:
        """Make a Source unless it is one."""
        return source if isinstance(source, Source) else cls(source)

    def offset_of(self, evidence: Evidence) -> int | None:
        """Where evidence begins in the whole text; None where it stands nowhere."""
        if evidence.start is None:
            return None
        if evidence.page is None:
            return evidence.start
        starts = [
            start for page, start in zip(self.pages, self._page_starts, strict=True) if page.number == evidence.page
        ]
        return starts[0] + evidence.start if starts else None

    @cached_property
    def amounts(self) -> tuple[Printed, ...]:
        return tuple(amounts(self.text))

    @cached_property
    def dates(self) -> tuple[PrintedDay, ...]:
        return tuple(dates(self.text))

    @cached_property
    def times(self) -> tuple[PrintedTime, ...]:
        return tuple(times(self.text))

    def words_like(self, word: str, *, start: int = 0, stop: int | None = None) -> Iterator[re.Match[str]]:
        """Where a word stands by itself, in any case, within a stretch of the text."""
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        return pattern.finditer(self.text, start, len(self.text) if stop is None else stop)

    def evidence(self, path: str, value: Any, span: Span | None) -> Evidence:
        """Evidence for a value at a span of the whole text; unsupported where there is none."""
        if span is None:
            return Evidence(path=path, value=_plain(value))
        found: dict[str, Any] = {"start": span.start, "end": span.end}
        if self.pages:
            index = max(0, bisect_right(self._page_starts, span.start) - 1)
            page, shift = self.pages[index], self._page_starts[index]
            start, end = span.start - shift, min(span.end - shift, len(page.text))
            found = {"page": page.number, "start": start, "end": end}
            box = page.box_between(start, end)
            if box is not None and page.width > 0 and page.height > 0:
                edges = box.scaled(page.width, page.height)
                found["box"] = tuple(min(1000, max(0, edge)) for edge in edges)
        return Evidence(
            path=path,
            value=_plain(value),
            quote=self.text[span.start : span.end],
            match=span.match,
            score=span.score,
            **found,
        )


def locate_quote(
    quote: str,
    source: str | Sequence[Page] | Source,
    *,
    path: str = "",
    threshold: float = FUZZY_THRESHOLD,
) -> Evidence:
    """Find where a quote stands.

    Args:
        quote: what the model says it read.
        source: the text, the pages, or a Source made of them once.
        path: what the evidence is for; where a quote stands several times, a line that names it is preferred.
        threshold: the least share of agreeing characters for a fuzzy match, 0 to 1; 1 turns it off.
    """
    place = Source.of(source)
    return place.evidence(path, quote, _best(place, place.find(quote, threshold=threshold), path, None))


def ground(
    value: Any,
    source: str | Sequence[Page] | Source,
    *,
    skip: Collection[str] = (),
    threshold: float = FUZZY_THRESHOLD,
) -> tuple[Evidence, ...]:
    """Find where every leaf of a value is printed, in the order of the leaves.

    Text is found as text, numbers by equal amount, dates and times by what they say, currency codes also by
    their signs. None, booleans and empty text claim nothing and get no evidence. Where a value is printed
    several times, the place on a line that names the field is preferred; within a list, the place nearest to
    the other values of the same item.

    Args:
        value: a pydantic model, dataclass, mapping, list, or a single value.
        source: the text, the pages, or a Source made of them once.
        skip: names of fields, or paths without indexes (`items.category`), that are judged and not read.
        threshold: as for `locate_quote`.
    """
    place = Source.of(source)
    leaves = [(path, leaf) for path, leaf in _leaves(value, ()) if not _skipped(path, skip)]
    found: dict[tuple[str | int, ...], Evidence] = {}
    anchors: dict[tuple[str | int, ...], int] = {}
    # Texts first: they are rarely ambiguous, and say which line of a list an amount must be near.
    for path, leaf in sorted(leaves, key=lambda item: _ambiguity(item[1])):
        item = _item(path)
        named = json_path(path)
        spans = _spans(place, leaf, path, threshold)
        span = _best(place, spans, named, anchors.get(item) if item else None)
        found[path] = place.evidence(named, leaf, span)
        if span and item and item not in anchors:
            anchors[item] = span.start
    return tuple(found[path] for path, _ in leaves)


def _spans(place: Source, leaf: Any, path: tuple[str | int, ...], threshold: float) -> tuple[Span, ...]:
    if isinstance(leaf, bool):
        return ()
    if isinstance(leaf, int | float | Decimal):
        return _of_amount(place, Decimal(str(leaf)))
    if isinstance(leaf, datetime):
        return _of(place.dates, leaf.date()) or _of_text(place, leaf.isoformat(), path, 1.0)
    if isinstance(leaf, date):
        return _of(place.dates, leaf)
    if isinstance(leaf, time):
        return _of(place.times, leaf.replace(tzinfo=None))
    return _of_text(place, str(leaf), path, threshold)


def _of_amount(place: Source, value: Decimal) -> tuple[Span, ...]:
    same = [Span(item.start, item.end, "normalised", 1.0) for item in place.amounts if value in item.values]
    if not same and value < 0:
        # A discount is often printed without its sign.
        same = [Span(item.start, item.end, "normalised", 1.0) for item in place.amounts if -value in item.values]
    written = {str(value), f"{value:f}", f"{value:.2f}"}
    return tuple(
        span._replace(match="exact") if place.text[span.start : span.end] in written else span for span in same
    )


def _of(items: Sequence[PrintedDay] | Sequence[PrintedTime], value: date | time) -> tuple[Span, ...]:
    return tuple(Span(item.start, item.end, "normalised", 1.0) for item in items if value in item.values)


def _of_text(place: Source, text: str, path: tuple[str | int, ...], threshold: float) -> tuple[Span, ...]:
    day, clock, amount = _as_day(text), _as_time(text), _as_amount(text)
    # What is a date, time or amount must be found as one: fuzzy letters prove nothing about digits.
    spans = place.find(text, threshold=threshold if day is None and clock is None and amount is None else 1.0)
    if not spans and day is not None:
        spans = _of(place.dates, day)
    if not spans and clock is not None:
        spans = _of(place.times, clock)
    if not spans and amount is not None:
        spans = _of_amount(place, amount)
    if not spans and text in CURRENCY_SIGNS:
        for sign in CURRENCY_SIGNS[text]:
            spans = tuple(
                Span(match.start(), match.end(), "normalised", 1.0)
                for match in re.finditer(rf"(?<![^\W\d_]){re.escape(sign)}(?![^\W\d_])", place.text)
            )
            if spans:
                break
    return spans or _of_words(place, text)


LEAST_SHARE = 0.3
"""Of a stretch of text that is the value itself; words strewn more thinly prove nothing."""

MOST_BETWEEN = 250
"""Characters between two words of one text: the other columns of a table row, in reading order."""


def _of_words(place: Source, text: str) -> tuple[Span, ...]:
    """A text whose lines stand in one column of a table, so that other columns come between them.

    Every word has to be there, whole and in order, close together; the score is the share of the stretch
    that is the text itself.
    """
    words = text.split()
    if len(words) < 2:
        return ()
    for first in place.words_like(words[0]):
        end = first.end()
        for word in words[1:]:
            following = next(place.words_like(word, start=end, stop=end + MOST_BETWEEN), None)
            if following is None:
                break
            end = following.end()
        else:
            share = min(1.0, len(text) / (end - first.start()))
            if share >= LEAST_SHARE:
                return (Span(first.start(), end, "fuzzy", share),)
    return ()


def _best(place: Source, spans: Sequence[Span], named: str, anchor: int | None) -> Span | None:
    """The place that most likely means this field."""
    if len(spans) < 2:
        return spans[0] if spans else None
    words = _words(re.split(r"[.\[\]]", re.sub(r"\[\d+\]", "", named))[-1])
    near = place.line_of(anchor) if anchor is not None else None

    def rank(span: Span) -> tuple[float, ...]:
        line = place.line_of(span.start)
        distance = abs(line - near) if near is not None else 0
        return (distance, -_naming(words, place.line(line)), -_naming(words, place.line(line - 1)), span.start)

    return min(spans, key=rank)


def _naming(words: set[str], line: str) -> float:
    """How much a line names a field; a subtotal does not name the total."""
    there = _words(line)
    named = len(words & there) / len(words) if words else 0.0
    return named - 0.25 * len({"sub", "subtotal", "net", "netto"} & there - words) if named else 0.0


def _words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return set(re.findall(r"[^\W\d_]{2,}", spaced.lower()))


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields} | (value.model_extra or {})
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list | tuple | set | frozenset):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    elif isinstance(value, Enum):
        yield from _leaves(value.value, path)
    elif value is not None and not isinstance(value, bool) and (not isinstance(value, str) or value.strip()):
        yield path, value


def _skipped(path: tuple[str | int, ...], skip: Collection[str]) -> bool:
    names = [part for part in path if isinstance(part, str)]
    return any(name in skip for name in names) or ".".join(names) in skip


def _item(path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """The list item a leaf belongs to."""
    last = max((index for index, part in enumerate(path) if isinstance(part, int)), default=None)
    return None if last is None else path[: last + 1]


def _ambiguity(leaf: Any) -> int:
    return -len(leaf) if isinstance(leaf, str) else 1_000 - len(str(leaf))


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d\d-\d\d($|[T ])", text) else None
    except ValueError:
        return None


def _as_time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if re.match(r"\d\d:\d\d", text) else None
    except ValueError:
        return None


def _as_amount(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", text, re.ASCII) else None


def _plain(value: Any) -> Any:
    """The JSON form: an amount as its digits, a date as ISO 8601."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | time) else value
