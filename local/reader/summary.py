"""An extract: the sentences of a text that share most with the others, in their own order."""

from __future__ import annotations

import math
import re
from collections import Counter

from prefect_gemini.local.reader.words import terms

DAMPING = 0.85
"""The share of a sentence's weight that comes from sentences like it (the usual value of PageRank)."""

MOST = 400
"""Sentences compared with one another; of a longer text the rest only follow by place."""

_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Inc|Ltd|Co|vs|etc|e\.g|i\.e|z\.B|bzw|ca|Art|Sec|approx)|\b[A-Z])\.$"
)


def sentences_of(text: str) -> list[str]:
    """Split a text into sentences of at least four words; a line that ends without a stop runs on."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)|\n(?=[A-Z][\w .'-]{0,40}:\s)", text):
        flat = " ".join(block.split())
        start = 0
        for stop in re.finditer(r"[.!?。]+[\"')\]”]*\s+(?=[\"'(“]?[A-Z0-9ÄÖÜÉÀ])", flat):
            piece = flat[start : stop.end()].strip()
            if _ABBREVIATED.search(piece):
                continue
            found.append(piece)
            start = stop.end()
        found.append(flat[start:].strip())
    return [sentence for sentence in found if len(sentence.split()) >= 4]


def summarize(text: str, *, words: int = 120, sentences: int | None = None, topic: str = "") -> str:
    """Quote the sentences that stand for the text.

    Ranked as LexRank ranks them (likeness of sentences as a graph, its stationary weight), with a favour for
    the beginning, and none that repeats one already taken. One sentence a line.

    Args:
        text: the material.
        words: at most so many, and at least one sentence.
        sentences: at most so many; None for as many as fit.
        topic: words that a sentence should share, from the caller's prompt.
    """
    pieces = list(dict.fromkeys(sentences_of(text)))
    if not pieces:
        return ""
    bags = [Counter(terms(piece)) for piece in pieces]
    weights = _weights(bags)
    ranks = _ranks([_vector(bag, weights) for bag in bags[:MOST]]) + [0.0] * max(0, len(pieces) - MOST)
    asked = set(terms(re.sub(r"\b(summari\w+|document|words?|use|most|text|please)\b", " ", topic.lower())))
    merit = [
        rank * (1.0 + 0.5 / (1 + place)) * (1.0 + 0.4 * len(asked & bag.keys()))
        for place, (rank, bag) in enumerate(zip(ranks, bags, strict=True))
    ]
    taken: list[int] = []
    length = 0
    for place in sorted(range(len(pieces)), key=lambda place: -merit[place]):
        size = len(pieces[place].split())
        if taken and (length + size > words or any(_alike(bags[place], bags[other]) > 0.6 for other in taken)):
            continue
        taken.append(place)
        length += size
        if length >= words or (sentences is not None and len(taken) >= sentences):
            break
    return "\n".join(pieces[place] for place in sorted(taken))


def _weights(bags: list[Counter[str]]) -> dict[str, float]:
    holding = Counter(term for bag in bags for term in bag)
    return {term: math.log(1 + len(bags) / count) for term, count in holding.items()}


def _vector(bag: Counter[str], weights: dict[str, float]) -> dict[str, float]:
    vector = {term: count * weights[term] for term, count in bag.items()}
    norm = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {term: value / norm for term, value in vector.items()}


def _ranks(vectors: list[dict[str, float]]) -> list[float]:
    count = len(vectors)
    likeness = [[0.0] * count for _ in range(count)]
    for one in range(count):
        for other in range(one + 1, count):
            small, large = sorted((vectors[one], vectors[other]), key=len)
            value = sum(weight * large[term] for term, weight in small.items() if term in large)
            likeness[one][other] = likeness[other][one] = value if value > 0.05 else 0.0
    sums = [sum(row) or 1.0 for row in likeness]
    ranks = [1.0 / count] * count
    for _ in range(30):
        ranks = [
            (1 - DAMPING) / count
            + DAMPING
            * sum(likeness[other][one] / sums[other] * ranks[other] for other in range(count) if likeness[other][one])
            for one in range(count)
        ]
    return ranks


def _alike(one: Counter[str], other: Counter[str]) -> float:
    shared = sum((one & other).values())
    return shared / (min(sum(one.values()), sum(other.values())) or 1)
