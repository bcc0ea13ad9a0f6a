"""What marks a clause: the wording that shows it, the wording that only looks like it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from prefect_gemini.local.reader.contracts.text import Passage

FLOOR = 0.55
"""A passage scored below this is not the clause: to miss one is told to the reader, to invent one misleads."""

HEADED = 0.3
"""What a fitting heading adds, as one more mark."""

Marks = Sequence[tuple[str, float]]


def _compiled(marks: Marks) -> tuple[tuple[re.Pattern[str], float], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), weight) for pattern, weight in marks)


def _reaches(pattern: re.Pattern[str], text: str, place: int) -> bool:
    return any(match.end() > place for match in pattern.finditer(text))


@dataclass(frozen=True)
class Clause:
    """A kind of clause, as lawyers name it.

    Args:
        name: in snake case.
        asked: a pattern of the names and questions that mean it, in lower-case words.
        gate: a passage without this wording is not looked at further.
        also: nor one without this, where there is a second gate.
        marks: wording that shows the clause, each with how far it alone convinces, 0 to 1.
        against: wording of what looks like it, each with the share of conviction it takes away.
        heading: a pattern of the titles it stands under.
        floor: a passage scored lower is not the clause.
    """

    name: str
    asked: str
    gate: str
    marks: Marks
    against: Marks = ()
    heading: str = ""
    floor: float = FLOOR
    also: str = ""

    @cached_property
    def _gates(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(gate, re.IGNORECASE) for gate in (self.gate, self.also, r"\w.{24}") if gate)

    @cached_property
    def _marks(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        return _compiled(self.marks)

    @cached_property
    def _against(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        return _compiled(self.against)

    @cached_property
    def _heading(self) -> re.Pattern[str] | None:
        return re.compile(self.heading, re.IGNORECASE) if self.heading else None

    def score(self, passage: Passage) -> float:
        """How surely a passage is this clause, 0 to 1."""
        text = passage.reads
        if passage.title or not all(gate.search(text) for gate in self._gates):
            return 0.0
        doubt = 1.0
        for pattern, weight in self._marks:
            # What the sentence above a list says already is not said once more by each of its items.
            if pattern.search(text) and (not passage.own or _reaches(pattern, text, passage.own)):
                doubt *= 1.0 - weight
        if doubt == 1.0:
            return 0.0
        if self._heading is not None and self._heading.search(passage.heading):
            doubt *= 1.0 - HEADED
        score = 1.0 - doubt
        for pattern, weight in self._against:
            if pattern.search(text):
                score *= 1.0 - weight
        return score
