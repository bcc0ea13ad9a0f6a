"""Receipts drawn as text: letterhead, sums, date, currency and payment, and null where nothing is sure."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest

from prefect_gemini.local.reader import resolvers
from prefect_gemini.local.reader.resolve import Reading, resolve
from prefect_gemini.pages import Box, Page

assert resolvers.receipts  # registers the resolvers


def receipt(drawn: str) -> Reading:
    """A receipt of the given rows, each character eight units wide."""
    rows = [
        [
            (word[0], Box(8.0 * word.start(), 20.0 * number, 8.0 * word.end() - 1, 20.0 * number + 14), 0.99)
            for word in re.finditer(r"\S+", line)
        ]
        for number, line in enumerate(dedent(drawn).strip("\n").split("\n"))
    ]
    return Reading((Page.from_lines(1, 400.0, 20.0 * len(rows), rows, source="ocr"),), "receipt")


def read(drawn: str, role: str) -> Any:
    found = resolve(receipt(drawn), role, {})
    return None if found is None else found.value


MALAYSIAN = """
    PASARAYA BINTANG
    SDN. BHD. (123456-X)
    NO. 12, JALAN MAWAR 3/2
    TAMAN BUNGA
    40150SHAH ALAM, SELANGOR
    TEL:03-5555 1234
    GST ID NO : 000123456789
    TAX INVOICE
    Invoice No: CS-00123   Date: 03/04/2018 14:05
    Biscuits   2   3.00   6.00 SR
    Item 1   Total incl. GST @6%   6.02
    Rounding Adj   -0.02
    Total Payable   RM 6.00
    CASH   10.00
    CHANGE   4.00
    GST Summary   Amount(RM)   Tax(RM)
    SR @6%   5.68   0.34
    Total   5.68   0.34
"""

GERMAN = """
    Gasthaus Linde
    Hauptstraße 5
    80331 München
    Tel: 089 123456
    Rechnung Nr. 471
    15.03.2024 19:40
    Schnitzel 14,50
    Bier 4,20
    Zwischensumme 18,70
    Trinkgeld 1,30
    Summe EUR 20,00
    girocard 20,00
"""


@pytest.mark.parametrize(
    ("drawn", "role", "value"),
    [
        (MALAYSIAN, "seller_name", "PASARAYA BINTANG SDN. BHD."),
        (MALAYSIAN, "seller_address", "NO. 12, JALAN MAWAR 3/2 TAMAN BUNGA 40150SHAH ALAM, SELANGOR"),
        (MALAYSIAN, "issue_date", date(2018, 4, 3)),
        (MALAYSIAN, "time", time(14, 5)),
        (MALAYSIAN, "total", Decimal("6.00")),
        (MALAYSIAN, "rounding", Decimal("-0.02")),
        (MALAYSIAN, "change", Decimal("4.00")),
        (MALAYSIAN, "currency", "MYR"),
        (MALAYSIAN, "payment_method", "CASH"),
        (MALAYSIAN, "receipt_number", "CS-00123"),
        (GERMAN, "seller_name", "Gasthaus Linde"),
        (GERMAN, "seller_address", "Hauptstraße 5 80331 München"),
        (GERMAN, "issue_date", date(2024, 3, 15)),
        (GERMAN, "subtotal", Decimal("18.70")),
        (GERMAN, "tip", Decimal("1.30")),
        (GERMAN, "total", Decimal("20.00")),
        (GERMAN, "currency", "EUR"),
        (GERMAN, "payment_method", "girocard"),
    ],
)
def test_a_field_is_read_as_printed(drawn: str, role: str, value: Any):
    """Rows of one value, sums told apart by words and arithmetic, names and addresses on several rows."""
    assert read(drawn, role) == value


@pytest.mark.parametrize(
    ("drawn", "total"),
    [
        ("Shop\nTea 3.00\nCash 5.00\nChange 2.00", None),
        ("Shop\nTea 3.00\nTotal Qty 1 3.00\nTotal 3.18\nVisa 3.18", Decimal("3.18")),
        ("Shop\nTea 3.00\nNet Total 3.J\n5.00", None),
        ("Shop\nSubtotal 7.50\nDue 7.50\n(Total included GST @ 6% : 0.42)", Decimal("7.50")),
        ("Shop\nTea\nThank you", None),
        ("Shop\nTotal\nRM 12.00", Decimal("12.00")),
    ],
)
def test_the_total_is_one_that_is_borne_out_or_none(drawn: str, total: Decimal | None):
    """No amount is taken for the total merely because there is no other."""
    assert read(drawn, "total") == total


def test_a_receipt_without_dates_or_names_gives_none():
    """What is not printed is None for every role."""
    blank = "12345678\n---------\n"
    roles = ("total", "issue_date", "time", "currency", "seller_address", "payment_method", "tip", "change")
    assert {role: read(blank, role) for role in roles} == dict.fromkeys(roles)


def test_every_value_is_quoted_from_the_page():
    """Each value's spans lie in the page and hold what was read."""
    reading = receipt(MALAYSIAN)
    for role in ("seller_name", "seller_address", "total", "issue_date", "currency", "payment_method"):
        found = resolve(reading, role, {})
        assert found is not None
        assert 0.5 <= found.score <= 1
        assert all(reading.text_of(span) for span in found.spans)
    found = resolve(reading, "total", {})
    assert found is not None
    assert "6.00" in reading.quote(found)
