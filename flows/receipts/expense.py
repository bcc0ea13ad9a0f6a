"""An expense: one document, the receipt read from it, where each value stands, and what the checks say."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.flows.receipts.duplicates import Duplicate
from prefect_gemini.flows.receipts.findings import Finding, Severity, worst
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.gemini.evidence.grounding import Evidence

Status = Literal["recorded", "needs_review", "rejected"]

REJECTING = frozenset({"nothing_read", "policy_forbidden"})
"""Findings after which a person has nothing to approve."""

_ACTIONS = {
    "does_not_add_up": "Compare the lines and the total with the picture.",
    "lines_incomplete": "Compare the lines with the picture; the total holds without them.",
    "line_does_not_multiply": "Compare the line with the picture.",
    "subtotal_differs": "Compare the subtotal with the picture; the total holds without it.",
    "tax_too_high": "Compare tax and total with the picture.",
    "tip_beside_total": "Decide whether the tip is paid back.",
    "total_zero": "Compare the total with the picture.",
    "too_many_decimals": "Compare the amounts and the currency with the picture.",
    "merchant_missing": "Enter the merchant.",
    "total_missing": "Read the total from the picture, or photograph the receipt again.",
    "date_missing": "Read the date from the picture, or photograph the receipt again.",
    "currency_missing": "Enter the currency; the receipt does not say it.",
    "date_in_future": "Correct the date.",
    "date_tomorrow": "Correct the date, unless the receipt is from further east.",
    "date_implausible": "Correct the year.",
    "nothing_read": "Photograph the receipt again, flat and in focus.",
    "unsupported_value": "Compare the value with the picture: it was not found on it.",
    "suspected_injection": "Look at the receipt: words on it speak to the program that reads it.",
    "policy_forbidden": "Not payable under the policy.",
    "policy_forbidden_item": "Pay without the line, or approve.",
    "policy_over_limit": "Ask whoever may exceed the limit.",
    "policy_needs_approval": "Approve or reject.",
    "policy_no_limit": "Add a limit in this currency to the policy, or approve.",
    "policy_too_old": "Approve or reject: handed in late.",
    "duplicate": "Pay it once: compare it with the receipt it repeats.",
}
"""What to do about each finding that is not only an explanation."""


class Expense(BaseModel):
    """One receipt, read, located and checked.

    Args:
        name: the document's name, as a person knows it.
        digest: SHA-256 of its bytes, in hex; the key of its row.
        receipt: what was read.
        evidence: where each value stands on the page; a value without a place is `unsupported`.
        findings: what the checks of the receipt itself say.
        policy: what the policy says.
        duplicate: the receipt this one repeats, if any.
        status: see `judge`.
        perceptual_hash: of the first page, for finding re-scans; "" where the page could not be drawn.
        turns: quarter turns clockwise that put each page upright, as it was read.
        model: the model version that answered.
        backend: who was called, as a person reads it.
        input_tokens, output_tokens: of the call; output includes thoughts.
        cost: US dollars; None where the price is not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    receipt: Receipt
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    policy: tuple[Finding, ...] = ()
    duplicate: Duplicate | None = None
    status: Status = "needs_review"
    perceptual_hash: str = ""
    turns: tuple[int, ...] = ()
    model: str = ""
    backend: str = ""
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cost: Decimal | None = None


class ReceiptException(BaseModel):
    """One reason a document needs a person: a row of the exceptions table.

    Args:
        name: the document's name.
        digest: SHA-256 of its bytes, in hex; "" where it could not be read at all.
        code: the finding's code, or the error's class name where the document failed.
        severity: as in `Finding`.
        message: what is wrong.
        action: what to do next.
        fields: paths in the receipt that it is about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    code: str
    severity: Severity = "error"
    message: str
    action: str = ""
    fields: tuple[str, ...] = ()


def judge(findings: tuple[Finding, ...], policy: tuple[Finding, ...], duplicate: Duplicate | None) -> Status:
    """Decide what becomes of an expense.

    Returns:
        "rejected" where there is nothing to approve: a certain duplicate, a forbidden category, an empty
        reading; "needs_review" where any check found an error or the receipt looks like a duplicate;
        "recorded" otherwise, warnings included.
    """
    everything = findings + policy
    if (duplicate is not None and duplicate.certain) or any(finding.code in REJECTING for finding in everything):
        return "rejected"
    if duplicate is not None or worst(everything) == "error":
        return "needs_review"
    return "recorded"


def exceptions_of(expense: Expense) -> tuple[ReceiptException, ...]:
    """The reasons an expense was not simply recorded, and its warnings, gravest first."""
    rows = [
        ReceiptException(
            name=expense.name,
            digest=expense.digest,
            code=finding.code,
            severity=finding.severity,
            message=finding.message,
            action=_ACTIONS.get(finding.code, ""),
            fields=finding.fields,
        )
        for finding in expense.findings + expense.policy
        if finding.severity != "info"
    ]
    if expense.duplicate is not None:
        rows.insert(
            0,
            ReceiptException(
                name=expense.name,
                digest=expense.digest,
                code="duplicate",
                message=expense.duplicate.message,
                action=_ACTIONS["duplicate"],
                fields=("merchant", "date", "total"),
            ),
        )
    return tuple(sorted(rows, key=lambda row: row.severity != "error"))
