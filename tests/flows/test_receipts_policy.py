"""The policy: what it lets pass, what it sends to a person, and how a broken policy file is told."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prefect_gemini.flows.receipts.models import Category, Receipt
from prefect_gemini.flows.receipts.policy import Policy, PolicyError, check_policy

TODAY = datetime.date(2026, 11, 24)

POLICY = """
late_after_days: 90
default: {limit: {EUR: 500}}
categories:
  meals:
    approval_above: {EUR: 19.90, JPY: 3000}
    limit: {EUR: 60, JPY: 9000}
  fuel: {}
  entertainment: {forbidden: Ask the team lead.}
forbidden_items: [zigaretten, gift card]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """A policy as a person writes it."""
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return Policy.load(path)


def receipt(**fields: Any) -> Receipt:
    """A meal of 10 EUR, a month ago."""
    return Receipt.model_validate(
        {"category": "meals", "currency": "EUR", "total": "10.00", "date": "2026-10-24", **fields}
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"total": "19.90"}, []),
        ({"total": "19.91"}, ["policy_needs_approval"]),
        ({"total": "60.00"}, ["policy_needs_approval"]),
        ({"total": "60.01"}, ["policy_over_limit"]),
        ({"total": "3000", "currency": "JPY"}, []),
        ({"total": "1.00", "currency": "USD"}, ["policy_no_limit"]),
        ({"total": "-80.00"}, []),
        ({"category": "fuel", "total": "9999"}, []),
        ({"category": "office", "total": "501"}, ["policy_over_limit"]),
        ({"category": None, "total": "501"}, ["policy_over_limit"]),
        ({"category": "entertainment", "total": "1.00"}, ["policy_forbidden"]),
        ({"total": None}, []),
        ({"currency": None}, []),
        ({"date": "2026-08-26"}, []),
        ({"date": "2026-08-25"}, ["policy_too_old"]),
        ({"date": None}, []),
        ({"line_items": [{"description": "2 ZIGARETTEN", "amount": 8}]}, ["policy_forbidden_item"]),
        ({"line_items": [{"description": "Gift card 50", "amount": 50}]}, ["policy_forbidden_item"]),
        ({"line_items": [{"description": "Nichtzigaretten", "amount": 8}]}, []),
    ],
)
def test_what_the_policy_has_against_a_receipt(policy: Policy, fields: dict[str, Any], expected: list[str]) -> None:
    """Limits bind above the amount, in the receipt's own currency; nothing is converted."""
    assert [finding.code for finding in check_policy(receipt(**fields), policy, TODAY)] == expected


def test_amounts_in_the_file_are_the_decimals_written_there(policy: Policy) -> None:
    """19.90 in YAML is 19.90, not a binary fraction near it."""
    assert str(policy.rule(Category.MEALS).approval_above["EUR"]) == "19.90"


def test_findings_name_the_amounts(policy: Policy) -> None:
    """A person sees what was spent and what would have been allowed."""
    (finding,) = check_policy(receipt(total="75.50"), policy, TODAY)
    assert "75.50 EUR" in finding.message
    assert "60 EUR" in finding.message
    assert finding.fields == ("total",)


def test_the_policy_that_comes_along_is_sound() -> None:
    """Every rule of the packaged file has a limit in every currency that any other rule has."""
    rules = Policy.load()
    every = [rules.default, *rules.categories.values()]
    currencies = set().union(*(rule.limit for rule in every))
    assert len(currencies) >= 7
    assert all(rule.forbidden or set(rule.limit) == currencies for rule in every)
    assert check_policy(receipt(total=Decimal("12.00")), rules, TODAY) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("categories: {meal: {}}", "'meals', 'groceries'"),
        ("categories:\n  meals: {lmit: {EUR: 3}}", "`categories.meals.lmit`"),
        ("default: {limit: {EURO: 3}}", "ISO 4217"),
        ("default: {limit: {EUR: much}}", "'much'"),
        ("default: {limit: {EUR: -3}}", "greater than or equal to 0"),
        ("default: {limit: {EUR: 3}, approval_above: {EUR: 4}}", "above the limit"),
        ("default: {limit: {EUR: 3, EUR: 4}}", "found 'EUR' twice"),
        ("late_after_days: 0", "`late_after_days`"),
        ("- EUR", "dictionary"),
        ("{[1]: 2}", "policy.yaml"),
        ("a: [", "line 1"),
        ("!!python/object/apply:os.system [echo]", "not YAML"),
    ],
)
def test_a_broken_policy_is_told_by_its_place(tmp_path: Path, text: str, told: str) -> None:
    """The message names the file, the entry and what would be right; the hint says what may stand there."""
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(PolicyError) as refused:
        Policy.load(path)
    assert told in str(refused.value)
    assert "policy.yaml" in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_policy_file_that_does_not_open(tmp_path: Path, content: bytes | None) -> None:
    """A missing or binary file is a policy error too, not a trace."""
    path = tmp_path / "policy.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(path)


def test_an_empty_file_is_a_policy_without_rules(tmp_path: Path) -> None:
    """Nothing is limited where nothing is written."""
    path = tmp_path / "policy.yaml"
    path.write_text("# nothing yet\n")
    assert check_policy(receipt(total=Decimal(10**9)), Policy.load(path), TODAY) == ()
