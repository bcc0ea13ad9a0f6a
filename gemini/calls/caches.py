"""Explicit caches: the beginning that many requests share, stored and paid by the hour.

Filling and keeping are booked in the ledger like any call, in rows of the tier "cache", and held
against the budget.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.calls import wire
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.prices import Tokens, cost, storage_cost
from prefect_gemini.gemini.dry_run import running_dry
from prefect_gemini.gemini.errors import InvalidOption, MalformedResponse, NotSent
from prefect_gemini.gemini.ledger.claim import Claim
from prefect_gemini.gemini.ledger.paid_call import CACHE_TIER, PaidCall
from prefect_gemini.gemini.request import Request

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient


class Cache(BaseModel):
    """An explicit cache. `name` goes into `Request.cached_content`.

    Args:
        name: the resource name.
        model: as the service writes it.
        expires: when the service deletes it.
        tokens: how many it holds.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    model: str = ""
    expires: datetime | None = None
    tokens: int = 0


async def create_cache(client: GeminiClient, request: Request, *, ttl_s: float, name: str = "") -> Cache:
    """Store a request's contents, system instruction and tools.

    It is sent once, never again by itself: a second cache would be paid for as well. After a lost
    connection, look for `name` among the caches.

    Args:
        client: whom to ask.
        request: what to store; its other fields are not used.
        ttl_s: seconds it lives; at least 60 on Vertex AI.
        name: a display name to find it by.

    Raises:
        InvalidOption: the model has no explicit caches.
        BudgetExceeded: filling it and keeping it so long would break a budget; nothing was sent.
        ServiceError: the service refused or failed.
    """
    from google.genai import types

    model = resolve(request.model, backend=client.backend.kind)
    if "explicit_cache" in model.refuses:
        raise InvalidOption(f"{model.id!r} has no explicit caches; it caches by itself.", model=model.id)
    if running_dry() is not None:
        raise NotSent("The cache was not filled: this is a dry run.", model=model.id)
    turns = await asyncio.to_thread(request.turns)
    config = types.CreateCachedContentConfig(
        contents=list(wire.contents(turns)),
        system_instruction=request.system_instruction,
        tools=wire.tools(request),
        ttl=f"{ttl_s:g}s",
        display_name=name or None,
    )

    async def ask() -> Any:
        return await client.sdk.aio.caches.create(model=model.id, config=config)

    async with AsyncExitStack() as stack:
        claim = await _claim(client, request, stack)
        if claim is not None:
            tokens = estimate_tokens(request, turns, model, None).prompt
            filling = filling_cost(client, model.id, tokens)
            storage = storage_cost(model.id, tokens, hours=ttl_s / 3600)
            await claim.hold(None if filling is None else filling + storage)
        made = await direct(ask, retries=client.retries, clock=client.clock, model=model.id, repeatable=False)
        cache = _cache(made)
        if claim is not None:
            price = filling_cost(client, model.id, cache.tokens)
            await claim.record(_booked(client, request, claim, model.id, price, tokens=cache.tokens))
    if not cache.name:
        raise MalformedResponse("The service created a cache without a name.", model=model.id)
    return cache


def filling_cost(client: GeminiClient, model: str, tokens: int) -> Decimal | None:
    """What filling a cache costs, in USD: its tokens once, at the price of input. None where no price is known."""
    return cost(model, Tokens(prompt=tokens), at=datetime.now(UTC), location=client.backend.location or "global")


async def book_storage(client: GeminiClient, request: Request, cache: Cache, *, hours: float) -> Decimal:
    """Write down in the ledger what keeping a cache has cost.

    Args:
        client: whose cache it is.
        request: whom it is booked on.
        cache: the cache.
        hours: for how long.

    Returns:
        USD.
    """
    model = resolve(request.model, backend=client.backend.kind, warn=False).id
    price = storage_cost(model, cache.tokens, hours=hours)
    async with AsyncExitStack() as stack:
        claim = await _claim(client, request, stack)
        if claim is not None:
            await claim.record(_booked(client, request, claim, model, price))
    return price


async def _claim(client: GeminiClient, request: Request, stack: AsyncExitStack) -> Claim | None:
    """Where money is set aside for a cache; None without a ledger."""
    if client.ledger is None:
        return None
    run = request.origin.get("flow_run_id")
    name = f"{CACHE_TIER}:{uuid4().hex}"
    return await stack.enter_async_context(
        client.ledger.claim(name, client.backend.identity, run=run, budget=client.budget, fresh=True)
    )


def _booked(
    client: GeminiClient, request: Request, claim: Claim, model: str, price: Decimal | None, *, tokens: int = 0
) -> PaidCall:
    return PaidCall(
        fingerprint=claim.asked,
        identity=client.backend.identity,
        backend=client.backend.kind,
        model=model,
        cost=price,
        usage={"prompt": tokens},
        tier=CACHE_TIER,
        origin=PaidCall.booked(request),
        labels=dict(request.labels),
    )


async def find_cache(client: GeminiClient, name: str, *, model: str) -> Cache | None:
    """Find a cache by its display name; None where there is none that has not expired.

    Args:
        client: whom to ask.
        name: the display name it was created with.
        model: a cache serves one model only.

    Raises:
        ServiceError: the service refused or failed.
    """
    wanted = resolve(model, backend=client.backend.kind).id

    async def ask() -> Any:
        async for one in await client.sdk.aio.caches.list():
            if one.display_name == name and str(one.model).rpartition("/")[2] == wanted:
                return one
        return None

    found = await direct(ask, retries=client.retries, clock=client.clock, model=wanted)
    return None if found is None else _cache(found)


async def extend_cache(client: GeminiClient, name: str, *, ttl_s: float) -> Cache:
    """Let a cache live so long from now.

    Args:
        client: whom to ask.
        name: the resource name.
        ttl_s: seconds.

    Raises:
        NotFound: there is none of this name, or it has expired. The Developer API says `PermissionDenied`.
        ServiceError: the service refused or failed.
    """
    from google.genai import types

    async def ask() -> Any:
        return await client.sdk.aio.caches.update(name=name, config=types.UpdateCachedContentConfig(ttl=f"{ttl_s:g}s"))

    return _cache(await direct(ask, retries=client.retries, clock=client.clock))


async def delete_cache(client: GeminiClient, name: str) -> None:
    """Delete a cache, which ends its price.

    Raises:
        NotFound: there is none of this name, or it has expired.
        ServiceError: the service refused or failed.
    """

    async def ask() -> Any:
        return await client.sdk.aio.caches.delete(name=name)

    await direct(ask, retries=client.retries, clock=client.clock)


def _cache(shown: Any) -> Cache:
    return Cache(
        name=shown.name,
        model=shown.model or "",
        expires=None if shown.expire_time is None else shown.expire_time.astimezone(UTC),
        tokens=shown.usage_metadata.total_token_count or 0 if shown.usage_metadata else 0,
    )
