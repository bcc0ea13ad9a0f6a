"""The clause categories of CUAD as a playbook of neutral questions, and spans compared by their letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from prefect_gemini.flows.contracts.playbook import Clause, Playbook
from prefect_gemini.gemini.evidence.grounding import Source, locate_quote

QUESTIONS = {
    "Document Name": "What is the agreement called?",
    "Parties": "Which passages name the parties to the agreement?",
    "Agreement Date": "Which passage says the date of the agreement?",
    "Effective Date": "Which passage says the date on which the agreement takes effect?",
    "Expiration Date": "Which passages say when the initial term ends?",
    "Renewal Term": "Which passages say what happens when the initial term ends, such as renewal or extension?",
    "Notice Period To Terminate Renewal": "Which passages say how long before the end of a term notice must be given to stop its renewal?",
    "Governing Law": "Which passages say which state's or country's law governs the agreement?",
    "Cap On Liability": "Which passages limit the liability of a party, by amount, kind of damage or time?",
    "Uncapped Liability": "Which passages say for what a party's liability is not limited?",
    "Termination For Convenience": "Which passages let a party terminate without cause?",
    "Anti-Assignment": "Which passages ask for consent or notice before the agreement is assigned to a third party?",
    "Change Of Control": "Which passages let a party terminate, or ask for consent or notice, when control of the other changes?",
    "Audit Rights": "Which passages let a party audit the books, records or premises of the other?",
    "Exclusivity": "Which passages bind a party to deal exclusively with the other?",
    "Non-Compete": "Which passages keep a party from competing with the other?",
    "No-Solicit Of Employees": "Which passages keep a party from soliciting or hiring employees of the other?",
    "Insurance": "Which passages require a party to maintain insurance?",
    "Warranty Duration": "Which passages say how long a warranty against defects lasts?",
    "License Grant": "Which passages grant a licence?",
    "Ip Ownership Assignment": "Which passages make intellectual property created by one party the property of the other?",
    "Minimum Commitment": "Which passages set a minimum that a party must buy or deliver?",
    "Revenue/Profit Sharing": "Which passages make a party share revenue or profit with the other?",
    "Liquidated Damages": "Which passages set liquidated damages or a fee for termination?",
    "Most Favored Nation": "Which passages promise a party terms at least as good as those of third parties?",
}
"""Every category of the data set with a question that leaves the answer open."""


def key_of(category: str) -> str:
    """The key of a category: `Non-Compete` is `non_compete`."""
    return "".join(letter if letter.isalnum() else "_" for letter in category.lower())


PLAYBOOK = Playbook(
    name="cuad",
    title="The categories of CUAD",
    clauses=tuple(
        Clause(key=key_of(category), title=category, question=question, preferred="Whatever it says.")
        for category, question in QUESTIONS.items()
    ),
)
"""Asked without preference: a benchmark has no side."""


@dataclass(frozen=True)
class Letters:
    """Places in a text counted in letters, so that two versions of it with other white space compare."""

    counts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Letters:
        """Count the letters before each place of a text."""
        return cls((0, *accumulate(not letter.isspace() for letter in text)))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the text in letters."""
        return self.counts[start], self.counts[end]


@dataclass(frozen=True)
class Marked:
    """The text in which lawyers marked passages.

    Args:
        source: for finding quotes, of this text or of a PDF of it.
        letters: its places, counted in letters.
    """

    source: Source
    letters: Letters

    @classmethod
    def of(cls, text: str) -> Marked:
        """Prepare a text once."""
        return cls(Source(text), Letters.of(text))

    def place(self, quote: str) -> tuple[int, int] | None:
        """Where a quote stands, in letters; None where it does not."""
        found = locate_quote(quote, self.source)
        return self.letters.span(found.start, found.end) if found.start is not None and found.end is not None else None


def overlaps(quote: tuple[int, int] | None, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a quote shares half of the shorter of the two with one of some spans."""
    if quote is None:
        return False
    start, end = quote
    return any(2 * (min(end, stop) - max(start, begin)) >= min(end - start, stop - begin) for begin, stop in spans)
