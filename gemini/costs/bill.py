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
        cached: One by one, where what prompts begin with is read from the cache after it was sent once.
        cache_reads: Input tokens that would be read from the cache.
    """

    model: str
    calls: int
    prompt: int
    output: int
    standard: Decimal | None
    batch: Decimal | None
    flex: Decimal | None
    cached: Decimal | None
    cache_reads: int = 0

    def scaled(self, factor: float) -> Bill:
        """The bill of more calls like these, of which these are a sample."""
        counts = {name: round(getattr(self, name) * factor) for name in ("calls", "prompt", "output", "cache_reads")}
        amounts = {name: getattr(self, name) for name in ("standard", "batch", "flex", "cached")}
        exact = Decimal(str(factor))
        return replace(self, **counts, **{name: usd and usd * exact for name, usd in amounts.items()})


def bill(
    model: str,
    calls: Sequence[Tokens],
    *,
    shared_prefix: int | Sequence[int] = 0,
    at: datetime | date | None = None,
    location: str = "global",
) -> Bill:
    """Price many calls.

    Args:
        model: A model id or family.
        calls: Each call's tokens. A long prompt's price depends on its own length, so they are priced apart.
        shared_prefix: Tokens all prompts begin with: instructions, schema, tools. Or for each call the
            tokens at its beginning that an earlier call has sent.
        at: The day; today if left out.
        location: The Vertex AI location; a few models cost more outside "global".
    """
    moment = at or datetime.now(UTC)
    name = resolve(model, warn=False).id
    shared = [0, *[shared_prefix] * len(calls)] if isinstance(shared_prefix, int) else shared_prefix
    reads = [min(call.prompt, call.cached + known) for call, known in zip(calls, shared, strict=False)]

    def total(tier: str, cached: Sequence[int]) -> Decimal | None:
        amounts = [
            cost_of(name, replace(call, cached=read), at=moment, tier=tier, location=location).usd
            for call, read in zip(calls, cached, strict=True)
        ]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None

    as_is = [call.cached for call in calls]
    return Bill(
        model=name,
        calls=len(calls),
        prompt=sum(call.prompt + call.tool for call in calls),
        output=sum(call.output + call.thoughts for call in calls),
        standard=total("standard", as_is),
        batch=total("batch", as_is),
        flex=total("flex", as_is),
        cached=total("standard", reads),
        cache_reads=sum(reads),
    )
