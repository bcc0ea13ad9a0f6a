"""A claim: one call, taken by one caller, with the money set aside for it."""

from __future__ import annotations

import asyncio
import os
import platform
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection

from prefect_gemini.gemini.costs import budget as budgets
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.ledger.statements import DROP_CLAIM, NOTHING_HELD, RECORD, RENEW
from prefect_gemini.gemini.ledger.tables import claims, picos

if TYPE_CHECKING:
    from prefect_gemini.gemini.costs.budget import Budget
    from prefect_gemini.gemini.ledger.ledger import Ledger

__all__ = ["LEASE_SECONDS", "Claim", "is_dead", "new_owner"]

LEASE_SECONDS = 60.0
"""How long a claim holds without a sign of life; a dead process of this machine loses it at once."""
BEAT_SECONDS = 15.0


class Claim:
    """The right to make one call. Get it from `Ledger.claim`.

    Attributes:
        hit: The answer somebody has paid for already, or None.
        asked: The fingerprint asked for.
    """

    def __init__(
        self,
        ledger: Ledger,
        fingerprint: str,
        identity: str,
        *,
        owner: str = "",
        run: str | None = None,
        budget: Budget | None = None,
        hit: PaidCall | None = None,
    ) -> None:
        self.hit = hit
        self.asked = fingerprint
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._identity = identity
        self._owner = owner
        self._run = run
        self._budget = budget
        self._open = hit is None

    @property
    def _mine(self) -> dict[str, str]:
        """What finds this claim, and only while it is still ours."""
        return {"of": self._fingerprint, "who": self._identity, "mine": self._owner}

    async def hold(self, estimate: Decimal | None) -> None:
        """Set money aside before a call; waits for calls under way where only their estimates stand in the way.

        Args:
            estimate: USD the call will cost at most, or None where no price is known (nothing is held then).

        Raises:
            BudgetExceeded: The call would break a limit; it must not be made.
        """
        if self._budget is None or self._budget.is_unlimited or estimate is None:
            return
        budget, pause = self._budget, 0.01
        budget.check_call(estimate)
        while True:
            verdict = await self._ledger.store.write(
                lambda connection: budgets.reserve(
                    self._ledger.store,
                    connection,
                    budget,
                    mine=(claims.c.fingerprint == self._fingerprint)
                    & (claims.c.identity == self._identity)
                    & (claims.c.owner == self._owner),
                    identity=self._identity,
                    run=self._run,
                    estimate=estimate,
                )
            )
            if verdict:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    async def record(self, call: PaidCall) -> None:
        """Write a paid call and book its cost; with an answer that serves, whoever waits for it gets it.

        Args:
            call: What was paid, whole or not. An answer that does not serve keeps the claim open: the
                caller may hold again and ask again.
        """
        store, keep = self._ledger.store, self._ledger.keep_replies

        def work(connection: Connection) -> None:
            if keep:
                connection.execute(RECORD, call.row())
            if call.cost:
                totals = [("day", call.day), ("run", self._run)]
                booked = {"identity": self._identity, "picodollars": picos(call.cost)}
                rows = [{**booked, "scope": scope, "key": key} for scope, key in totals if key is not None]
                connection.execute(store.upserts.book, rows)
            connection.execute(DROP_CLAIM if call.serves else NOTHING_HELD, self._mine)

        await store.write(work)
        self._open = self._open and not call.serves

    async def release(self) -> None:
        """Give the claim up, so that others may take it; what was recorded stays."""
        if self._open:
            self._open = False
            await self._ledger.store.write(lambda connection: connection.execute(DROP_CLAIM, self._mine))

    async def keep_alive(self) -> None:
        """Renew the claim until cancelled."""
        store = self._ledger.store
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await store.write(
                lambda connection: connection.execute(
                    RENEW, {**self._mine, "until": store.now(connection) + LEASE_SECONDS}
                )
            )


@cache
def _place() -> str:
    """Name this machine and process namespace, so that a process id means something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return f"{platform.node()}/{platform.system()}"


def new_owner() -> str:
    """Name a new holder of a claim."""
    return f"{_place()}:{os.getpid()}:{uuid4().hex[:12]}"


def is_dead(owner: str) -> bool:
    """Tell whether a claim's process is known to be gone; of other machines nothing is known."""
    place, process, _ = owner.rsplit(":", 2)
    if place != _place() or os.name != "posix":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
