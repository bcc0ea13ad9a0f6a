"""A scripted server, and a client on it whose clock does not wait."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_gemini.gemini.client import GeminiClient

# Tests are imported by path, so a helper beside them is loaded by path too.
_spec = importlib.util.spec_from_file_location("scripted", Path(__file__).with_name("scripted.py"))
assert _spec is not None
assert _spec.loader is not None
scripted = sys.modules.setdefault("scripted", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(scripted)


class FakeClock:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def server() -> AsyncIterator[Any]:
    server = await scripted.Scripted().start()
    yield server
    await server.stop()


@pytest.fixture
async def connect(server: Any, clock: FakeClock) -> AsyncIterator[Callable[..., GeminiClient]]:
    """Makes clients on the scripted server, and closes them."""
    clients = []

    def make(**options: Any) -> GeminiClient:
        client = GeminiClient(options.pop("backend", server.backend), clock=clock, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
