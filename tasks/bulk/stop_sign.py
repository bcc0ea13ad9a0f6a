"""A sign that workers on other machines see: their run is to end. It is a Prefect variable while the run ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import PrefectException
from prefect.logging import get_logger

from prefect_gemini.tasks.bulk.stopping import Stopping

LOOK_S = 2.0
"""How often a worker looks; the run waits `stopping.GRACE_S` for it."""


@dataclass
class StopSign:
    """The sign of one bulk run: made where the run is, sent to its workers, put up inside `async with` at most.

    Args:
        name: of the variable.
        up: whether it was put up here.
    """

    name: str = field(default_factory=lambda: f"gemini-stop-{uuid4().hex}")
    up: bool = False

    async def put_up(self) -> None:
        """Show it; where the Prefect server cannot be reached, workers end their shards instead."""
        try:
            async with get_client() as client:
                await client.create_variable(VariableCreate(name=self.name, value=True))
                self.up = True
        except (httpx.HTTPError, OSError, PrefectException) as error:
            get_logger("gemini").warning("the workers cannot be told to stop: %s", type(error).__name__)

    async def __aenter__(self) -> StopSign:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take it down, if it is up."""
        if not self.up:
            return
        try:
            async with get_client() as client:
                await client.delete_variable_by_name(self.name)
        except (httpx.HTTPError, OSError, PrefectException) as error:
            get_logger("gemini").warning("the variable %s is left behind: %s", self.name, type(error).__name__)

    async def seen(self) -> bool:
        """Whether it is up, as a worker sees it."""
        try:
            async with get_client() as client:
                return await client.read_variable_by_name(self.name) is not None
        except (httpx.HTTPError, OSError, PrefectException):
            return False  # a server that is down for a moment stops nobody

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Stopping]:
        """What to ask between documents, on a worker."""
        stopping = Stopping()
        stopping.asked = await self.seen()

        async def watch() -> None:
            while not stopping.asked:
                await asyncio.sleep(LOOK_S)
                stopping.asked = await self.seen()

        watching = asyncio.create_task(watch())
        try:
            yield stopping
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
