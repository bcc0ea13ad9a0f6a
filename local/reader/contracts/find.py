"""Find the passages that answer a question: by the wording of its clause, or by the words they share with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.pack import clause_for
from prefect_gemini.local.reader.contracts.shared_words import Words
from prefect_gemini.local.reader.contracts.text import Contract, Passage
from prefect_gemini.local.reader.contracts.topics import passages_on, topic_of
from prefect_gemini.local.reader.resolve import Reading
from prefect_gemini.pages import speaks_to_program

NEAR = 0.88
"""A second quote is given where its score is at least this share of the best."""

MOST = 3
"""Quotes given where the schema does not say how many."""

MOST_RANKED = 40
"""Passages that are looked at further."""

BY_PLACE = 0.9
"""The score of a passage found by where it stands."""


BESIDE = 0.7
"""The score of a passage that may say the same elsewhere."""


@dataclass(frozen=True)
class Hit:
    """A passage that answers, and how surely, 0 to 1."""

    passage: Passage
    score: float


@dataclass(frozen=True)
class Question:
    """What is asked of a contract.

    Args:
        name: the key of the property, "" for a plain question.
        text: the question in words.
    """

    name: str
    text: str = ""

    @cached_property
    def topic(self) -> str | None:
        """What it asks of the contract itself: its title, parties, dates."""
        return topic_of(self.name)

    @cached_property
    def clause(self) -> Clause | None:
        """The kind of clause it asks for."""
        return None if self.topic else clause_for(self.name, self.text)

    @property
    def about(self) -> str:
        """The topic or the clause by name, "" for an open question."""
        return self.topic or (self.clause.name if self.clause else "")


def answers(reading: Reading, question: Question, *, insists: bool = False, most: int = MOST) -> list[Hit]:
    """The passages that answer, the surest first; none where nothing surely does.

    Args:
        reading: the contract.
        question: what is asked.
        insists: the nearest are wanted, sure or not.
        most: so many at most.
    """
    contract = Contract.of(reading)
    if question.topic:
        places = passages_on(contract, question.topic)
        ranked = [
            Hit(passage, BESIDE if place and question.topic != "parties" else BY_PLACE)
            for place, passage in enumerate(places)
        ]
        floor = BY_PLACE
    elif question.clause:
        ranked, floor = _by_wording(contract, question.clause), question.clause.floor
    else:
        ranked, floor = _by_words(reading, question), Words.floor
    # What speaks to the program that reads is no clause, whatever words it uses.
    ranked = [hit for hit in ranked[:MOST_RANKED] if not speaks_to_program(hit.passage.text)]
    if not insists:
        return [hit for hit in ranked if hit.score >= floor and hit.score >= NEAR * ranked[0].score][:most]
    taken = {hit.passage.start for hit in ranked}
    near = [hit for hit in _by_words(reading, question) if hit.passage.start not in taken] if len(ranked) < most else []
    return [*ranked, *near][:most]


def _by_wording(contract: Contract, clause: Clause) -> list[Hit]:
    return _sorted(Hit(passage, score) for passage in contract.passages if (score := clause.score(passage)))


def _by_words(reading: Reading, question: Question) -> list[Hit]:
    shares = Words.of(reading).shares(f"{question.name} {question.text}")
    return _sorted(
        Hit(passage, share) for passage, share in zip(Contract.of(reading).passages, shares, strict=True) if share
    )


def _sorted(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.start))
