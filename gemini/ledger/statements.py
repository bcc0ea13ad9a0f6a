"""The ledger's statements, built once: building one takes SQLAlchemy longer than the database takes to run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from prefect_gemini.gemini.ledger.tables import batch_rows, calls, claims, spent

__all__ = ["DROP_CLAIM", "FIND", "FIND_BROKEN", "HELD_BY", "NOTHING_HELD", "RECORD", "RENEW", "TAKE_OVER", "Upserts"]

_KEY = (claims.c.fingerprint == bindparam("of")) & (claims.c.identity == bindparam("who"))
MINE = _KEY & (claims.c.owner == bindparam("mine"))
"""The condition that finds a claim, and only while it is still its owner's."""

FIND = (
    select(calls)
    .where(calls.c.fingerprint == bindparam("of"), calls.c.identity == bindparam("who"))
    .where(calls.c.serves, calls.c.format == bindparam("form"))
    .order_by(calls.c.id.desc())
    .limit(1)
)
"""The newest answer that may be given again."""

FIND_BROKEN = (
    select(calls)
    .where(calls.c.fingerprint == bindparam("of"), calls.c.identity == bindparam("who"))
    .where(calls.c.flow_run_id == bindparam("run"), calls.c.tier == "batch", ~calls.c.serves)
    .where(calls.c.format == bindparam("form"))
    .order_by(calls.c.id.desc())
    .limit(1)
)
"""The newest answer that one run was given in a batch and that does not serve."""

RECORD = insert(calls)
HELD_BY = select(claims.c.owner, claims.c.expires_at).where(_KEY)
DROP_CLAIM = delete(claims).where(MINE)
NOTHING_HELD = update(claims).where(MINE).values(held=0)
RENEW = update(claims).where(MINE).values(expires_at=bindparam("until"))
TAKE_OVER = (
    update(claims)
    .where(MINE)
    .values(owner=bindparam("new"), expires_at=bindparam("until"), run=bindparam("for_run"), held=0)
)


class Upserts:
    """The statements that each database spells its own way.

    Args:
        insert: the dialect's `insert`.
    """

    def __init__(self, insert: Callable[..., Any]) -> None:
        self.claim = insert(claims).on_conflict_do_nothing().returning(claims.c.owner)
        """Take a claim that nobody has; no row where somebody has it."""
        booking = insert(spent)
        self.book = booking.on_conflict_do_update(
            index_elements=["identity", "scope", "key"],
            set_={"picodollars": spent.c.picodollars + booking.excluded.picodollars},
        )
        """Add to a running total."""
        asking = insert(batch_rows)
        self.ask = asking.on_conflict_do_update(
            index_elements=["identity", "key", "attempt", "fingerprint"],
            set_={"origin": asking.excluded.origin, "labels": asking.excluded.labels},
        )
        """Write down a request of a batch; once more where a process died before it had written them all."""
