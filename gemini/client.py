"""The client: whole answers or typed errors, paid once, every cent known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import ValidationError

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.call import Call
from prefect_gemini.gemini.calls.counting import check_window, count
from prefect_gemini.gemini.calls.exchange import Exchange
from prefect_gemini.gemini.calls.prepare import prepare
from prefect_gemini.gemini.calls.quote import Quote
from prefect_gemini.gemini.calls.retries import Clock, RetryPolicy, SystemClock
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.dry_run import standing_in
from prefect_gemini.gemini.errors import InvalidOutput
from prefect_gemini.gemini.ledger.claim import Claim
from prefect_gemini.gemini.ledger.flights import Flights
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.limits.circuit import CircuitPolicy
from prefect_gemini.gemini.limits.gates import Gates, Sources, shared_gates
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.gemini.reply import Reply, TokenCount
from prefect_gemini.gemini.request import Request
from prefect_gemini.gemini.stream import Chunk, ReplyStream, at_once

if TYPE_CHECKING:
    import httpx
    from google.genai import Client

TIMEOUT_S = 300.0
"""Seconds of silence before a read is given up: a thinking model may be quiet for minutes."""


class GeminiClient:
    """Calls Gemini and gives whole answers or typed errors. Belongs to one event loop.

    Args:
        backend: whom to call.
        retries: how often and how long to try.
        limits: how much at once, and how fast.
        ledger: where what is paid is written, and found again; None to keep nothing. A path or an
            SQLAlchemy URL is opened.
        budget: what may be spent.
        circuit: when to stop sending to a service that fails.
        gates: limiters and circuits shared with other clients; they bring their own limits.
        timeout_s: seconds without a byte before a read is given up.
        clock: time, for tests.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        retries: RetryPolicy | None = None,
        limits: Limits | None = None,
        ledger: Ledger | str | Path | None = None,
        budget: Budget | None = None,
        circuit: CircuitPolicy | None = None,
        gates: Gates | None = None,
        timeout_s: float = TIMEOUT_S,
        clock: Clock | None = None,
    ) -> None:
        self.backend = backend
        self.retries = retries or RetryPolicy()
        self.budget = budget or Budget()
        self.ledger = Ledger.open(ledger) if isinstance(ledger, str | Path) else ledger
        if self.ledger is None and not self.budget.is_unlimited:
            self.ledger = Ledger.tally()
        self.timeout_s = timeout_s
        self.clock = clock or SystemClock()
        self._sdk: Client | None = None
        self._http: httpx.AsyncClient | None = None
        self.gates = gates or Gates(backend, limits=limits or Limits(), circuit=circuit, clock=self.clock)
        self._flights = Flights()

    async def generate(self, request: Request) -> Reply[Any]:
        """Obtain a whole answer.

        Identical requests that run at the same time are sent once, and an answer that the ledger
        holds is not paid for again.

        Args:
            request: what is asked.

        Raises:
            SetupError: the request cannot be sent as it is.
            DocumentError: a document cannot be read.
            ServiceError: the service refused or failed, after the retries.
            AnswerError: there is an answer, and it is not whole.
            BudgetExceeded: it would have broken a budget.
            NotSent: inside a dry run, where the ledger does not have the answer.
        """
        if (other := standing_in()) is not None:
            return await other.ask(self, request)
        exchange = await self.prepare(request)
        key = f"fresh:{uuid4().hex}" if request.fresh else exchange.fingerprint
        reply: Reply[Any]
        reply, first = await self._flights.share(key, lambda: self._paid(exchange))
        return reply if first else reply.model_copy(update={"from_ledger": True})

    def stream(self, request: Request) -> ReplyStream:
        """Obtain an answer piece by piece; the stream ends in the whole reply.

        Args:
            request: what is asked.

        Raises:
            GeminiError: as `generate`, while iterating.
        """
        return ReplyStream(self._pieces(request))

    async def count_tokens(self, request: Request) -> TokenCount:
        """Count a request's tokens without generating; the service does not charge for it.

        Raises:
            GeminiError: as `generate`.
        """
        return await self._count(await self.prepare(request))

    async def quote(self, request: Request) -> Quote:
        """Say what a request would use, without making it: the service counts its tokens, free of charge.

        Raises:
            GeminiError: as `generate`, before anything is generated.
        """
        exchange = await self.prepare(request)
        paid = None
        if self.ledger is not None and not request.fresh:
            row = await self.ledger.lookup(exchange.fingerprint, self.backend.identity)
            paid = None if row is None else await self._again(exchange, row)
        return await Quote.of(exchange, counted=None if paid else await self._count(exchange), paid=paid)

    async def knows(self, request: Request) -> bool:
        """Whether the ledger has the answer, so that asking would cost nothing.

        Raises:
            GeminiError: the request cannot be sent as it is.
        """
        if self.ledger is None or request.fresh:
            return False
        exchange = await self.prepare(request)
        return await self.ledger.lookup(exchange.fingerprint, self.backend.identity) is not None

    async def check(self, model: str = "flash-lite") -> str:
        """Make the smallest real call: credentials, network and model, without generating anything.

        Args:
            model: the model that must answer.

        Returns:
            Who answered, for a person.

        Raises:
            GeminiError: whatever stands in the way, with what to do.
        """
        counted = await self.count_tokens(Request(model=model, contents=("ping",)))
        name = resolve(model, backend=self.backend.kind, warn=False).id
        return f"{self.backend.label}: {name} answered (tokens counted: {counted.total})"

    async def aclose(self) -> None:
        """Close the connections. The client opens new ones if it is used again."""
        sdk, self._sdk = self._sdk, None
        http, self._http = self._http, None
        if sdk is not None:
            await sdk.aio.aclose()
        if http is not None:  # google-genai leaves open what it was given
            await http.aclose()

    async def __aenter__(self) -> GeminiClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def sdk(self) -> Client:
        """The google-genai client underneath, made on first use."""
        if self._sdk is None:
            self._http = self.backend.http_client(timeout_s=self.timeout_s)
            self._sdk = self.backend.genai_client(http=self._http)
        return self._sdk

    async def _count(self, exchange: Exchange) -> TokenCount:
        return await count(self.sdk, exchange, retries=self.retries, clock=self.clock, timeout_s=self.timeout_s)

    async def prepare(self, asked: Request) -> Exchange:
        """Check and translate a request, without sending it.

        Raises:
            GeminiError: it cannot be sent as it is.
        """
        return await prepare(asked, self.backend, dial=self._dial)

    async def _paid(self, exchange: Exchange) -> Reply[Any]:
        while True:
            async with AsyncExitStack() as stack:
                claim = await self._claim(exchange, stack)
                if claim is None or claim.hit is None:
                    return await exchange.answer(claim)
                if (reply := await self._again(exchange, claim.hit)) is not None:
                    return reply

    async def _pieces(self, request: Request) -> AsyncGenerator[Chunk | Reply[Any], None]:
        if (other := standing_in()) is not None:
            for item in at_once(await other.ask(self, request)):
                yield item
            return
        exchange = await self.prepare(request)
        while True:
            async with AsyncExitStack() as stack:
                claim = await self._claim(exchange, stack)
                if claim is None or claim.hit is None:
                    async for item in exchange.pieces(claim):
                        yield item
                    return
                if (reply := await self._again(exchange, claim.hit)) is not None:
                    for item in at_once(reply):
                        yield item
                    return

    async def _claim(self, exchange: Exchange, stack: AsyncExitStack) -> Claim | None:
        claim = None
        if self.ledger is not None:
            claim = await stack.enter_async_context(
                self.ledger.claim(
                    exchange.fingerprint,
                    self.backend.identity,
                    run=exchange.request.origin.get("flow_run_id"),
                    budget=self.budget,
                    fresh=exchange.request.fresh,
                )
            )
        if claim is None or claim.hit is None:
            await check_window(
                lambda: self.sdk, exchange, retries=self.retries, clock=self.clock, timeout_s=self.timeout_s
            )
        return claim

    async def _again(self, exchange: Exchange, paid: PaidCall) -> Reply[Any] | None:
        """The stored answer; withdrawn if it cannot be read, so that the next look is a miss."""
        try:
            return exchange.restored(paid)
        except (ValidationError, InvalidOutput):
            assert self.ledger is not None
            await self.ledger.withdraw(paid)
            return None

    def _dial(self, exchange: Exchange, model: ModelInfo) -> Call:
        limiter, circuit = self.gates.of(model.id)
        estimate = estimate_tokens(exchange.request, exchange.turns, model, exchange.output)
        return Call(
            sdk=self.sdk,
            backend=self.backend,
            model=model.id,
            request=exchange.request,
            turns=exchange.turns,
            output=exchange.output,
            retries=self.retries,
            limiter=limiter,
            circuit=circuit,
            clock=self.clock,
            timeout_s=self.timeout_s,
            tokens=estimate.prompt + estimate.output,
        )


_SHARED: dict[tuple[Any, ...], GeminiClient] = {}


def shared_client(
    backend: Backend,
    *,
    retries: RetryPolicy | None = None,
    limits: Limits | None = None,
    ledger: Ledger | str | Path | None = None,
    budget: Budget | None = None,
    timeout_s: float = TIMEOUT_S,
    sources: Sources | None = None,
) -> GeminiClient:
    """The client for this backend and these options on the running event loop, made on first use.

    Clients on different loops with the same backend and limits share limiters and circuits.

    Args:
        backend, retries, limits, ledger, budget, timeout_s: as `GeminiClient`.
        sources: where permits come from when processes share a ceiling.

    Raises:
        RuntimeError: no event loop is running.
    """
    loop = asyncio.get_running_loop()
    for key in [key for key in _SHARED if key[0].is_closed()]:
        del _SHARED[key]
    key = (loop, backend, retries, limits, ledger, budget, timeout_s, sources)
    if key not in _SHARED:
        _SHARED[key] = GeminiClient(
            backend,
            retries=retries,
            ledger=ledger,
            budget=budget,
            timeout_s=timeout_s,
            gates=shared_gates(backend, limits or Limits(), sources),
        )
    return _SHARED[key]
