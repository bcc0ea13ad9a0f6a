"""Cascade: the cheapest model is asked first, a stronger one where its answer is not good enough.

`model=["flash-lite", "flash"]` on any node, `--model flash-lite,flash` on any command, or
`escalate_to` of a saved `GeminiModel`. A stronger model is asked when the answer does not satisfy its
schema, when a value is not found in the document, or when the model itself is unsure (where the
service says how probable its tokens were). The reply says in its notes who answered and why, and in `saved` what
that cost less than asking the strongest model alone.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from prefect_gemini.blocks.model import GeminiModel, ModelChoice
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.errors import AnswerError, EmptyAnswer, InvalidOutput, MalformedFunctionCall, Truncated
from prefect_gemini.gemini.reply import Reply, Usage

SURE = 0.9
"""Below this probability of an average token a model is taken to be unsure."""
_NOT_GOOD_ENOUGH = (InvalidOutput, MalformedFunctionCall, EmptyAnswer, Truncated)
"""What a stronger model may do better. A block is a block with any model, and so is a lost connection."""


async def cascade(model: ModelChoice, ask: Callable[[GeminiModel], Awaitable[Reply[Any]]]) -> Reply[Any]:
    """Ask one model after the other until an answer is good enough.

    Args:
        model: one model, or several with the cheapest first.
        ask: asks one model and gives the finished reply, its evidence included.

    Raises:
        GeminiError: what the last model ended in, where none of the others gave a whole answer either.
    """
    steps = GeminiModel.of(model).cascade
    if len(steps) == 1:
        return await ask(steps[0])
    paid: list[Reply[Any]] = []
    whole: Reply[Any] | None = None
    notes: list[str] = []
    for step in steps:
        try:
            whole = await ask(step)
            paid.append(whole)
            why = doubt(whole)
        except _NOT_GOOD_ENOUGH as error:
            if error.partial is not None:
                paid.append(error.partial)
            why = _said(error)
            if step is steps[-1] and whole is None:
                raise
        if not why:
            break
        notes.append(f"{_id(step)}: {why}.")
    assert whole is not None
    return _settled(whole, paid, notes, strongest=_id(steps[-1]))


def doubt(reply: Reply[Any]) -> str:
    """Why a whole answer is not good enough; nothing where it is."""
    missing = [one.path for one in reply.evidence if not one.supported]
    if missing:
        return f"{', '.join(missing[:5])} not found in the document"
    average = reply.logprobs.get("avgLogprobs")
    if isinstance(average, int | float) and math.exp(average) < SURE:
        return f"unsure, {math.exp(average):.0%} an average token"
    return ""


def _settled(whole: Reply[Any], paid: Sequence[Reply[Any]], notes: Sequence[str], *, strongest: str) -> Reply[Any]:
    """The answer with what all models cost together, and what that saved."""
    costs = [reply.cost for reply in paid]
    total = None if None in costs else sum(filter(None, costs), Decimal(0))
    alone = whole.cost if whole.model == strongest else _elsewhere(whole, strongest)
    saved = None if total is None or alone is None else alone - total
    return whole.model_copy(
        update={
            "cost": total,
            "saved": saved,
            "usage": sum((reply.usage for reply in paid), Usage()),
            "latency_s": sum(reply.latency_s for reply in paid),
            "attempts": sum(reply.attempts for reply in paid),
            "from_ledger": all(reply.from_ledger for reply in paid),
            "notes": (*whole.notes, *notes, _verdict(whole.model, strongest, saved)),
        }
    )


def _elsewhere(whole: Reply[Any], strongest: str) -> Decimal | None:
    """What the same tokens cost on another model, in the tier in which they were paid: half, in a batch."""
    now = datetime.now(UTC)
    here, there = cost(whole.model, whole.usage, at=now), cost(strongest, whole.usage, at=now)
    return None if not here or there is None or whole.cost is None else there * whole.cost / here


def _verdict(answered: str, strongest: str, saved: Decimal | None) -> str:
    if saved is None:
        return f"{answered} answered; no price is known, so nothing is said about the saving."
    if saved >= 0:
        return f"{answered} answered; {strongest} would have cost about ${saved:.6f} more."
    return f"{answered} answered; asking {strongest} alone would have cost about ${-saved:.6f} less."


def _said(error: AnswerError) -> str:
    return f"{type(error).__name__}, {error.message.rstrip('.')[:200]}"


def _id(step: GeminiModel) -> str:
    return resolve(step.model, warn=False).id
