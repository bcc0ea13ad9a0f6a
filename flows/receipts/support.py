"""Findings about where values stand: what is not on the page, and words that are meant for the reader."""

from __future__ import annotations

from collections.abc import Iterable

from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.gemini.evidence.grounding import Evidence
from prefect_gemini.pages import instructions_in

JUDGED = frozenset({"category"})
"""Fields that a receipt does not print: the model judges them, and they have no place."""

_GRAVE = frozenset({"total", "date"})


def unsupported(evidence: Iterable[Evidence]) -> tuple[Finding, ...]:
    """One finding for each value that was not found on the page; grave for the total and the date."""
    return tuple(
        Finding(
            code="unsupported_value",
            severity="error" if one.path in _GRAVE else "warning",
            fields=(one.path,),
            message=f"{one.path} was read as {str(one.value)!r}, which is not on the page.",
        )
        for one in evidence
        if one.match == "unsupported" and one.path not in JUDGED
    )


def suspected_injection(text: str) -> tuple[Finding, ...]:
    """A finding where the printed text speaks to the program that reads it.

    Args:
        text: everything printed on the document. The values read are kept as read: the check only
            sends the receipt to a person.
    """
    found = instructions_in(text, at_most=1)
    if not found:
        return ()
    return (
        Finding(
            code="suspected_injection",
            severity="error",
            message=f"The document carries words that look like instructions: {text[found[0].start : found[0].end][:80]!r}.",
        ),
    )


def nothing_read(receipt: Receipt) -> tuple[Finding, ...]:
    """A finding where neither merchant, date, total nor any line could be read."""
    if receipt.merchant or receipt.date or receipt.total is not None or receipt.line_items:
        return ()
    return (
        Finding(
            code="nothing_read",
            severity="error",
            message="Neither merchant, date, total nor any line could be read.",
        ),
    )
