"""Questions the clause pack does not know: passages are compared with them word by word."""

from __future__ import annotations

import math
import re
from collections import Counter

from prefect_gemini.local.reader.contracts.text import Contract
from prefect_gemini.local.reader.resolve import Reading
from prefect_gemini.local.reader.words import Index, terms

_ASKING = re.compile(
    r"\b(is|are|there|does|do|did|what|what's|which|who|whom|whose|when|where|how|why|many|much|long|quote|find|list|state|"
    r"tell|give|show|agreement|contract|document|text|clause|provision|passages?|sentences?|words?|please|say|says|mention\w*|according)\b",
    re.IGNORECASE,
)


class Words:
    """The passages of a contract with their words counted once.

    Args:
        contract: what is asked about.
    """

    floor = 0.6
    """The share of a question's weight that a passage must carry to be its answer."""

    def __init__(self, contract: Contract) -> None:
        texts = [f"{passage.heading} {passage.text}" for passage in contract.passages]
        self._titles = [passage.title for passage in contract.passages]
        self._terms = [frozenset(terms(text)) for text in texts]
        holding = Counter(term for found in self._terms for term in found)
        count = len(texts)
        self._weights = {term: math.log(1 + count / times) for term, times in holding.items()}
        self._unknown = math.log(1 + count)
        self._index = Index(texts)

    @classmethod
    def of(cls, reading: Reading) -> Words:
        """The words of a reading's contract, counted once."""
        contract = Contract.of(reading)
        known = contract.memo.get("words")
        if not isinstance(known, cls):
            known = contract.memo["words"] = cls(contract)
        return known

    def shares(self, question: str) -> list[float]:
        """For each passage the share of the question's weight that its words carry, 0 to 1.

        A word counts by its rarity in the contract, one the contract never uses like the rarest: what is not
        spoken of cannot be found. Equal shares are told apart by BM25.
        """
        asked = list(dict.fromkeys(terms(_ASKING.sub(" ", question))))
        if not asked:
            return [0.0] * len(self._terms)
        weight = sum(self._weights.get(term, self._unknown) for term in asked)
        ranks = self._index.scores(" ".join(asked))
        highest = max(ranks, default=0.0) or 1.0
        return [
            0.0
            if title
            else 0.95 * sum(self._weights[term] for term in asked if term in found) / weight + 0.05 * rank / highest
            for found, rank, title in zip(self._terms, ranks, self._titles, strict=True)
        ]
