"""Two versions of one agreement: what changed, clause by clause, and what it does to the risk."""

from __future__ import annotations

import difflib
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.contracts.findings import RISKS, ClauseFinding, Risk, worst
from prefect_gemini.flows.contracts.read import Reading

Change = Literal["same", "reworded", "added", "removed"]
Effect = Literal["better", "worse", "same"]
Edit = Literal["kept", "removed", "added"]

_WORDS = re.compile(r"\S+|\n+")

# A line may also begin with a number that counts, as "30 days" or "1.5 percent" do: a section begins with a capital.
_CAPITAL = r"(?=[\"“‘'(\[]|[A-ZÀ-ÖØ-Þ])"
_NUMBERING = re.compile(
    rf"^\s*(?:\([a-z]{{1,3}}\)\s+|\d+(?:\.\d+)+\.?\s+{_CAPITAL})"
    rf"|(?:\A|(?<=[.;:]\n)|(?<=\n\n))\s*\d+\.?\s+{_CAPITAL}",
    re.MULTILINE,
)


class Edited(BaseModel):
    """A run of words that both versions have, or only one of them."""

    model_config = ConfigDict(frozen=True)

    kind: Edit
    text: str


class ClauseChange(BaseModel):
    """One clause in both versions.

    Args:
        key, title: of the clause.
        change: what happened to its words.
        before, after: its findings.
        effect: what that does to the risk.
        edits: the words, old and new; empty where nothing changed.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    change: Change
    before: ClauseFinding
    after: ClauseFinding
    effect: Effect
    edits: tuple[Edited, ...] = ()

    @property
    def risk(self) -> str:
        """The risk before and after."""
        return self.before.risk if self.before.risk == self.after.risk else f"{self.before.risk} → {self.after.risk}"


class FactChange(BaseModel):
    """A fact that differs: what it was and what it is; empty where a version does not say."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: str
    after: str


class Comparison(BaseModel):
    """Two versions compared.

    Args:
        before, after: names of the documents.
        clauses: every clause of the playbook, what changed for the worse first.
        facts: what differs of parties, dates, term, law and money.
        risk_before, risk_after: the highest risk of each.
    """

    model_config = ConfigDict(frozen=True)

    before: str
    after: str
    clauses: tuple[ClauseChange, ...]
    facts: tuple[FactChange, ...] = ()
    risk_before: Risk
    risk_after: Risk

    @property
    def changed(self) -> tuple[ClauseChange, ...]:
        """The clauses that changed."""
        return tuple(one for one in self.clauses if one.change != "same" or one.effect != "same")

    @property
    def worse(self) -> tuple[ClauseChange, ...]:
        """The clauses whose risk has grown."""
        return tuple(one for one in self.clauses if one.effect == "worse")


def compare(before: Reading, after: Reading) -> Comparison:
    """Compare two readings of one playbook.

    Args:
        before: the earlier version.
        after: the later one.

    Raises:
        ValueError: they were held against different playbooks.
    """
    old = {finding.key: finding for finding in before.findings}
    if before.playbook != after.playbook or set(old) != {finding.key for finding in after.findings}:
        raise ValueError(f"{before.name} and {after.name} were held against different playbooks")
    changes = [_change(old[finding.key], finding) for finding in after.findings]
    order: tuple[Effect, ...] = ("worse", "better", "same")
    return Comparison(
        before=before.name,
        after=after.name,
        clauses=tuple(sorted(changes, key=lambda one: (order.index(one.effect), one.change == "same"))),
        facts=_facts(before, after),
        risk_before=worst(before.findings),
        risk_after=worst(after.findings),
    )


def edits_between(before: str, after: str) -> tuple[Edited, ...]:
    """The words of two texts, as runs that were kept, removed and added."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Edited] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Edited(kind="kept", text=" ".join(old[i:j])))
            continue
        if i < j:
            found.append(Edited(kind="removed", text=" ".join(old[i:j])))
        if k < m:
            found.append(Edited(kind="added", text=" ".join(new[k:m])))
    return tuple(found)


def _change(before: ClauseFinding, after: ClauseFinding) -> ClauseChange:
    had, has = before.status == "found", after.status == "found"
    if had and has:
        change: Change = "same" if _even(before.text) == _even(after.text) else "reworded"
    else:
        change = "removed" if had else "added" if has else "same"
    moved = RISKS.index(after.risk) - RISKS.index(before.risk)
    return ClauseChange(
        key=after.key,
        title=after.title,
        change=change,
        before=before,
        after=after,
        effect="worse" if moved > 0 else "better" if moved < 0 else "same",
        edits=() if change == "same" else edits_between(_unnumbered(before.text), _unnumbered(after.text)),
    )


def _facts(before: Reading, after: Reading) -> tuple[FactChange, ...]:
    names = list(dict.fromkeys(fact.name for reading in (before, after) for fact in reading.proven.facts))
    changes = []
    for name in names:
        old, new = _said(before, name), _said(after, name)
        if old != new:
            changes.append(FactChange(name=name, before=", ".join(old), after=", ".join(new)))
    return tuple(changes)


def _said(reading: Reading, name: str) -> list[str]:
    return sorted({fact.value for fact in reading.proven.facts if fact.name == name and fact.supported})


def _even(text: str) -> str:
    """A text without its numbers of sections and its line breaks: renumbering changes nothing."""
    return " ".join(_unnumbered(text).split())


def _unnumbered(text: str) -> str:
    return _NUMBERING.sub("", text)
