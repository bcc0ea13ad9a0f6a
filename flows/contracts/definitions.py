"""Defined terms: what an agreement defines, and what it uses as if it were defined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from prefect_gemini.flows.contracts.outline import Outline
from prefect_gemini.flows.contracts.remarks import Remark
from prefect_gemini.flows.contracts.term_words import HEADS

_TERM = r"[A-Z][\w&/’'-]*(?:\.\w+)*(?:[ \n]+(?:[A-Z0-9][\w&/’'-]*(?:\.\w+)*|of|and|the|to|in|for|or|on)){0,6}"
_QUOTED = re.compile(rf"[\"“”]\s*(?P<term>{_TERM})\s*,?\.?[\"”“]")
_MEANING = re.compile(
    r"\s*(?:,[^.;\"“]{0,80},)?\s*(?:\([^)]{0,80}\)\s*)?(?:(?:or|and)\s+[\"“][^\"”]{2,60}[\"”]\s*)?"
    r"(?:shall\s+|will\s+)?(?:means?\b|have\s+the|has\s+the|refers?\s+to|includes?\b|is\s+defined|is\s+as\s+defined|be\s+defined|denotes?\b|are\s+defined|:|=|–|—|-\s)"
)
_OWN_LINE = re.compile(
    rf"^[ \t]*(?:\(?\w{{1,4}}[.)][ \t]+|\d+(?:\.\d+)*[ \t]+)?(?P<term>{_TERM})[ \t]*(?::|[ \t]means\b|[ \t]shall[ \t]mean\b)",
    re.MULTILINE,
)

_CALLED = re.compile(
    rf"\b(?:hereinafter|hereafter|herein|referred\s+to\s+as|called|known\s+as|defined\s+as|designated\s+as)\b[^\"“.;()]{{0,40}}?[\"“]?(?:the\s+)?(?P<term>{_TERM})"
    rf"|\((?:the|an?|each\s+an?|collectively,?(?:\s+the)?)\s+(?P<bracketed>{_TERM})\s*\)"
)
_DEFINED_ELSEWHERE = re.compile(
    rf"(?P<term>{_TERM})\s*,?\s*\(?\s*(?:,?\s*each\s+)?(?:as\s+(?:such\s+term\s+is\s+)?)?"
    r"(?:defined|described|identified|specified|set\s+forth|set\s+out|listed)\s+(?:in|on|by|below|above)\b"
)

_DETERMINER = r"(?:the|any|each|such|all|its|their|his|her|no|every|this|of|under|for|with|to|by|a|an|these|those|other|certain|applicable)"
_USED = re.compile(
    rf"(?<=[a-z,;]\s){_DETERMINER}\s+(?P<term>[A-Z][a-z]+(?:[ \n]+[A-Z][a-z]+){{0,3}})\b(?![’']s\s+[A-Z])"
)

_NOT_TERMS = re.compile(
    r"^(?:Section|Article|Exhibit|Schedule|Annex|Appendix|Agreement|Party|Parties|State|United|Federal|Board|Chief|"
    r"President|Court|County|City|New|American|European|International|National|January|February|March|April|May|June|"
    r"July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|"
    r"Internal|Securities|Bankruptcy|Uniform|Republic|Commonwealth|Department|Secretary|Attention|Google|Microsoft)\b"
    r"|\b(?:Act|Code|Inc|Corp|Corporation|Company|LLC|Ltd|Limited|Officer|Director|Court|Commission|Bank|Street|Avenue)$"
)


@dataclass(frozen=True)
class Definition:
    """One defined term and where its definition stands."""

    term: str
    start: int


def definitions_of(text: str) -> dict[str, Definition]:
    """The terms an agreement defines, by the term as written.

    Found are `"Term" means …`, `(the "Term")`, `hereinafter called the Term`, and terms at the start of their own line.
    """
    found: dict[str, Definition] = {}
    for match in _QUOTED.finditer(text):
        if _MEANING.match(text, match.end()) or _in_parentheses(text, match):
            term = _even(match["term"])
            found.setdefault(term, Definition(term, match.start()))
    for match in _CALLED.finditer(text):
        group = "term" if match["term"] else "bracketed"
        term = _even(match[group]).removeprefix("The ")
        found.setdefault(term, Definition(term, match.start(group)))
    for match in _OWN_LINE.finditer(text):
        term = _even(match["term"])
        if len(term.split()) <= 5 and ("mean" in match.group() or term.split()[-1].lower().rstrip("s") in HEADS):
            found.setdefault(term, Definition(term, match.start("term")))
    return found


def check_definitions(outline: Outline, definitions: dict[str, Definition]) -> tuple[Remark, ...]:
    """Find terms that are used as if they were defined, and never are.

    A term counts where it is written with capitals in the middle of a sentence, after an article or
    the like, and ends in a word that agreements define. Headings, names and titles do not count.
    """
    text = outline.text
    known = {_stem(term) for term in definitions}
    titles = {_stem(section.title) for section in outline.sections if section.title}
    known |= {_stem(match["term"]) for match in _DEFINED_ELSEWHERE.finditer(text)}
    uses: Counter[str] = Counter()
    first: dict[str, re.Match[str]] = {}
    for match in _USED.finditer(text):
        term = _even(match["term"])
        stem = _stem(term)
        if not _is_term(term) or stem in known or _covered(stem, known):
            continue
        uses[stem] += 1
        first.setdefault(stem, match)
    return tuple(_remarks(uses, first, titles, outline))


def _remarks(
    uses: Counter[str], first: dict[str, re.Match[str]], titles: set[str], outline: Outline
) -> Iterator[Remark]:
    for stem, match in sorted(first.items(), key=lambda item: item[1].start()):
        count, term = uses[stem], _even(match["term"])
        # One capital in a long agreement is a slip of the pen or a title quoted.
        if count < 2 and (len(term.split()) == 1 or stem in titles):
            continue
        here = outline.at(match.start())
        times = "once" if count == 1 else f"{count} times"
        yield Remark(
            code="undefined_term",
            message=f"{term!r} is used {times} like a defined term, and is never defined.",
            quote=outline.text[match.start() : min(len(outline.text), match.end() + 40)].split("\n\n")[0].strip(),
            start=match.start(),
            section=here.number if here else "",
        )


def _in_parentheses(text: str, match: re.Match[str]) -> bool:
    """Whether a quoted term stands in parentheses that define it: (the "Customer"), ("Fees" or "Charges")."""
    opened = text.rfind("(", max(0, match.start() - 160), match.start())
    if opened < 0 or ")" in text[opened : match.start()]:
        return False
    closed = text.find(")", match.end(), match.end() + 160)
    return closed >= 0


def _is_term(term: str) -> bool:
    last = term.split()[-1].lower()
    return not _NOT_TERMS.search(term) and (last in HEADS or last.rstrip("s") in HEADS)


def _covered(stem: str, known: set[str]) -> bool:
    """Whether a phrase ends in a defined term, as "annual Fees" does, or is a part of one."""
    words = stem.split()
    return any(" ".join(words[start:]) in known for start in range(1, len(words))) or any(
        f" {stem} " in f" {one} " for one in known
    )


def _stem(term: str) -> str:
    words = term.lower().replace("’", "'").removeprefix("the ").split()
    return " ".join(re.sub(r"ies$", "y", word) if word.endswith("ies") else word.rstrip("s") for word in words)


def _even(term: str) -> str:
    return " ".join(term.split()).strip(" .,")
