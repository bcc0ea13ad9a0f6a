"""Cross-references: sections and attachments that are referred to, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prefect_gemini.flows.contracts.definitions import Definition
from prefect_gemini.flows.contracts.outline import Outline, Section, from_roman
from prefect_gemini.flows.contracts.remarks import Remark

FEWEST_SECTIONS = 3
"""An agreement with fewer numbered sections has no outline that a reference could miss."""

_NUMBER = r"\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\((?:[a-z]{1,2}|[ivx]{1,5}|[A-Z]|\d{1,2})\)){0,3}"
_REFERENCE = re.compile(
    rf"\b(?P<word>[Ss]ections?|[Aa]rticles?|[Cc]lauses?|[Pp]aragraphs?|SECTIONS?|ARTICLES?)\s+"
    rf"(?P<numbers>{_NUMBER}(?:(?:\s*,\s*|\s*,?\s+(?:and|or|and/or|through|to)\s+|\s*[-–]\s*){_NUMBER})*|[IVXLC]{{1,6}}\b)"
    r"(?P<title>\s*\(\s*[\"“]?[A-Z][A-Za-z ,&;/-]{2,70}[\"”]?\s*\))?"
)
_ATTACHMENT = re.compile(
    r"\b(?P<kind>Exhibit|Schedule|Annex|Appendix|Attachment)\s+(?P<name>[A-Z]|\d{1,2}|[IVX]{2,5})\b(?!\.\d)"
)
_ELSEWHERE = re.compile(
    r"\s*,?\s*(?:of|under|in|to|from|pursuant\s+to)\s+(?:(?:the|that|its|such|any|said|each|an?|these|those|applicable)\s+)"
    r"(?!(?:present\s+)?Agreement\b|[Cc]ontract\b)|\s*,?\s*of\s+(?:Title|Regulation|Part|Directive|Schedule|Exhibit|Annex|Appendix)\b"
    r"|\s*(?:U\.?S\.?C|CFR|C\.F\.R|et\s+seq)",
)
_LAW_BEFORE = re.compile(
    r"(?:Act|Code|Law|U\.?S\.?C\.?|C\.?F\.?R\.?|Regulations?|Rules?|Statutes?|GDPR|Directive)\W{0,3}(?:,?\s*(?:under|at))?\s*$"
)
_DEFINED_IN = re.compile(
    r"\b(?:as\s+)?defined\s+in\s+$|\bmeaning\s+(?:set\s+forth|given|ascribed)(?:\s+to\s+\w+)?\s+in\s+$"
)


def check_references(outline: Outline, definitions: dict[str, Definition]) -> tuple[Remark, ...]:
    """Find cross-references that point nowhere or to the wrong section.

    References to other documents and to laws are left alone, and so is everything in an agreement
    without numbered sections.

    Args:
        outline: of the agreement.
        definitions: its defined terms; where "as defined in Section 2" is said of one, it must be there.
    """
    return (*_sections(outline, definitions), *_attachments(outline))


def _sections(outline: Outline, definitions: dict[str, Definition]) -> Iterator[Remark]:
    known = outline.by_number
    if sum(not number[0].isalpha() for number in known) < FEWEST_SECTIONS:
        return
    text = outline.text
    seen: set[str] = set()
    for match in _REFERENCE.finditer(text):
        if not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip() and _is_heading(outline, match):
            continue
        if _elsewhere(text, match):
            continue
        for number in _numbers(match["numbers"]):
            remark = _judged(number, match, outline, definitions)
            if remark is not None and f"{number} {remark.code}" not in seen:
                seen.add(f"{number} {remark.code}")
                yield remark


def _judged(number: str, match: re.Match[str], outline: Outline, definitions: dict[str, Definition]) -> Remark | None:
    quote = _around(outline.text, match)
    here = outline.at(match.start())
    where = {"quote": quote, "start": match.start(), "section": here.number if here else ""}
    section = _find(number, outline)
    if section is None:
        if not _can_be_missed(number, outline):
            return None
        return Remark(
            code="dangling_reference", message=f"Section {number} is referred to, and there is none.", **where
        )
    title = (match["title"] or "").strip(' ()"“”\n\t')
    if title and section.title and not _alike(title, section.title):
        better = next((one for one in outline.sections if one.title and _alike(title, one.title)), None)
        if better is not None:
            return Remark(
                code="wrong_reference",
                message=f"{title!r} is said to be Section {number}, which is {section.title!r}; it is {better.label}.",
                **where,
            )
    return _wrong_definition(number, section, match, outline, definitions, where)


def _wrong_definition(
    number: str,
    section: Section,
    match: re.Match[str],
    outline: Outline,
    definitions: dict[str, Definition],
    where: dict[str, object],
) -> Remark | None:
    """Where a term is said to be defined in a section, its definition must stand there."""
    before = outline.text[max(0, match.start() - 120) : match.start()]
    said = _DEFINED_IN.search(before)
    if said is None:
        return None
    term = next(
        (
            name
            for name in sorted(definitions, key=len, reverse=True)
            if re.search(rf"{re.escape(name)}[\"”’']?[ (\n]{{0,3}}$", before[: said.start()])
        ),
        None,
    )
    if term is None:
        return None
    place = definitions[term].start
    if section.start <= place < section.end:
        return None
    real = outline.at(place)
    return Remark(
        code="wrong_reference",
        message=f"{term!r} is said to be defined in Section {number}; it is defined "
        + (f"in {real.label}." if real else "before the first section."),
        **where,
    )


def _attachments(outline: Outline) -> Iterator[Remark]:
    seen: set[str] = set()
    for match in _ATTACHMENT.finditer(outline.text):
        name = f"{match['kind']} {match['name']}"
        if name in seen or name in outline.exhibits or _elsewhere(outline.text, match):
            continue
        seen.add(name)
        here = outline.at(match.start())
        yield Remark(
            code="missing_attachment",
            message=f"{name} is referred to, and is not in the document.",
            quote=_around(outline.text, match),
            start=match.start(),
            section=here.number if here else "",
        )


def _is_heading(outline: Outline, match: re.Match[str]) -> bool:
    here = outline.at(match.end())
    return here is not None and match.start() - 12 <= here.start <= match.end()


def _numbers(said: str) -> Iterator[str]:
    if re.fullmatch(r"[IVXLC]+", said):
        yield said
        return
    for number in re.findall(_NUMBER, said):
        yield re.sub(r"\s", "", number)


def _find(number: str, outline: Outline) -> Section | None:
    known = outline.by_number
    if re.fullmatch(r"[IVXLC]+", number):
        number = str(from_roman(number))
    if number in known:
        return known[number]
    return known.get(number.removesuffix(".0"))


def _can_be_missed(number: str, outline: Outline) -> bool:
    """Whether the outline is read deep enough there to say that a section is missing."""
    known = outline.by_number
    if re.fullmatch(r"[IVXLC]+", number):
        return False
    bare = number.split("(")[0]
    if int(bare.split(".")[0]) >= 100:
        return False  # a statute's
    if "(" in number:
        if bare not in known:
            return True
        # Lettered items are often run into the text; only where its section has some is one missing.
        return any(one.startswith(f"{bare}(") for one in known)
    if "." not in bare:
        tops = [int(one) for one in known if one.isdigit()]
        return len(tops) >= FEWEST_SECTIONS
    parent = bare.rpartition(".")[0]
    if parent in known and not any(one.startswith(f"{parent}.") for one in known):
        return any("." in one for one in known)
    return True


def _elsewhere(text: str, match: re.Match[str]) -> bool:
    return bool(
        _ELSEWHERE.match(text, match.end()) or _LAW_BEFORE.search(text[max(0, match.start() - 40) : match.start()])
    ) or bool(re.match(r"[A-Z]\b", text[match.end() : match.end() + 1]))


def _alike(one: str, other: str) -> bool:
    left, right = (set(re.findall(r"[a-z]{3,}", text.lower())) for text in (one, other))
    return bool(left and right) and len(left & right) >= 0.6 * min(len(left), len(right))


def _around(text: str, match: re.Match[str]) -> str:
    """The words round a reference, within its paragraph, as printed."""
    begin = max(text.rfind("\n\n", 0, match.start()) + 2, match.start() - 60, 0)
    while 0 < begin < match.start() and not text[begin - 1].isspace():
        begin += 1
    end = min(len(text), match.end() + 30)
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[begin:end].strip()
