"""What the model may answer, and what becomes of it on the way in."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from prefect_gemini.flows.receipts.models import RECORD_EXPENSE, Category, Receipt


def test_amounts_are_the_decimals_that_were_written() -> None:
    """12.1 on the wire is 12.1, not the double next to it; text is taken as written, zeros and all."""
    receipt = Receipt.model_validate({"total": 12.1, "subtotal": "11.90", "tip": 3})
    assert (receipt.total, str(receipt.subtotal), receipt.tip) == (Decimal("12.1"), "11.90", Decimal(3))


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), "12,10", "1e13", 10**13, "0.1234567", "zero"])
def test_what_is_no_amount_is_refused(value: Any) -> None:
    """Neither truth values, infinities, foreign notations nor serial numbers are money."""
    with pytest.raises(ValidationError):
        Receipt.model_validate({"total": value})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9:05", datetime.time(9, 5)),
        ("09.05", datetime.time(9, 5)),
        ("21:05:33", datetime.time(21, 5, 33)),
        ("9:05 pm", datetime.time(21, 5)),
        ("12:00 AM", datetime.time(0, 0)),
        ("14h30", datetime.time(14, 30)),
        ("14:30 Uhr", datetime.time(14, 30)),
    ],
)
def test_times_as_tills_print_them(written: str, meant: datetime.time) -> None:
    """Clocks of several countries mean the same time."""
    assert Receipt.model_validate({"time": written}).time == meant


@pytest.mark.parametrize(
    "arguments",
    [
        {"time": "25:00"},
        {"time": "noon"},
        {"currency": "EURO"},
        {"currency": "XYZ"},
        {"date": "03/04/2026"},
        {"category": "yacht"},
        {"surprise": 1},
        {"line_items": [{"amount": 3}]},
        {"line_items": [{"description": "", "amount": 3}]},
        {"line_items": [{"description": "x", "amount": 3, "approve": True}]},
    ],
)
def test_what_is_no_receipt_is_refused(arguments: dict[str, Any]) -> None:
    """Undeclared fields and values outside their sets never come in, whatever a document talks the model into."""
    with pytest.raises(ValidationError):
        Receipt.model_validate(arguments)


def test_text_comes_in_as_one_harmless_line() -> None:
    """Escape sequences, bidirectional marks, zero-width letters and line breaks do not reach logs and files."""
    receipt = Receipt.model_validate({"merchant": "Ca\u200bf\u00e9\n \x1b[31mRoj\u202eo\x00", "address": " \t "})
    assert receipt.merchant == "Caf\u00e9 [31mRojo"
    assert receipt.address is None


def test_a_receipt_survives_its_own_json() -> None:
    """What is written to the ledger and the report reads back equal."""
    receipt = Receipt.model_validate(
        {
            "merchant": "A",
            "date": "2026-09-14",
            "time": "12:47",
            "currency": "eur",
            "line_items": [{"description": "x", "quantity": 2, "unit_price": 1.05, "amount": "2.10"}],
            "taxes": [{"name": "VAT", "rate": 19, "amount": 0.34}],
            "total": "2.10",
            "category": "meals",
        }
    )
    assert Receipt.model_validate_json(receipt.model_dump_json()) == receipt
    assert receipt.currency == "EUR"
    assert receipt.category is Category.MEALS


def test_the_function_is_declared_in_words_gemini_takes() -> None:
    """A valid schema without references, every field described, nothing required that a receipt may not print."""
    parameters = dict(RECORD_EXPENSE.parameters)
    jsonschema.Draft202012Validator.check_schema(parameters)
    assert "$ref" not in str(parameters)
    assert "$defs" not in str(parameters)
    assert all(field.get("description") for field in parameters["properties"].values())
    assert "required" not in parameters
    assert parameters["properties"]["total"]["anyOf"][0] == {"type": "number"}
    jsonschema.validate({"total": 12.5, "line_items": [{"description": "x", "amount": -1}]}, parameters)
