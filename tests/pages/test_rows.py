"""Rows and spelling: pieces beside one another, askew pages, and slips only an OCR makes."""

from __future__ import annotations

import pytest

from prefect_gemini.pages import Box
from prefect_gemini.pages.rows import Piece, common_slope, rows
from prefect_gemini.pages.spelling import tidy


def test_pieces_side_by_side_are_one_row_from_left_to_right():
    """Amounts at the right edge belong to the words at the left, whatever order they came in."""
    pieces = [
        Piece("5.00", Box(300, 21, 350, 41)),
        Piece("Milk", Box(0, 40, 60, 60)),
        Piece("Tea", Box(0, 20, 60, 40)),
        Piece("3.00", Box(300, 42, 350, 62)),
    ]
    assert [[piece.text for piece in row] for row in rows(pieces)] == [["Tea", "5.00"], ["Milk", "3.00"]]


def test_a_page_askew_keeps_its_rows():
    """Three degrees of slope move the right end of a row below the left end of the next, and are taken out."""
    slope = 0.05
    pieces = [
        Piece(f"{side}{number}", Box(left, top, left + 120, top + 20 + 120 * slope), slope=slope)
        for number in range(4)
        for side, left in (("left", 0.0), ("right", 500.0))
        for top in (number * 26 + slope * left,)
    ]
    found = rows(pieces, slope=common_slope(pieces))
    assert [[piece.text for piece in row] for row in found] == [[f"left{n}", f"right{n}"] for n in range(4)]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Taste Of The WorId", "Taste Of The World"),
        ("JALAN 8ESAR,", "JALAN BESAR,"),
        ("CL0SED", "CLOSED"),
        ("Totai 8", "Total 8"),
        ("SHAH AIAM.", "SHAH ALAM."),
        ("ltem", "Item"),
    ],
)
def test_a_slip_of_the_ocr_is_undone(read: str, meant: str):
    """A sign is put back for its double where no other reading is left."""
    assert tidy(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "McIntosh",
        "CamelCaseInside",
        "IBAN DE12",
        "A4",
        "U5/13",
        "8BIT",
        "INV0012",
        "10.00",
        "Café",
        "Número",
        "Illinois",
    ],
)
def test_what_may_be_meant_stays(text: str):
    """Codes, numbers, names in mixed case and accents stay as they were read."""
    assert tidy(text) == text
