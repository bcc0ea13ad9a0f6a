"""Receipts are added up in code, in every layout that shops print."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prefect_gemini.flows.receipts.currencies import cash_step, minor_unit
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.flows.receipts.reconcile import reconcile

TODAY = datetime.date(2026, 11, 24)
WHOLE: dict[str, Any] = {"merchant": "Shop", "date": "2026-11-01", "currency": "EUR"}


def receipt(**fields: Any) -> Receipt:
    """A receipt that lacks nothing but what a test leaves away; `items` are amounts."""
    items = fields.pop("items", ())
    fields["line_items"] = [{"description": f"item {n}", "amount": amount} for n, amount in enumerate(items)]
    fields["taxes"] = [{"name": "tax", "amount": amount} for amount in fields.pop("taxes", ())]
    return Receipt.model_validate(WHOLE | fields)


def codes(one: Receipt) -> dict[str, str]:
    """Findings by code, with their severity."""
    return {finding.code: finding.severity for finding in reconcile(one, TODAY)}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # Tax on top, as in the USA; inside the prices, as in Europe; net lines with VAT added.
        ({"items": ["4.00", "6.00"], "subtotal": "10.00", "taxes": ["0.80"], "total": "10.80"}, {}),
        ({"items": ["4.00", "6.00"], "taxes": ["1.60"], "total": "10.00"}, {}),
        ({"items": ["4.00", "6.00"], "subtotal": "8.40", "taxes": ["1.60"], "total": "10.00"}, {}),
        ({"subtotal": "8.40", "taxes": ["1.00", "0.60"], "total": "10.00"}, {}),
        # A discount is a negative line; a return is negative altogether.
        ({"items": ["12.00", "-2.00"], "total": "10.00"}, {}),
        ({"items": ["-10.00"], "total": "-10.00"}, {"refund": "info"}),
        # Tip inside the total and beside it.
        ({"items": ["10.00"], "tip": "2.00", "total": "12.00"}, {}),
        ({"items": ["10.00"], "tip": "2.00", "total": "10.00"}, {"tip_beside_total": "warning"}),
        # Cash rounding, printed with its sign, without it, or not at all.
        ({"items": ["10.02"], "rounding": "-0.02", "total": "10.00"}, {}),
        ({"items": ["10.02"], "rounding": "0.02", "total": "10.00"}, {"rounding_sign": "info"}),
        ({"items": ["10.02"], "total": "10.00"}, {"cash_rounded": "info"}),
        ({"items": ["100.40"], "total": "100", "currency": "SEK"}, {"cash_rounded": "info"}),
        ({"items": ["10.02"], "total": "10.00", "currency": "USD"}, {"does_not_add_up": "error"}),
        # A cent lost when tax is rounded is explained, two are not.
        ({"items": ["9.99"], "taxes": ["1.01"], "total": "11.01", "currency": "USD"}, {"rounding_difference": "info"}),
        ({"items": ["9.99"], "taxes": ["1.01"], "total": "11.02", "currency": "USD"}, {"does_not_add_up": "error"}),
        # Nothing fits.
        ({"items": ["8.95", "3.25"], "taxes": ["0.85"], "total": "16.05"}, {"does_not_add_up": "error"}),
        ({"items": ["10.00"], "total": "0.00"}, {"total_zero": "warning", "does_not_add_up": "error"}),
        # The subtotal carries the total, the lines do not; and the other way round.
        ({"items": ["4.00"], "subtotal": "10.00", "total": "10.00"}, {"lines_incomplete": "warning"}),
        ({"items": ["10.00"], "subtotal": "7.00", "total": "10.00"}, {"subtotal_differs": "warning"}),
        # Only a total.
        ({"total": "10.00"}, {"nothing_to_add_up": "info"}),
    ],
)  # fmt: skip
def test_layouts_that_shops_print(fields: dict[str, Any], expected: dict[str, str]) -> None:
    """Each layout is recognised, and what it leaves open is said."""
    assert codes(receipt(**fields)) == expected


@pytest.mark.parametrize(
    ("missing", "severity"), [("total", "error"), ("currency", "error"), ("date", "error"), ("merchant", "warning")]
)
def test_what_bookkeeping_cannot_do_without(missing: str, severity: str) -> None:
    """A missing field is named; without a merchant an expense can be recorded, without an amount not."""
    whole: dict[str, Any] = {"items": ["10.00"], "total": "10.00"}
    assert codes(receipt(**whole | {missing: None}))[f"{missing}_missing"] == severity


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-24", {}),
        ("2026-11-25", {"date_tomorrow": "warning"}),
        ("2026-11-26", {"date_in_future": "error"}),
        ("2206-11-01", {"date_in_future": "error"}),
        ("2016-12-01", {}),
        ("2016-11-01", {"date_implausible": "error"}),
    ],
)
def test_the_day_has_been_and_not_long_ago(day: str, expected: dict[str, str]) -> None:
    """A receipt is not from the future (a day is left for time zones), nor from before the books are kept."""
    assert codes(receipt(items=["10.00"], total="10.00", date=day)) == expected


@pytest.mark.parametrize(("currency", "total"), [("JPY", "1.796"), ("EUR", "1.234"), ("KRW", "10.5")])
def test_decimals_a_currency_does_not_have(currency: str, total: str) -> None:
    """A thousands separator read as a decimal point does not pass for a small amount."""
    assert codes(receipt(items=[total], total=total, currency=currency)) == {"too_many_decimals": "warning"}


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ({"quantity": 2, "unit_price": "4.20", "amount": "8.40"}, True),
        ({"quantity": "38.42", "unit_price": "1.789", "amount": "68.73"}, True),
        ({"quantity": 3, "unit_price": "0.33", "amount": "1.00"}, True),
        ({"quantity": -1, "unit_price": "4.20", "amount": "-4.20"}, True),
        ({"quantity": 2, "unit_price": "4.20", "amount": "4.20"}, False),
    ],
)
def test_lines_multiply(line: dict[str, Any], holds: bool) -> None:
    """Quantity times unit price is the amount, as far as the printed unit price is exact."""
    one = Receipt.model_validate(WHOLE | {"line_items": [{"description": "x", **line}], "total": line["amount"]})
    assert ("line_does_not_multiply" in codes(one)) is not holds


def test_a_tax_cannot_exceed_its_rate() -> None:
    """A tax above its rate on everything was misread, or the total was."""
    one = Receipt.model_validate(WHOLE | {"taxes": [{"rate": 7, "amount": "1.00"}], "total": "10.00"})
    assert codes(one) == {"tax_too_high": "warning", "nothing_to_add_up": "info"}


currencies = st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "SEK", "KWD"])


@st.composite
def printed(draw: st.DrawFn) -> Receipt:
    """A receipt of a till that works, in any layout."""
    currency = draw(currencies)
    unit = minor_unit(currency)
    items = [unit * n for n in draw(st.lists(st.integers(1, 200_000), min_size=1, max_size=8))]
    gross, rate = sum(items, Decimal(0)), Decimal(draw(st.sampled_from(["0", "5.5", "7", "19", "25"])))
    added = draw(st.booleans())
    tax = (gross * rate / (100 if added else 100 + rate)).quantize(unit, ROUND_HALF_UP)
    tip = unit * draw(st.integers(0, 5_000))
    total = gross + (tax if added else 0) + tip
    rounding = None
    step = cash_step(currency)
    if step is not None and draw(st.booleans()):
        cash = (total / step).quantize(Decimal(1), ROUND_HALF_UP) * step
        rounding, total = cash - total, cash
        assume(total)  # one cent in cash is nothing to pay, which is worth a warning
    net = draw(st.sampled_from(["none", "items", "before tax"]))
    return receipt(
        currency=currency,
        items=items,
        subtotal={"none": None, "items": gross, "before tax": gross if added else gross - tax}[net],
        taxes=[tax] if rate else [],
        tip=tip or None,
        rounding=rounding,
        total=total,
    )


@given(printed())
def test_a_till_that_works_is_never_doubted(one: Receipt) -> None:
    """Whatever the layout, currency, tax and rounding: no error and no warning."""
    assert [finding for finding in reconcile(one, TODAY) if finding.severity != "info"] == []


@given(printed(), st.integers(1, 10_000))
def test_a_total_raised_beyond_every_layout_is_caught(one: Receipt, extra: int) -> None:
    """A total above everything that is printed together is an error, by whatever amount."""
    step = cash_step(one.currency) or minor_unit(one.currency)
    parts = [item.amount for item in one.line_items] + [tax.amount or Decimal(0) for tax in one.taxes]
    most = sum(parts, Decimal(0)) + (one.tip or 0) + abs(one.rounding or 0)
    raised = one.model_copy(update={"total": most + step * (extra + 1)})
    assert codes(raised).get("does_not_add_up") == "error"


@given(printed(), st.randoms())
def test_the_order_of_lines_does_not_matter(one: Receipt, chance: Any) -> None:
    """Shuffled lines give the same findings."""
    lines = list(one.line_items)
    chance.shuffle(lines)
    assert codes(one.model_copy(update={"line_items": tuple(lines)})) == codes(one)


@given(printed())
@settings(max_examples=50)
def test_a_refund_adds_up_like_the_purchase(one: Receipt) -> None:
    """The same receipt with every sign turned is a refund and nothing else."""
    turned = one.model_dump()
    for field in ("subtotal", "tip", "rounding", "total"):
        turned[field] = None if turned[field] is None else -turned[field]
    for part in (*turned["line_items"], *turned["taxes"]):
        part["amount"] = -part["amount"]
    refund = {code: severity for code, severity in codes(Receipt.model_validate(turned)).items() if severity != "info"}
    assert refund == {}
    assert "refund" in codes(Receipt.model_validate(turned))


amounts = st.none() | st.decimals(-1000, 1000, places=2)


@given(
    st.lists(st.decimals(-1000, 1000, places=3), max_size=4), amounts, amounts, amounts, amounts,
    st.none() | currencies, st.none() | st.dates(),
)  # fmt: skip
def test_nothing_that_was_read_breaks_the_check(
    items: list[Decimal],
    subtotal: Decimal | None,
    tip: Decimal | None,
    rounding: Decimal | None,
    total: Decimal | None,
    currency: str | None,
    day: datetime.date | None,
) -> None:
    """Any reading gets findings, never an exception, and every finding names fields that are there."""
    one = receipt(items=items, subtotal=subtotal, tip=tip, rounding=rounding, total=total, currency=currency, date=day)
    for finding in reconcile(one, TODAY):
        assert all(path.split("[")[0].split(".")[0] in Receipt.model_fields for path in finding.fields)
        assert "None" not in finding.message
