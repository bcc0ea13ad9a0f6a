"""cachedContents: made, used, moved, expired, deleted, on both surfaces through the unchanged client."""

from __future__ import annotations

import base64

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from tests.local.conftest import CLIENTS, EchoEngine

MODEL = "gemini-3.5-flash"
PAPER = "a paper on harbours " * 1_200


@pytest.fixture
def client(server: LocalGemini, surface: str) -> genai.Client:
    """One client of each surface."""
    return CLIENTS[surface](server)


def make(client: genai.Client, *, text: str = PAPER, model: str = MODEL, **config: object) -> types.CachedContent:
    return client.caches.create(
        model=model, config=types.CreateCachedContentConfig(contents=[types.UserContent(text)], **config)
    )


def test_cache_is_shown_without_its_content(client: genai.Client, surface: str) -> None:
    """Name, model, times and tokens; never what is in it."""
    cache = make(client, display_name="harbours", ttl="600s")
    prefix = "projects/p/locations/us-central1/" if surface == "vertex" else ""
    assert cache.name.startswith(f"{prefix}cachedContents/")
    assert cache.model == (f"{prefix}publishers/google/models/{MODEL}" if prefix else f"models/{MODEL}")
    assert (cache.expire_time - cache.create_time).total_seconds() == pytest.approx(600, abs=1)
    assert cache.usage_metadata.total_token_count > 1_024
    assert client.caches.get(name=cache.name) == cache


def test_cached_prefix_reaches_the_engine_and_is_counted(client: genai.Client, engine: EchoEngine) -> None:
    """What is cached stands before the prompt, with its instruction; its tokens are counted, and as cached."""
    cache = make(client, system_instruction="Answer in one word.")
    reply = client.models.generate_content(
        model=MODEL, contents="Where?", config=types.GenerateContentConfig(cached_content=cache.name)
    )
    call = engine.calls[-1]
    assert [part["text"] for turn in call.contents for part in turn["parts"]] == [PAPER, "Where?"]
    assert call.system_instruction == "Answer in one word."
    usage = reply.usage_metadata
    assert usage.cached_content_token_count == cache.usage_metadata.total_token_count
    assert usage.cached_content_token_count < usage.prompt_token_count
    assert usage.cache_tokens_details[0].token_count == usage.cached_content_token_count


def test_cache_expires_by_the_clock_and_can_be_given_time(client: genai.Client, server: LocalGemini) -> None:
    """An hour by default; an update counts from now; when the time has come it is gone for every use."""
    cache = make(client)
    server.clock.move(3_500)
    moved = client.caches.update(name=cache.name, config=types.UpdateCachedContentConfig(ttl="600s"))
    assert moved.expire_time > cache.expire_time
    server.clock.move(599)
    assert client.caches.get(name=cache.name).name == cache.name
    server.clock.move(2)
    for use in (
        lambda: client.caches.get(name=cache.name),
        lambda: client.caches.update(name=cache.name, config=types.UpdateCachedContentConfig(ttl="60s")),
        lambda: client.caches.delete(name=cache.name),
        lambda: client.models.generate_content(
            model=MODEL, contents="x", config=types.GenerateContentConfig(cached_content=cache.name)
        ),
    ):
        with pytest.raises(errors.ClientError) as refused:
            use()
        assert refused.value.code in (403, 404)
    assert list(client.caches.list()) == []


def test_small_cache_is_refused_with_its_size(client: genai.Client) -> None:
    """The refusal says how many tokens there are and how many there must be."""
    with pytest.raises(errors.ClientError, match="1024"):
        make(client, text="too short")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"ttl": "600"}, "duration"),
        ({"ttl": "-5s"}, "ttl|duration"),
        ({"expire_time": "2020-01-01T00:00:00Z"}, "future"),
    ],
)
def test_time_that_is_none_is_refused(client: genai.Client, config: dict[str, str], words: str) -> None:
    """A duration ends in s and is positive; a moment is in the future."""
    with pytest.raises(errors.ClientError, match=f"(?i){words}"):
        make(client, **config)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"system_instruction": "again"}, "can not be used"),
        ({"tools": [types.Tool(google_search=types.GoogleSearch())]}, "can not be used"),
    ],
)
def test_what_the_cache_holds_is_not_repeated(client: genai.Client, config: dict[str, object], words: str) -> None:
    """Instruction and tools belong to the cache, not to the prompt that uses it."""
    cache = make(client)
    with pytest.raises(errors.ClientError, match=words):
        client.models.generate_content(
            model=MODEL, contents="x", config=types.GenerateContentConfig(cached_content=cache.name, **config)
        )


def test_cache_belongs_to_its_model(client: genai.Client) -> None:
    """Another model cannot use it, and Gemini 4 takes none at all."""
    cache = make(client)
    with pytest.raises(errors.ClientError, match="has to be the same"):
        client.models.generate_content(
            model="gemini-3.1-pro-preview", contents="x", config=types.GenerateContentConfig(cached_content=cache.name)
        )
    with pytest.raises(errors.ClientError, match="404"):
        make(client, model="gemini-4-argon")


def test_caches_are_listed_in_pages(client: genai.Client) -> None:
    """The pager goes through all, newest first."""
    names = [make(client).name for _ in range(3)]
    assert [cache.name for cache in client.caches.list(config={"page_size": 2})] == names[::-1]


def test_caches_of_another_project_are_not_seen(server: LocalGemini) -> None:
    """A list is of one project and place."""
    make(CLIENTS["vertex"](server))
    other = genai.Client(
        vertexai=True,
        project="q",
        location="us-central1",
        credentials=CLIENTS["vertex"](server)._api_client._credentials,
        http_options={"base_url": server.base_url},
    )
    assert list(other.caches.list()) == []


def test_media_are_counted_by_kind(client: genai.Client) -> None:
    """A picture in a cache is counted as one."""
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    contents = [types.UserContent([PAPER, types.Part.from_bytes(data=png, mime_type="image/png")])]
    cache = client.caches.create(model=MODEL, config=types.CreateCachedContentConfig(contents=contents))
    reply = client.models.generate_content(
        model=MODEL, contents="x", config=types.GenerateContentConfig(cached_content=cache.name)
    )
    counts = {row.modality.value: row.token_count for row in reply.usage_metadata.cache_tokens_details}
    assert counts["IMAGE"] == 1_120
