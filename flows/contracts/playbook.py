"""The playbook: which clauses an agreement should have, and which positions on each are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from prefect_gemini.flows.yaml_files import FileProblem, read_yaml

Severity = Literal["low", "medium", "high"]
Stance = Literal["preferred", "acceptable", "unacceptable"]
STANCES: tuple[Stance, ...] = ("preferred", "acceptable", "unacceptable")

SHIPPED = "prefect_gemini.flows.contracts.playbooks"
RESERVED = frozenset({"decided_by", "comment"})
"""What the form of decisions asks beside the clauses."""

GAP = re.compile(r"\s*(?:\.\.\.|…)\s*")
"""What a signal writes for words it does not care about."""

LONGEST_GAP = 120
"""Characters that a gap in a signal may stand for; a longer one is another sentence."""


class PlaybookError(FileProblem):
    """The playbook cannot be read or says something it cannot; `hint` says what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Strict):
    """One position on a clause.

    Args:
        text: the position, for the person who reviews and for the model.
        signals: phrases that only this position is written in. Case, blanks and a plural at the end do not count, and
            `...` stands for up to 120 characters. Where a model gives no judgement, code tells the
            position by these alone.
    """

    text: str = Field(min_length=1, max_length=1000)
    signals: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @field_validator("signals")
    @classmethod
    def _not_blank(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for signal in value:
            if len(GAP.sub("", signal).strip()) < 4:
                raise ValueError(f"the signal {signal!r} is too short to mean anything; write at least four letters")
        return value

    def found_in(self, text: str) -> str | None:
        """The first signal that stands in a text; None where none does."""
        even = " ".join(text.split())
        return next((signal for signal in self.signals if _pattern(signal).search(even)), None)


class Clause(_Strict):
    """What the playbook wants to know of one clause.

    Args:
        key: lower case, digits and underscores; the name in results, tables and questions.
        title: what a person calls it.
        question: what is asked of the document; begins best with "Which passages …".
        preferred, acceptable, unacceptable: the positions.
        severity: how much it matters where the agreement is not at the preferred or acceptable position.
        needs_human: a person decides wherever the clause is not at the preferred position.
        if_missing: the position that an agreement takes by saying nothing.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")
    title: str = Field(min_length=1, max_length=120)
    question: str = Field(min_length=10, max_length=1000)
    preferred: Position
    acceptable: Position | None = None
    unacceptable: Position | None = None
    severity: Severity = "medium"
    needs_human: bool = False
    if_missing: Stance = "unacceptable"

    def positions(self) -> Iterator[tuple[Stance, Position]]:
        """The positions that the playbook states, from best to worst."""
        for stance in STANCES:
            position = getattr(self, stance)
            if position is not None:
                yield stance, position


class Playbook(_Strict):
    """A playbook.

    Args:
        name: what to call it.
        title: what it is for, and whose side it takes.
        description: a sentence or two for the report.
        clauses: in the order of the report.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = Field(min_length=1, max_length=200)
    description: str = ""
    clauses: tuple[Clause, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _keys_differ(self) -> Playbook:
        seen: set[str] = set()
        for clause in self.clauses:
            if clause.key in RESERVED:
                raise ValueError(f"a clause cannot be called {clause.key!r}: the form of decisions has such a field")
            if clause.key in seen:
                raise ValueError(f"the clause {clause.key!r} stands twice")
            seen.add(clause.key)
        return self

    @classmethod
    def load(cls, playbook: str | Path | Playbook) -> Playbook:
        """Read a playbook: one that is shipped by its name, or a YAML file by its path.

        Raises:
            PlaybookError: no such playbook, not YAML, or not a playbook; the message names the entry.
        """
        if isinstance(playbook, Playbook):
            return playbook
        name = str(playbook)
        by_name = name in shipped()
        if not by_name and re.fullmatch(r"[\w-]+", name):
            raise PlaybookError(
                f"There is no playbook {name!r}.",
                f"Shipped are {', '.join(shipped())}; for one of your own give the path of its YAML file.",
            )
        return read_yaml(
            f"{name}.yaml" if by_name else name,
            cls,
            what="playbook",
            hint="A playbook has `name`, `title` and `clauses`; a clause has `key`, `title`, `question` and "
            "`preferred`, and may have `acceptable`, `unacceptable`, `severity` (low, medium, high), "
            "`needs_human` and `if_missing`.",
            package=SHIPPED if by_name else None,
            error=PlaybookError,
        )

    def clause(self, key: str) -> Clause:
        """The clause of a key.

        Raises:
            KeyError: the playbook has none.
        """
        for clause in self.clauses:
            if clause.key == key:
                return clause
        raise KeyError(f"the playbook {self.name!r} has no clause {key!r}")


def shipped() -> tuple[str, ...]:
    """The names of the playbooks that come with the library."""
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in resources.files(SHIPPED).iterdir()
            if entry.name.endswith(".yaml")
        )
    )


def _pattern(signal: str) -> re.Pattern[str]:
    parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in GAP.split(signal.strip()) if part]
    return re.compile(rf"(?<![\w.,]){f'.{{0,{LONGEST_GAP}}}?'.join(parts)}s?(?!\w)", re.IGNORECASE)
