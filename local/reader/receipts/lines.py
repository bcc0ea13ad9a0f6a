"""The items of a receipt whose lines stand under no headings: words, then an amount at the right.

They are given only where they add up to what the receipt prints below them; a receipt is a narrow column
of words and numbers, and without the sum every telephone number would be an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from prefect_gemini.local.reader.money import Amount, amounts_in, decimal_point
from prefect_gemini.local.reader.receipts.sums import Sum, sums_of
from prefect_gemini.local.reader.resolve import Found, Line, Reading, Span

CENT = Decimal("0.01")
SURE = 0.95
FOOT = frozenset({"total", "subtotal", "due", "tax", "tip", "rounding", "discount", "paid", "change"})
"""Meanings of rows that end the items."""

_TIMES = r"(?P<count>\d+(?:[.,]\d+)?)\s*(?:x|×|\*|@)"
_COUNTED = re.compile(rf"^\W*{_TIMES}\s*(?P<each>\S*\d\S*)?(?P<rest>.*)$", re.IGNORECASE)
_LEADING = re.compile(r"^(?P<count>\d{1,3})\s+(?=\D{3})")
_CODE = re.compile(r"^[\W\d]+$")


@dataclass
class _Item:
    """One item while it is put together."""

    amount: Found
    words: list[tuple[str, Span]] = field(default_factory=list)
    quantity: Found | None = None
    unit_price: Found | None = None

    def found(self) -> dict[str, Found]:
        row = {
            "description": Found(" ".join(text for text, _ in self.words), tuple(span for _, span in self.words), SURE),
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "amount": self.amount,
        }
        return {name: part for name, part in row.items() if part is not None}


def receipt_lines(reading: Reading) -> list[dict[str, Found]]:
    """Read the items of a receipt without column headings.

    Args:
        reading: the document.

    Returns:
        One dict an item, in print order, keyed by `resolve.ITEM_FIELDS`; empty where what was read adds up
        to nothing that the receipt prints.
    """
    point = decimal_point(line.text for line in reading.lines)
    sums = [one for one in sums_of(reading) if one.meaning in FOOT]
    foot = min((one.line for one in sums if one.meaning in ("total", "subtotal", "due")), default=None)
    if foot is None:
        return []
    foot = min([foot, *(one.line for one in sums if one.meaning != "discount")])
    items = list(_items(reading, foot, point))
    targets = _targets(sums)
    # Above the items stand a telephone number or a date that may look like one: the items end at the foot.
    for first in range(len(items)):
        if sum((item.amount.value for item in items[first:]), Decimal(0)) in targets:
            return [item.found() for item in items[first:]]
    return []


def _items(reading: Reading, foot: int, point: str) -> Iterator[_Item]:
    waiting: list[tuple[str, Span]] = []
    for line in reading.lines[:foot]:
        amounts = [one for one in amounts_in(line.text, point=point) if one.places == 2 or one.currency]  # type: ignore[arg-type]
        last = amounts[-1] if amounts and not re.search(r"\w{3,}", line.text[amounts[-1].end :]) else None
        if last is None:
            if re.search(r"[^\W\d_]{2}", line.text):
                waiting = [(line.text, line.whole)]
            continue
        item = _Item(Found(last.value, (line.span(last.start, last.end),), SURE))
        _count(item, line, amounts, point)
        own = _own_words(line, amounts)
        item.words = [own] if own else waiting[-1:]
        waiting = []
        if item.words:
            yield item


def _own_words(line: Line, amounts: list[Amount]) -> tuple[str, Span] | None:
    """The words of the line before its numbers; None where it has none of its own."""
    text = line.text[: amounts[0].start].rstrip(" .:-*$€£¥")
    counted = _COUNTED.match(text) or _LEADING.match(text)
    start = 0
    if counted:
        start = counted.start("rest") if "rest" in counted.groupdict() else counted.end()
    start += len(text[start:]) - len(text[start:].lstrip(" .:-*"))
    words = text[start:]
    if len(re.findall(r"[^\W\d_]", words)) < 2 or _CODE.match(words):
        return None
    return words, line.span(start, start + len(words))


def _count(item: _Item, line: Line, amounts: list[Amount], point: str) -> None:
    """Quantity and price of one, where the line prints them and they multiply out."""
    if len(amounts) < 2:
        return
    each = amounts[-2]
    before = line.text[: each.start]
    number = re.search(r"(\d+(?:[.,]\d+)?)\s*(?:x|×|\*|@)?\s*\W*$", before, re.IGNORECASE) or _LEADING.match(before)
    if number is None:
        return
    count = Decimal(number[1].replace(",", ".") if point == "," else number[1].replace(",", ""))
    if abs(count * each.value - item.amount.value) > CENT:
        return
    item.quantity = Found(count, (line.span(*number.span(1)),), SURE)
    item.unit_price = Found(each.value, (line.span(each.start, each.end),), SURE)


def _targets(sums: list[Sum]) -> set[Decimal]:
    """What items may add up to: a printed sum, or a total less what was added to the items."""
    wholes = {one.value for one in sums if one.meaning in ("total", "subtotal", "due")}
    added = {(one.meaning, one.value) for one in sums if one.meaning in ("tax", "tip", "rounding")}
    out = set(wholes)
    for size in (1, 2, 3):
        for some in combinations(sorted(added)[:8], size):
            if len({meaning for meaning, _ in some}) == size or all(meaning == "tax" for meaning, _ in some):
                extra = sum((value for _, value in some), Decimal(0))
                out |= {whole - extra for whole in wholes}
    return {one for one in out if one > 0}
