"""Gathering: nodes run as they are, and what they would ask goes into batches instead of the wire."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import ValidationError

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.batches.spool import MOST_ROWS, Row, Spool
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.errors import GeminiError, InvalidOption, InvalidOutput, NotSent
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.reply import Reply

if TYPE_CHECKING:
    from google.genai import Client

    from prefect_gemini.gemini.calls.exchange import Exchange
    from prefect_gemini.gemini.client import GeminiClient
    from prefect_gemini.gemini.request import Request


class Deferred(NotSent):
    """The request waits for a batch; the same call is made again when its answer is in the ledger."""

    default_hint = "Collect the batch, then run the node again."


@dataclass
class Gathering:
    """Stands in for clients: answers what the ledger has, and spools the rest.

    Args:
        most_rows: requests to a job.
        spools: jobs being filled, and full ones.
        collected: fingerprints of this run's batches that have come back.
        failed: those among them without an answer that serves.
    """

    most_rows: int = MOST_ROWS
    spools: list[tuple[GeminiClient, Spool]] = field(default_factory=list)
    collected: set[str] = field(default_factory=set)
    failed: dict[str, GeminiError] = field(default_factory=dict)
    _echoes: dict[Backend, Client] = field(default_factory=dict)

    async def ask(self, client: GeminiClient, request: Request) -> Reply[Any]:
        """Answer from the ledger, or spool.

        Raises:
            Deferred: the request is spooled.
            GeminiError: it could not be sent as it is, or its batch has failed it.
        """
        if client.ledger is None:
            raise InvalidOption("A batch needs a ledger: that is where its answers go.", hint="Set `ledger_url`.")
        exchange = await client.prepare(request)
        mine = exchange.fingerprint in self.collected
        if exchange.fingerprint in self.failed:
            raise self.failed[exchange.fingerprint]
        paid = (
            None
            if request.fresh and not mine
            else await client.ledger.lookup(exchange.fingerprint, client.backend.identity)
        )
        if paid is not None and (reply := await self._restored(client, exchange, paid, mine=mine)) is not None:
            return reply.model_copy(update={"from_ledger": not mine})
        await self._spool(client, exchange)
        raise Deferred("The request waits for a batch.", model=exchange.models[0].id)

    async def _restored(
        self, client: GeminiClient, exchange: Exchange, paid: PaidCall, *, mine: bool
    ) -> Reply[Any] | None:
        try:
            return exchange.restored(paid)
        except (ValidationError, InvalidOutput) as error:
            assert client.ledger is not None
            await client.ledger.withdraw(paid)
            if not mine:
                return None  # an older answer that cannot be read any more: asked anew
            unread = (
                error if isinstance(error, InvalidOutput) else InvalidOutput(f"The answer cannot be read: {error}.")
            )
            self.failed[exchange.fingerprint] = unread
            raise unread from None

    async def _spool(self, client: GeminiClient, exchange: Exchange) -> None:
        model, request = exchange.models[0], exchange.request
        call = replace(exchange.dial(exchange, model), sdk=self._echo(client.backend))
        body = await call.body()
        tokens = estimate_tokens(request, exchange.turns, model, exchange.output)
        price = cost(model.id, tokens, at=datetime.now(UTC), tier="batch", location=client.backend.location or "global")
        row = Row(origin=PaidCall.booked(request), labels=dict(request.labels), fresh=request.fresh)
        mine = [spool for owner, spool in self.spools if owner is client and spool.model == model.id]
        if any(exchange.fingerprint in spool.rows for spool in mine):
            return  # also where its job is full: the same document twice is paid once
        for owner, spool in reversed(self.spools):
            if owner is client and spool.model == model.id:
                if spool.add(exchange.fingerprint, body, row, estimate=price):
                    return
                break
        spool = Spool(client.backend, model.id, self.most_rows)
        spool.add(exchange.fingerprint, body, row, estimate=price)
        self.spools.append((client, spool))

    def _echo(self, backend: Backend) -> Client:
        """A google-genai client whose calls come back as they were sent: what an interactive call would say."""
        if backend not in self._echoes:
            self._echoes[backend] = _mute(backend).genai_client(http=httpx.AsyncClient(transport=_Echo()))
        return self._echoes[backend]


class _Echo(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=await request.aread(), headers={"content-type": "application/json"})


def _mute(backend: Backend) -> Backend:
    """The backend with credentials that need no network: nothing is sent."""
    if backend.kind != "vertex" or backend.api_key is not None:
        return backend
    from google.oauth2.credentials import Credentials

    return replace(backend, credentials=Credentials(token="unused"))  # type: ignore[no-untyped-call]
