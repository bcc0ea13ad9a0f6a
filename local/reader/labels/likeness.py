"""How like a text is to each label: shared words and word pieces, weighed by how few labels have them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from prefect_gemini.local.reader.labels.cues import cues_of, marks_of
from prefect_gemini.local.reader.labels.synonyms import expanded
from prefect_gemini.local.reader.words import terms

PIECE = 4
"""Letters of a word piece: long enough to mean something, short enough to survive a spelling mistake."""
_EMPTY = frozenset(terms("why get getting via help need want please know tell"))
"""Words of requests that tell nothing of what is requested."""
PIECES_COUNT, SYNONYMS_COUNT, CUES_COUNT = 0.3, 0.5, 0.8


def label_scores(text: str, labels: Sequence[str], examples: Sequence[Sequence[str]] = ()) -> list[float]:
    """One likeness a label, 0.0 (nothing shared) to about 1.5.

    Args:
        text: what is to be labelled.
        labels: names with descriptions.
        examples: texts that have each label, in the order of the labels; empty for none.
    """
    shown = list(examples) or [()] * len(labels)
    bags = [[_named(label), *map(features, some)] for label, some in zip(labels, shown, strict=True)]
    holding: Counter[str] = Counter()
    for several in bags:
        holding.update({term for bag in several for term in bag})
    weights = {term: math.log(1 + len(labels) / count) for term, count in holding.items()}
    unknown = math.log(1 + len(labels))
    asked = features(text)
    marks = marks_of(text)
    said = set(terms(text))
    scores = []
    for label, several in zip(labels, bags, strict=True):
        named, *others = (_cosine(asked, bag, weights, unknown) for bag in several)
        score = max([named, *others]) + 0.35 * (named + sum(others)) / len(several)
        cues = cues_of(label)
        if cues is not None:
            hits = len(said & cues.words) + 2 * len(marks & cues.marks)
            score += CUES_COUNT * hits / (3 + hits)
        scores.append(score)
    return scores


def _named(label: str) -> Counter[str]:
    """The features of a label's name, and what means the same at a lower count."""
    bag = features(label)
    for term in expanded(frozenset(terms(label))):
        bag[term] += SYNONYMS_COUNT  # type: ignore[assignment]
    return bag


def features(text: str) -> Counter[str]:
    """Stems, and pieces of longer words at a lower count."""
    bag: Counter[str] = Counter()
    for term in terms(text):
        if term in _EMPTY:
            continue
        bag[term] += 1
        for at in range(len(term) - PIECE + 1):
            bag[f"~{term[at : at + PIECE]}"] += PIECES_COUNT  # type: ignore[assignment]
    return bag


def _cosine(one: Counter[str], other: Counter[str], weights: dict[str, float], unknown: float) -> float:
    def norm(bag: Counter[str]) -> float:
        return math.sqrt(sum((count * weights.get(term, unknown)) ** 2 for term, count in bag.items())) or 1.0

    shared = sum(count * other[term] * weights[term] ** 2 for term, count in one.items() if term in other)
    return shared / (norm(one) * norm(other))
