"""Dry runs: what a run would ask is counted and priced, and nothing that costs money is sent.

Inside `with dry_run() as dry:` every client of this context, in whatever task or thread it runs,
answers from the ledger what has been paid for, quotes the rest in `dry.quotes`, and raises `NotSent`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from prefect_gemini.gemini.calls.quote import Quote
from prefect_gemini.gemini.costs.prices import Tokens
from prefect_gemini.gemini.errors import NotSent
from prefect_gemini.gemini.reply import Reply

if TYPE_CHECKING:
    from prefect_gemini.gemini.calls.embeddings import Embedding, Vector
    from prefect_gemini.gemini.client import GeminiClient
    from prefect_gemini.gemini.request import Request


@dataclass
class Asking:
    """Requests that are being looked at: the first that is not answered does not stop its siblings."""

    _asking: set[asyncio.Future[None]] = field(default_factory=set, kw_only=True)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look at a request."""
        asking = asyncio.get_running_loop().create_future()
        self._asking.add(asking)
        try:
            yield
        finally:
            self._asking.discard(asking)
            asking.set_result(None)

    async def settled(self) -> None:
        """Wait for requests that are being looked at."""
        while self._asking:
            await asyncio.wait(self._asking)


@dataclass
class DryRun(Asking):
    """What would have been asked.

    Args:
        quotes: one for each request, in the order in which they were counted.
    """

    quotes: list[Quote] = field(default_factory=list)

    async def ask(self, client: GeminiClient, request: Request) -> Reply[Any]:
        """Answer from the ledger, or quote.

        Raises:
            NotSent: the request is quoted.
            GeminiError: it could not be sent as it is, or not be counted.
        """
        with self.looking():
            quote = await client.quote(request)
            self.quotes.append(quote)
        if quote.paid is not None:
            return quote.paid
        raise NotSent("The call was not made: this is a dry run.", model=quote.model)

    async def embed(self, client: GeminiClient, asked: Embedding) -> Reply[Vector]:
        """Answer from the ledger, or quote.

        Raises:
            NotSent: the text is quoted.
        """
        backend, fingerprint, paid = client.backend, asked.fingerprint(client.backend), None
        with self.looking():
            if client.ledger is not None:
                row = await client.ledger.lookup(fingerprint, backend.identity)
                paid = None if row is None else asked.restored(row)
            self.quotes.append(
                Quote(
                    fingerprint=fingerprint,
                    model=asked.model,
                    backend=backend.label,
                    location=backend.location or "global",
                    tokens=Tokens(prompt=asked.estimate.prompt),
                    beginnings=(),
                    paid=paid,
                    notes=("Tokens of texts to be embedded are estimated from their letters.",),
                )
            )
        if paid is not None:
            return paid
        raise NotSent("The text was not embedded: this is a dry run.", model=asked.model)


class StandIn(Protocol):
    """Whoever answers in the place of a client."""

    async def ask(self, client: GeminiClient, request: Request) -> Reply[Any]:
        """Answer a request, or raise."""

    async def embed(self, client: GeminiClient, asked: Embedding) -> Reply[Vector]:
        """Embed a text, or raise."""


_current: ContextVar[StandIn | None] = ContextVar("prefect_gemini_stand_in", default=None)


@contextmanager
def answered_by(stand_in: StandIn) -> Iterator[None]:
    """Have every client of this context hand its requests to `stand_in` inside the block."""
    token = _current.set(stand_in)
    try:
        yield
    finally:
        _current.reset(token)


def standing_in() -> StandIn | None:
    """Who answers in the place of the caller's client, if anybody does."""
    return _current.get()


@contextmanager
def dry_run() -> Iterator[DryRun]:
    """Send nothing inside the block; collect what would have been asked."""
    dry = DryRun()
    with answered_by(dry):
        yield dry


def running_dry() -> DryRun | None:
    """The dry run around the caller, if there is one.

    Whoever does something that costs money without `GeminiClient.generate` (submits a batch job,
    starts a tuning, fills a cache) asks this first, and raises `NotSent` when there is one.
    """
    current = _current.get()
    return current if isinstance(current, DryRun) else None
