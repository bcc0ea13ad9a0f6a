"""What a quoted passage says exactly: its day, its length of time, its law, its amount."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from prefect_gemini.local.reader.contracts.find import Hit, Question
from prefect_gemini.local.reader.contracts.law import jurisdiction
from prefect_gemini.local.reader.contracts.periods import Period, nearest
from prefect_gemini.local.reader.contracts.text import Contract, Passage
from prefect_gemini.local.reader.contracts.topics import day_on
from prefect_gemini.local.reader.resolve import Schema
from prefect_gemini.local.reader.values import types_of

Value = str | int | bool | date | Decimal

_BESIDE = {
    "expiration": r"\b(?:initial )?(?:term|period|duration)\b|\bcontinu\w*|\bremain\w*|\bruns?\b|\blasts?\b|\bends?\b",
    "renewal": r"\brenew\w*|\bextend\w*|\bsuccessive|\badditional",
    "notice_of_non_renewal": r"\bnotice\b|\bprior\b|\bin writing\b|\bbefore\b",
    "notice_period": r"\bnotice\b|\bprior\b|\bin writing\b|\bbefore\b",
    "termination_for_convenience": r"\bnotice\b",
    "warranty_duration": r"\bwarrant\w*",
}
"""The words a length of time belongs to, by clause."""

_AMOUNT = re.compile(
    r"(?P<sign>US\s?\$|C\$|\$|€|£|¥|USD|EUR|GBP|CAD|CHF)\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?(?P<scale>thousand|million|billion))?(?![\d,]*\d)",
    re.IGNORECASE,
)
_CURRENCIES = {"$": "USD", "US$": "USD", "C$": "CAD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


def detail(contract: Contract, question: Question, hit: Hit, key: str, schema: Schema) -> Value | None:
    """What a property beside the quote asks for; None where the passage does not say it.

    Args:
        contract: the contract.
        question: what the passage answers.
        hit: the passage.
        key: the property's name.
        schema: its schema, one branch.
    """
    types, text = types_of(schema), hit.passage.text
    if schema.get("format") in ("date", "date-time"):
        day = day_on(contract, question.about, [hit.passage])
        return day.value if day else None
    if "boolean" in types:
        return _truth(key, text)
    if "enum" in schema:
        return _choice(question, schema, text)
    if "integer" in types and key.lower() in ("page", "page_number"):
        return contract.pages[contract.spans(hit.passage.start, hit.passage.end)[0][0]].number
    if "integer" in types or "number" in types:
        period = period_of(question, hit.passage)
        if re.search(r"length|count|number|duration|period|days|months|years|quantity", key, re.IGNORECASE):
            return period.length if period and _unit_fits(key, period) else None
        amounts = amounts_in(text)
        return amounts[0][0] if len(amounts) == 1 else None
    return _words(contract, question, hit, key)


def period_of(question: Question, passage: Passage) -> Period | None:
    """The length of time a clause is about."""
    marks = _BESIDE.get(question.about)
    if marks is None:
        return None
    if question.about != "renewal":
        return nearest(passage.text, marks)
    yearly = re.search(
        r"\bannual(?:ly)?(?= renew)|(?<=renewed )annually|\byear[- ]to[- ]year\b", passage.text, re.IGNORECASE
    )
    return Period(1, "years", *yearly.span()) if yearly else nearest(passage.text, marks, units=("months", "years"))


def amounts_in(text: str) -> list[tuple[Decimal, str | None]]:
    """Amounts of money with the ISO code of their sign."""
    found = []
    for match in _AMOUNT.finditer(text):
        sign = match["sign"].upper().replace(" ", "")
        number = Decimal(match["number"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
        found.append((number, _CURRENCIES.get(sign, sign)))
    return found


def _truth(key: str, text: str) -> bool | None:
    if re.search(r"present|exists?|found|included|has_", key, re.IGNORECASE):
        return True
    if re.search(r"auto", key, re.IGNORECASE):
        if re.search(r"\bautomatic\w*|\b(shall|will) (be )?renew\w*\b[^.;]{0,160}\bunless\b", text, re.IGNORECASE):
            return True
        return False if re.search(r"\b(option|right|may|elect\w*|consent|agreement)\b", text, re.IGNORECASE) else None
    return None


def _choice(question: Question, schema: Schema, text: str) -> str | None:
    choices = [choice for choice in schema["enum"] if isinstance(choice, str)]
    period = period_of(question, Passage(0, len(text), text))
    if period and period.unit in choices:
        return period.unit
    # Whether a clause is good for a party is a judgement, and no word on the page makes it.
    return next(
        (choice for choice in choices if choice in ("unclear", "unknown", "undetermined", "needs_review")), None
    )


def _unit_fits(key: str, period: Period) -> bool:
    named = re.search(r"days|weeks|months|years", key, re.IGNORECASE)
    return named is None or named[0].lower() == period.unit


def _words(contract: Contract, question: Question, hit: Hit, key: str) -> str | date | None:
    key, text = key.lower(), hit.passage.text
    if question.about in ("governing_law", "jurisdiction") and re.search(
        r"law|jurisdiction|state|country|value|answer|name|place", key
    ):
        return jurisdiction(text)
    if re.search(r"heading|section|title", key) and question.topic != "document_name":
        return hit.passage.heading or None
    if not re.search(r"value|answer|name|text|date|period|length|duration|term|law|amount|currency", key):
        return None
    if question.topic in ("agreement_date", "effective_date") or (question.about == "expiration" and "date" in key):
        day = day_on(contract, question.about, [hit.passage])
        return contract.text[day.start : day.end] if day and day.value else None
    period = period_of(question, hit.passage)
    if period:
        return text[period.start : period.end]
    return text if question.topic == "document_name" or key in ("text", "answer") else None
