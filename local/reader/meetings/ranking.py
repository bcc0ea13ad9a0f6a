"""Which sentences answer a question about a meeting, and which stand for the whole of it.

BM25 finds the words of the question; what is said round a hit counts too, because answers are spread over
turns; the words of the best stretches widen the question once (pseudo relevance feedback). For the whole
meeting, sentences near the middle of all its words count. Maximal marginal relevance keeps out repetition.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from prefect_gemini.local.reader.meetings.sentences import Said
from prefect_gemini.local.reader.words import terms

NEAR = 6
"""Sentences over which a hit fades to a third."""
OWN = 0.6
"""The share of a sentence's merit that is its own; the rest is its neighbours'."""
WIDER, WIDER_TERMS, WIDER_FROM = 0.4, 10, 25
"""How much the words of the best stretches count beside the question's own, how many, and from how many sentences."""
WHOLE = 14
"""Words from which on a sentence is whole; shorter ones count for less."""
ASKED = 1.5
"""Favour for the sentences of a speaker whom the question names."""
REPEATED = 0.6
"""Share of its merit that a sentence loses where all its words were said before."""

# The words of the asking itself, which say nothing of what is asked about.
_ASKING = frozenset(
    terms(
        "summarize summary summarise discussion discuss discussed meeting think thought say said group members team about "
        "regarding opinion mention mentioned talk talked describe description why how whole according concerning agree decide "
        "reason happened content conclusion people want their transcript use most words quote sentences text document please "
        "main points overview key"
    )
)

Vector = NDArray[np.float64]


def choose(sentences: list[Said], question: str, *, words: int) -> list[Said]:
    """The sentences that answer a question, or stand for the meeting where it asks for nothing in it.

    Args:
        sentences: of the meeting, in order.
        question: what is asked.
        words: at most about so many, and one sentence in any case.

    Returns:
        Sentences in the order they were said.
    """
    told = [said for said in sentences if said.words >= 3 and said.terms]
    if not told:
        return sentences[:1]
    merit = _merit(told, question)
    taken: list[int] = []
    length = 0
    left = [int(place) for place in np.argsort(-merit, kind="stable")[:60]]
    bags = {place: Counter(told[place].terms) for place in left}
    while left and length < words:
        best = max(left, key=lambda place: (merit[place] * (1 - REPEATED * _repeats(place, taken, bags)), -place))
        left.remove(best)
        if not taken or length + told[best].words <= 1.15 * words:
            taken.append(best)
            length += told[best].words
    return [told[place] for place in sorted(taken)]


def _merit(told: list[Said], question: str) -> Vector:
    bags = [Counter(said.terms) for said in told]
    weights = _weights(bags)
    speakers = {said.speaker for said in told if said.speaker and said.speaker.lower() in question.lower()}
    bare = question
    for speaker in speakers:
        bare = re.sub(re.escape(speaker), " ", bare, flags=re.IGNORECASE)
    asked: dict[str, float] = {term: 1.0 for term in terms(bare) if term not in _ASKING and term in weights}
    if asked:
        near = _spread(_bm25(bags, weights, asked))
        wider: dict[str, float] = {}
        for place in np.argsort(-near, kind="stable")[:WIDER_FROM]:
            for term in bags[place]:
                wider[term] = wider.get(term, 0.0) + near[place] * weights[term]
        best = sorted(wider.items(), key=lambda item: (-item[1], item[0]))[:WIDER_TERMS]
        total = sum(value for _, value in best) or 1.0
        for term, value in best:
            asked[term] = asked.get(term, 0.0) + WIDER * len(asked) * value / total
        own = _bm25(bags, weights, asked)
        merit = OWN * _scaled(own) + (1 - OWN) * _scaled(_spread(own))
    else:
        merit = _scaled(_central(bags, weights))
    length = np.array([min(1.0, said.words / WHOLE) for said in told])
    favour = np.array([ASKED if said.speaker in speakers else 1.0 for said in told])
    result: Vector = merit * length * favour
    return result


def _weights(bags: list[Counter[str]]) -> dict[str, float]:
    holding = Counter(term for bag in bags for term in bag)
    return {term: math.log(1 + (len(bags) - count + 0.5) / (count + 0.5)) for term, count in holding.items()}


def _bm25(bags: list[Counter[str]], weights: dict[str, float], asked: dict[str, float]) -> Vector:
    lengths = np.array([sum(bag.values()) for bag in bags], dtype=float)
    norms = 1.2 * (0.5 + 0.5 * lengths / lengths.mean())
    scores = np.zeros(len(bags))
    for term, weight in asked.items():
        counts = np.array([bag[term] for bag in bags], dtype=float)
        scores += weight * weights[term] * counts * 2.2 / (counts + norms)
    return scores


def _spread(scores: Vector) -> Vector:
    """Each score with its neighbours' in it, fading with distance."""
    reach = 3 * NEAR
    kernel = np.exp(-np.abs(np.arange(-reach, reach + 1)) / NEAR)
    spread: Vector = np.convolve(scores, kernel / kernel.sum(), "full")[reach : reach + len(scores)]
    return spread


def _central(bags: list[Counter[str]], weights: dict[str, float]) -> Vector:
    middle: dict[str, float] = {}
    for bag in bags:
        for term, count in bag.items():
            middle[term] = middle.get(term, 0.0) + weights[term] * min(count, 2)
    return np.array([sum(weights[term] * middle[term] for term in bag) / math.sqrt(len(bag) + 1) for bag in bags])


def _scaled(scores: Vector) -> Vector:
    return scores / (scores.max() or 1.0)


def _repeats(place: int, taken: list[int], bags: dict[int, Counter[str]]) -> float:
    """The largest share of its words that a sentence has in common with one already taken."""
    mine = bags[place]
    return max(
        ((mine & bags[other]).total() / max(1, min(mine.total(), bags[other].total())) for other in taken), default=0.0
    )
