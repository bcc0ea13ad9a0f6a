"""Words for comparing texts: folded, stemmed a little, without the ones every text has."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "me",
        "more",
        "my",
        "no",
        "not",
        "now",
        "of",
        "on",
        "only",
        "or",
        "our",
        "out",
        "over",
        "own",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "too",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "der",
        "die",
        "das",
        "und",
        "ist",
        "ein",
        "eine",
        "zu",
        "den",
        "von",
        "mit",
        "im",
        "auf",
        "le",
        "la",
        "les",
        "de",
        "des",
        "et",
        "un",
        "une",
        "il",
        "est",
    ]
)


NUMERALS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten":
    10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen":
    17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
"""Numbers as words."""


def stem(word: str) -> str:
    """Cut the endings that English words take in a sentence; enough to match `refunds` with `refunded`."""
    for ending in (
        "ations",
        "ation",
        "ments",
        "ment",
        "ingly",
        "edly",
        "ings",
        "ing",
        "ies",
        "ied",
        "ers",
        "ed",
        "es",
        "er",
        "ly",
        "s",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def terms(text: str) -> list[str]:
    """The telling words of a text, folded and stemmed."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    folded = "".join(
        letter for letter in unicodedata.normalize("NFKD", spaced.lower()) if not unicodedata.combining(letter)
    )
    return [stem(word) for word in re.findall(r"[^\W_]+", folded) if word not in _COMMON]


class Index:
    """Score texts against a fixed set of texts by BM25 (k1 1.2, b 0.75, the usual values).

    Args:
        texts: what is ranked.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(terms(text)) for text in texts]
        self._lengths = [sum(count.values()) for count in self._counts]
        self._mean = sum(self._lengths) / len(texts) if texts else 1.0
        holding = Counter(term for count in self._counts for term in count)
        self._weights = {term: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for term, n in holding.items()}

    def scores(self, query: str) -> list[float]:
        """One score a text, 0.0 where no word is shared."""
        asked = Counter(terms(query))
        return [
            sum(
                min(repeats, 3)
                * self._weights[term]
                * count[term]
                * 2.2
                / (count[term] + 1.2 * (0.25 + 0.75 * length / (self._mean or 1.0)))
                for term, repeats in asked.items()
                if term in count
            )
            for count, length in zip(self._counts, self._lengths, strict=True)
        ]
