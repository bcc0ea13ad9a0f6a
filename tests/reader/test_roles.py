"""Roles: what a property means, whatever it is called."""

from __future__ import annotations

from typing import Any

import pytest

from prefect_gemini.local.reader.roles import ITEM_NAMES, field_of, role_of


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("seller_name", "merchant company vendorName store_name supplier seller"),
        ("seller_address", "address merchant_address storeAddress shop_location"),
        ("total", "total grand_total totalAmount GrandTotal amount gross_total"),
        ("due_payable", "amount_due balance_due payable_amount"),
        ("subtotal", "subtotal sub_total net_total"),
        ("tax_total", "tax tax_amount vat tax_total"),
        ("issue_date", "date invoice_date purchaseDate transaction_date"),
        ("due_date", "due_date payment_due"),
        ("currency", "currency currency_code"),
        ("invoice_number", "invoice_number invoiceNo"),
        ("receipt_number", "receipt_no transaction_id"),
        ("payment_method", "payment_method paymentType"),
        ("line_items", "items line_items lineItems products"),
        ("buyer_name", "buyer customer_name bill_to"),
        ("tip", "tip gratuity"),
        ("category", "category expense_category"),
    ],
)
def test_names_in_any_style_mean_their_role(role: str, names: str):
    """Snake case, camel case, and the words people use for the same thing."""
    assert {name: role_of(name, {}) for name in names.split()} == dict.fromkeys(names.split(), role)


@pytest.mark.parametrize(
    ("schema", "role"),
    [
        ({"description": "The name of the store"}, "seller_name"),
        ({"description": "Total amount paid, including tax"}, "total"),
        ({"title": "Invoice number"}, "invoice_number"),
        ({}, None),
    ],
)
def test_a_description_tells_what_a_name_does_not(schema: dict[str, Any], role: str | None):
    """Title and description are read where the key says nothing."""
    assert role_of("x", schema) == role


def test_the_party_of_an_object_is_the_party_of_its_parts():
    """`name` and `vat_id` in an object about the buyer are the buyer's."""
    assert role_of("name", {}, party="seller") == "seller_name"
    assert role_of("vat_id", {}, party="seller") == "seller_tax_id"
    assert role_of("address", {}, party="buyer") == "buyer_address"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("qty", "quantity"),
        ("unit_price", "unit_price"),
        ("line_total", "amount"),
        ("sku", "code"),
        ("title", "description"),
    ],
)
def test_fields_of_a_row_are_known_by_their_names(name: str, field: str):
    """The fields of a line item, as schemas call them."""
    assert field_of(name, {}, ITEM_NAMES) == field
