"""The facts of an agreement held against its text: every value must follow from the passage it rests on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.contracts.models import DayFact, Facts, MoneyFact, RenewalFact, SpanFact
from prefect_gemini.flows.contracts.remarks import Remark
from prefect_gemini.flows.contracts.spans import Span, spans_in
from prefect_gemini.gemini.evidence.grounding import Evidence, Source, locate_quote
from prefect_gemini.gemini.evidence.values import amounts, dates


class ProvenFact(BaseModel):
    """One fact, as it follows from its passage.

    Args:
        name: what it is, such as "effective date".
        value: as a person reads it.
        evidence: where its passage stands; `unsupported` where it is not in the document.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    value: str
    evidence: Evidence

    @property
    def supported(self) -> bool:
        """Whether its passage is in the document."""
        return self.evidence.supported


class Proven(BaseModel):
    """The facts that hold: what code has read again from passages that are in the document.

    Args:
        facts: all, in the order of the report; unsupported ones among them are not counted anywhere.
        remarks: what does not agree.
        effective, agreed, expires: dates.
        term, renewal, notice: lengths of time.
        automatic: whether it renews by itself; None where it does not say.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    facts: tuple[ProvenFact, ...] = ()
    remarks: tuple[Remark, ...] = ()
    agreed: datetime.date | None = None
    effective: datetime.date | None = None
    expires: datetime.date | None = None
    term: Span | None = None
    renewal: Span | None = None
    automatic: bool | None = None
    notice: Span | None = None

    def fact(self, name: str) -> ProvenFact | None:
        """The first supported fact of a name."""
        return next((fact for fact in self.facts if fact.name == name and fact.supported), None)


def prove(facts: Facts, source: Source) -> Proven:
    """Hold facts against the text.

    Where the passage names a day, a length or an amount, code reads it again; what the model made of
    it counts only where the passage leaves it open, and a remark says where the two differ.

    Args:
        facts: what the model read.
        source: the document's text or pages.
    """
    found: list[ProvenFact] = []
    remarks: list[Remark] = []
    values: dict[str, Any] = {}

    def add(name: str, value: str, quote: str) -> bool:
        evidence = locate_quote(quote, source, path=name.replace(" ", "_"))
        found.append(ProvenFact(name=name, value=value, evidence=evidence))
        if not evidence.supported:
            remarks.append(_unsupported(name, value, quote))
        return evidence.supported

    for party in facts.parties:
        remarks.extend(_differ("party", _named(party.name, party.quote), party.quote))
        add("party", f"{party.name} ({party.role})" if party.role else party.name, party.quote)
    for key, name, fact in _days(facts):
        day, said = _day(fact, source)
        remarks.extend(_differ(name, said, fact.quote))
        if key == "expires" and day is not None and _begins(fact.quote):
            remarks.extend(_differ(name, f"was read as {day}, from a passage that says what begins", fact.quote))
            key, name = "effective", "effective date"
            if values.get("effective"):
                continue
        if add(name, str(day or "not named as a day"), fact.quote):
            remarks.extend(_unclear(name, day, fact.quote))
            values[key] = day
    for key, name, length in _lengths(facts):
        span, said = _span(length)
        remarks.extend(_differ(name, said, length.quote))
        automatic = length.automatic if isinstance(length, RenewalFact) else None
        shown = " ".join(filter(None, ("automatic" if automatic else "", str(span or "no length given"))))
        if add(name, shown, length.quote):
            values[key] = span
            if isinstance(length, RenewalFact):
                values["automatic"] = automatic
    if facts.governing_law:
        law = facts.governing_law
        remarks.extend(_differ("governing law", _named(law.law, law.quote), law.quote))
        add("governing law", law.law, law.quote)
    for money in facts.money:
        remarks.extend(_differ(money.purpose or "amount", _amount(money), money.quote))
        value = f"{money.amount:,f} {money.currency or '?'}" + (f" ({money.purpose})" if money.purpose else "")
        add("money", value, money.quote)
    return Proven(facts=tuple(found), remarks=tuple(remarks), **values)


def _days(facts: Facts) -> Iterator[tuple[str, str, DayFact]]:
    for key, name in (("agreed", "agreement date"), ("effective", "effective date"), ("expires", "expiration date")):
        fact = getattr(facts, name.replace(" ", "_"))
        if fact is not None:
            yield key, name, fact


def _lengths(facts: Facts) -> Iterator[tuple[str, str, SpanFact]]:
    for key, name, fact in (
        ("term", "term", facts.term),
        ("renewal", "renewal", facts.renewal),
        ("notice", "notice period", facts.notice_period),
    ):
        if fact is not None:
            yield key, name, fact


def _day(fact: DayFact, source: Source) -> tuple[datetime.date | None, str]:
    """The day that holds, and what to say where the passage and the model differ."""
    printed = [day.values for day in dates(fact.quote)]
    if not printed:
        return fact.date, ""
    if fact.date is not None and any(fact.date in values for values in printed):
        return fact.date, ""
    only = printed[0] if len(printed) == 1 and len(printed[0]) == 1 else frozenset()
    if fact.date is None:
        return next(iter(only), None), ""
    shown = ", ".join(sorted({str(day) for values in printed for day in values}))
    return next(iter(only), None), f"was read as {fact.date}; the passage says {shown}"


_BEGINS = re.compile(r"\b(?:begin|commenc|start|effective)\w*\s+(?:on|as\s+of|from)\b", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:until|through|expir\w*|terminat\w*|ends?|ending|conclud\w*)\b", re.IGNORECASE)


def _begins(quote: str) -> bool:
    """Whether a passage says when something begins, and not when anything ends."""
    return bool(_BEGINS.search(quote)) and not _ENDS.search(quote)


def _span(fact: SpanFact) -> tuple[Span | None, str]:
    printed = list(dict.fromkeys(spans_in(fact.quote)))
    said = Span(fact.length, fact.unit) if fact.length is not None and fact.unit is not None else None
    if not printed or said in printed:
        return said, ""
    if said is None:
        return (printed[0] if len(printed) == 1 else None), ""
    if any(_same(said, one) for one in printed):
        return said, ""
    only = printed[0] if len(printed) == 1 else None
    return only, f"was read as {said}; the passage says {', '.join(map(str, printed))}"


def _same(one: Span, other: Span) -> bool:
    """Twelve months are a year, and a business day read as a day is a day less strict, not another number."""
    months = {"months": 1, "years": 12}
    if one.unit in months and other.unit in months:
        return one.length * months[one.unit] == other.length * months[other.unit]
    return one.length * 7 == other.length if (one.unit, other.unit) == ("weeks", "days") else False


def _amount(money: MoneyFact) -> str:
    printed = {value for one in amounts(money.quote) for value in one.values}
    if (
        not printed
        or money.amount in printed
        or any(money.amount == value * scale for value in printed for scale in (1_000, 1_000_000))
    ):
        return ""
    return f"was read as {money.amount:,f}; the passage has no such amount"


def _named(name: str, quote: str) -> str:
    """What to say where a passage does not name what was read from it."""
    said, printed = ({*re.findall(r"[^\W_]+", text.casefold())} for text in (name, quote))
    return "" if said <= printed | _STATES else f"was read as {name!r}; the passage does not name it"


_STATES = frozenset({"the", "of", "and", "law", "laws", "state", "commonwealth", "province", "republic"})
"""Words of a law that say nothing of whose it is."""


def _differ(name: str, said: str, quote: str) -> Iterator[Remark]:
    if said:
        yield Remark(code="facts_disagree", message=f"The {name} {said}.", quote=quote)


def _unclear(name: str, day: datetime.date | None, quote: str) -> Iterator[Remark]:
    """A day that stands in its passage in two ways, or that code does not find there."""
    if day is None:
        return
    printed = [one.values for one in dates(quote)]
    both = next((values for values in printed if day in values and len(values) > 1), None)
    if both and not any(values == {day} for values in printed):
        other = ", ".join(str(one) for one in sorted(both) if one != day)
        said = f"The {name} was read as {day}; as it is printed it may also be {other}."
    elif not printed:
        said = f"The {name} was read as {day}; code finds no day in the passage. Check it."
    else:
        return
    yield Remark(code="date_unclear", message=said, quote=quote)


def _unsupported(name: str, value: str, quote: str) -> Remark:
    return Remark(
        code="unsupported_fact",
        message=f"The {name} was read as {value!r} from a passage that is not in the document; it is not used.",
        quote=quote,
    )
