"""Items of receipts without column headings: read where they add up, and only there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prefect_gemini.local.reader.receipts.lines import receipt_lines
from prefect_gemini.local.reader.resolve import Reading
from prefect_gemini.pages import Box, Page


def reading(*lines: str) -> Reading:
    """A receipt of the given lines, words spread over the width of the line."""
    rows = []
    for number, line in enumerate(lines):
        words, left = [], 0.0
        for word in line.split(" "):
            words.append((word, Box(left, 20.0 * number, left + 8.0 * len(word), 20.0 * number + 14), 0.99))
            left += 8.0 * (len(word) + 1)
        rows.append(words)
    return Reading(pages=(Page.from_lines(1, 400, 20.0 * len(lines), rows, source="ocr"),))


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (
            ("Corner Cafe", "Coffee", "2 x 4,20 8,40", "Soup of the day 6,10", "Total 14,50"),
            [("Coffee", "2", "8.40"), ("Soup of the day", None, "6.10")],
        ),
        (
            ("Shop", "Paper 3.00", "Pens 2.00", "Subtotal 5.00", "Tax 0.50", "Total 5.50"),
            [("Paper", None, "3.00"), ("Pens", None, "2.00")],
        ),
        (("Shop", "Tea 3.00", "Tip 1.00", "Total 4.00"), [("Tea", None, "3.00")]),
        (
            ("Shop", "Old stock 99.00", "Tea 3.00", "Milk 2.00", "Total 5.00"),
            [("Tea", None, "3.00"), ("Milk", None, "2.00")],
        ),
    ],
)
def test_items_that_add_up_are_read(lines, items):
    """Description, quantity and amount, with the tip or tax that the total adds, and without what stands above."""
    rows = receipt_lines(reading(*lines))
    assert [
        (row["description"].value, str(row["quantity"].value) if "quantity" in row else None, str(row["amount"].value))
        for row in rows
    ] == items


@pytest.mark.parametrize(
    "lines",
    [
        ("Shop", "Tea 3.00", "Milk 2.10", "Total 6.00"),
        ("Shop", "Tea 3.00", "Milk 2.00"),
        ("A letter", "about nothing in particular"),
    ],
)
def test_what_adds_up_to_nothing_printed_is_left_out(lines):
    """A wrong digit anywhere means no items rather than wrong items."""
    assert receipt_lines(reading(*lines)) == []


def test_every_part_stands_on_the_page():
    """Each value names the characters it was read from."""
    one = reading("Shop", "2 Tea 1.50 3.00", "Total 3.00")
    (row,) = receipt_lines(one)
    assert {name: one.quote(found) for name, found in row.items()} == {
        "description": "Tea",
        "quantity": "2",
        "unit_price": "1.50",
        "amount": "3.00",
    }
    assert row["quantity"].value * row["unit_price"].value == Decimal("3.00")
