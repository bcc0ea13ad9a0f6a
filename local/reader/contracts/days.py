"""The dates of a contract: when it was made, when it takes effect, when it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from prefect_gemini.local.reader.contracts.text import Contract, Passage
from prefect_gemini.local.reader.dates import MONTHS, Order, dates_in

_DAY_OF = re.compile(
    r"\b(?P<day>\d{1,2})\s?(?:st|nd|rd|th)?\s+day\s+of\s+(?P<month>[A-Z][a-z]+|[A-Z]{3,9})\s*,?\s*(?:in the year\s*)?(?P<year>(?:19|20)\d\d)\b"
)
_OTHER_CONTRACT = re.compile(
    r"\b(?:amended|certain|master|lease agreement|under|pursuant)\b[^.;]{0,80}$"
    r"|\b(?:to|of|amends?)\s+the\s+[^.;()]{0,60}\b(?:agreement|contract|lease|licen[cs]e),?\s*(?:\([^()]*\),?\s*)?(?:dated|made|entered into)?\s*(?:as of)?\s*$",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"(?:this|the|dated|as of|on|of|day of)?\s*(?:_{2,}|\[\s*[*_•●]*\s*\])[^.;]{0,12}?(?:day of[\s_,]*(?:(?:19|20)[\d_]*)?|(?:,\s*)?(?:19|20)(?:\d\d|_+))|\bdated?\s*\[\s*[*_•●]*\s*\]",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"\b(?:Inc\.|Corp\.|LLC|L\.L\.C\.|Delaware|California|New York|Texas|Nevada|U\.S\.|USA|United States|State of|Securities and Exchange)"
)
_PAGE_NUMBER = re.compile(r"\s-\s?\d{1,3}\s?-(?=\s|$)(?:\s\d{1,3}(?=\s))?")
_MADE = re.compile(
    r"\b(?:dated?|made(?: and entered(?: into)?)?|entered into|executed|signed|concluded|(?:is|are) entered)\b[^.;]{0,60}?$|\bas of\s*(?:the\s*)?$|\bthis\s*$",
    re.IGNORECASE,
)
_EFFECTIVE = re.compile(
    r"\b(?:effective(?:\s+date\W*)?(?:\s+(?:is|means|shall mean|shall be|as of|on|from|of|the|beginning|commencing|with effect))*|"
    r"(?:take|takes|come|comes|enter|enters)\s+(?:into\s+)?(?:effect|force)(?:\s+(?:on|as of|from|the))*|(?:agreement|contract|term)\b[^.;]{0,30}\b(?:commenc(?:e|es|ing)|begins?|starts?)(?:\s+(?:on|as of|from|the))+|with effect from)[\s:_,'\"“”(]*(?:the\s)?$",
    re.IGNORECASE,
)
_NAMED_EFFECTIVE = re.compile(
    r"^[^.;]{0,40}[(\[]?[^.;()]{0,40}[\"“'‘]\s*(?:Amendment |Agreement |Contract )?Effective Date\s*[\"”'’]",
    re.IGNORECASE,
)
_BY_REFERENCE = re.compile(
    r"\beffective\b[^.;]{0,80}\b(?:date (?:of|on which)[^.;]{0,40}(?:sign|execut|accept)\w*|date first (?:above )?(?:written|set forth)|date hereof|"
    r"(?:latest|last) (?:date|signature)|signed acceptance|upon (?:execution|signature|signing))",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:expir\w+|terminat\w+|end(?:s|ing)?|until|through|conclud\w+|and including)\b[^.;]{0,60}$", re.IGNORECASE
)
_SIGNED = re.compile(r"\b(?:DATED?|Dated?)\b|[/\\]s[/\\]|\bBy:|\bSIGN|\bSigned|\bSignature")
_HAND = re.compile(r"[/\\]s[/\\]|\bBy:|\bSIGNED|\bSigned|\bSignature")
_CLOSING = re.compile(
    r"\b(?:IN WITNESS|In Witness|WITNESS WHEREOF|SIGNED|Signed|AGREED|Agreed and|ACCEPTED|EXECUTED|duly executed)"
)


@dataclass(frozen=True)
class Day:
    """A day a contract names.

    Args:
        value: None where its place is left blank.
        start, end: in the text of the contract.
    """

    value: date | None
    start: int
    end: int


def days_in(contract: Contract, start: int, end: int) -> Iterator[Day]:
    """The days printed in a stretch of the text, left to right; in an American contract the month comes first."""
    text = " ".join(contract.text[start:end].split("\n"))
    text = _PAGE_NUMBER.sub(lambda match: " " * len(match[0]), text)
    found: list[Day] = []
    for match in _DAY_OF.finditer(text):
        month = MONTHS.get(match["month"].lower())
        if month and 1 <= int(match["day"]) <= 28 + (month != 2) * 3:
            found.append(
                Day(_day(int(match["year"]), month, int(match["day"])), start + match.start(), start + match.end())
            )
    order: Order = "MDY" if _AMERICAN.search(contract.text[:20_000]) else "DMY"
    for printed in dates_in(text, order=order):
        if printed.compact or any(printed.start + start < day.end and printed.end + start > day.start for day in found):
            continue
        value = printed.value
        dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.\d+", text[printed.start : printed.end])
        if dotted and int(dotted[2]) <= 12:
            value = _day(value.year, int(dotted[2]), int(dotted[1])) or value
        found.append(Day(value, start + printed.start, start + printed.end))
    yield from sorted(found, key=lambda day: day.start)


def agreement_day(contract: Contract) -> Day | None:
    """The day the contract is dated or made; else the day the last of the parties signed."""
    for passage in contract.opening:
        for day in days_in(contract, passage.start, passage.end):
            before = _before(contract, day.start, passage.start)
            if re.search(r"[/\\]s[/\\]|\bBy:", before) or (_EFFECTIVE.search(before) and "entered" not in before):
                continue
            if _MADE.search(before) and not _OTHER_CONTRACT.search(before):
                return day
    blank = next((match for match in _BLANK.finditer(contract.text[:4000])), None)
    signed = signature_day(contract)
    if blank is not None and signed is None:
        return Day(None, blank.start(), blank.end())
    return signed


def effective_day(contract: Contract, made: Day | None) -> Day | None:
    """The day the contract takes effect, where it names one.

    Args:
        contract: the contract.
        made: its own date, for "effective as of the date first above written".
    """
    blank = next((match for match in _BLANK.finditer(contract.text[:6000])), None)
    if blank is not None and _NAMED_EFFECTIVE.match(" ".join(contract.text[blank.end() : blank.end() + 120].split())):
        return Day(None, blank.start(), blank.end())
    for passage in contract.passages:
        around = contract.text[max(0, passage.start - 60) : passage.end]
        if not re.search(r"effect|force|commenc|begin|start", around, re.IGNORECASE):
            continue
        for day in days_in(contract, passage.start, passage.end):
            before, after = (
                _before(contract, day.start, max(0, passage.start - 60)),
                contract.text[day.end : day.end + 120],
            )
            if _NAMED_EFFECTIVE.match(" ".join(after.split())) or (
                _EFFECTIVE.search(before) and (passage.start < 6000 or "Effective Date" in passage.text)
            ):
                return day
        reference = _BY_REFERENCE.search(passage.text) if passage.start < 8000 else None
        if (
            reference
            and made is not None
            and re.search(r"agreement|contract|effective date", passage.text, re.IGNORECASE)
        ):
            signed = signature_day(contract) if re.search(r"sign|execut|accept", reference[0], re.IGNORECASE) else None
            return Day((signed or made).value, passage.start, passage.end)
    return None


def ending_day(contract: Contract, passages: list[Passage]) -> Day | None:
    """The day on which the term ends, named in one of some passages."""
    for passage in passages:
        for day in days_in(contract, passage.start, passage.end):
            if _ENDS.search(_before(contract, day.start, passage.start)):
                return day
    return None


def signature_day(contract: Contract) -> Day | None:
    closing = next(_CLOSING.finditer(contract.text, min(len(contract.text) // 3, 20_000)), None)
    start = closing.start() if closing else max(0, len(contract.text) - 3000)
    found = [
        day
        for day in days_in(contract, start, len(contract.text))
        if (_SIGNED if closing else _HAND).search(contract.text[max(start, day.start - 160) : day.end + 120])
        and not re.search(r"\b(?:Source:|10-[KQ]|S-1|F-1|8-K)", contract.text[max(0, day.start - 80) : day.start])
    ]
    return max((day for day in found if day.value), key=lambda day: day.value or date.min, default=None)


def _before(contract: Contract, place: int, least: int) -> str:
    return " ".join(contract.text[max(least, place - 140) : place].split()) + " "


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
