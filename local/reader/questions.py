"""Answer a question about a document with its own sentences; a yes or no it leaves to a language model."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.engine import EngineRefusal
from prefect_gemini.local.reader.contracts.find import Question, answers
from prefect_gemini.local.reader.contracts.text import Contract, is_contract
from prefect_gemini.local.reader.contracts.topics import TOPICS
from prefect_gemini.local.reader.intake import Intake
from prefect_gemini.local.reader.refusals import USE_GEMINI
from prefect_gemini.local.reader.resolve import FLOOR, Found, Reading, resolve
from prefect_gemini.local.reader.roles import role_of_name, words_of

_ASKS = re.compile(
    r"\b(?:what|what's|which|who|whom|whose|when|where|how (?:long|much|many|often|soon|far|large)|under which|in which|by when|on what)\b[^?\n]{3,300}\?"
    r"|\b(?:quote|find|list|show|copy|cite)\b[^?.\n]{0,40}\b(?:passages?|sentences?|clauses?|provisions?|sections?|where|what|which)\b[^?.\n]{3,300}[?.]?",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"^(?:what(?:'s| is| was| are)?|which(?: is)?|when(?: is| was)?|who(?: is)?|give me|find|read|extract|tell me)\s+(?:the\s+)?(?P<asked>[^?.\n]{2,60})[?.]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_YES_OR_NO = re.compile(
    r"(?:^|[.:\n]\s*)(?:is|are|was|were|does|do|did|can|could|may|must|shall|should|will|would|has|have|had)\b[^?\n]{3,400}\?",
    re.IGNORECASE,
)
_ANSWER_YES = re.compile(r"\b(?:yes or no|yes/no|[\"'“]?yes[\"'”]? or [\"'“]?no[\"'”]?|true or false)\b", re.IGNORECASE)
_FRAME = re.compile(r"\b(?:to|of|in) (?:the|this) (?:agreement|contract)\b", re.IGNORECASE)
_JUDGED = frozenset(
    {"yes", "no", "true", "false", "correct", "incorrect", "entailment", "contradiction", "notmentioned"}
)


def answer_question(intake: Intake) -> tuple[str, list[dict[str, Any]]] | None:
    """The value or the sentences that answer the prompt's question, and where they stand; None where it asks none.

    Sentences stand one a line.

    Raises:
        EngineRefusal: it asks for yes or no, or nothing in the document answers it.
    """
    if _ANSWER_YES.search(intake.prompt):
        raise judgement()
    if not intake.pages or intake.transcript is not None:
        return None
    reading = intake.reading()
    printed = None if is_contract(reading.pages) else _value(reading, intake.prompt)
    if printed is not None:
        return reading.quote(printed), _places(reading, [printed])
    asked = _ASKS.search(intake.prompt)
    if asked is None:
        if _YES_OR_NO.search(intake.prompt):
            raise judgement()
        return None
    question = Question(_topic_in(asked[0]), asked[0])
    hits = answers(reading, question)
    if not hits:
        raise EngineRefusal(
            "No sentence of the document answers the question, as far as the local reader tells by words. Ask in the "
            f"document's own words, or with a schema in which the answer may be null. {USE_GEMINI}"
        )
    contract = Contract.of(reading)
    found = [Found(hit.passage.text, contract.spans(hit.passage.start, hit.passage.end), hit.score) for hit in hits]
    return "\n".join(hit.passage.text for hit in hits), _places(reading, found)


def judgement() -> EngineRefusal:
    """The refusal of a question that only understanding can answer."""
    return EngineRefusal(
        "Whether something is so is a judgement, and the local reader compares words: on legal questions with yes or no "
        "it would be right less often than a guess. Ask which passages speak of it, and they are quoted. " + USE_GEMINI
    )


def is_judgement(names: tuple[str, ...]) -> bool:
    """Whether the labels to choose from are a yes and a no, or bare letters of a multiple choice."""
    plain = {re.sub(r"\W|_", "", name).lower() for name in names}
    lettered = {"a", "b"} <= plain <= set("abcdefghij")
    return lettered or (2 <= len(plain) <= 4 and len(plain & _JUDGED) >= 2)


def _value(reading: Reading, prompt: str) -> Found | None:
    """The value a prompt asks for by name: "What is the total?"."""
    asked = _VALUE.search(prompt)
    role = role_of_name(asked["asked"].strip()) if asked else None
    found = resolve(reading, role, {}) if role else None
    return found if found is not None and found.score >= FLOOR else None


def _places(reading: Reading, found: list[Found]) -> list[dict[str, Any]]:
    places = [reading.place(f"quotes[{number}]", one) for number, one in enumerate(found)]
    return [place for place in places if place is not None]


def _topic_in(question: str) -> str:
    """The topic a question names: "Who are the parties?" asks for `parties`."""
    words = _FRAME.sub(" ", question).strip()
    words = re.sub(
        r"^(?:(?:what|which|who|when|where|is|are|was|were|the|does|do|did)\b\s*)+", "", words, flags=re.IGNORECASE
    )
    words = words_of(words)
    return next((topic for topic, names in TOPICS.items() if re.fullmatch(names, words)), "")
