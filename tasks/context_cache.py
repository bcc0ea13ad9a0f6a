"""context_cache: one document, many questions, its tokens paid once where the model has explicit caches.

    async with acontext_cache(agreement, model="flash", questions=8) as cache:
        replies = await asyncio.gather(*(cache.ask(prompt, output=schema) for prompt, schema in asked))
    print(cache.bill)

The cache is made at the first question that the ledger cannot answer, and only when it pays. It is
extended while questions are under way, made anew once if it expired, and deleted at the end,
whatever happens: an exception, a cancelled run, a Prefect transaction that is rolled back. A process
that is killed leaves it to expire within `TTL_S`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from prefect.logging import get_logger
from prefect.transactions import get_transaction

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini import background
from prefect_gemini.gemini.calls.caches import (
    Cache,
    book_storage,
    create_cache,
    delete_cache,
    extend_cache,
    filling_cost,
    find_cache,
)
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.client import GeminiClient, shared_client
from prefect_gemini.gemini.costs.price_rows import Rates
from prefect_gemini.gemini.costs.prices import rates_of, storage_cost, storage_rate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.dry_run import standing_in
from prefect_gemini.gemini.errors import GeminiError, InvalidRequest, NotFound, PermissionDenied, TransportError
from prefect_gemini.gemini.ledger.fingerprint import canonical
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.request import Cached, Request
from prefect_gemini.tasks.parts.cache_bill import CacheBill, discount
from prefect_gemini.tasks.parts.call import READER, prepared

Policy = Literal["auto", "always", "never"]

TTL_S = 600.0
"""How long a cache outlives a killed process. While it is in use it is extended."""

_MINIMUM = re.compile(r"minimum token count to start caching is (\d+)|min_total_token_count=(\d+)")
_learnt: dict[tuple[str, str], int] = {}
"""The service's own minimum by backend and model, as its refusals name it."""


@dataclass
class ContextCache:
    """Asks questions about the same contents. Made by `acontext_cache`."""

    client: GeminiClient
    request: Request
    model: ModelInfo
    questions: int
    policy: Policy
    keep_s: float
    bill: CacheBill = field(default_factory=CacheBill)
    cache: Cache | None = None
    _made_at: datetime | None = None
    _decided: bool = False
    _rebuilt: bool = False
    _shared: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _warm: asyncio.Event = field(default_factory=asyncio.Event)
    _warming: bool = False

    async def ask(self, prompt: str, **options: Any) -> Reply[Any]:
        """Ask one question about the contents.

        Args:
            prompt: the question; it comes after the contents.
            options: further fields of `Request`, such as `output`.

        Raises:
            GeminiError: see `prefect_gemini.gemini.errors`.
            NotSent: inside a dry run or a batch, where the ledger does not have the answer; no cache is filled.
        """
        asked = replace(self.request, contents=(*self.request.contents, prompt), **options)
        if standing_in() is not None or await self.client.knows(asked):
            # A batch is answered when this cache is gone, and its price leaves nothing for a cache to save.
            return await self.client.generate(asked)
        await self._decide()
        if self.cache is None and "explicit_cache" in self.model.refuses:
            return await self._after_the_first(asked)
        return await self._send(asked)

    async def close(self) -> None:
        """Delete the cache, or let it live `keep_s` longer for other runs."""
        cache, self.cache = self.cache, None
        if cache is None:
            return
        try:
            await self._let_go(cache)
        finally:
            await self._count_storage(cache, kept_s=self.keep_s)

    async def keep_alive(self) -> None:
        """Extend the cache for as long as this runs."""
        while True:
            await asyncio.sleep(TTL_S / 3)
            if self.cache is not None and not _outlives(self.cache, TTL_S):
                try:
                    self.cache = await extend_cache(self.client, self.cache.name, ttl_s=TTL_S)
                except GeminiError as error:  # the next question finds out, and builds it anew
                    get_logger("gemini").info("the context cache was not extended: %s", error)

    async def _send(self, asked: Request) -> Reply[Any]:
        held = self.cache
        if held is None:
            return self._counted(await self.client.generate(asked))
        try:
            return self._counted(await self.client.generate(self._with(asked, held)))
        except (NotFound, PermissionDenied):
            async with self._lock:
                if self.cache is held:
                    await self._rebuild()
        return self._counted(await self.client.generate(self._with(asked, self.cache)))

    def _with(self, asked: Request, cache: Cache | None) -> Request:
        if cache is None:
            return asked
        return replace(asked, cached_content=Cached(cache.name, len(self.request.contents)))

    async def _after_the_first(self, asked: Request) -> Reply[Any]:
        """A model that caches by itself has read the contents once before it can remember them."""
        if not self._warming:
            self._warming = True
            try:
                return await self._send(asked)
            finally:
                self._warm.set()
        await self._warm.wait()
        return await self._send(asked)

    async def _rebuild(self) -> None:
        """Once: what expires again is not worth a third filling."""
        cache, self.cache = self.cache, None
        if cache is not None:
            await self._count_storage(cache)
        if not self._rebuilt:
            self._rebuilt = True
            await self._create("an explicit cache, made anew because the first had expired")

    async def _decide(self) -> None:
        async with self._lock:
            if self._decided:
                return
            self._decided = True
            self.bill.reason = await self._refused()
            if not self.bill.reason:
                await self._create("an explicit cache")

    async def _refused(self) -> str:
        """Why no explicit cache is made; empty where it pays."""
        if self.policy == "never":
            return "no explicit cache was wanted"
        rate = storage_rate(self.model)
        if rate is None:
            return f"{self.model.id} has no explicit caches; it caches by itself"
        if self.request.fallbacks:
            return "a cache serves one model, and there are fallbacks"
        if self.policy == "always":
            return ""
        if self.questions < 2:
            return "one question does not need a cache"
        tokens = (await self.client.count_tokens(self.request)).total
        least = _learnt.get((self.client.backend.kind, self.model.id), 0)
        if tokens < least:
            return f"{tokens:,} tokens are fewer than the {least:,} the service caches"
        rates = self._rates()
        if rates is None or rates.for_prompt(tokens).cached is None:
            return "no price of cached input is known"
        gain = discount(rates, tokens, of=self.questions * tokens)
        filling = filling_cost(self.client, self.model.id, tokens) or Decimal(0)
        price = filling + storage_cost(self.model.id, tokens, hours=TTL_S / 3600)
        if gain <= price:
            return f"{self.questions} questions save ${gain:.4f}, filling and keeping a cache costs ${price:.4f}"
        return ""

    async def _create(self, reason: str) -> None:
        """Make the cache, or use the one that another run keeps of the same contents."""
        name = _display_name(self.request, self.client)
        try:
            self.cache = await find_cache(self.client, name, model=self.model.id)
            shared = self._shared = self.cache is not None
            if self.cache is None:
                try:
                    self.cache = await create_cache(self.client, self.request, ttl_s=TTL_S, name=name)
                except TransportError:
                    # It may have been made all the same; a second one would be paid for as well.
                    self.cache = await find_cache(self.client, name, model=self.model.id)
        except InvalidRequest as refused:
            found = _MINIMUM.search(refused.message)
            if found is None:
                self.bill.reason = f"the service made no cache: {refused.message}"
                return
            least = int(found[1] or found[2])
            _learnt[self.client.backend.kind, self.model.id] = least
            self.bill.reason = f"the service caches {least:,} tokens or more, the contents are fewer"
            return
        except GeminiError as refused:
            # A cache only saves money: without it the same questions are asked.
            self.bill.reason = f"the service made no cache: {refused.message}"
            return
        if self.cache is None:
            self.bill.reason = "the service made no cache"
            return
        self._made_at = datetime.now(UTC)
        self.bill.reason = f"{reason}, shared with another run" if shared else reason
        self.bill.tokens = self.cache.tokens
        if not shared:
            self.bill.filling += filling_cost(self.client, self.model.id, self.cache.tokens) or Decimal(0)
            _delete_on_rollback(self)

    async def _let_go(self, cache: Cache) -> None:
        try:
            if self.keep_s and not _outlives(cache, self.keep_s):
                await extend_cache(self.client, cache.name, ttl_s=self.keep_s)
            elif not self.keep_s and not self._shared:  # another run's is for that run to delete
                await delete_cache(self.client, cache.name)
        except (NotFound, PermissionDenied):
            pass  # it has expired: its price has ended with it
        except GeminiError as error:
            get_logger("gemini").warning("the context cache %s is left to expire: %s", cache.name, error)

    async def _count_storage(self, cache: Cache, *, kept_s: float = 0.0) -> None:
        made_at, self._made_at = self._made_at, None
        if made_at is not None:
            hours = ((datetime.now(UTC) - made_at).total_seconds() + kept_s) / 3600
            self.bill.storage += await book_storage(self.client, self.request, cache, hours=hours)

    def _rates(self) -> Rates | None:
        return rates_of(self.model.id, at=datetime.now(UTC), location=self.client.backend.location or "global")

    def _counted(self, reply: Reply[Any]) -> Reply[Any]:
        if not reply.from_ledger:
            self.bill.questions += 1
            self.bill.cached += reply.usage.cached
            rates = self._rates()
            if rates is not None:
                self.bill.discount += discount(rates, reply.usage.prompt, of=reply.usage.cached)
        return reply


@asynccontextmanager
async def acontext_cache(
    *contents: str | Document,
    model: str | GeminiModel,
    questions: int,
    system_instruction: str = READER,
    policy: Policy = "auto",
    keep_s: float = 0.0,
) -> AsyncIterator[ContextCache]:
    """Share contents among questions.

    Args:
        contents: text and documents that every question is about.
        model: a family, a model id, or a saved `GeminiModel`.
        questions: how many will be asked; what decides whether a cache pays.
        system_instruction: who the model is to be, for every question.
        policy: "auto" makes an explicit cache where it pays, "always" wherever the model has it.
        keep_s: seconds the cache is kept for other runs on the same contents; 0 deletes it at the end.

    Raises:
        GeminiError: the contents cannot be sent.
    """
    client, request = await prepared(*contents, model=model, system_instruction=system_instruction)
    cache = ContextCache(
        client=client,
        request=request,
        model=resolve(request.model, backend=client.backend.kind),
        questions=questions,
        policy=policy,
        keep_s=keep_s,
    )
    alive = asyncio.create_task(cache.keep_alive())
    try:
        yield cache
    except BaseException:
        cache.keep_s = 0.0
        raise
    finally:
        alive.cancel()
        # A cancelled run still deletes what it pays for by the hour.
        await asyncio.shield(cache.close())


def _outlives(cache: Cache, seconds: float) -> bool:
    """Whether a cache lives so long anyway: to extend it would shorten what another run keeps it for."""
    return cache.expires is not None and (cache.expires - datetime.now(UTC)).total_seconds() >= seconds


def _display_name(request: Request, client: GeminiClient) -> str:
    held = canonical([request.contents, request.system_instruction, request.tools])
    return f"prefect-gemini-{sha256(f'{client.backend.identity} {held}'.encode()).hexdigest()[:40]}"


def _delete_on_rollback(held: ContextCache) -> None:
    """Where a transaction is open, its rollback deletes the cache, also one that would be kept."""
    transaction = get_transaction()
    if transaction is None or held.cache is None:
        return
    name, backend = held.cache.name, held.client.backend

    def delete(_: Any) -> None:
        # Rollback may come on any thread; a client belongs to one event loop.
        async def run() -> None:
            with suppress(NotFound, PermissionDenied):
                await delete_cache(shared_client(backend), name)

        background.run(run())

    transaction.on_rollback_hooks.append(delete)
