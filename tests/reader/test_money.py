"""Amounts: every way bills print them, and nothing that only looks like one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.local.reader.money import amounts_in, decimal_point, parse_number


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("RM12.50", "12.50", "MYR"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("CHF 1'234.50", "1234.50", "CHF"),
        ("$ 1,234.50", "1234.50", "USD"),
        ("£3.00", "3.00", "GBP"),
        ("kr 99,50", "99.50", "SEK"),
        ("99.90zł", "99.90", "PLN"),
        ("¥1,200", "1200", "JPY"),
        ("12 345,67", "12345.67", None),
        ("(5.00)", "-5.00", None),
        ("5.00-", "-5.00", None),
        ("RM-5.00", "-5.00", "MYR"),
        ("105.66*", "105.66", None),
        ("12.50SR", "12.50", None),
    ],
)
def test_an_amount_is_read_with_its_sign_and_currency(text: str, value: str, currency: str | None):
    """Signs of currency stand before, behind, or not at all; a minus or brackets make it negative."""
    (amount,) = amounts_in(text)
    assert (amount.value, amount.currency) == (Decimal(value), currency)


@pytest.mark.parametrize("text", ["12/02/2018", "10:25", "6.00%", "#1234", "A-12.50", "1.2.3.4"])
def test_what_only_looks_like_an_amount_is_none(text: str):
    """Dates, clocks, percentages and numbers of things are no amounts."""
    assert list(amounts_in(text)) == []


@pytest.mark.parametrize(
    ("texts", "point"), [(["1.234,50", "3,00"], ","), (["12.50", "3,00", "4.00"], "."), (["no numbers"], ".")]
)
def test_a_document_shows_its_decimal_mark(texts: list[str], point: str):
    """The mark before two last digits decides; a point where it does not show."""
    assert decimal_point(texts) == point


@pytest.mark.parametrize("text", ["", "abc", "1,2.3,4", "1..2"])
def test_no_number_is_refused(text: str):
    """What is no number raises instead of becoming one."""
    with pytest.raises(ValueError, match="is not a number"):
        parse_number(text)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_any_amount_reads_back_in_either_style(value: Decimal):
    """English and continental print of the same amount give the same value, with and without thousands."""
    english = f"{value:,.2f}"
    continental = english.translate(str.maketrans(",.", ".,"))
    assert parse_number(english) == value
    assert parse_number(continental, point=",") == value
    assert parse_number(f"{value:.2f}") == value
    assert parse_number(english.replace(",", "'")) == value


@given(st.text(max_size=60))
def test_any_text_is_searched_without_a_fault(text: str):
    """Spans are inside the text, in order, and the number found is a number."""
    end = 0
    for amount in amounts_in(text):
        assert end <= amount.start < amount.end <= len(text)
        assert amount.value.is_finite()
        end = amount.end
