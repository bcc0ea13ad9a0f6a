"""The bill of many calls before any is made: one by one, in batch, in the flex tier, and with a cached prefix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.prices import Tokens, cost_of

__all__ = ["Bill", "bill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What many calls would cost at list prices, in each of the ways to make them.

    Every amount is USD, and None where no price is known.

    Attributes:
        model: The model's id.
        calls: How many calls.
        prompt: Their input tokens together.
        output: Their output tokens together, thoughts included.
        standard: Called one by one.
        batch: Through the Batch API.
        flex: In the flex tier.
        cached: One by one, where what all prompts begin with is read from the cache after the first call.
    """

    model: str
    calls: int
    prompt: int
    output: int
    standard: Decimal | None
    batch: Decimal | None
    flex: Decimal | None
    cached: Decimal | None


def bill(model: str, calls: Sequence[Tokens], *, shared_prefix: int = 0, at: datetime | date | None = None) -> Bill:
    """Price many calls.

    Args:
        model: A model id or family.
        calls: Each call's tokens. A long prompt's price depends on its own length, so they are priced apart.
        shared_prefix: Tokens all prompts begin with: instructions, schema, tools.
        at: The day; today if left out.
    """
    moment = at or datetime.now(UTC)
    name = resolve(model, warn=False).id

    def total(tier: str, prefix: int = 0) -> Decimal | None:
        amounts = []
        for number, tokens in enumerate(calls):
            read = min(tokens.prompt, tokens.cached + prefix) if number else tokens.cached
            amounts.append(cost_of(name, replace(tokens, cached=read), at=moment, tier=tier).usd)
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None

    return Bill(
        model=name,
        calls=len(calls),
        prompt=sum(tokens.prompt + tokens.tool for tokens in calls),
        output=sum(tokens.output + tokens.thoughts for tokens in calls),
        standard=total("standard"),
        batch=total("batch"),
        flex=total("flex"),
        cached=total("standard", shared_prefix),
    )
