"""Line items: the rows of a bill's table, given only where they add up or multiply out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from prefect_gemini.local.reader.money import Point, decimal_point
from prefect_gemini.local.reader.resolve import Found, Reading
from prefect_gemini.local.reader.tables.cells import Cell, cells_of, letter_height, plain
from prefect_gemini.local.reader.tables.figures import Figure, amount_of, trailing_amount
from prefect_gemini.local.reader.tables.header import Head, Heading, heads
from prefect_gemini.local.reader.tables.rows import Body, Row, body, rows
from prefect_gemini.local.reader.tables.words import heads_totals

SURE, LIKELY = 0.95, 0.6
"""Scores of rows whose sum is printed as a total, and of rows that only multiply out."""


@dataclass(frozen=True)
class _Printed:
    """An amount with its page and height, and whether its row is labelled as a total."""

    place: tuple[int, float]
    value: Decimal
    labelled: bool


@dataclass
class _Attempt:
    """Rows read one way, and how far the document bears them out."""

    rows: list[Row]
    adds_up: bool
    counted: bool

    @property
    def multiplied(self) -> int:
        return sum(1 for row in self.rows if row.multiplies)

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        return (self.adds_up, self.multiplied, self.counted, len(self.rows))


def read_line_items(reading: Reading) -> list[dict[str, Found]]:
    """Read the items of a bill.

    Of the ways to read a table (which column holds the amounts, which rows count, where it ends) the one is
    taken whose amounts add up to a total printed after it. Rows that add up to nothing printed are given only
    if quantity times price is the amount in every one of them.

    Args:
        reading: the document.

    Returns:
        One dict a row, in print order, keyed by `resolve.ITEM_FIELDS`; empty where no reading is borne out.
    """
    if "tables" not in reading.memo:
        reading.memo["tables"] = _read(reading)
    items: list[dict[str, Found]] = reading.memo["tables"]
    return items


def _read(reading: Reading) -> list[dict[str, Found]]:
    point = decimal_point(page.text for page in reading.pages)
    pages = [cells_of(page, index) for index, page in enumerate(reading.pages)]
    heights = [letter_height(page) for page in reading.pages]
    attempts = list(_attempts(pages, heights, point))
    if not attempts:
        return []
    best = max(attempts, key=lambda attempt: attempt.rank)
    if best.adds_up:
        return [_item(row, SURE) for row in best.rows]
    if len(best.rows) > 1 and best.multiplied == len(best.rows):
        return [_item(row, LIKELY) for row in best.rows]
    return []


def _attempts(pages: Sequence[list[list[Cell]]], heights: Sequence[float], point: Point) -> Iterator[_Attempt]:
    found = [(head, index) for index, lines in enumerate(pages) for head in heads(lines, height=heights[index])]
    seen: set[tuple[str, ...]] = set()
    for head, _ in found:
        if head.signature in seen:
            continue
        seen.add(head.signature)
        for amount in _amount_headings(head):
            bodies = _bodies(found, head, amount, pages, heights, point)
            totals = _totals(pages, head, point)
            for counted in (True, False):
                made = [row for at, part in bodies for row in rows(part, height=heights[at], counted=counted)]
                yield from _prefixes(made, totals, counted)


def _amount_headings(head: Head) -> list[Heading]:
    """The columns that may hold the amounts, the last first."""
    return [*reversed(head.of("amount")), *reversed(head.of("unit_price"))]


def _bodies(
    found: Sequence[tuple[Head, int]],
    head: Head,
    amount: Heading,
    pages: Sequence[list[list[Cell]]],
    heights: Sequence[float],
    point: Point,
) -> Iterator[tuple[int, Body]]:
    """The parts of a table: under its head, under the same head on later pages, and on pages without any head."""
    for at in range(head.page, len(pages)):
        here = [other for other, index in found if index == at]
        own = next((other for other in here if other.signature == head.signature), None)
        if own is None and not here:
            own = replace(head, page=at, first=-1, last=-1)
        if own is None:
            continue
        after = next((other.first for other in here if other.first > own.last), len(pages[at]))
        under = min(own.headings, key=lambda heading: abs(heading.box.right - amount.box.right))
        yield at, body(own, pages[at][own.last + 1 : after], under, height=heights[at], point=point)


def _totals(pages: Sequence[list[list[Cell]]], head: Head, point: Point) -> list[_Printed]:
    """The amounts after the head, each with whether its row says that it is a total."""
    found: list[_Printed] = []
    for at in range(head.page, len(pages)):
        for index, line in enumerate(pages[at]):
            if at == head.page and index <= head.last:
                continue
            labelled = False
            for cell in line:
                labelled = labelled or heads_totals(plain(cell.text))
                figure = amount_of(cell, point=point, whole=True) or trailing_amount(cell, point=point)
                if figure is not None:
                    found.append(_Printed((at, cell.box.middle), figure.value, labelled))
    return found


def _prefixes(made: list[Row], totals: Sequence[_Printed], counted: bool) -> Iterator[_Attempt]:
    """The rows from the first on, as far as a total printed after them bears them out; and all of them.

    An amount without a label bears out only rows that multiply out themselves.
    """
    for length in range(len(made), 0, -1):
        last = made[length - 1]
        place = (last.page, last.figures["amount"].cell.box.middle)
        total = sum((row.amount for row in made[:length]), Decimal(0))
        multiplied = all(row.multiplies for row in made[:length])
        if total and any(
            printed.value == total and printed.place > place and (printed.labelled or multiplied) for printed in totals
        ):
            yield _Attempt(made[:length], True, counted)
            return
    yield _Attempt(made, False, counted)


def _item(row: Row, score: float) -> dict[str, Found]:
    item: dict[str, Found] = {}
    if row.text:
        item["description"] = _text(row.text, score)
    quantity = row.figures.get("quantity")
    if quantity is not None:
        item["quantity"] = _found(quantity, score)
        if quantity.unit:
            start = quantity.cell.end - len(quantity.unit)
            item["unit"] = Found(quantity.unit, ((quantity.cell.page, start, quantity.cell.end),), score)
    for column in ("unit_price", "amount", "tax_rate", "discount"):
        figure = row.figures.get(column)
        if figure is not None:
            item[column] = _found(figure, score)
    if row.code:
        item["code"] = _text(row.code[:1], score)
    if row.position is not None:
        item["position"] = _text([row.position], score)
    return item


def _found(figure: Figure, score: float) -> Found:
    return Found(figure.value, (figure.cell.span,), score)


def _text(cells: Sequence[Cell], score: float) -> Found:
    return Found(" ".join(cell.text for cell in cells), tuple(cell.span for cell in cells), score)
