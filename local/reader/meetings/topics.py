"""What a meeting was about, stretch by stretch: where its words change, another topic begins."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from prefect_gemini.local.reader.meetings.sentences import Said
from prefect_gemini.local.reader.words import terms

WINDOW = 8
"""Sentences before and behind a place whose words are compared (TextTiling, Hearst 1997)."""
LEAST = 10
"""Sentences of a topic, at least."""
FARTHEST = 100
"""Sentences that are looked at on each side for how far likeness falls."""
MOST = 12
"""Topics of a meeting, at most."""


@dataclass(frozen=True)
class Topic:
    """A stretch of a meeting.

    Args:
        first, last: its sentences.
        title: the words that set it apart, as they were said most.
        sentences: all of it.
    """

    first: Said
    last: Said
    title: str
    sentences: tuple[Said, ...]


def topics(sentences: list[Said]) -> list[Topic]:
    """The topics of a meeting in order; a short meeting has one."""
    told = [said for said in sentences if said.terms]
    if not told:
        return []
    cuts = _cuts([Counter(said.terms) for said in told])
    parts = [told[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(told)], strict=True)]
    holding = Counter(term for part in parts for term in {term for said in part for term in said.terms})
    return [Topic(part[0], part[-1], _title(part, holding, len(parts)), tuple(part)) for part in parts]


def _cuts(bags: list[Counter[str]]) -> list[int]:
    places = range(LEAST, len(bags) - LEAST + 1)
    likeness = {
        place: _cosine(
            sum(bags[max(0, place - WINDOW) : place], Counter()), sum(bags[place : place + WINDOW], Counter())
        )
        for place in places
    }
    if not likeness:
        return []
    depths = {place: _depth(likeness, place) for place in places}
    mean = sum(depths.values()) / len(depths)
    spread = math.sqrt(sum((depth - mean) ** 2 for depth in depths.values()) / len(depths))
    cuts: list[int] = []
    for place in sorted(places, key=lambda place: (-depths[place], place)):
        if depths[place] < mean + spread / 2 or len(cuts) >= min(MOST - 1, len(bags) // (2 * LEAST)):
            break
        if all(abs(place - other) >= LEAST for other in cuts):
            cuts.append(place)
    return sorted(cuts)


def _depth(likeness: dict[int, float], place: int) -> float:
    """How far likeness falls here from its height on both sides."""
    return _height(likeness, place, -1) + _height(likeness, place, 1) - 2 * likeness[place]


def _height(likeness: dict[int, float], place: int, step: int) -> float:
    """The height that is climbed to from a place on one side, without ever going down."""
    height = likeness[place]
    for at in range(place + step, place + step * (FARTHEST + 1), step):
        if likeness.get(at, -1.0) < height:
            break
        height = likeness[at]
    return height


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(count * other[term] for term, count in one.items())
    norm = math.sqrt(sum(count**2 for count in one.values()) * sum(count**2 for count in other.values()))
    return shared / norm if norm else 0.0


# Words of talk that set no topic apart.
_TALK = frozenset(
    terms(
        "yeah okay yes right really actually think know like get got going gonna want need thing things good great little bit lot back "
        "look looking see say said saying make made might maybe probably people someone everyone thanks thank guess sure kind point way "
        "take talk talking mean work working well time today tomorrow week first last next one two three also still already even much many "
        "question answer please hello feel free guys everybody anybody something anything sort course let lets go come came put tell told "
        "part whole different another other same able around pretty quite done does fine agree sounds interesting idea trying try use used "
        "using start started wanted happy ahead hear morning again against believe friend potential provided"
    )
)


def _title(part: list[Said], holding: Counter[str], parts: int) -> str:
    """The three words that are used most here and least elsewhere, written as they were said."""
    count = Counter(
        term for said in part for term in said.terms if len(term) > 2 and term not in _TALK and not term.isdigit()
    )
    merit = {term: (number - 0.5) * math.log(1 + parts / holding[term]) for term, number in count.items()}
    best = sorted(merit, key=lambda term: (-merit[term], term))[:3]
    return ", ".join(_as_said(term, part) for term in best) or part[0].text[:60]


def _as_said(term: str, part: list[Said]) -> str:
    """The form in which a word was said most; its name's form where that is as frequent."""
    words = (word for said in part for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", said.text))
    forms = Counter(word for word in words if word.lower().startswith(term[:3]) and term in terms(word))
    return max(forms, key=lambda word: (forms[word], word), default=term)
