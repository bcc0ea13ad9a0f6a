"""The clause pack: every kind of clause the reader knows, and which one a question means."""

from __future__ import annotations

import re
from functools import lru_cache

from prefect_gemini.local.reader.contracts import (
    pack_conduct,
    pack_general,
    pack_information,
    pack_liability,
    pack_money,
    pack_property,
    pack_term,
)
from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.roles import words_of

CLAUSES: dict[str, Clause] = {
    clause.name: clause
    for module in (pack_term, pack_liability, pack_property, pack_information, pack_conduct, pack_money, pack_general)
    for clause in module.CLAUSES
}
"""By name. General knowledge of contracts in English, written down as wording."""


@lru_cache(maxsize=1024)
def clause_for(name: str, question: str = "") -> Clause | None:
    """The kind of clause a property is about; None where it is none of the pack.

    Args:
        name: the property's key: `governing_law`, `Cap On Liability`, `nonCompete`.
        question: its description; read where the name tells nothing.
    """
    words = re.sub(r"\b(clause|clauses|provision|provisions|the|a|an)\b", " ", words_of(name).replace("'", ""))
    found = _meant(" ".join(words.split())) or _meant(words_of(question))
    if found is not None and found.name == "notice_period" and re.search(r"\brenew", question, re.IGNORECASE):
        return CLAUSES["notice_of_non_renewal"]  # and not the notice of any termination
    return found


def _meant(words: str) -> Clause | None:
    """The clause whose name is spoken in some words, the longest name of all."""
    exact = CLAUSES.get(words.replace(" ", "_"))
    if exact is not None or not words:
        return exact
    found = [
        (match.end() - match.start(), clause)
        for clause in CLAUSES.values()
        for match in re.finditer(rf"\b(?:{clause.asked})\b", words)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None
