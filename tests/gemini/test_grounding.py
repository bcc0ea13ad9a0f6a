"""Evidence: quotes, amounts, dates and nested values, located by code."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from prefect_gemini.gemini.evidence.grounding import Evidence, Source, ground, locate_quote
from prefect_gemini.gemini.evidence.quotes import Haystack, fold
from prefect_gemini.gemini.evidence.values import amounts, dates, readings, times
from prefect_gemini.pages.words import Box, Page

RECEIPT = """ACME Store Sdn Bhd
Date: 25/12/2018 8:13 PM
Chicken rice   2  RM 4.50   9.00
Tea 1 1.234,50
SUB TOTAL RM 1,243.50
TOTAL 1,243.50
CASH 1,250.00
"""


class Kind(Enum):
    food = "food"


class Item(BaseModel):
    description: str
    quantity: int
    amount: Decimal


class Receipt(BaseModel):
    company: str
    issued: date
    at: time | None = None
    total: Decimal
    currency: str | None = None
    category: Kind | None = None
    paid: bool = True
    items: list[Item] = []


def by_path(value: Any, source: Any, **options: Any) -> dict[str, Evidence]:
    return {evidence.path: evidence for evidence in ground(value, source, **options)}


def test_every_leaf_of_a_receipt_is_found() -> None:
    """Text by letters, amounts by value, dates by day, currency by its sign; judged fields are skipped."""
    receipt = Receipt(
        company="acme store sdn bhd",
        issued=date(2018, 12, 25),
        at=time(20, 13),
        total=Decimal("1243.5"),
        currency="MYR",
        category=Kind.food,
        items=[
            Item(description="Chicken rice", quantity=2, amount=Decimal("9")),
            Item(description="Tea", quantity=1, amount=Decimal("1234.5")),
        ],
    )
    found = by_path(receipt, RECEIPT, skip={"category"})
    assert {path: evidence.quote for path, evidence in found.items()} == {
        "company": "ACME Store Sdn Bhd",
        "issued": "25/12/2018",
        "at": "8:13 PM",
        "total": "1,243.50",
        "currency": "RM",
        "items[0].description": "Chicken rice",
        "items[0].quantity": "2",
        "items[0].amount": "9.00",
        "items[1].description": "Tea",
        "items[1].quantity": "1",
        "items[1].amount": "1.234,50",
    }
    assert all(evidence.supported and evidence.score == 1 for evidence in found.values())
    assert RECEIPT[: found["total"].start].endswith("\nTOTAL ")
    assert RECEIPT.splitlines()[2] in RECEIPT[found["items[0].quantity"].start - 15 :]


@pytest.mark.parametrize(
    "value",
    [{"company": "Globex"}, {"total": 1243.51}, {"issued": "2018-12-26"}, {"total": "99.00"}, {"currency": "EUR"},
     {"at": "08:13"}, {"phone": "03-1234 5678"}],
)  # fmt: skip
def test_what_is_not_there_is_unsupported(value: dict[str, Any]) -> None:
    """Flagged, never left out."""
    (evidence,) = ground(value, RECEIPT)
    assert (evidence.match, evidence.quote, evidence.start, evidence.score) == ("unsupported", None, None, 0.0)


def test_nothing_said_needs_no_evidence() -> None:
    """None, booleans and empty text claim nothing."""
    assert ground({"a": None, "b": True, "c": "", "d": [], "e": {"f": None}}, RECEIPT) == ()


def test_dataclasses_mappings_and_skipped_paths() -> None:
    """Any tree of values; `items.unit` skips one field of every item."""

    @dataclass
    class Line:
        text: str
        unit: str

    found = by_path({"items": [Line("Tea", "cup")], "unit": "CASH"}, RECEIPT, skip={"items.unit"})
    assert list(found) == ["items[0].text", "unit"]


@pytest.mark.parametrize(
    ("quote", "match", "found"),
    [
        ("The Agreement", "exact", "The Agreement"),
        ("the  agreement\nshall", "normalised", "The Agreement shall"),
        ("international law", "normalised", "inter-\nnational law"),
        ('"governing"', "normalised", "“governing”"),
        ("cafe munchen", "normalised", "Café München"),
        ("Cafe\u0301 Mu\u0308nchen", "normalised", "Café München"),
        ("co operate", "normalised", "co-operate"),
        ("cooperate", "normalised", "co-operate"),
        ("fiscal office", "normalised", "ﬁscal oﬃce"),
        ("notlce perlod of thirty days applles", "fuzzy", "notice period of thirty days applies"),
        ("notice period of 30 days applies", "unsupported", None),
        ("Agree", "unsupported", None),
        ("12", "unsupported", None),
        ("tokyo 東京都", "normalised", "Tokyo 東京都"),
        ("京", "exact", "京"),
    ],
)
def test_quotes_as_models_write_them(quote: str, match: str, found: str | None) -> None:
    """Exact, then evened out, then nearly; digits and whole words are never approximate."""
    text = (
        "The Agreement shall be governed by inter-\nnational law (“governing”). Café München will co-operate.\n"
        "A notice period of thirty days applies. ﬁscal oﬃce 2012. Tokyo 東京都"
    )
    evidence = locate_quote(quote, text)
    assert (evidence.match, evidence.quote) == (match, found)
    if evidence.supported:
        assert text[evidence.start : evidence.end] == evidence.quote


def test_a_fuzzy_match_must_keep_its_digits() -> None:
    """12.10 is 95 % of 12.70 by letters, and another amount."""
    text = "The monthly fee payable is 12.70 dollars in arrears"
    assert not locate_quote("The monthly fee payable is 12.10 dollars in arrears", text).supported
    assert locate_quote("The montly fee payable is 12.70 dolars in arrears", text).match == "fuzzy"
    assert not locate_quote("The montly fee payable is 12.70 dolars in arrears", text, threshold=1).supported


def test_a_letter_misread_as_a_digit_is_no_other_number() -> None:
    """8ESAR is BESAR; the house number still has to be the same."""
    text = "Site: 2395\nNO. 53 JALAN 8ESAR 45600 BATANG"
    evidence = locate_quote("NO. 53, JALAN BESAR, 45600 BATANG", text)
    assert (evidence.match, evidence.quote) == ("fuzzy", "NO. 53 JALAN 8ESAR 45600 BATANG")
    assert not locate_quote("NO. 58, JALAN BESAR, 45600 BATANG", text).supported


def test_the_line_that_names_the_field_is_preferred() -> None:
    """On the line itself, or above it; a subtotal does not name the total."""
    text = "PAID 50.00\nSUB TOTAL 50.00\nTOTAL 50.00\nInvoice date\n2024-03-01\nDue date\n2024-03-01"
    found = by_path({"total": 50, "invoice_date": "2024-03-01", "due_date": "2024-03-01"}, text)
    assert text[: found["total"].start].endswith("\nTOTAL ")
    assert text[: found["invoice_date"].start].endswith("Invoice date\n")
    assert text[: found["due_date"].start].endswith("Due date\n")


def page(number: int, lines: list[str]) -> Page:
    """A page of 100 x 200 with a line every ten points and five points a letter."""
    rows = []
    for index, line in enumerate(lines):
        row, left = [], 0.0
        for word in line.split():
            row.append((word, Box(left, 10.0 * index, left + 5 * len(word), 10.0 * index + 10), 1.0))
            left += 5 * len(word) + 5
        rows.append(row)
    return Page.from_lines(number, 100, 200, rows, source="text")


def test_pages_give_numbers_and_boxes() -> None:
    """The span is in the page's own text; the box is Gemini's (ymin, xmin, ymax, xmax) of 1000."""
    pages = [page(1, ["Hello world"]), page(2, ["Nothing", "Total 12.50"])]
    (evidence,) = ground({"total": 12.5}, pages)
    assert (evidence.page, evidence.quote, evidence.box) == (2, "12.50", (50, 300, 100, 550))
    assert pages[1].text[evidence.start : evidence.end] == "12.50"


def test_a_quote_may_run_over_a_page() -> None:
    """It belongs to the page it begins on; its box is what stands there."""
    evidence = locate_quote("the last words and the first", [page(1, ["the last words"]), page(2, ["and the first"])])
    assert (evidence.page, evidence.match) == (1, "normalised")
    assert evidence.quote == "the last words\nand the first"


@pytest.mark.parametrize(
    ("printed", "values"),
    [
        ("1,234.56", ["1234.56"]),
        ("1.234,56", ["1234.56"]),
        ("1 234,56", ["1234.56"]),
        ("1'234.50", ["1234.50"]),
        ("1,23,456.00", ["123456.00"]),
        ("1,23,456", ["123456"]),
        ("1.234", ["1234", "1.234"]),
        ("12,5", ["12.5"]),
        ("12.345.678", ["12345678"]),
        ("007", ["7"]),
        ("1.2.3", []),
    ],
)
def test_readings_of_a_number(printed: str, values: list[str]) -> None:
    """Every number the separators allow, and no other."""
    assert readings(printed) == {Decimal(value) for value in values}


@pytest.mark.parametrize(
    ("text", "value"),
    [("RM12.50", "12.50"), ("-12.00", "-12"), ("(12.00)", "-12"), ("12.00-", "-12"), ("($5.00)", "-5"), ("6%", "0.06"),
     ("12 .50", "12.50"), ("2 150.00", "150"), ("2 150.00", "2150"), ("1\u202f234,00 €", "1234"), ("−3", "-3")],
)  # fmt: skip
def test_amounts_in_text(text: str, value: str) -> None:
    """Signs, percent, thin blanks, and blanks that the OCR put in."""
    assert any(Decimal(value) in item.values for item in amounts(text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("01/03/2024", date(2024, 3, 1)),
        ("01/03/2024", date(2024, 1, 3)),
        ("1.3.24", date(2024, 3, 1)),
        ("18/03/2024", date(2024, 3, 18)),
        ("1 March 2024", date(2024, 3, 1)),
        ("March 1st, 2024", date(2024, 3, 1)),
        ("01-MAR-24", date(2024, 3, 1)),
        ("1. März 2024", date(2024, 3, 1)),
        ("le 1er août 2024", date(2024, 8, 1)),
        ("3 de mayo de 2024", date(2024, 5, 3)),
        ("this 1st day of March, 2024", date(2024, 3, 1)),
        ("20240301", date(2024, 3, 1)),
        ("2024年3月1日", date(2024, 3, 1)),
        ("DEC 25 2018", date(2018, 12, 25)),
    ],
)
def test_dates_in_text(text: str, day: date) -> None:
    """As people and tills write them."""
    assert any(day in item.values for item in dates(text))


@pytest.mark.parametrize("text", ["31/02/2024", "99/99/9999", "1 Foo 2024", "123456789012", "1.2.3"])
def test_no_dates_in_text(text: str) -> None:
    """What is no day is not one."""
    assert list(dates(text)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("8:13 PM", time(20, 13)), ("08:13:27", time(8, 13, 27)), ("08:13:27", time(8, 13)), ("12:05 a.m.", time(0, 5)),
     ("20h15", time(20, 15)), ("20.15", time(20, 15)), ("11:30\nPastrami 8.95", time(11, 30))],
)  # fmt: skip
def test_times_in_text(text: str, value: time) -> None:
    """Twelve or twenty-four hours, with and without seconds."""
    assert any(value in item.values for item in times(text))


words = st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(words.map(" ".join))
def test_folding_keeps_offsets(text: str) -> None:
    """Every folded character knows the span it came from, in order and inside the text."""
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert len(folded.squeezed.text) == len(folded.squeezed.starts)


@settings(max_examples=200, deadline=None)
@given(words.map(" ".join), st.data())
def test_whatever_is_found_stands_there(text: str, data: st.DataObject) -> None:
    """A quote cut at blanks is found, and the span holds the same letters as the quote."""
    pieces = text.split()
    assume(pieces)
    first = data.draw(st.integers(0, len(pieces) - 1))
    last = data.draw(st.integers(first, len(pieces) - 1))
    quote = " ".join(pieces[first : last + 1])
    assume(fold(quote).text.strip())
    spans = Haystack(text).find(quote)
    assert spans
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert fold(text[span.start : span.end]).squeezed.text == fold(quote).squeezed.text


@settings(max_examples=100, deadline=None)
@given(words.map(" ".join), st.sampled_from([str.upper, str.lower, lambda text: unicodedata.normalize("NFD", text)]))
def test_case_and_unicode_form_do_not_matter(text: str, change: Any) -> None:
    """Letters are equal in any case and in any Unicode form, if Unicode says that they are."""
    assume(fold(text).text.strip() and fold(change(text)).text == fold(text).text)
    assert Haystack(text).find(change(text))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=30))
def test_anything_may_be_looked_for_anywhere(text: str, quote: str) -> None:
    """No input breaks it, and what it finds lies in the text."""
    for evidence in (locate_quote(quote, text), *ground({"a": quote, "b": [1, "2024-01-01"]}, text)):
        assert not evidence.supported or text[evidence.start : evidence.end] == evidence.quote


@settings(max_examples=100, deadline=None)
@given(st.decimals(0, 10**7, places=2), st.sampled_from(["{:,.2f}", "{:.2f}", "RM {:,.2f}", "({:,.2f})"]))
def test_printed_amounts_are_found(value: Decimal, form: str) -> None:
    """However an amount is printed, it is found by its value."""
    (evidence,) = ground({"total": value}, f"before {form.format(value)} after")
    assert evidence.supported


def test_a_megabyte_is_searched_as_a_whole() -> None:
    """Quotes near the end of a long text are found, exactly, evened out and nearly."""
    chance = random.Random(4)
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(5000)]
    filler = " ".join(chance.choices(vocabulary, k=150_000))
    source = Source(
        filler + "\nThe Parties agree that Delaware law governs this\nAgreement in all 50 respects. " + filler
    )
    for quote, match in [
        ("The Parties agree that Delaware law", "exact"),
        ("the parties agree that Delaware law governs this Agreement", "normalised"),
        ("the partes agree that Delaware law govens this Agrement in all 50 respects", "fuzzy"),
        ("the partes agree that Delaware law govens this Agrement in all 60 respects", "unsupported"),
    ]:
        assert locate_quote(quote, source).match == match
