"""Ceilings that all workers of a Prefect server share: permits from its global concurrency limits, in slices.

A limit of this library's own decays at the ceiling's rate. Prefect rounds decay down to whole slots at
every look, which would lose a part of a small rate; a permit is therefore many slots.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from dataclasses import dataclass, field
from typing import Literal

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.exceptions import ObjectAlreadyExists, PrefectException
from prefect.logging import get_logger

from prefect_gemini.gemini.limits.pace import HEADROOM
from prefect_gemini.gemini.limits.stock import SLICE_S

FINENESS = 10_000
"""Slots in a slice at least, so that rounding loses less than a ten-thousandth of it."""
LOCKED = 423
LOOK_S = SLICE_S / 8
"""How often a process that found the limit used up looks again."""
SLICES = 2
"""Slices that are there at most: what a quiet time saves up, and a burst may use."""


@dataclass(frozen=True)
class SharedCeilings:
    """Finds the global concurrency limit of each model of one account.

    Args:
        identity: who pays (`Backend.identity`); the limits are named after its digest.
    """

    identity: str

    def __call__(self, model: str, kind: Literal["requests", "tokens"], per_second: float) -> GlobalLimit:
        account = hashlib.sha256(self.identity.encode()).hexdigest()[:8]
        plain = model.rpartition("/")[2]
        return GlobalLimit(name=f"gemini-{kind}-{plain}-{account}", per_second=per_second)


@dataclass
class GlobalLimit:
    """Permits from one global concurrency limit of the Prefect server, made on first use.

    Args:
        name: of the limit, as the Prefect UI shows it.
        per_second: permits a second for all processes together.
    """

    name: str
    per_second: float
    _made: bool = field(default=False, repr=False)
    _warned: bool = field(default=False, repr=False)

    @property
    def permits(self) -> int:
        """Permits in a slice."""
        return max(1, math.floor(self.per_second * SLICE_S))

    @property
    def slots(self) -> int:
        """Slots of the limit that are one permit."""
        return max(1, math.ceil(FINENESS / self.permits))

    async def take(self) -> int:
        """Obtain a slice of permits, waiting until there is one.

        Where the Prefect server cannot be reached, a slice is granted and a warning logged: the
        process then keeps to the ceiling by itself.
        """
        try:
            async with get_client() as client:
                if not self._made:
                    await self._make(client)
                    self._made = True
                while not await self._granted(client):  # noqa: ASYNC110 - another process gives it back
                    await asyncio.sleep(LOOK_S * random.uniform(0.75, 1.25))
        except (httpx.HTTPError, OSError, RuntimeError, PrefectException) as error:
            self._alone(error)
        return self.permits

    async def _granted(self, client: PrefectClient) -> bool:
        # Not `rate_limit`: it waits as long as everybody's denied requests together would take.
        try:
            await client.increment_concurrency_slots([self.name], self.permits * self.slots, "rate_limit")
        except httpx.HTTPStatusError as error:
            if error.response.status_code != LOCKED:
                raise
            return False
        return True

    async def _make(self, client: PrefectClient) -> None:
        slice_, decay = self.permits * self.slots, self.per_second * HEADROOM * self.slots
        limit = GlobalConcurrencyLimitCreate(
            name=self.name, limit=SLICES * slice_, active_slots=(SLICES - 1) * slice_, slot_decay_per_second=decay
        )
        try:
            await client.create_global_concurrency_limit(limit)
        except ObjectAlreadyExists:
            await client.upsert_global_concurrency_limit_by_name(self.name, limit.limit, decay)

    def _alone(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            get_logger("gemini").warning(
                "The shared limit %s cannot be asked (%s); this process keeps to the ceiling by itself.",
                self.name,
                type(error).__name__,
            )
