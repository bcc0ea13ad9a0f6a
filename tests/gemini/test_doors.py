"""What generates nothing: explicit caches and the service's own list of models."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scripted import Scripted, error

from prefect_gemini.gemini import GeminiClient, Request
from prefect_gemini.gemini.calls.caches import create_cache, delete_cache
from prefect_gemini.gemini.catalog.served import served_models
from prefect_gemini.gemini.errors import InvalidOption, NotFound, ServerError

Connect = Callable[..., GeminiClient]


async def test_a_cache_is_created_once_and_deleted(server: Scripted, connect: Connect) -> None:
    """Its name goes into later requests; what is stored is what was asked."""
    server.plays({"name": "cachedContents/c", "model": "models/m", "usageMetadata": {"totalTokenCount": 35}}, {})
    client = connect()
    cache = await create_cache(client, Request(model="gemini-3.8-flash", contents="a book"), ttl_s=120, name="book")
    assert (cache.name, cache.tokens) == ("cachedContents/c", 35)
    body = server.seen[0].body
    assert (body["ttl"], body["displayName"]) == ("120s", "book")
    await delete_cache(client, cache.name)
    assert (server.seen[1].method, server.seen[1].path) == ("DELETE", "/v1beta/cachedContents/c")


async def test_a_cache_whose_creation_fails_is_not_created_again(server: Scripted, connect: Connect) -> None:
    """It may exist in spite of the error, and a second one would be paid for as well."""
    server.plays(error(503, "UNAVAILABLE"), repeat=True)
    with pytest.raises(ServerError):
        await create_cache(connect(), Request(model="gemini-3.8-flash", contents="a book"), ttl_s=120)
    assert len(server.seen) == 1


async def test_a_model_without_caches_is_refused_before_the_call(server: Scripted, connect: Connect) -> None:
    """Gemini 4 caches by itself."""
    with pytest.raises(InvalidOption, match="explicit caches"):
        await create_cache(connect(), Request(model="gemini-4-argon", contents="a book"), ttl_s=120)
    assert server.seen == []


async def test_what_is_gone_is_not_found(server: Scripted, connect: Connect) -> None:
    """Deleting twice is an error with a name."""
    server.plays(error(404, "NOT_FOUND"))
    with pytest.raises(NotFound):
        await delete_cache(connect(), "cachedContents/c")


async def test_the_models_are_those_the_service_lists(server: Scripted, connect: Connect) -> None:
    """All pages, after a failure that heals."""
    first = {"models": [{"name": "models/a", "inputTokenLimit": 9, "supportedGenerationMethods": ["generateContent"]}]}
    second = {"models": [{"name": "models/b"}]}
    server.plays(error(503, "UNAVAILABLE"), first | {"nextPageToken": "t"}, second)
    models = await served_models(connect())
    assert [(model.id, model.window, model.actions) for model in models] == [
        ("a", 9, ("generateContent",)),
        ("b", None, ()),
    ]
