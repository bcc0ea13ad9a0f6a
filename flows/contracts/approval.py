"""People decide: a typed form while the flow waits, a default after the time-out, and a record of both.

`suspend` ends the process, frees the worker, and starts the flow again when somebody has decided; what
was paid for comes from the ledger. `wait` keeps the process. Either form is filled in in the Prefect UI
(Resume) or with `prefect-gemini contract decide`.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.flow_runs import apause_flow_run, asuspend_flow_run
from prefect.input import RunInput
from prefect.logging import get_run_logger
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from prefect_gemini.flows.contracts.findings import ClauseFinding
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.review import Choice, Decision, Review
from prefect_gemini.flows.printable import printable
from prefect_gemini.gemini.plain import one_line, plain

Approval = Literal["none", "wait", "suspend"]

TIME_OUT = "time-out"
"""Who decided where nobody did."""

GRACE_S = 7 * 24 * 3600
"""Prefect fails a run whose own time-out passes; ours comes first, and settles it with the default."""

FEWEST_LETTERS = 10
MOST_LETTERS = 20_000
LOOK_S = 2
"""How often a run that waits looks whether somebody has decided."""
MOST_ROUNDS = 5
"""How often a form that does not hold is handed back."""


class FindingForm(BaseModel):
    """Accept the clause as it is, ask for other words, or reject the agreement on account of it."""

    model_config = ConfigDict(
        title="Decision",
        extra="forbid",
        # The server holds the form against this before the run goes on.
        json_schema_extra={
            "if": {"properties": {"choice": {"const": "amend"}}, "required": ["choice"]},
            "then": {"properties": {"amended_text": {"minLength": FEWEST_LETTERS, "pattern": "\\S"}}},
        },
    )

    choice: Choice = Field("reject", description="accept, amend or reject.", json_schema_extra={"position": 0})
    amended_text: str = Field(
        "",
        max_length=MOST_LETTERS,
        description="With amend: the wording to ask for.",
        json_schema_extra={"position": 1},
    )


def form_for(findings: Sequence[ClauseFinding], *, default: Choice) -> type[RunInput]:
    """The form of a review: one decision a finding, and who decides.

    Args:
        findings: what has to be decided.
        default: what each decision is set to before anybody touches it.
    """
    fields: dict[str, Any] = {
        "decided_by": (
            str,
            Field(
                min_length=2,
                max_length=200,
                description="Your name, for the record.",
                json_schema_extra={"position": 0},
            ),
        )
    }
    for number, finding in enumerate(findings, 1):
        page = f", page {finding.page}" if finding.page else ""
        says = " ".join(printable(finding.text).split())[:300] or "Nothing is said."
        fields[finding.key] = (
            FindingForm,
            Field(
                default=FindingForm(choice=default),
                title=f"{finding.title} ({finding.risk} risk{page})",
                description=f"It says: {says} Preferred: {finding.preferred}",
                json_schema_extra={"position": number},
            ),
        )
    fields["comment"] = (
        str,
        Field(
            "",
            max_length=2000,
            description="Anything for the record.",
            json_schema_extra={"position": len(findings) + 1},
        ),
    )
    return create_model("ContractApproval", __base__=RunInput, **fields)


def explained(review: Review, findings: Sequence[ClauseFinding], *, hours: float, default: Choice, wrong: str) -> str:
    """What the person who decides reads above the form, as markdown."""
    lines = [
        (
            f"**{plain(review.reading.name)}** needs {len(findings)} decisions. "
            f"Without any within {hours:g} hours, each is taken as **{default}**."
        ),
        *([f"\n**The last form did not hold:** {plain(wrong)}"] if wrong else []),
    ]
    for finding in findings:
        page = f", page {finding.page}" if finding.page else ""
        lines += [
            f"\n**{plain(finding.title)}**: {finding.risk} risk{page}. {one_line(finding.reason)}",
            f"\n> {one_line(finding.text, longest=600) or 'Nothing is said.'}",
            f"\nPreferred: {one_line(finding.preferred)}",
        ]
    return "\n".join(lines)


async def adecide(
    review: Review, *, approval: Approval, hours: float, default: Choice, playbook: Playbook
) -> tuple[Decision, ...]:
    """Wait for a person's decisions on a review's open findings.

    Args:
        review: what is to be decided.
        approval: "wait" keeps the process, "suspend" ends it where the run has a deployment.
        hours: until the default is taken.
        default: what is taken then.
        playbook: what amended wording is held against.
    """
    findings = review.open
    if approval == "none" or not findings:
        return ()
    form = form_for(findings, default=default)
    subject = subject_of(review, findings)
    wrong = ""
    for turn in range(1, MOST_ROUNDS + 1):
        text = explained(review, findings, hours=hours, default=default, wrong=wrong)
        shown = form.with_initial_data(description=text)
        try:
            answer = await _answered(shown, key=f"approval-{subject}-{turn}", approval=approval, hours=hours)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            continue
        decisions = _decisions(answer, findings)
        wrong = "" if decisions[0].by == "time-out" else _not_held(decisions, review, playbook)
        if not wrong:
            return decisions
        get_run_logger().warning("The form is handed back: %s", wrong)
    raise ValueError(f"The form did not hold {MOST_ROUNDS} times; the last time: {wrong}")


async def settle(flow_run_id: str | UUID) -> str:
    """Resume a run that waits for decisions with the default of its form.

    Returns:
        Why the server did not; "" where it did. Somebody may have decided in the last moment.
    """
    async with get_client() as client:
        result = await client.resume_flow_run(UUID(str(flow_run_id)), run_input={"decided_by": TIME_OUT})
    return "" if result.status.value == "ACCEPT" else str(getattr(result.details, "reason", result.status.value))


async def _answered(form: type[RunInput], *, key: str, approval: Approval, hours: float) -> Any:
    seconds = max(1, round(hours * 3600))
    if approval == "suspend" and runtime.deployment.id:
        # Nobody waits here: `settle_approvals` comes by and takes the default when the time is up.
        return await asuspend_flow_run(wait_for_input=form, timeout=seconds + GRACE_S, key=key)
    timer = asyncio.create_task(_settle_after(seconds))
    try:
        return await apause_flow_run(wait_for_input=form, timeout=seconds + GRACE_S, poll_interval=LOOK_S, key=key)
    finally:
        timer.cancel()


async def _settle_after(seconds: float) -> None:
    await asyncio.sleep(seconds)
    await settle(str(runtime.flow_run.id))


def subject_of(review: Review, findings: Sequence[ClauseFinding]) -> str:
    """What a form asks about, as a short key: a run that finds another document when it goes on asks again."""
    content = [review.reading.digest, review.reading.playbook]
    content += [part for one in findings for part in (one.key, one.status, one.text)]
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:16]


def _decisions(answer: Any, findings: Sequence[ClauseFinding]) -> tuple[Decision, ...]:
    now = datetime.datetime.now(datetime.UTC)
    out = answer.decided_by == TIME_OUT
    return tuple(
        Decision(
            key=finding.key,
            choice=(chosen := getattr(answer, finding.key)).choice,
            amended_text=chosen.amended_text.strip() if chosen.choice == "amend" else "",
            decided_by=printable(answer.decided_by),
            decided_at=now,
            by="time-out" if out else "form",
            comment=answer.comment.strip(),
        )
        for finding in findings
    )


def _not_held(decisions: Sequence[Decision], review: Review, playbook: Playbook) -> str:
    """What is wrong with amended wording; empty where nothing is."""
    wrong = []
    for decision in decisions:
        if decision.choice != "amend":
            continue
        finding, clause = review.finding(decision.key), playbook.clause(decision.key)
        text = decision.amended_text
        if len(text) < FEWEST_LETTERS:
            wrong.append(f"{finding.title}: to amend it, write the wording to ask for")
        elif " ".join(text.split()) == " ".join(finding.text.split()):
            wrong.append(f"{finding.title}: the amended wording is what the agreement says already")
        elif clause.unacceptable and (signal := clause.unacceptable.found_in(text)):
            wrong.append(f"{finding.title}: the amended wording still says {signal!r}, which is unacceptable")
    return "; ".join(wrong)
