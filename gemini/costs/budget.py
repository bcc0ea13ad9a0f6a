"""Budgets: what a call, a run and a day may cost, checked before each call."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, func, select, update

from prefect_gemini.gemini.errors import BudgetExceeded
from prefect_gemini.gemini.ledger.tables import OPEN_BATCH, claims, picos, spent, usd

if TYPE_CHECKING:
    from prefect_gemini.gemini.ledger.store import Store

__all__ = ["Budget", "reserve"]


class Budget(BaseModel):
    """The most that may be spent, in US dollars at list prices. An empty field is no limit.

    Calls to the local reader count at Gemini's prices, on an account of their own, so that a budget can
    be rehearsed without spending.

    Args:
        per_call: One call, by its estimate.
        per_run: One flow run, all its tasks and processes together.
        per_day: One UTC day, of one backend and account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    per_call: float | None = Field(None, gt=0, description="US dollars one call may cost, by its estimate.")
    per_run: float | None = Field(None, gt=0, description="US dollars one flow run may cost.")
    per_day: float | None = Field(None, gt=0, description="US dollars that may be spent in one UTC day.")

    @property
    def is_unlimited(self) -> bool:
        """Whether there is nothing to check."""
        return self.per_call is None and self.per_run is None and self.per_day is None

    def check_call(self, estimate: Decimal) -> None:
        """Check one call's estimate against `per_call`.

        Raises:
            BudgetExceeded: It would cost more.
        """
        if self.per_call is not None and estimate > Decimal(str(self.per_call)):
            raise _exceeded("call", Decimal(str(self.per_call)), Decimal(0), estimate)


def reserve(
    store: Store,
    connection: Connection,
    budget: Budget,
    *,
    mine: Any,
    identity: str,
    run: str | None,
    estimate: Decimal,
) -> bool:
    """Set an estimate aside in the claim `mine`, if every limit allows it.

    Args:
        store: The database, for its clock and locks.
        connection: A writing transaction.
        budget: The limits.
        mine: The condition that finds the caller's claim.
        identity: The account that pays.
        run: The run it is booked on.
        estimate: USD.

    Returns:
        False where the money is only set aside by calls under way: ask again when they have ended.

    Raises:
        BudgetExceeded: What is already spent leaves too little.
    """
    store.serialize(connection, identity)
    now = store.now(connection)
    wanted = picos(estimate)
    alive = (claims.c.identity == identity) & (claims.c.expires_at > now) & ~mine
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    limits: list[tuple[str, float | None, str | None, Any]] = [
        ("run", budget.per_run, run, alive & (claims.c.run == run)),
        ("day", budget.per_day, today, alive),
    ]
    free = True
    for scope, limit, key, others in limits:
        if limit is None or key is None:
            continue
        most = picos(Decimal(str(limit)))
        # One statement, one snapshot: a call that settles in between is seen either as held or as spent.
        booked = select(spent.c.picodollars).where(
            spent.c.identity == identity, spent.c.scope == scope, spent.c.key == key
        )
        set_aside = select(func.sum(claims.c.held)).where(others)
        days = claims.c.fingerprint.startswith(OPEN_BATCH)
        queries = (booked, set_aside.where(~days), set_aside.where(days))
        sums = connection.execute(select(*(query.scalar_subquery() for query in queries))).one()
        used, held, in_batches = (int(amount or 0) for amount in sums)
        used += in_batches
        if used + wanted > most:
            raise _exceeded(scope, Decimal(str(limit)), usd(used) or Decimal(0), estimate)
        free = free and used + held + wanted <= most
    if free:
        connection.execute(update(claims).where(mine).values(held=wanted))
    return free


def _exceeded(scope: str, limit: Decimal, used: Decimal, wanted: Decimal) -> BudgetExceeded:
    """Build the error, with the sums that explain it."""
    before = "" if scope == "call" else f", ${used:.6f} of it spent"
    return BudgetExceeded(
        f"The next call (about ${wanted:.6f}) would break the budget of ${limit} a {scope}{before}; it was not made.",
        scope=scope,
        limit=limit,
        spent=used,
        wanted=wanted,
    )
