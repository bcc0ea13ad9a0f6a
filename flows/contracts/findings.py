"""A finding: what an agreement says of one clause of the playbook, and what that means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.contracts.models import Answered, ClauseAnswer
from prefect_gemini.flows.contracts.outline import Outline
from prefect_gemini.flows.contracts.playbook import STANCES, Clause, Severity, Stance
from prefect_gemini.gemini.evidence.grounding import Evidence, Source, locate_quote

Status = Literal["found", "missing", "unsupported"]
Risk = Literal["none", "low", "medium", "high"]
RISKS: tuple[Risk, ...] = ("none", "low", "medium", "high")
Judge = Literal["model", "signals", "silence", "nobody"]


class ClauseFinding(BaseModel):
    """One clause of the playbook, as the agreement has it.

    Args:
        key, title: of the clause.
        status: "found" only where at least one quote is in the document; "unsupported" where the model
            says there is such a clause and none of its quotes is.
        position: which of the playbook's positions the agreement takes.
        judged_by: who says so: the model, the playbook's signals, the agreement's silence.
        reason: why, in a sentence.
        risk: what it means; see `risk_of`.
        needs_human: whether a person decides.
        severity: of the clause, from the playbook.
        preferred: the position that is wanted, for whoever redrafts.
        quotes: the passages that are in the document, each with its place.
        rejected: passages that are not in the document.
        section: where the first passage stands.
        parts: numbers of the parts it was found in, where the document was read in several.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    status: Status
    position: Answered
    judged_by: Judge
    reason: str
    risk: Risk
    needs_human: bool
    severity: Severity
    preferred: str
    quotes: tuple[Evidence, ...] = ()
    rejected: tuple[str, ...] = ()
    section: str = ""
    parts: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """What the agreement says: its passages, one after the other."""
        return "\n\n".join(evidence.quote for evidence in self.quotes if evidence.quote)

    @property
    def page(self) -> int | None:
        """The page of the first passage."""
        return self.quotes[0].page if self.quotes else None


def find(clause: Clause, answer: ClauseAnswer, source: Source, outline: Outline) -> ClauseFinding:
    """Hold the model's answer against the document and the playbook.

    Args:
        clause: what was asked.
        answer: what the model said.
        source: the document's text or pages; a quote that is not in it is no finding.
        outline: of the same text.
    """
    located = [locate_quote(quote, source, path=clause.key) for quote in answer.quotes if quote.strip()]
    quotes = _once(evidence for evidence in located if evidence.supported)
    rejected = tuple(str(evidence.value) for evidence in located if not evidence.supported)
    if quotes and answer.present:
        position, judged_by, reason = _judged(clause, answer, "\n".join(one.quote or "" for one in quotes))
        status: Status = "found"
    elif answer.present:
        status, position, judged_by = "unsupported", "unclear", "nobody"
        reason = "The model says there is such a clause; none of its quotes is in the document."
    else:
        status, position, judged_by, quotes = "missing", clause.if_missing, "silence", ()
        reason = f"No such clause was found; the playbook takes silence for {clause.if_missing}."
    risk = risk_of(position, clause.severity)
    return ClauseFinding(
        key=clause.key,
        title=clause.title,
        status=status,
        position=position,
        judged_by=judged_by,
        reason=reason,
        risk=risk,
        needs_human=status == "unsupported" or risk == "high" or (clause.needs_human and position != "preferred"),
        severity=clause.severity,
        preferred=clause.preferred.text,
        quotes=quotes,
        rejected=rejected,
        section=_section(quotes, source, outline),
    )


def risk_of(position: Answered, severity: Severity) -> Risk:
    """What a position means: nothing at the preferred one, little at an acceptable one, else the clause's severity.

    A position that cannot be told is no more than a medium risk: somebody has to read it.
    """
    if position == "preferred":
        return "none"
    if position == "acceptable":
        return "low"
    return "medium" if position == "unclear" and severity == "high" else severity


def worst(findings: Iterable[ClauseFinding]) -> Risk:
    """The highest risk among findings."""
    return max((finding.risk for finding in findings), key=RISKS.index, default="none")


def _judged(clause: Clause, answer: ClauseAnswer, text: str) -> tuple[Answered, Judge, str]:
    """The position, and who says so. Words of the agreement outweigh a milder judgement of the model."""
    signals = {stance: signal for stance, position in clause.positions() if (signal := position.found_in(text))}
    if answer.position in STANCES:
        worse = [stance for stance in signals if STANCES.index(stance) > STANCES.index(_stance(answer.position))]
        if worse and answer.position not in signals:
            said = signals[worse[-1]]
            return (
                "unclear",
                "nobody",
                f"Judged {answer.position}; but {said!r} is written only where it is {worse[-1]}.",
            )
        return answer.position, "model", answer.reason or "Judged by the model, without a reason."
    if len(signals) == 1:
        ((stance, signal),) = signals.items()
        return stance, "signals", f"It says {signal!r}."
    if signals:
        said = ", ".join(f"{signal!r} ({stance})" for stance, signal in signals.items())
        return "unclear", "nobody", f"Its words point to several positions: {said}."
    return "unclear", "nobody", answer.reason or "No judgement, and none of the playbook's signals is in it."


def _stance(position: Answered | None) -> Stance:
    assert position in STANCES
    return position


def _once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Passages without repetitions, in the order of the document."""
    seen: dict[tuple[int | None, int | None, int | None], Evidence] = {}
    for one in evidence:
        seen.setdefault((one.page, one.start, one.end), one)
    return tuple(sorted(seen.values(), key=lambda one: (one.page or 0, one.start or 0)))


def _section(quotes: tuple[Evidence, ...], source: Source, outline: Outline) -> str:
    if not quotes or quotes[0].quote is None:
        return ""
    offset = source.offset_of(quotes[0])
    here = outline.at(offset) if offset is not None else None
    return here.number if here else ""
