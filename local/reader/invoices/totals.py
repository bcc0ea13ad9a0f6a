"""The sums of an invoice: net, tax, gross, paid and due, told by their labels and by what adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from prefect_gemini.local.reader.invoices.labels import grid
from prefect_gemini.local.reader.invoices.words import total_kind
from prefect_gemini.local.reader.money import Point, decimal_point
from prefect_gemini.local.reader.resolve import Found, Reading, Schema, resolves
from prefect_gemini.local.reader.tables.cells import Cell, letter_height, plain
from prefect_gemini.local.reader.tables.figures import Figure, amount_of, trailing_amount
from prefect_gemini.local.reader.tables.tables import read_line_items

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Total:
    """An amount with what its label says it is.

    Args:
        kind: `gross`, `net`, `tax`, `lines`, `prepaid`, `due` or `other`.
        strength: how much the label says, 0 to 1.
        figure: the amount.
        order: smaller is earlier in the document.
    """

    kind: str
    strength: float
    figure: Figure
    order: int

    @property
    def value(self) -> Decimal:
        return self.figure.value


@resolves("total", kind="invoice")
def grand_total(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The gross total: what is labelled so and, where net and tax are printed, what they add up to."""
    totals = totals_of(reading)
    scored: dict[Decimal, tuple[float, Total]] = {}
    for total in totals:
        if total.kind not in ("gross", "due"):
            continue
        score = 0.55 * total.strength + _support(total, totals)
        if total.value not in scored or score > scored[total.value][0]:
            scored[total.value] = (score, total)
    if not scored:
        return _by_sum(totals)
    score, best = max(scored.values(), key=lambda pair: (round(pair[0], 3), abs(pair[1].value), pair[1].order))
    return Found(best.value, (best.figure.cell.span,), min(score + 0.25, 1.0))


@resolves("subtotal", kind="invoice")
def net_total(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The total before tax: the label says net, or the sum of the lines where net and tax make the gross."""
    totals = totals_of(reading)
    gross = grand_total(reading, "total", {})
    taxes = {total.value for total in totals if total.kind == "tax"}
    best: tuple[float, Total] | None = None
    for total in totals:
        if total.kind not in ("net", "lines"):
            continue
        fits = gross is not None and any(abs(total.value + tax - gross.value) <= CENT for tax in taxes)
        score = (0.9 if total.kind == "net" else 0.45) * total.strength + (0.3 if fits else 0.0)
        if gross is not None and abs(total.value) > abs(gross.value) and not fits:
            score -= 0.3
        if best is None or score > best[0]:
            best = (score, total)
    return _found(best)


@resolves("tax_total", kind="invoice")
def tax_total(reading: Reading, role: str, schema: Schema) -> Found | None:
    """All tax: what lies between net and gross where it is printed, else the one amount labelled so."""
    totals = totals_of(reading)
    gross = grand_total(reading, "total", {})
    net = net_total(reading, "subtotal", {})
    taxes = [total for total in totals if total.kind == "tax"]
    if gross is not None and net is not None:
        for total in sorted(taxes, key=lambda total: -total.order):
            if abs(net.value + total.value - gross.value) <= CENT:
                return Found(total.value, (total.figure.cell.span,), 0.95)
        return None
    values = {total.value for total in taxes}
    return _found((0.7, taxes[-1])) if len(values) == 1 else None


@resolves("due_payable", kind="invoice")
def due_payable(reading: Reading, role: str, schema: Schema) -> Found | None:
    """What is left to pay, where a label says so."""
    due = [total for total in totals_of(reading) if total.kind == "due"]
    if not due:
        return None
    best = max(due, key=lambda total: (total.strength, total.order))
    return Found(best.value, (best.figure.cell.span,), 0.9)


@resolves("prepaid", kind="invoice")
def prepaid(reading: Reading, role: str, schema: Schema) -> Found | None:
    """What is paid already: labelled so, and the difference of gross and due where both are printed."""
    totals = totals_of(reading)
    gross = grand_total(reading, "total", {})
    due = due_payable(reading, "due_payable", {})
    paid = [total for total in totals if total.kind == "prepaid"]
    if gross is not None and due is not None:
        paid = [total for total in paid if abs(gross.value - abs(total.value) - due.value) <= CENT]
    if not paid or len({abs(total.value) for total in paid}) > 1:
        return None
    return Found(abs(paid[0].value), (paid[0].figure.cell.span,), 0.8)


def totals_of(reading: Reading) -> tuple[Total, ...]:
    """Every labelled amount outside the items, in print order; worked out once a reading."""
    if "totals" not in reading.memo:
        reading.memo["totals"] = tuple(_labelled(reading))
    found: tuple[Total, ...] = reading.memo["totals"]
    return found


def _labelled(reading: Reading) -> Iterator[Total]:
    point = decimal_point(page.text for page in reading.pages)
    items = {span for row in read_line_items(reading) for found in row.values() for span in found.spans}
    for page, lines in enumerate(grid(reading)):
        height = letter_height(reading.pages[page])
        for number, line in enumerate(lines):
            order = page * 10_000 + number
            for label, figures in _groups(line, point):
                # Behind a label the last amount is its own; amounts alone have their labels over them.
                for figure in figures[-1:] if label else figures:
                    named = label or _above(lines, number, figure.cell, height)
                    kind = total_kind(plain(named)) if named and figure.cell.span not in items else None
                    if kind is not None:
                        yield Total(kind[0], kind[1] if label else 0.8 * kind[1], figure, order)


def _groups(line: Sequence[Cell], point: Point) -> Iterator[tuple[str, list[Figure]]]:
    """Cut a line into labels, each with the amounts that follow it."""
    label, figures = "", list[Figure]()
    for cell in line:
        figure = amount_of(cell, point=point)
        if figure is not None:
            figures.append(figure)
            continue
        if re.fullmatch(r"\W*|[A-Z]{3}|\d{1,2}(?:[.,]\d+)?\s?%", cell.text):
            continue
        if figures:
            yield label, figures
        label, figures = cell.text, []
        last = trailing_amount(cell, point=point)
        if last is not None:
            label, figures = cell.text[: last.cell.start - cell.start], [last]
    if figures:
        yield label, figures


def _above(lines: Sequence[Sequence[Cell]], number: int, cell: Cell, height: float) -> str:
    """The label over an amount that has none beside it: the head of a row of totals."""
    for line in reversed(lines[max(0, number - 3) : number]):
        if cell.box.top - line[0].box.bottom > 2.5 * height:
            return ""
        for over in line:
            apart = min(abs(over.box.right - cell.box.right), abs(over.box.left - cell.box.left))
            middle = abs((over.box.left + over.box.right) - (cell.box.left + cell.box.right)) / 2
            if min(apart, middle) < 1.2 * height:
                return over.text if re.search(r"[^\W\d_]{2}", over.text) else ""
    return ""


def _support(total: Total, totals: Sequence[Total]) -> float:
    """How far other amounts bear out a gross total: net and tax make it, due and paid make it, it is repeated."""
    support = 0.0
    nets = [other for other in totals if other.kind in ("net", "lines")]
    taxes = [other for other in totals if other.kind == "tax"]
    if any(abs(net.value + tax.value - total.value) <= CENT and net.value for net in nets for tax in taxes):
        support += 0.25
    elif len(taxes) > 1 and any(abs(net.value + sum(tax.value for tax in taxes) - total.value) <= CENT for net in nets):
        support += 0.2
    for due in totals:
        for paid in totals:
            if due.kind == "due" and paid.kind == "prepaid" and paid.value and total.kind != "due":
                support += 0.1 if abs(due.value + abs(paid.value) - total.value) <= CENT else 0.0
    repeated = sum(1 for other in totals if other.kind in ("gross", "due") and other.value == total.value)
    return support + 0.03 * min(repeated - 1, 2)


def _by_sum(totals: Sequence[Total]) -> Found | None:
    """The gross total without a label of its own: an amount that one net and one tax add up to."""
    for net in totals:
        for tax in totals:
            if net.kind != "net" or tax.kind != "tax" or not tax.value:
                continue
            for other in totals:
                if other.kind not in ("net", "tax", "prepaid") and abs(net.value + tax.value - other.value) <= CENT:
                    return Found(other.value, (other.figure.cell.span,), 0.7)
    return None


def _found(best: tuple[float, Total] | None) -> Found | None:
    if best is None:
        return None
    return Found(best[1].value, (best[1].figure.cell.span,), max(0.0, min(best[0], 1.0)))
