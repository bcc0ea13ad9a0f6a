"""Words on a document that speak to the program that reads it. To find them changes no value: it warns a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EARLIER = (
    r"(?:all|any|of|the|your|my|these|those|every|each|previous|prior|earlier|above|preceding|foregoing|other|initial|original|system|given|alle|ihre|deine|"
    r"bisherigen|vorherigen|toutes|vos|tes|les|pr[ée]c[ée]dentes|todas|sus|las|tus|anteriores|tutte|le|precedenti|eerdere|vorige)"
)
_ORDERS = (
    r"(?:instructions?|prompts?|rules|guidelines|directives?|commands?|schema|anweisungen|regeln|vorgaben|consignes|r[eè]gles|instrucciones|reglas|istruzioni|"
    r"regole|instructies|regels)"
)
_PROGRAM = (
    r"(?:a\.?i\.?|llms?|language models?|models?|(?:ai |virtual )?assistants?|chat ?bots?|bots?|gpt|gemini|claude|scanners?|parsers?|ocr|extractors?|"
    r"summari[sz]ers?|automated (?:reviewers?|readers?|systems?|tools?|graders?|agents?)|ai (?:reviewers?|readers?|systems?|agents?|tools?)|agents?)"
)
_ANSWER = r"(?:response|answer|reply|output|summary|summaries|report|completion|json|extraction)"

_FAMILIES = (
    # Set aside what was asked.
    rf"\b(?:ignor(?:e|ieren?(?:\s+sie)?|ez|a|are?)|disregard|forget|override|bypass|negeer|vergiss|vergessen\s+sie|oubliez|olvida|dimentica)\s+(?:{_EARLIER}\s+){{0,6}}{_ORDERS}\b",
    r"\b(?:ignore|disregard|forget)\s+(?:everything|all|anything|what(?:ever)?)\s+(?:above|before|prior|previous|you\b|that\s+came|said)",
    # Show what it was told.
    r"\b(?:system|developer|hidden|initial|starting)[\s_-]*(?:prompts?|messages?|instructions?)\b|\bsystemPrompt\b",
    r"\b(?:your|the)\s+(?:(?:initial|original|starting|hidden|secret|system)\s+)+(?:instructions?|rules|guidelines|configuration)\b",
    r"\binstructions?\s+(?:that\s+)?(?:you|i)\s+(?:were|was|have\s+been|had\s+been)\s+(?:given|told)|\b(?:i\s+was|you\s+were)\s+instructed\s+to\b",
    r"\brepeat\s+(?:everything|all|the\s+(?:above|text\s+above|above\s+text)|this\s+(?:entire\s+)?conversation|(?:the\s+)?words\s+above)\b|\brepeat\s+this\b.{0,30}\bword\s+for\s+word",
    # Speak to the program, or as it, or as its master.
    rf"\b(?:note|attention|message|instructions?|reminder|dear|hey|hello|important|warning)(?:\s+(?:note|message|notice))?\s*(?:(?:to|for)\s+)?(?:the\s+|any\s+|all\s+)?{_PROGRAM}\b(?!\s+(?:number|no\b|no\.|year|code))",
    rf"(?:^|[:.!?\n]\s*){_PROGRAM},\s+(?:when|if|please|you|do|add|include|ignore|report|answer|always)\b",
    (
        r"\b(?:the\s+|any\s+|every\s+)?(?:ai|llm|language\s+model|automated|assistant|reviewer|scanner|summari[sz]er|grader)s?(?:\s+(?:model|reviewer|assistant|reader|system|tool|agent)s?)?\s+(?:must|should|shall|has\s+to|is\s+to|are\s+to)\s+(?:\w+\s+){0,3}?"
        r"(?:report|mark|rate|treat|answer|say|state|output|respond|reply|classify|label|approve|extract|write|return)\b"
    ),
    r"\byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai\b|artificial\s+intelligence|(?:\w+\s+)?assistant\b|language\s+model|chat ?bot|dan\b)",
    r"\b(?:as\s+an\s+ai\b|act\s+as\s+(?:an?\s+)?(?:ai|assistant|chat ?bot|dan|unrestricted))",
    r"\[\s*(?:transcriber|editor|system|admin|developer|assistant|moderator)(?:'s)?\s+(?:note|message|override)\b",
    # Marks of a conversation or a document that are none.
    r"</?\s*(?:document|system|instructions?|user|assistant|context|prompt|data)\s*>|<\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>",
    r"#{2,}\s*(?:system|instructions?|assistant|developer|admin)\b|(?:^|\n)\s*(?:assistant|system)\s*:\s*(?=\w)",
    # Say how to answer.
    r"\b(?:in|from|into)\s+your\s+(?:final\s+|next\s+)?(?:response|reply|output|completion|summary)\b(?!\s+(?:to|of|by|within|dated|is|was|must\s+be\s+received))",
    rf"\b(?:include|add|insert|put|place|append)\b[^.\n]{{0,120}}\b(?:in|into|to)\s+(?:the|your)\s+{_ANSWER}\b",
    r"\bwhen(?:ever)?\s+you\s+(?:summari[sz]e|answer|respond|reply|extract|read\s+this|process|review)\b",
    r"\bdo\s+not\s+(?:mention|reveal|disclose|include|report)\s+this\s+(?:line|note|message|instruction|sentence|text|paragraph)\b",
    r"\b(?:answer|respond|reply|output)\s+(?:only\s+)?(?:in|with|as)\s+(?:plain\s+(?:prose|text)|base64|json|no\s+json|yaml|markdown|one\s+word|capital|emoji)\b|\bno\s+json\b",
    r"(?:^|[.!?;:]\s+)(?:state|answer|report|output|respond|reply|return|write)\s+(?:with\s+|only\s+)?[\"“'‘][^\"”'’]{1,60}[\"”'’]",
    r"\b(?:label|classify|categori[sz]e|tag)\s+(?:this|it|every|each|all)(?:\s+(?:clause|contract|agreement|document|message|text|receipt|invoice|query|ticket|e-?mail)s?)?\s+as\s+\w",
    (
        r"\b(?:mark|rate|treat|report)\s+(?:this|every|each|all)\s+(?:clause|contract|agreement|document|receipt|invoice)s?\s+(?:as|to\s+be)\s+"
        r"(?:preferred|acceptable|approved|paid|compliant|safe|uncapped|(?:low|no)[ -]risk)\b"
    ),
    r"\b(?:also\s+)?(?:call|invoke|run|execute)\s+(?:the\s+(?:function|tool)\s+)?`?[a-z]+(?:_[a-z]+)+`?(?:\s*\(|\s+with\b)",
    r"\b(?:encode|translate|replace|rearrange|convert|rewrite)\b[^.\n]{0,60}\b(?:base64|your\s+(?:answer|response|reply|output|instructions)|(?:initial|system)\s+instructions|the\s+above\s+text|all\s+vowels)\b",
    # Put another value in its place.
    r"\b(?:set|change|replace|report|record|output|return)\b.{0,30}\b(?:total|amount|sum|price)\b.{0,20}\b(?:to|as)\s*(?:zero|nil|nothing|[€$£¥]?\s*\d)",
    r"\b(?:set|change|replace)\s+(?:the\s+)?(?:merchant|vendor|seller|date|currency|category|governing\s+law)\s+(?:to|as|with)\b",
    r"\b(?:the\s+)?(?:real|true|correct|actual)\s+(?:total|amount|date|price|sum)\s+(?:of\s+this\s+\w+\s+)?is\b.{0,40}\breport\b|\breport\s+[€$£¥]?\s?\d+[.,]\d{2}\b",
    r"\b(?:category|label|class)\s+(?:for|of)\s+this\s+\w+\s+must\s+be\b",
)
_INSTRUCTION = re.compile("|".join(_FAMILIES), re.IGNORECASE | re.DOTALL)
_BEFORE, _AFTER = 60, 100


@dataclass(frozen=True)
class Instruction:
    """Words that speak to a program.

    Args:
        text: as printed, blanks folded, with a few words round them.
        start, end: of the telling words, in the text that was searched.
    """

    text: str
    start: int
    end: int


def instructions_in(text: str, *, at_most: int = 5) -> tuple[Instruction, ...]:
    """Find words that look like instructions to a reading program.

    Agreements, receipts and talks give instructions too, to people; what is told apart here is whom they speak to. A
    flag for a person, never a reason to change or to drop a value.

    Args:
        text: everything the document says.
        at_most: how many are named.
    """
    found = []
    for match in _INSTRUCTION.finditer(text):
        line = text.rfind("\n\n", 0, match.start()) + 1
        shown = text[max(line, match.start() - _BEFORE) : match.end() + _AFTER]
        found.append(Instruction(" ".join(shown.split()), match.start(), match.end()))
        if len(found) == at_most:
            break
    return tuple(found)


def speaks_to_program(text: str) -> bool:
    """Whether a sentence or a line speaks to the program that reads it."""
    return _INSTRUCTION.search(text) is not None
