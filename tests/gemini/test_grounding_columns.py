"""Texts that stand in one column of a table: found word by word, but only close together."""

from __future__ import annotations

import pytest

from prefect_gemini.gemini.evidence.grounding import ground

TABLE = "1 Small Business 2 10.00 20.00\nExchange 2010 monthly\nper unit 01.05.14-31.05.14\n2 Cable 1 5.00 5.00\n"


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("Small Business Exchange 2010 per unit", True),
        ("small business exchange 2010", True),
        ("Business Small Exchange", False),
        ("Small Business Exchange 2013", False),
        ("Small Bus Exchange", False),
    ],
)
def test_every_word_has_to_be_there_in_order(description, found):
    """A joined description is evidence; one word that is not printed makes it unsupported."""
    (place,) = ground({"description": description}, TABLE)
    assert place.supported is found
    assert not found or place.match != "exact"


def test_words_strewn_over_a_page_are_no_evidence():
    """The words of a sentence stand somewhere in any long text."""
    filler = "lorem ipsum dolor sit amet " * 8
    (place,) = ground({"clause": "supplier indemnifies customer"}, f"supplier {filler} indemnifies {filler} customer")
    assert not place.supported


@pytest.mark.parametrize("text", ["REG 16-04-201814:51", "16/04/201816:28 #002348863", "2018-04-1614:51"])
def test_a_date_with_its_clock_printed_against_it_is_found(text):
    """OCR loses the blank between date and time more often than any other."""
    (place,) = ground({"date": "2018-04-16"}, text)
    assert place.supported
