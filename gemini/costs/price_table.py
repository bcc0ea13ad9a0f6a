"""The price list of a day, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from prefect_gemini.gemini.catalog.info import Lifecycle, ModelInfo
from prefect_gemini.gemini.catalog.resolve import all_models
from prefect_gemini.gemini.costs.price_rows import Rates
from prefect_gemini.gemini.costs.prices import rates_of, storage_rate

__all__ = ["PriceRow", "price_table"]

LOOK_AHEAD = 366
"""How many days ahead a change of price is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One model's prices on a day, USD per million tokens.

    Attributes:
        model: The model.
        lifecycle: Its stage on that day.
        rates: Standard rates; `rates.long` where long prompts cost more.
        batch: Batch API, and the flex tier where it has no price of its own.
        priority: The priority tier.
        storage: Explicit cache, USD per million tokens and hour; None where there is none.
        changes_on: First day of the next price known, within a year.
        then: The standard rates from that day on.
    """

    model: ModelInfo
    lifecycle: Lifecycle
    rates: Rates
    batch: Rates
    priority: Rates
    storage: Decimal | None
    changes_on: date | None = None
    then: Rates | None = None


def price_table(as_of: date, *, retired: bool = False) -> tuple[PriceRow, ...]:
    """List what every model of a day cost that day.

    Args:
        as_of: The day.
        retired: Whether to list models that were retired by then, at their last price.
    """
    rows = []
    for model in all_models():
        stage = model.lifecycle_on(as_of)
        if model.released_or(date.max) > as_of or (stage == "retired" and not retired):
            continue
        rates, batch, priority = (rates_of(model.id, at=as_of, tier=tier) for tier in ("standard", "batch", "priority"))
        if rates is None or batch is None or priority is None:
            continue
        changes_on, then = _next_change(model, rates, as_of)
        rows.append(
            PriceRow(
                model=model,
                lifecycle=stage,
                rates=rates,
                batch=batch,
                priority=priority,
                storage=None if model.family == "embedding" else storage_rate(model),
                changes_on=changes_on,
                then=then,
            )
        )
    return tuple(rows)


def _next_change(model: ModelInfo, rates: Rates, day: date) -> tuple[date | None, Rates | None]:
    """Find the first day within a year on which a model costs something else."""
    for ahead in range(1, LOOK_AHEAD):
        then = rates_of(model.id, at=day + timedelta(days=ahead))
        if then is not None and _amounts(then) != _amounts(rates):
            return day + timedelta(days=ahead), then
    return None, None


def _amounts(rates: Rates) -> tuple[Decimal | None, ...]:
    return rates.input, rates.output, rates.cached, rates.audio
