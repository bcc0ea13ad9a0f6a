"""The ledger: every paid call is written before its value is used, and none is paid for twice."""

from __future__ import annotations

import asyncio
import os
import threading
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from sqlalchemy import Connection, update

from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.ledger.claim import LEASE_SECONDS, Claim, is_dead, new_owner
from prefect_gemini.gemini.ledger.paid_call import FORMAT, PaidCall
from prefect_gemini.gemini.ledger.statements import DROP_CLAIM, FIND, FIND_BROKEN, HELD_BY, TAKE_OVER
from prefect_gemini.gemini.ledger.store import Store
from prefect_gemini.gemini.ledger.tables import calls

__all__ = ["Ledger"]

FIRST_WAIT_S = 0.01
LONGEST_WAIT_S = 0.5
"""How often a caller looks whether another has finished the same call."""

_OPEN: WeakValueDictionary[tuple[str, int], Ledger] = WeakValueDictionary()
_OPENING = threading.Lock()


class Ledger:
    """What was asked, answered and paid. Open it with `Ledger.open`.

    One ledger may be used from any thread, event loop and process at once.
    """

    def __init__(self, store: Store, *, keep_replies: bool = True) -> None:
        self.store = store
        self.keep_replies = keep_replies

    def __repr__(self) -> str:
        return f"Ledger({self.store.url.render_as_string(hide_password=True)!r})"

    @classmethod
    def open(cls, url: str | Path) -> Ledger:
        """Open a ledger, making its tables if need be; the same URL gives the same object within a process.

        Args:
            url: An SQLAlchemy URL (`sqlite:///…`, `postgresql://…`) or a path to an SQLite file.

        Raises:
            InvalidOption: The URL is of another kind of database, or its driver is missing.
        """
        text = str(url)
        address = text if "://" in text else f"sqlite:///{Path(text).expanduser()}"
        return cls._opened(address, address, keep_replies=True)

    @classmethod
    def tally(cls) -> Ledger:
        """Open this process's ledger in memory, which keeps totals and no replies: for budgets without a file."""
        return cls._opened("tally", "sqlite://", keep_replies=False)

    @classmethod
    def _opened(cls, name: str, url: str, *, keep_replies: bool) -> Ledger:
        key = (name, os.getpid())  # a forked child must not use its parent's connections
        with _OPENING:
            ledger = _OPEN.get(key)
            if ledger is None:
                ledger = _OPEN[key] = cls(Store(url), keep_replies=keep_replies)
                if name == "tally":
                    _TALLIES.append(ledger)
            return ledger

    def close(self) -> None:
        """Wait for what is under way and close the database."""
        with _OPENING:
            for key in [key for key, ledger in _OPEN.items() if ledger is self]:
                del _OPEN[key]
        self.store.close()

    @asynccontextmanager
    async def claim(
        self,
        fingerprint: str,
        identity: str,
        *,
        run: str | None = None,
        budget: Budget | None = None,
        fresh: bool = False,
    ) -> AsyncIterator[Claim]:
        """Take a call for oneself, or get its answer from whoever has paid for it already.

        While another thread or process is making the same call, this waits for its answer. A claim
        whose process has died is taken over.

        Args:
            fingerprint: What is asked (`fingerprint.fingerprint`).
            identity: Who is asked as whom (`Backend.identity`); answers are never shared across identities.
            run: The run its cost is booked on, for the budget.
            budget: Limits that `Claim.hold` checks.
            fresh: Ask anew even if the answer is here.

        Yields:
            A claim. If `claim.hit` is set, the answer is there and nothing is to be paid; otherwise
            `hold` the estimated price, make the call, and `record` it before using its value.
        """
        if fresh or not self.keep_replies:
            # Nothing can be shared: the claim only carries the money set aside.
            claimed = await self._take(f"fresh:{uuid4().hex}", identity, run, budget)
            assert claimed is not None
        else:
            claimed = await self._take_or_wait(fingerprint, identity, run, budget)
        claimed.asked = fingerprint
        if claimed.hit is not None:
            yield claimed
            return
        beat = asyncio.create_task(claimed.keep_alive())
        try:
            yield claimed
        finally:
            beat.cancel()
            await claimed.release()

    async def lookup(self, fingerprint: str, identity: str) -> PaidCall | None:
        """Find the answer of an equal call, if one was paid for and is whole."""
        return await self.store.read(lambda connection: self._find(connection, fingerprint, identity))

    async def broken(self, fingerprint: str, identity: str, *, run: str) -> PaidCall | None:
        """Find the answer that a flow run was given in a batch, if there is one and it does not serve."""
        asked = {"of": fingerprint, "who": identity, "run": run, "form": FORMAT}

        def work(connection: Connection) -> PaidCall | None:
            row = connection.execute(FIND_BROKEN, asked).mappings().one_or_none()
            return None if row is None else PaidCall.from_row(dict[str, Any](row))

        return await self.store.read(work)

    async def withdraw(self, call: PaidCall, *, warn: bool = True) -> None:
        """Stop giving an answer again, because it cannot be rebuilt; warns once a call."""
        if warn:
            warnings.warn(f"the stored answer {call.id} cannot be read any more and is asked for anew", stacklevel=2)
        await self._change(call, serves=False)

    async def readdress(self, call: PaidCall, fingerprint: str) -> None:
        """Give an answer again for another request: the one it answers after all."""
        await self._change(call, fingerprint=fingerprint)

    async def _change(self, call: PaidCall, **values: Any) -> None:
        await self.store.write(
            lambda connection: connection.execute(update(calls).where(calls.c.id == call.id).values(**values))
        )

    async def _take_or_wait(self, fingerprint: str, identity: str, run: str | None, budget: Budget | None) -> Claim:
        """Return a hit or a claim, waiting while somebody else has it."""
        pause = FIRST_WAIT_S
        while (claim := await self._take(fingerprint, identity, run, budget)) is None:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_WAIT_S)
        return claim

    async def _take(self, fingerprint: str, identity: str, run: str | None, budget: Budget | None) -> Claim | None:
        """Find the answer, insert the claim, take over a dead one, or return None while it is held."""
        owner = new_owner()
        key = {"of": fingerprint, "who": identity}

        def work(connection: Connection) -> tuple[bool, PaidCall | None]:
            if hit := self._find(connection, fingerprint, identity):
                return True, hit
            until = self.store.now(connection) + LEASE_SECONDS
            row = {"owner": owner, "expires_at": until, "run": run, "held": 0}
            claimed = connection.execute(
                self.store.upserts.claim, {"fingerprint": fingerprint, "identity": identity, **row}
            )
            if claimed.one_or_none() is None:
                held = connection.execute(HELD_BY, key).one_or_none()
                if held is None or not (held.expires_at < until - LEASE_SECONDS or is_dead(held.owner)):
                    return False, None
                takeover = {**key, "mine": held.owner, "new": owner, "until": until, "for_run": run}
                if connection.execute(TAKE_OVER, takeover).rowcount == 0:
                    return False, None
            if self.store.is_sqlite:  # this transaction has had the only write lock since its first look
                return True, None
            # Whoever held the claim before may have recorded its answer between our look and our claim.
            hit = self._find(connection, fingerprint, identity)
            if hit is not None:
                connection.execute(DROP_CLAIM, {**key, "mine": owner})
            return True, hit

        taken, hit = await self.store.write(
            work, undo=lambda connection: connection.execute(DROP_CLAIM, {**key, "mine": owner})
        )
        return Claim(self, fingerprint, identity, owner=owner, run=run, budget=budget, hit=hit) if taken else None

    def _find(self, connection: Connection, fingerprint: str, identity: str) -> PaidCall | None:
        """Find the newest answer that may be given again."""
        row = connection.execute(FIND, {"of": fingerprint, "who": identity, "form": FORMAT}).mappings().one_or_none()
        return None if row is None else PaidCall.from_row(dict[str, Any](row))


_TALLIES: list[Ledger] = []
"""Keeps the tally alive: its money would be forgotten with the last client otherwise."""
