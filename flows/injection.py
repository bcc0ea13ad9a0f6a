"""Words on a document that speak to the program that reads it. Finding them changes no value: it warns a person."""

from __future__ import annotations

import re

INSTRUCTION = re.compile(
    r"""
    \b(?:ignor(?:e|ieren?)|disregard|forget|override|bypass|ignorez|ignora)\b
        (?:\s+(?:all|any|of|the|your|these|those|alle|ihre|deine|toutes|vos|todas|sus|las|les))*
        \s+(?:previous|prior|earlier|above|preceding|foregoing|system|your|bisherigen|vorherigen|pr[ée]c[ée]dentes|anteriores)?
        \s*(?:instructions?|prompts?|guidelines|directives|anweisungen|regeln|consignes|instrucciones)\b
    | \b(?:system|developer)\s+(?:prompt|message)\b
    | \byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai\b|artificial\s+intelligence|assistant|language\s+model|chatbot|helpful)
    | \b(?:as\s+an\s+ai\b|(?:dear|attention|note\s+to)\s+(?:the\s+)?(?:ai|assistant|llm|model|language\s+model)\b)
    | \b(?:ai|llm|language)\s+(?:model|reviewer|assistant|reader)s?\b .{0,60} \b(?:must|should|shall|are\s+to|is\s+to)\b .{0,40}
        \b(?:report|mark|rate|treat|answer|say|output|respond|classify|approve)\b
    | \b(?:report|mark|rate|classify|treat)\s+(?:this|every|each|all)\s+(?:clause|contract|agreement|document)s?\s+(?:as|to\s+be)\s+
        (?:preferred|acceptable|approved|compliant|safe|low\s+risk)\b
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def instructions_in(text: str, *, at_most: int = 5) -> tuple[str, ...]:
    """The phrases of a text that look like instructions to a program, as printed, each with a few words round it.

    Args:
        text: everything the document says.
        at_most: how many are named.
    """
    found: list[str] = []
    shown = 0
    for match in INSTRUCTION.finditer(text):
        if match.start() < shown:
            continue
        begin = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 60)
        shown = min(len(text), match.end() + 200)
        end = text.find("\n\n", match.end(), shown)
        found.append(" ".join(text[begin : end if end >= 0 else shown].split()))
        if len(found) == at_most:
            break
    return tuple(found)
