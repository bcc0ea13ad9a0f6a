"""From outcomes to books: every reading checked, compared and judged; every failure a row."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from prefect_gemini.flows.receipts.duplicates import Duplicate, Seen, find_duplicates
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException, exceptions_of, judge
from prefect_gemini.flows.receipts.policy import Policy, check_policy
from prefect_gemini.flows.receipts.read import Reading
from prefect_gemini.flows.receipts.reconcile import reconcile
from prefect_gemini.flows.receipts.support import nothing_read, suspected_injection, unsupported
from prefect_gemini.tasks.parts.outcome import Outcome


def book(
    outcomes: Sequence[Outcome[Reading]],
    *,
    policy: Policy,
    known: Iterable[Seen],
    today: datetime.date,
) -> tuple[tuple[Expense, ...], tuple[ReceiptException, ...]]:
    """Check every reading and collect the reasons why documents need a person.

    Args:
        outcomes: what became of each document, in order.
        policy: limits by category.
        known: receipts recorded by earlier runs.
        today: the day of the run.

    Returns:
        An expense for each document that was read, and the rows of the exceptions table. Every
        document is in one of the two, or in both.
    """
    read = [outcome for outcome in outcomes if outcome.ok]
    seen = [Seen.of(one.name, one.digest, one.value.receipt, perceptual_hash=one.value.perceptual_hash) for one in read]
    repeats = find_duplicates(seen, known=known)
    expenses = tuple(_expense(one, repeat, policy, today) for one, repeat in zip(read, repeats, strict=True))
    failures = tuple(
        ReceiptException(
            name=one.name,
            digest=one.digest,
            code=one.failure.kind,
            message=one.failure.message,
            action=one.failure.hint,
        )
        for one in outcomes
        if one.failure is not None
    )
    return expenses, failures + tuple(row for expense in expenses for row in exceptions_of(expense))


def _expense(outcome: Outcome[Reading], repeat: Duplicate | None, policy: Policy, today: datetime.date) -> Expense:
    assert outcome.reply is not None  # only outcomes with a reply come here
    reply, reading = outcome.reply, outcome.value
    # Where nothing could be read, one reason says it; that total, date and merchant are missing follows from it.
    findings = (
        *(nothing_read(reading.receipt) or reconcile(reading.receipt, today)),
        *unsupported(reply.evidence),
        *suspected_injection(reading.words),
    )
    broken = check_policy(reading.receipt, policy, today)
    return Expense(
        name=outcome.name,
        digest=outcome.digest,
        receipt=reading.receipt,
        evidence=reply.evidence,
        findings=findings,
        policy=broken,
        duplicate=repeat,
        status=judge(findings, broken, repeat),
        perceptual_hash=reading.perceptual_hash,
        turns=reading.turns,
        model=reply.model_version,
        backend=reply.backend,
        input_tokens=reply.usage.prompt,
        output_tokens=reply.usage.output + reply.usage.thoughts,
        cost=reply.cost,
    )
