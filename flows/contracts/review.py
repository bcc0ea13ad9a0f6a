"""A review: an agreement as it was read, what falls due, and what people decided."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.contracts.deadlines import Deadline, deadlines_of
from prefect_gemini.flows.contracts.findings import ClauseFinding, Risk, worst
from prefect_gemini.flows.contracts.read import Reading
from prefect_gemini.gemini.reply import Reply

Choice = Literal["accept", "amend", "reject"]
Status = Literal["clear", "needs_decision", "approved", "to_amend", "rejected"]


class Decision(BaseModel):
    """What became of one finding.

    Args:
        key: of the clause.
        choice: accept it as it is, amend it, or reject the agreement on account of it.
        amended_text: the wording to ask for, where it is to be amended.
        decided_by: who, as they named themselves; "time-out" where nobody did.
        decided_at: when the review learnt of it.
        by: through the form, or by the default after the time-out.
        comment: what they added.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    choice: Choice
    amended_text: str = ""
    decided_by: str
    decided_at: datetime.datetime
    by: Literal["form", "time-out"]
    comment: str = ""


class Review(BaseModel):
    """One agreement, reviewed.

    Args:
        reading: what was read, proven and checked.
        deadlines: what falls due, in the order of days.
        decisions: what people decided, one for each finding that needed one.
        run_id: of the flow run.
        reviewed_at: when, with time zone.
        backend, model: who answered.
        input_tokens, output_tokens, cost: of the calls that were made; cost is None where a price is not known.
        saved: US dollars not paid again, because the ledger had the answer.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    reading: Reading
    deadlines: tuple[Deadline, ...] = ()
    decisions: tuple[Decision, ...] = ()
    run_id: str
    reviewed_at: datetime.datetime
    backend: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    saved: Decimal = Decimal(0)

    @classmethod
    def of(
        cls,
        reply: Reply[Reading],
        *,
        run_id: str,
        backend: str,
        now: datetime.datetime,
        country: str = "",
    ) -> Review:
        """The review of a reading on a day.

        Args:
            reply: the reading with its bill.
            run_id: of the flow run.
            backend: who was called, as a person reads it.
            now: when and where it is reviewed; its time zone decides what today is.
            country: whose public holidays are no business days.
        """
        return cls(
            reading=reply.value,
            deadlines=deadlines_of(reply.value.proven, today=now.date(), country=country),
            run_id=run_id,
            reviewed_at=now,
            backend=backend,
            model=reply.model_version or reply.model,
            input_tokens=0 if reply.from_ledger else reply.usage.prompt,
            output_tokens=0 if reply.from_ledger else reply.usage.output + reply.usage.thoughts,
            cost=Decimal(0) if reply.from_ledger else reply.cost,
            saved=(reply.cost or Decimal(0)) if reply.from_ledger else Decimal(0),
        )

    @property
    def open(self) -> tuple[ClauseFinding, ...]:
        """The findings that a person has to decide and nobody has decided yet, the gravest first."""
        decided = {decision.key for decision in self.decisions}
        waiting = [one for one in self.reading.findings if one.needs_human and one.key not in decided]
        return tuple(sorted(waiting, key=lambda one: one.risk != "high"))

    @property
    def risk(self) -> Risk:
        """The highest risk of all findings."""
        return worst(self.reading.findings)

    @property
    def status(self) -> Status:
        """Where it stands."""
        if self.open:
            return "needs_decision"
        choices = {decision.choice for decision in self.decisions}
        if "reject" in choices:
            return "rejected"
        if "amend" in choices:
            return "to_amend"
        return "approved" if choices else "clear"

    def decision(self, key: str) -> Decision | None:
        """What was decided of a clause; None where nothing was."""
        return next((decision for decision in self.decisions if decision.key == key), None)

    def finding(self, key: str) -> ClauseFinding:
        """The finding of a clause.

        Raises:
            KeyError: the playbook has no such clause.
        """
        for finding in self.reading.findings:
            if finding.key == key:
                return finding
        raise KeyError(key)
