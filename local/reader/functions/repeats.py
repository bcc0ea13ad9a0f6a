"""Several calls of one function: what is mentioned repeats itself, after what all calls share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from prefect_gemini.local.reader.functions.assign import best_row, listed, scattered, scored_row
from prefect_gemini.local.reader.functions.match import FLOOR, fits
from prefect_gemini.local.reader.functions.mentions import Mention
from prefect_gemini.local.reader.functions.parameters import Parameter


def several_rows(
    text: str, mentions: list[Mention], parameters: Sequence[Parameter]
) -> list[tuple[dict[str, Any], str]]:
    """Several rows with the words of each, where what is mentioned repeats itself: so many things for each call,
    after what all share."""
    groups = [one for one in mentions if one.kind == "list"]
    numbers = [one for one in parameters if one.required and one.kind in ("integer", "number")]
    if len(groups) > 1 and len(numbers) > 1 and all(len(one.value) == len(numbers) for one in groups):
        return [(dict(zip((one.name for one in numbers), group.value, strict=True)), group.text) for group in groups]
    needed = [one for one in parameters if one.required and not one.choices]
    alone = {one.name for one in needed if sum(other.kind == one.kind for other in needed) == 1}
    telling = [
        one
        for one in mentions
        if any(_tells(one, other, lone=other.name in alone, among=mentions) for other in parameters)
    ]
    units = _units(telling, parameters)
    for head, tail in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)):
        rest = units[head : max(head, len(units) - tail)]
        around = [one for unit in (*units[:head], *(units[-tail:] if tail else ())) for one in unit]
        for count in range(len(rest), 1, -1):
            if len(rest) % count:
                continue
            size = len(rest) // count
            chunks = [[one for unit in rest[at : at + size] for one in unit] for at in range(0, len(rest), size)]
            rows = _alike(text, chunks, around, parameters)
            if rows:
                starts = [*(chunk[0].start for chunk in chunks), len(text)]
                return [(row, text[start:end]) for row, start, end in zip(rows, starts, starts[1:], strict=False)]
    return []


def _tells(mention: Mention, parameter: Parameter, *, lone: bool, among: list[Mention]) -> bool:
    """Whether a mention may be an argument; the only one of its type that is asked for needs no further reason."""
    return fits(mention, parameter) >= (0.9 if lone else FLOOR) and not scattered(mention, among, parameter)


def _units(mentions: list[Mention], parameters: Sequence[Parameter]) -> list[list[Mention]]:
    """The mentions, those enumerated for one list kept together."""
    lists = [one for one in parameters if one.kind == "array"]
    units: list[list[Mention]] = []
    for mention in mentions:
        scores = {one.name: fits(mention, one) for one in parameters}
        best = max(parameters, key=lambda one: scores[one.name])
        if (
            units
            and lists
            and best.kind == "array"
            and listed(units[-1][-1], mention)
            and fits(units[-1][-1], best) > 0
        ):
            units[-1].append(mention)
        else:
            units.append([mention])
    return units


def _alike(
    text: str, chunks: list[list[Mention]], shared: list[Mention], parameters: Sequence[Parameter]
) -> list[dict[str, Any]]:
    """The rows of equal chunks; empty where they are not of one form, or an argument that all need is missing."""
    rows = [scored_row(chunk, parameters) for chunk in chunks]
    names = set(rows[0])
    if not names or any(set(row) != names for row in rows):
        return []
    if sum(len(chunk) for chunk in chunks) > sum(
        len(row) if not any(one.kind == "array" for one in parameters) else len(chunk)
        for row, chunk in zip(rows, chunks, strict=True)
    ):
        return []
    if any(row[name][1] < 0.35 * rows[0][name][1] for row in rows for name in names):
        return []
    between = text[chunks[-2][-1].end : chunks[-1][0].start]
    if not re.search(r"\band\b|\bthen\b|\balso\b|[.;?]|\bor\b|\bas well\b", between):
        return []
    rest = [one for one in parameters if one.name not in names]
    columns = [one for one in parameters if one.name in names]
    if any(fits(mention, one) >= FLOOR + 1.0 for mention in shared for one in columns):
        return []  # what all are said to share would have been a row of its own
    common = best_row(shared, rest) if shared else {}
    if any(one.required and one.name not in names | set(common) for one in parameters):
        return []
    return [common | {name: value for name, (value, _) in row.items()} for row in rows]
