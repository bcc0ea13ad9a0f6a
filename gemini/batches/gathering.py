"""Gathering: nodes run as they are, and what they would ask goes into batches instead of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import ValidationError

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.batches.repair import Repair
from prefect_gemini.gemini.batches.spool import MOST_ROWS, TOKENS, Row, Spool
from prefect_gemini.gemini.batches.vectors import body_of, check_batch
from prefect_gemini.gemini.calls.answer import error_of
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.calls.uploads import by_reference
from prefect_gemini.gemini.costs.prices import Usage, cost
from prefect_gemini.gemini.dry_run import Asking
from prefect_gemini.gemini.errors import GeminiError, InvalidOption, InvalidOutput, NotSent
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.reply import Reply

if TYPE_CHECKING:
    from google.genai import Client

    from prefect_gemini.gemini.calls.embeddings import Embedding, Vector
    from prefect_gemini.gemini.calls.exchange import Exchange
    from prefect_gemini.gemini.client import GeminiClient
    from prefect_gemini.gemini.request import Request


class Deferred(NotSent):
    """The request waits for a batch; the same call is made again when its answer is in the ledger."""

    default_hint = "Collect the batch, then run the node again."


@dataclass
class Gathering(Asking):
    """Stands in for clients: answers what the ledger has, and spools the rest.

    Args:
        most_rows: requests to a job.
        spools: jobs being filled, and full ones.
        collected: fingerprints of this run's batches that have come back.
        failed: those among them without an answer that serves.
        repairs: those among them whose answer is asked for once more, with what is wrong with it.
        resumed: the flow run, where it may have been suspended: answers it had that do not serve are not asked anew.
    """

    most_rows: int = MOST_ROWS
    spools: list[tuple[GeminiClient, Spool]] = field(default_factory=list)
    collected: set[str] = field(default_factory=set)
    failed: dict[str, GeminiError] = field(default_factory=dict)
    repairs: dict[str, Repair] = field(default_factory=dict)
    resumed: str | None = None
    _echoes: dict[Backend, Client] = field(default_factory=dict)

    async def ask(self, client: GeminiClient, request: Request) -> Reply[Any]:
        """Answer from the ledger, or spool.

        Raises:
            Deferred: the request is spooled.
            GeminiError: it could not be sent as it is, or its batch has failed it.
        """
        with self.looking():
            ledger, exchange = _ledger(client), await client.prepare(request)
            fingerprint, mine = exchange.fingerprint, exchange.fingerprint in self.collected
            if fingerprint in self.failed:
                raise self.failed[fingerprint]
            if (repair := self.repairs.get(fingerprint)) is not None:
                return await self._repaired(client, exchange, repair)
            paid = None
            if mine or not request.fresh:
                paid = await ledger.lookup(fingerprint, client.backend.identity)
            if paid is None:
                if (repair := await self._begun(client, exchange)) is not None:
                    return await self._repaired(client, exchange, repair)
                raise await self._spooled(client, exchange)
            try:
                return exchange.restored(paid).model_copy(update={"from_ledger": not mine})
            except (ValidationError, InvalidOutput) as error:
                await ledger.withdraw(paid, warn=not mine)
                if not mine:  # an older answer that cannot be read any more: asked anew
                    raise await self._spooled(client, exchange) from None
                if not isinstance(error, InvalidOutput):
                    self.failed[fingerprint] = InvalidOutput(f"The answer cannot be read: {error}.")
                    raise self.failed[fingerprint] from None
                self.repairs[fingerprint] = repair = Repair.of(exchange, paid, error)
                raise await self._spooled(client, repair.exchange(exchange)) from None

    async def embed(self, client: GeminiClient, asked: Embedding) -> Reply[Vector]:
        """Answer from the ledger, or spool.

        Raises:
            Deferred: the text is spooled.
            InvalidOption: the service does not embed it in a batch.
            GeminiError: its batch has failed it.
        """
        with self.looking():
            check_batch(asked, client.backend)
            ledger, fingerprint = _ledger(client), asked.fingerprint(client.backend)
            if fingerprint in self.failed:
                raise self.failed[fingerprint]
            paid = await ledger.lookup(fingerprint, client.backend.identity)
            if paid is not None:
                return asked.restored(paid).model_copy(update={"from_ledger": fingerprint not in self.collected})
            row = Row(origin={**asked.origin, TOKENS: str(asked.estimate.prompt)}, labels={})
            price = _price(client, asked.model, asked.estimate)
            self._add(client, asked.model, fingerprint, body_of(asked, client.backend), row, price)
            raise Deferred("The text waits for a batch.", model=asked.model)

    async def _begun(self, client: GeminiClient, exchange: Exchange) -> Repair | None:
        """The repair of the answer that this flow run had before it was suspended.

        Raises:
            AnswerError: what that answer was cut or blocked by.
        """
        broken = await self._broken(client, exchange.fingerprint)
        if broken is None:
            return None
        try:
            exchange.restored(broken)
        except InvalidOutput as error:
            self.repairs[exchange.fingerprint] = Repair.of(exchange, broken, error)
        except ValidationError:
            return None
        return self.repairs.get(exchange.fingerprint)

    async def _broken(self, client: GeminiClient, fingerprint: str) -> PaidCall | None:
        if self.resumed is None:
            return None
        broken = await _ledger(client).broken(fingerprint, client.backend.identity, run=self.resumed)
        if broken is not None and (error := error_of(Reply[str].model_validate(dict(broken.reply)))) is not None:
            self.failed[fingerprint] = error
            raise error
        return broken

    async def _repaired(self, client: GeminiClient, exchange: Exchange, repair: Repair) -> Reply[Any]:
        """The answer that was asked for once more."""
        ledger = _ledger(client)
        if repair.reply is not None:
            return repair.reply
        if repair.fingerprint in self.failed:
            raise self.failed[repair.fingerprint]
        paid = await ledger.lookup(repair.fingerprint, client.backend.identity)
        if paid is None and (paid := await self._broken(client, repair.fingerprint)) is None:
            raise await self._spooled(client, repair.exchange(exchange))
        try:
            repair.reply = repair.settled(exchange, paid)
        except InvalidOutput as error:
            self.failed[exchange.fingerprint] = error
            await ledger.withdraw(paid, warn=False)
            raise
        await ledger.readdress(paid, exchange.fingerprint)
        return repair.reply

    async def _spooled(self, client: GeminiClient, exchange: Exchange) -> Deferred:
        model, request = exchange.models[0], exchange.request
        turns = exchange.turns
        if client.backend.kind != "vertex":
            turns = await direct(
                lambda: by_reference(exchange.turns, client.sdk), retries=client.retries, clock=client.clock
            )
        call = replace(exchange.dial(exchange, model), turns=turns, sdk=self._echo(client.backend))
        body = await call.body()
        price = _price(client, model.id, estimate_tokens(request, exchange.turns, model, exchange.output))
        row = Row(origin=PaidCall.booked(request), labels=dict(request.labels), fresh=request.fresh)
        self._add(client, model.id, exchange.fingerprint, body, row, price)
        return Deferred("The request waits for a batch.", model=model.id)

    def _add(
        self,
        client: GeminiClient,
        model: str,
        fingerprint: str,
        body: Mapping[str, Any],
        row: Row,
        price: Decimal | None,
    ) -> None:
        mine = [spool for owner, spool in self.spools if owner is client and spool.model == model]
        if any(fingerprint in spool.rows for spool in mine):
            return  # also where its job is full: the same document twice is paid once
        if mine and mine[-1].add(fingerprint, body, row, estimate=price):
            return
        spool = Spool(client.backend, model, self.most_rows)
        spool.add(fingerprint, body, row, estimate=price)
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


def _ledger(client: GeminiClient) -> Ledger:
    if client.ledger is None:
        raise InvalidOption("A batch needs a ledger: that is where its answers go.", hint="Set `ledger_url`.")
    return client.ledger


def _price(client: GeminiClient, model: str, tokens: Usage) -> Decimal | None:
    return cost(model, tokens, at=datetime.now(UTC), tier="batch", location=client.backend.location or "global")
