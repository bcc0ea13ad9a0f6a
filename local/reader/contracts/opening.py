"""How a contract introduces itself: its title and its parties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prefect_gemini.local.reader.contracts.sentences import is_heading
from prefect_gemini.local.reader.contracts.text import Contract, Passage

_KIND = re.compile(
    r"\b(agreement|contract|lease|licen[cs]e|amendment|addendum|undertaking|deed|terms (?:and conditions|of service|of use)|memorandum|order form|"
    r"statement of work|letter of intent)\b",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"\b(between|confidential|contents|omitted|witness\w*|whereof)\b|\.{3}|^(schedule|see|section|article)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:This|THIS)\s+(?P<name>(?:[A-Z][\w’'/-]*,?\s+|and\s+|of\s+|for\s+|the\s+){1,9}(?:Agreement|AGREEMENT|Contract|CONTRACT|Lease|LEASE|Amendment|AMENDMENT|License|LICENSE))"
)
_COMPANY = re.compile(
    r"\b(?:Inc|INC|Corp|CORP|Corporation|CORPORATION|Company|COMPANY|Co|Ltd|LTD|Limited|LIMITED|LLC|L\.L\.C|LP|L\.P|LLP|GmbH|AG|S\.A|N\.V|B\.V|PLC|plc|Pty|Trust|Bank|"
    r"University|Foundation|Partners|Associates)\b"
)
_ENDS_AS_COMPANY = re.compile(rf"(?:{_COMPANY.pattern})\.?$")
_BLANK_PARTY = re.compile(r"\band\b\s*(?:\[|_{2,})", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|among|amongst)\b\s*:?\s*", re.IGNORECASE)
_ENDS = re.compile(
    r"\bWHEREAS\b|\bWhereas\b|\bWITNESSETH\b|\bRECITALS?\b|\bRecitals?\b|\bBACKGROUND\b|\bNOW,? THEREFORE\b|\bagree as follows\b|\bcollectively\b[^.;]{0,40}[\"“'‘(]+\s*(?:the\s)?Parties|"
    r"\n\s*(?:1|I)\.\s+[A-Z][\w' ]{2,40}(?:\n|\.\s)|\bmay be referred to\b|\bis made with reference\b|\bhereby agree\b|\beach\b[^.;]{0,40}[\"“]?Party\b|\bFor good and valuable\b",
)
_ALIAS = re.compile(
    r"[(\[]\s*(?:[^()\[\]\"“‘]{0,120}?)[\"“‘']+\s*(?P<alias>[A-Za-z][^\"”’'()]{0,40}?)[\"”’']+[^()\[\]]{0,60}[)\]}]|"
    r"(?i:\bherein?(?:after)?),?\s+(?:collectively\s+)?(?:referred to as|called|known as)?\s*(?:the\s+)?[(\"“‘']+\s*(?:the\s+)?(?P<later>[A-Za-z][^\"”’'().]{0,40}?)\.?[\"”’')]+",
)
_NO_PARTY = re.compile(
    r"\b(?:Agreement|Effective Date|Part(?:y|ies)|Contract|Amendment|Date|Lease|Affiliates?|Services?|Products?|Act|Network|Territory|Term|Exhibit)\b"
)
_NAME_ENDS = re.compile(
    r",?\s+(?:an?|the)\s+(?=[A-Za-z])|,?\s+(?:with|having|whose|located|both|each|organi[sz]ed|incorporated|existing|doing business|acting|on behalf|as (?:the|a|an)|residing|of)\b|\s*[(\[;]|,\s*\d|\s\d{2,}\s|"
    r"\s+hereinafter\b|\s+and (?:its|their|his|her)\b|,\s+(?=[A-Z][a-z]+ (?:corporation|company|limited|partnership))|\bPrinciple Contact|\bAttention\b"
)


@dataclass(frozen=True)
class Party:
    """One who contracts.

    Args:
        name: as printed, blanks folded.
        role: what the contract calls it; None where it gives no short name.
        passage: where it is introduced.
    """

    name: str
    role: str | None
    passage: Passage


def titles(contract: Contract) -> Iterator[Passage]:
    """What the contract is called: the heading that names it, then the name it gives itself in its first sentence."""
    for line in re.finditer(r"[^\n]+", contract.text[:4000]):
        words = " ".join(re.sub(r"\(the [\"“'‘]\w+[\"”'’]\)\s*$", "", line[0].strip()).split())
        if " " in words and _KIND.search(words) and is_heading(words) and not _NO_TITLE.search(words):
            yield Passage(line.start(), line.start() + len(line[0].rstrip()), words, title=True)
            break
    spoken = _SPOKEN.search(contract.text[:4000])
    if spoken is not None:
        yield Passage(spoken.start("name"), spoken.end("name"), " ".join(spoken["name"].split()), title=True)


def introduction(contract: Contract) -> list[Passage]:
    """The passages in which the parties are named, the first of them first."""
    found = [passage for passage in contract.opening if _introduces(passage)]
    named = {party.passage.start: party.passage for party in parties(contract)}
    return found[:1] + [passage for start, passage in sorted(named.items()) if passage not in found[:1]]


def parties(contract: Contract) -> list[Party]:
    """Who contracts, in the order of introduction."""
    text = contract.text[:9000]
    begin = next((match.end() for match in _BETWEEN.finditer(text)), None)
    if begin is None:
        return []
    end = next((match.start() for match in _ENDS.finditer(text, begin + 20)), min(len(text), begin + 1500))
    return list(_named(contract, begin, min(end, begin + 3000)))


def _introduces(passage: Passage) -> bool:
    return bool(
        re.search(r"\b(between|among|by and between)\b", passage.text, re.IGNORECASE)
        and (
            re.search(r"\b(agreement|contract|lease|amendment|licen[cs]e|made|entered)\b", passage.text, re.IGNORECASE)
        )
    ) or bool(
        re.search(
            r"\b(agreement|contract|lease)\b[^.]{0,80}\b(made|entered into|dated|effective)\b",
            passage.text,
            re.IGNORECASE,
        )
    )


def _named(contract: Contract, begin: int, end: int) -> Iterator[Party]:
    text = contract.text
    place, found = begin, 0
    for alias in _ALIAS.finditer(text, begin, end):
        called = " ".join((alias["alias"] or alias["later"] or "").split()).removeprefix("the ").strip(" ,.")
        if not called or _NO_PARTY.search(called):
            continue
        stretch = text[place : alias.start()]
        name = _name(stretch)
        if name is None and found:
            # What is left of the party before stands first: ", an Ohio corporation, and Bolt AG".
            name = _name(re.split(r"\b(?:and|AND|And)\b", stretch)[-1])
        if name and _BLANK_PARTY.search(stretch):
            called = ""  # it is the short name of the one whose name is left blank
        if (name and name != called) or (name and _COMPANY.search(name)):
            found += 1
            yield Party(name, called or None, _passage_at(contract, text.find(name.split()[0], place)))
        place = alias.end()
    if found < 2:
        for piece in re.split(r"\band\b", text[place:end], flags=re.IGNORECASE):
            name = _name(piece)
            if name and _COMPANY.search(name) and found < 2:
                found += 1
                yield Party(name, None, _passage_at(contract, place))
            place += len(piece) + len("and")


def _name(text: str) -> str | None:
    """The name a stretch begins with, after "and", up to what is said about it."""
    stretch = re.sub(r"^(?:[\s,.;:)\]}\"”]|\(?(?:\d|[a-z])[).](?=\s)|and\b|AND\b|And\b|by\b|the parties\b)+", "", text)
    first = stretch.partition("\n")[0].strip(" ,")
    lone = 3 < len(first) <= 60 and (first.isupper() or _ENDS_AS_COMPANY.search(first) is not None)
    flat = first if lone else " ".join(stretch.split())
    flat = re.sub(r"^(?:[\w ]{0,20}Name|Client|Customer|Company)\s*:\s*", "", flat)
    stop = _NAME_ENDS.search(flat)
    name = (flat[: stop.start()] if stop else flat).strip(" ,:;-")
    if not re.match(r"[\"“]?(?:[A-Z0-9]|[a-z][A-Z])", name) or not 2 <= len(name) <= 90 or len(name.split()) > 10:
        return None
    if re.match(r"(?:WHEREAS|This|THIS|The [Pp]arties|Dated|_+)\b", name) or re.search(r"_{3,}|\[\*", name):
        return None
    return name


def _passage_at(contract: Contract, place: int) -> Passage:
    return next((passage for passage in contract.passages if passage.end > place), contract.passages[0])
