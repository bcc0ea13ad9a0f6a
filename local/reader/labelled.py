"""Read a value by its printed label: a property called `cashier` is what stands behind "Cashier:"."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from prefect_gemini.local.reader.dates import dates_in, order_of
from prefect_gemini.local.reader.money import amounts_in, decimal_point
from prefect_gemini.local.reader.resolve import Found, Line, Reading, Schema
from prefect_gemini.local.reader.roles import words_of
from prefect_gemini.local.reader.values import types_of

CLOSE = 88
"""Likeness, 0 to 100, of a printed label and a property's name: OCR misreads a letter in six."""

SAME_WORD = {
    "no": "number",
    "nr": "number",
    "num": "number",
    "#": "number",
    "amt": "amount",
    "tel": "phone",
    "qty": "quantity",
}


def by_label(reading: Reading, name: str, schema: Schema, *, known: bool = False) -> Found | None:
    """Find the value behind a label that reads like the property's name or title.

    Args:
        reading: the document.
        name: the property's key.
        schema: its schema; says whether a number, a date or a text is wanted.
        known: the name means a role that its own resolvers did not find; then only a label that is spelled
            out with a colon counts.
    """
    wanted = [_plain(words_of(text)) for text in (name, schema.get("title")) if isinstance(text, str) and text]
    wanted = [text for text in wanted if len(text) >= 2]
    best: Found | None = None
    for line in reading.lines:
        for label, start in _labels(line):
            likeness = max((fuzz.ratio(_plain(label), text) for text in wanted), default=0.0)
            if likeness < CLOSE or (known and ":" not in line.text[len(label) : start]):
                continue
            found = _behind(reading, line, start, schema, likeness / 100)
            if found is not None and (best is None or found.score > best.score):
                best = found
    return best


def _plain(text: str) -> str:
    words = re.sub(r"[^\w#]+", " ", text.lower()).split()
    return " ".join(SAME_WORD.get(word, word) for word in words)


def _labels(line: Line) -> list[tuple[str, int]]:
    """What could be the label of a line, with the offset at which its value begins."""
    text = line.text
    labels = []
    colon = re.match(r"([^:]{2,40}?)\s?:\s?", text)
    if colon:
        labels.append((colon[1], colon.end()))
    if len(line.cells) > 1:
        first = line.cells[0]
        labels.append((text[: first[-1].end - line.start].rstrip(" :"), line.cells[1][0].start - line.start))
    return labels


def _behind(reading: Reading, line: Line, start: int, schema: Schema, score: float) -> Found | None:
    text = line.text[start:]
    types = types_of(schema)
    if not text.strip():
        return None
    if "number" in types or "integer" in types:
        amounts = list(amounts_in(text, point=decimal_point(row.text for row in reading.lines)))
        if len(amounts) != 1:
            return None
        only = amounts[0]
        return Found(only.value, (line.span(start + only.start, start + only.end),), 0.9 * score)
    if schema.get("format") in ("date", "date-time"):
        printed = next(dates_in(text, order=order_of(row.text for row in reading.lines)), None)
        if printed is None:
            return None
        return Found(printed.value, (line.span(start + printed.start, start + printed.end),), 0.9 * score)
    if types and "string" not in types:
        return None
    # The value ends where the next cell begins, if that looks like a label of its own.
    cell = next((cell for cell in line.cells if cell[-1].end - line.start > start), None)
    end = cell[-1].end - line.start if cell else len(line.text)
    value = line.text[start:end].strip()
    begin = start + (len(line.text[start:end]) - len(line.text[start:end].lstrip()))
    return Found(value, (line.span(begin, begin + len(value)),), 0.9 * score) if value else None
