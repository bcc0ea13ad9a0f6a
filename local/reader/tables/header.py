"""Find the heading of a table of items: which column holds what, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from prefect_gemini.local.reader.tables.cells import Cell, plain
from prefect_gemini.local.reader.tables.words import HEADS, LONGEST_HEAD, Column
from prefect_gemini.pages.words import Box

_NUMERIC: frozenset[Column] = frozenset(
    ("quantity", "unit_price", "amount", "tax_rate", "tax", "discount", "position", "date")
)
_FILLER = re.compile("eur|usd|gbp|chf|rm|inr|in|per|pro|par|of|de|der|the|and|und|et|en|vat|ust|mwst|tax|tva|btw")


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of one column.

    Args:
        column: what it holds; None for a heading that is not known.
        box: round its words, over all lines of the head.
        text: its words in the form of `cells.plain`.
    """

    column: Column | None
    box: Box
    text: str

    @property
    def numeric(self) -> bool:
        return self.column in _NUMERIC


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table.

    Args:
        page: index of its page.
        first, last: indices of its lines.
        headings: left to right; several may stand one above the other.
    """

    page: int
    first: int
    last: int
    headings: tuple[Heading, ...]

    def of(self, column: Column) -> list[Heading]:
        """The headings of one kind of column, left to right."""
        return [heading for heading in self.headings if heading.column == column]

    @property
    def signature(self) -> tuple[str, ...]:
        return tuple(heading.text for heading in self.headings)


def heads(lines: Sequence[Sequence[Cell]], *, height: float) -> Iterator[Head]:
    """Find every line of a page that heads a table of items, with the lines above and below that belong to it.

    Args:
        lines: the cells of one page, line by line.
        height: the page's letter height.
    """
    index = 0
    while index < len(lines):
        core = _headings(lines[index])
        if not _is_head(core, lines[index]):
            index += 1
            continue
        first = last = index
        found = [heading for heading in core if heading.column or len(heading.text) > 1]
        for step in (-1, 1):
            reach = index + step
            while 0 <= reach < len(lines) and abs(reach - index) <= 3:
                near = lines[reach - step][0].box
                if abs(lines[reach][0].box.middle - near.middle) > 2.0 * height or not _continues(lines[reach], found):
                    break
                found = _merged(found, _headings(lines[reach]), above=step < 0)
                first, last = min(first, reach), max(last, reach)
                reach += step
        found.sort(key=lambda heading: (heading.box.left, heading.box.top))
        yield Head(lines[index][0].page, first, last, tuple(_settled(found)))
        index = last + 1


def _headings(cells: Sequence[Cell]) -> list[Heading]:
    """The headings of one line, by the longest runs of words that head a column."""
    pieces = [
        (piece, word.box, number)
        for number, cell in enumerate(cells)
        for word in cell.words
        for piece in plain(word.text).split()
    ]
    found: list[Heading] = []
    at = 0
    while at < len(pieces):
        for length in range(min(LONGEST_HEAD, len(pieces) - at), 0, -1):
            run = pieces[at : at + length]
            text = " ".join(piece for piece, _, _ in run)
            if text in HEADS and len({number for _, _, number in run}) == 1:
                break
        else:
            length, run, text = 1, pieces[at : at + 1], pieces[at][0]
        box = run[0][1]
        for _, more, _ in run[1:]:
            box = box.union(more)
        found.append(Heading(HEADS.get(text), box, text))
        at += length
    return found


def _is_head(found: Sequence[Heading], cells: Sequence[Cell]) -> bool:
    columns = {heading.column for heading in found if heading.column}
    if not columns & {"amount", "unit_price"} or not columns & {"description", "quantity"}:
        return False
    if any(re.search(r"\d[.,]\d{2}\b|\d{4}", cell.text) for cell in cells):
        return False
    known = sum(1 for heading in found if heading.column or _FILLER.fullmatch(heading.text))
    return known >= 0.6 * len(found) and (len(columns) >= 3 or len(cells) == len(columns) == 2)


def _continues(cells: Sequence[Cell], found: Sequence[Heading]) -> bool:
    """Whether a line beside the head belongs to it: short labels under or over its columns, no values."""
    if any(re.search(r"\d", cell.text) for cell in cells) or any(len(cell.words) > 4 for cell in cells):
        return False
    left = min(heading.box.left for heading in found)
    right = max(heading.box.right for heading in found)
    headings = _headings(cells)
    inside = [heading for heading in headings if left - 2 <= heading.box.left and heading.box.right <= right + 2]
    if len(inside) < len(headings):
        return False
    known = sum(
        1
        for heading in headings
        if heading.column or _FILLER.fullmatch(heading.text) or _over(heading, found) is not None
    )
    return (
        known == len(headings)
        and sum(1 for heading in headings if heading.column) * 2
        >= len(headings) - sum(1 for heading in headings if _FILLER.fullmatch(heading.text)) - 1
    )


def _over(heading: Heading, found: Sequence[Heading]) -> int | None:
    """The heading of the head that stands over or under this one."""
    best, widest = None, 0.0
    for index, other in enumerate(found):
        shared = min(heading.box.right, other.box.right) - max(heading.box.left, other.box.left)
        if shared > widest:
            best, widest = index, shared
    return best


def _merged(found: list[Heading], more: Sequence[Heading], *, above: bool) -> list[Heading]:
    merged = list(found)
    for heading in more:
        over = _over(heading, merged)
        if over is None:
            merged.append(heading)
            continue
        other = merged[over]
        text = f"{heading.text} {other.text}" if above else f"{other.text} {heading.text}"
        column = HEADS.get(text) or other.column or heading.column
        if heading.column and other.column and text not in HEADS and heading.column != other.column:
            if heading.column in ("quantity", "code", "description", "amount", "unit_price"):
                merged.append(heading)
            continue
        merged[over] = replace(other, column=column, text=text, box=other.box.union(heading.box))
    return merged


def _settled(found: Sequence[Heading]) -> list[Heading]:
    """Settle headings that mean different things in different places.

    `Amount` to the left of a column of totals counts pieces; of several prices and no total, the last is the total.
    """
    settled = list(found)
    amounts = [index for index, heading in enumerate(settled) if heading.column == "amount"]
    described = [index for index, heading in enumerate(settled) if heading.column == "description"]
    if len(described) > 1 and settled[described[0]].box.right < settled[described[1]].box.left:
        # "Item | Description": the first is a code.
        settled[described[0]] = replace(settled[described[0]], column="code")
        described = described[1:]
    quantities = [heading for heading in settled if heading.column == "quantity"]
    if len(amounts) > 1 and described and amounts[0] < described[0] and not quantities:
        settled[amounts[0]] = replace(settled[amounts[0]], column="quantity")
    prices = [index for index, heading in enumerate(settled) if heading.column == "unit_price"]
    if not amounts and prices:
        settled[prices[-1]] = replace(settled[prices[-1]], column="amount")
    if not described:
        codes = [index for index, heading in enumerate(settled) if heading.column == "code"]
        if codes:
            settled[codes[0]] = replace(settled[codes[0]], column="description")
    return settled
