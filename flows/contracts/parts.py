"""A document larger than the model's window, in parts: cut between sections, definitions repeated, answers merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from prefect_gemini.flows.contracts.definitions import Definition
from prefect_gemini.flows.contracts.models import ClauseAnswer, Facts
from prefect_gemini.flows.contracts.outline import Outline

MOST_DEFINITIONS = 0.25
"""Of a part that repeated definitions may take."""


@dataclass(frozen=True)
class Part:
    """One part.

    Args:
        number: from 1.
        text: what is sent: the definitions, then its own stretch.
        start, end: its own stretch of the document.
        sections: the numbers of the first and last section in it.
    """

    number: int
    text: str
    start: int
    end: int
    sections: tuple[str, str]


def split(outline: Outline, definitions: dict[str, Definition], *, characters: int) -> tuple[Part, ...]:
    """Cut a text into parts that fit.

    Parts end where outermost sections end; where one section alone is too long, between the sections
    inside it, and at last between paragraphs. Every part but the first begins with the passages that
    define terms, word for word.

    Args:
        outline: of the text.
        definitions: of its terms.
        characters: of a part at most.
    """
    repeated = _passages(outline, definitions, most=int(characters * MOST_DEFINITIONS))
    room = max(1000, characters - len(repeated))
    parts: list[Part] = []
    begin = 0
    cuts = _cuts(outline)
    while begin < len(outline.text):
        end = _end(outline.text, begin, characters if not parts else room, cuts)
        inside = [section.number for section in outline.sections if begin <= section.start < end]
        head = (
            f"Definitions, repeated from the same agreement:\n{repeated}\n\nThe agreement goes on:\n"
            if parts and repeated
            else ""
        )
        parts.append(
            Part(
                number=len(parts) + 1,
                text=head + outline.text[begin:end],
                start=begin,
                end=end,
                sections=(inside[0], inside[-1]) if inside else ("", ""),
            )
        )
        begin = end
    return tuple(parts)


def merge_answers(answers: Sequence[ClauseAnswer]) -> tuple[ClauseAnswer, tuple[int, ...]]:
    """One answer from those of all parts, and the numbers of the parts that have the clause.

    Where parts disagree on the position, it is unclear: each saw only a part.
    """
    having = [(number, answer) for number, answer in enumerate(answers, 1) if answer.present]
    if not having:
        return ClauseAnswer(present=False), ()
    positions = {answer.position for _, answer in having if answer.position is not None}
    reasons = [answer.reason for _, answer in having if answer.reason]
    return (
        ClauseAnswer(
            present=True,
            quotes=tuple(dict.fromkeys(quote for _, answer in having for quote in answer.quotes)),
            position=next(iter(positions)) if len(positions) == 1 else "unclear" if positions else None,
            reason=reasons[0] if len(reasons) == 1 else " / ".join(dict.fromkeys(reasons)) or None,
        ),
        tuple(number for number, _ in having),
    )


def merge_facts(facts: Sequence[Facts]) -> Facts:
    """One set of facts from those of all parts: of each the first that is given, of lists all that differ."""
    merged: dict[str, Any] = {}
    for name in Facts.model_fields:
        given = [value for one in facts if (value := getattr(one, name))]
        if given and isinstance(given[0], tuple):
            merged[name] = tuple(_different(item for items in given for item in items))
        elif given:
            merged[name] = given[0]
    return Facts(**merged)


def _different(items: Iterable[Any]) -> Iterable[Any]:
    seen: dict[str, Any] = {}
    for item in items:
        seen.setdefault(item.model_dump_json(exclude={"quote", "role", "purpose"}), item)
    return seen.values()


def _cuts(outline: Outline) -> tuple[tuple[int, ...], ...]:
    """Where a part may end, from the best places to the last resort."""
    paragraphs, at = [], outline.text.find("\n\n")
    while at >= 0:
        paragraphs.append(at + 2)
        at = outline.text.find("\n\n", at + 2)
    return (
        tuple(section.start for section in outline.sections if section.level == 1),
        tuple(section.start for section in outline.sections),
        tuple(paragraphs),
    )


def _end(text: str, begin: int, room: int, cuts: tuple[tuple[int, ...], ...]) -> int:
    if len(text) - begin <= room:
        return len(text)
    for kind in cuts:
        # A part that is nearly empty would only make more of them.
        fitting = [cut for cut in kind if begin + room // 3 < cut <= begin + room]
        if fitting:
            return fitting[-1]
    blank = max(text.rfind("\n", begin, begin + room), text.rfind(" ", begin, begin + room))
    return blank + 1 if blank > begin else begin + room


def _passages(outline: Outline, definitions: dict[str, Definition], *, most: int) -> str:
    """The lines that define terms, each once, as many as there is room for; the shortest are the densest."""
    text = outline.text
    lines: dict[int, str] = {}
    for definition in definitions.values():
        begin = max(text.rfind("\n", 0, definition.start) + 1, definition.start - 300)
        end = text.find("\n", definition.start)
        lines[begin] = text[begin : min(len(text) if end < 0 else end, definition.start + 500)].strip()
    kept, length = [], 0
    for begin, line in sorted(lines.items(), key=lambda item: (len(item[1]), item[0])):
        length += len(line) + 1
        if length > most:
            break
        kept.append(begin)
    return "\n".join(lines[begin] for begin in sorted(kept))
