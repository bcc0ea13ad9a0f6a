"""Texts that are one figure and nothing else: an amount, or a count with its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from prefect_gemini.local.reader.money import Amount, Point, amounts_in, parse_number
from prefect_gemini.local.reader.tables.cells import Cell

_AMOUNT_TAIL = re.compile(r"^[*#]?\s?\(?[A-Z]{0,4}[*#]?\)?$")
_COUNT = re.compile(r"^(?P<sign>[-−–])?\s?(?P<number>\d[\d.,'’]*)\s?(?:[xX×*]|(?P<unit>[^\W\d_][\w²³().'/-]{0,14}))?$")
_RATE = re.compile(r"^(?P<number>\d{1,2}(?:[.,]\d{1,3})?)\s?%?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the words it is printed in.

    Args:
        value: signed.
        cell: its words.
        unit: what is counted, where it is printed beside the number.
        money: printed with decimals or with a currency.
    """

    value: Decimal
    cell: Cell
    unit: str | None = None
    money: bool = True


def read_amount(text: str, *, point: Point) -> Amount | None:
    """The amount a text consists of; None where it says anything else.

    Args:
        text: a number with an optional sign, currency, and the letters of a tax code or an asterisk behind it.
        point: the decimal mark of the document.
    """
    text = re.sub(r"^([-−–])\s+(?=\d)", r"\1", text.strip())
    found = list(amounts_in(text, point=point))
    if len(found) != 1:
        return None
    amount = found[0]
    if text[: amount.start].strip(" :") or not _AMOUNT_TAIL.match(text[amount.end :].strip()):
        return None
    return amount


def amount_of(cell: Cell, *, point: Point, whole: bool = False) -> Figure | None:
    """The amount of a cell that is one.

    Args:
        cell: the cell.
        point: the decimal mark of the document.
        whole: also take a number without decimals and currency.
    """
    amount = read_amount(cell.text, point=point)
    if amount is None:
        return None
    money = amount.places > 0 or amount.currency is not None
    return Figure(amount.value, cell, money=money) if money or whole else None


def trailing_amount(cell: Cell, *, point: Point) -> Figure | None:
    """The amount at the end of a cell that begins with words: `Total: 12.50 €`."""
    for start in range(max(0, len(cell.words) - 4), len(cell.words)):
        part = cell.part(start, len(cell.words))
        found = amount_of(part, point=point)
        if found is not None:
            return found
    return None


def count_of(cell: Cell, *, point: Point) -> Figure | None:
    """The count a cell consists of, with its unit: `20 Stk`, `1.00 kg`, `3 m²`, `2 x`."""
    found = _COUNT.match(cell.text.strip())
    if not found:
        return None
    try:
        value = parse_number(found["number"].rstrip(".,"), point=point)
    except ValueError:
        return None
    return Figure(-value if found["sign"] else value, cell, unit=found["unit"], money=False)


def rate_of(cell: Cell, *, point: Point) -> Figure | None:
    """The percentage a cell consists of: `19 %`, `5,5%`, `0`."""
    found = _RATE.match(cell.text.strip())
    return Figure(parse_number(found["number"], point=point), cell, money=False) if found else None


def figures_of(cell: Cell, *, point: Point) -> Iterator[Figure]:
    """Every amount printed in a cell, with the words it covers."""
    text, start = cell.text, cell.start
    for amount in amounts_in(text, point=point):
        words = tuple(
            word for word in cell.words if word.start - start < amount.end and word.end - start > amount.start
        )
        if words:
            money = amount.places > 0 or amount.currency is not None
            yield Figure(amount.value, Cell(cell.page, cell.line, words), money=money)
