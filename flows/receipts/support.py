"""Findings about where values stand: what is not on the page, and words that are meant for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.gemini.evidence.grounding import Evidence

JUDGED = frozenset({"category"})
"""Fields that a receipt does not print: the model judges them, and they have no place."""

_GRAVE = frozenset({"total", "date"})

_INSTRUCTION = re.compile(
    r"""
    \b(ignor(e|ier\w*|ez|a|eer)|disregard|forget|override|bypass)\b .{0,40}
        \b(instruction|prompt|rule|anweisung|regel|consigne|instrucci|instructie|previous|above|system)\w*
    | \b(system|developer)\s*(prompt|message)\b
    | \byou\s+are\s+(now\s+)?(an?\s+)?(ai|assistant|language\s+model|chatbot)\b
    | \b(set|change|replace|report|record|output|return)\b .{0,30} \b(total|amount|sum|price)\b .{0,20}
        \b(to|as)\s*(zero|nil|nothing|[€$£¥]?\s*\d)
    | \b(set|change|replace)\s+(the\s+)?(merchant|vendor|date|currency|category)\s+(to|as)\b
    | \b(as\s+an\s+ai|dear\s+(ai|assistant|model)|attention\s+(ai|llm|model))\b
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""Phrases that address a reading program. A shop has no reason to print them; finding one changes no value."""


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
    found = _INSTRUCTION.search(" ".join(text.split()))
    if found is None:
        return ()
    return (
        Finding(
            code="suspected_injection",
            severity="error",
            message=f"The document carries words that look like instructions: {found[0][:80]!r}.",
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
