"""The questions of a review: a playbook as JSON schemas, several clauses to a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from prefect_gemini.flows.contracts.models import Answered, Facts
from prefect_gemini.flows.contracts.playbook import Clause, Playbook

CLAUSES_A_CALL = 6
"""More questions at once make answers shorter and poorer; fewer read the document more often."""

CLAUSES_PROMPT = (
    "Review the agreement. For each clause asked for, say whether the agreement has it and quote every passage "
    "it stands in, word for word and whole sentences. Judge the position only by what is quoted. "
    "Where the agreement has no such clause, `present` is false and there are no quotes."
)
FACTS_PROMPT = "Read from the agreement what the schema asks for, each with the passage it rests on, word for word."

FACTS_SCHEMA: type[Facts] = Facts

_POSITIONS: tuple[Answered, ...] = ("preferred", "acceptable", "unacceptable", "unclear")


def clause_schema(clause: Clause) -> dict[str, Any]:
    """What is asked of one clause, as JSON schema: the question, and how each position is told."""
    stances = "; ".join(f"{stance}: {position.text}" for stance, position in clause.positions())
    return {
        "type": "object",
        "description": clause.question,
        "properties": {
            "present": {"type": "boolean"},
            "quotes": {"type": "array", "items": {"type": "string"}, "description": "the passages, word for word"},
            "position": {
                "type": ["string", "null"],
                "enum": [*_POSITIONS, None],
                "description": f"{stances}; unclear: none of these can be told; null where there is no such clause",
            },
            "reason": {"type": ["string", "null"], "description": "one sentence, where a position is given"},
        },
        "required": ["present", "quotes", "position", "reason"],
        "additionalProperties": False,
    }


def clauses_schema(clauses: Sequence[Clause]) -> dict[str, Any]:
    """One call's question: an object with a property for each clause."""
    return {
        "type": "object",
        "properties": {clause.key: clause_schema(clause) for clause in clauses},
        "required": [clause.key for clause in clauses],
        "additionalProperties": False,
    }


def batches(playbook: Playbook, *, size: int = CLAUSES_A_CALL) -> Iterator[tuple[Clause, ...]]:
    """The playbook's clauses in the groups that are asked together, in its order."""
    for start in range(0, len(playbook.clauses), size):
        yield playbook.clauses[start : start + size]
