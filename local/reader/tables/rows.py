"""The rows under a table's head: which figure stands in which column, and which words describe it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from prefect_gemini.local.reader.money import Point
from prefect_gemini.local.reader.tables.cells import Cell, plain
from prefect_gemini.local.reader.tables.figures import Figure, amount_of, count_of, rate_of, trailing_amount
from prefect_gemini.local.reader.tables.header import Head, Heading
from prefect_gemini.local.reader.tables.words import Column, heads_part, heads_totals, opens_section

ALIGNED = 0.35
"""Edges nearer than this share of the letters' height stand one under the other."""

_SIGN = re.compile(r"^\W$|^(?:EUR|USD|GBP|RM|Rs\.?|CHF)$")

REACH = 2.6
"""How many letter heights apart the figures of one row may stand, where the setter centred them."""


@dataclass
class Row:
    """One item of a table.

    Args:
        figures: by column; `amount` always.
        text: cells of the description, top to bottom.
        code, position: cells of those columns.
    """

    figures: dict[Column, Figure]
    text: list[Cell] = field(default_factory=list)
    code: list[Cell] = field(default_factory=list)
    position: Cell | None = None

    @property
    def amount(self) -> Decimal:
        return self.figures["amount"].value

    @property
    def page(self) -> int:
        return self.figures["amount"].cell.page

    @property
    def top(self) -> float:
        return min(figure.cell.box.top for figure in self.figures.values())

    @property
    def bottom(self) -> float:
        return max(figure.cell.box.bottom for figure in self.figures.values())

    @property
    def multiplies(self) -> bool | None:
        """Whether quantity times price is the amount; None where one of them is not printed."""
        if "quantity" not in self.figures or "unit_price" not in self.figures:
            return None
        exact = self.figures["quantity"].value * self.figures["unit_price"].value
        return abs(exact - self.amount) <= max(Decimal("0.02"), abs(self.amount) / 100)


@dataclass
class Body:
    """What stands under one head on one page, before it is cut into rows.

    Args:
        figures: by column, top to bottom.
        texts: cells of the description.
        codes, positions: cells of those columns.
        totals: amounts in rows that say they are totals, with the label.
    """

    figures: dict[Column, list[Figure]] = field(default_factory=dict)
    texts: list[Cell] = field(default_factory=list)
    codes: list[Cell] = field(default_factory=list)
    positions: list[Cell] = field(default_factory=list)
    totals: list[tuple[str, Figure]] = field(default_factory=list)


def body(head: Head, lines: Sequence[Sequence[Cell]], amount: Heading, *, height: float, point: Point) -> Body:
    """Sort what stands under a head into its columns.

    Args:
        head: the head.
        lines: the cells of the lines under it, down to the next head or the end of the page.
        amount: which of its headings heads the amounts.
        height: letter height of the page.
        point: decimal mark of the document.
    """
    found = Body()
    edge = max(heading.box.right for heading in head.headings) + 6 * height
    for line in lines:
        cells = [piece for cell in line for piece in _cut(cell, head, height) if piece.box.left < edge]
        if not cells:
            continue
        if opens_section(plain(cells[0].text)) and not re.search(r"\d", " ".join(cell.text for cell in cells)):
            break
        labels = [cell for cell in cells if heads_totals(plain(cell.text))]
        counted = any(_column(cell, head, height, point) == "quantity" for cell in cells)
        if labels and (heads_part(plain(labels[0].text)) or not (counted and labels[0] is cells[0])):
            for cell in cells:
                figure = amount_of(cell, point=point, whole=True) or trailing_amount(cell, point=point)
                if figure is not None:
                    found.totals.append((plain(labels[-1].text), figure))
            if not counted or heads_part(plain(labels[0].text)):
                continue
        for cell in cells:
            _place(cell, head, amount, found, height, point)
    return found


def rows(found: Body, *, height: float, counted: bool) -> list[Row]:
    """Cut a body into rows, one an amount.

    Args:
        found: the body.
        height: letter height of the page.
        counted: leave out amounts that no quantity belongs to, if there are quantities at all.
    """
    made = [Row({"amount": figure}) for figure in found.figures.get("amount", [])]
    quantities = found.figures.get("quantity", [])
    for column, figures in found.figures.items():
        if column != "amount":
            _pair(made, column, figures, height)
    if counted and quantities:
        made = [row for row in made if "quantity" in row.figures]
    _describe(made, found, height)
    # A row of tax is no item, though net and tax add up to the gross total as well as items do.
    return [row for row in made if row.multiplies or not (row.text and heads_totals(plain(row.text[0].text)))]


def _cut(cell: Cell, head: Head, height: float) -> Iterator[Cell]:
    """Part a cell where a word begins or ends exactly under another column's edge."""
    start = 0
    for index in range(1, len(cell.words)):
        if any(_SIGN.match(cell.words[side].text) for side in (index - 1, index)):
            continue
        word, before = cell.words[index].box, cell.words[index - 1].box
        begins = any(
            before.right <= heading.box.left
            and -ALIGNED * height < word.left - heading.box.left
            and word.left - heading.box.left < (1.0 if heading.column == "description" else ALIGNED) * height
            for heading in head.headings
        )
        ends = re.search(r"\d$", cell.words[index - 1].text) is not None and any(
            heading.numeric and abs(before.right - heading.box.right) < ALIGNED * height for heading in head.headings
        )
        figure = re.match(r"^[-−–]?\d[\d.,]*$", cell.words[index].text) is not None and any(
            heading.numeric and abs(word.right - heading.box.right) < ALIGNED * height for heading in head.headings
        )
        if begins or ends or figure:
            yield cell.part(start, index)
            start = index
    yield cell.part(start, len(cell.words))


def _near(cell: Cell, heading: Heading) -> float:
    """How far a cell is from standing under a heading: the best of left, right and middle alignment."""
    box, over = cell.box, heading.box
    middle = abs((box.left + box.right) - (over.left + over.right)) / 2
    return min(abs(box.left - over.left), abs(box.right - over.right), middle)


def _column(cell: Cell, head: Head, height: float, point: Point) -> Column | None:
    """The column a cell that is a figure stands in; `description` for one that is words."""
    figure = (
        amount_of(cell, point=point, whole=True) or count_of(cell, point=point) or rate_of(cell, point=point)
    ) is not None
    heading = min(head.headings, key=lambda heading: _near(cell, heading))
    if figure:
        return heading.column
    left = cell.box.left
    before = [heading for heading in head.headings if heading.box.left <= left + ALIGNED * height]
    owner = max(before, key=lambda heading: heading.box.left) if before else None
    if owner is not None and owner.column in ("code", "unit"):
        return owner.column
    described = head.of("description")
    if described:
        after = [heading.box.left for heading in head.headings if heading.box.left > described[0].box.right]
        if after and left > min(after) - ALIGNED * height:
            return None
    return "description"


def _place(cell: Cell, head: Head, amount: Heading, found: Body, height: float, point: Point) -> None:
    if _SIGN.match(cell.text):
        return
    column = _column(cell, head, height, point)
    heading = min(head.headings, key=lambda heading: _near(cell, heading))
    over = min(cell.box.right, heading.box.right) - max(cell.box.left, heading.box.left)
    close = over > 0 or _near(cell, heading) < 2.5 * height
    if column in ("amount", "unit_price") or heading is amount:
        figure = amount_of(cell, point=point, whole=heading is not amount or column == "amount")
        if figure is not None and close:
            place: Column = "amount" if heading is amount else "unit_price"
            if heading is amount or column == "unit_price":
                found.figures.setdefault(place, []).append(figure)
            return
    if column == "quantity" and close:
        figure = count_of(cell, point=point)
        if figure is not None:
            found.figures.setdefault("quantity", []).append(figure)
            return
    if column in ("tax_rate", "discount") and close:
        figure = rate_of(cell, point=point)
        if figure is not None:
            found.figures.setdefault(column, []).append(figure)
        return
    if column == "code":
        found.codes.append(cell)
    elif column == "position":
        found.positions.append(cell)
    elif column == "description":
        found.texts.append(cell)


def _pair(made: Sequence[Row], column: Column, figures: Sequence[Figure], height: float) -> None:
    """Give each figure of a column to the row that stands nearest, the same line before all others."""
    choices = sorted(
        (
            (abs(figure.cell.box.middle - row.figures["amount"].cell.box.middle), index, number)
            for index, figure in enumerate(figures)
            for number, row in enumerate(made)
        ),
    )
    taken: set[int] = set()
    for distance, index, number in choices:
        if distance > REACH * height:
            break
        if index not in taken and column not in made[number].figures:
            made[number].figures[column] = figures[index]
            taken.add(index)


def _describe(made: Sequence[Row], found: Body, height: float) -> None:
    """Share the words out: those level with a row's figures and below are its own, unless they stand above them."""
    if not made:
        return
    tops = [row.top - 0.5 * height for row in made]
    above = _stands_above(made, found.texts, height)
    for cells, kind in ((found.texts, "text"), (found.codes, "code")):
        last: dict[int, Cell] = {}
        for cell in cells:
            middle = cell.box.middle
            owner = max((index for index, top in enumerate(tops) if top <= middle), default=None)
            if above and (owner is None or middle > made[owner].bottom):
                owner = 0 if owner is None else owner + 1
                if owner >= len(made):
                    continue
            elif above and owner is not None and not _tells(cell, made[owner]):
                continue
            if owner is None:
                continue
            before = last.get(owner)
            lowest = max(made[owner].bottom, before.box.bottom) if before is not None else made[owner].bottom
            if not above and cell.box.top - lowest > 1.2 * height:
                continue
            last[owner] = cell
            (made[owner].text if kind == "text" else made[owner].code).append(cell)
    for cell in found.positions:
        owner = min(range(len(made)), key=lambda index: abs(made[index].top - cell.box.middle))
        if made[owner].position is None:
            made[owner].position = cell


def _tells(cell: Cell, row: Row) -> bool:
    """Whether words level with a row describe it: longer than a unit or the code of a tax, or left of its figures."""
    left = min(figure.cell.box.left for figure in row.figures.values())
    return re.search(r"[^\W\d_]{5}" if cell.box.right > left else r"[^\W\d_]{2}", cell.text) is not None


def _stands_above(made: Sequence[Row], texts: Sequence[Cell], height: float) -> bool:
    """Whether descriptions stand over their figures: few rows have words level with them, and there are words over
    the first row or none under the last.
    """
    level = sum(
        1
        for row in made
        if any(
            row.top - 0.5 * height < cell.box.middle < row.bottom + 0.5 * height and _tells(cell, row) for cell in texts
        )
    )
    over = any(cell.box.middle < made[0].top - 0.5 * height for cell in texts)
    under = any(0 < cell.box.middle - made[-1].bottom < 1.5 * height for cell in texts)
    return (over or not under) and level * 2 < len(made)
