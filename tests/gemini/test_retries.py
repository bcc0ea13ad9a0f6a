"""Retries: by cause, with one owner, never past the deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted import Say, Scripted, answer, error, say, sse

from prefect_gemini.gemini import GeminiClient, Request, RetryPolicy
from prefect_gemini.gemini.errors import (
    AuthenticationFailed,
    GeminiError,
    InvalidRequest,
    MalformedFunctionCall,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    ServerError,
    TransportError,
    Truncated,
)

Connect = Callable[..., GeminiClient]
ASK = Request(model="flash", contents="hello")
INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3s"}
HTML = Say(pieces=[b"<!DOCTYPE html><title>502</title>"], content_type="text/html")


async def test_a_header_that_asks_for_two_seconds_gets_them(server: Scripted, connect: Connect, clock: Any) -> None:
    """Retry-After is a floor, not advice."""
    server.plays(error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "2"}), answer())
    reply = await connect().generate(ASK)
    assert (reply.attempts, len(server.seen)) == (2, 2)
    assert sum(clock.waits) >= 2


async def test_a_body_that_asks_for_three_seconds_gets_them(server: Scripted, connect: Connect, clock: Any) -> None:
    """RetryInfo counts where there is no header."""
    server.plays(error(429, "RESOURCE_EXHAUSTED", details=[INFO]), answer())
    await connect().generate(ASK)
    assert sum(clock.waits) >= 3


async def test_a_wait_beyond_the_deadline_is_not_begun(server: Scripted, connect: Connect, clock: Any) -> None:
    """The last error is raised at once, with the wait it asked for."""
    server.plays(error(429, "RESOURCE_EXHAUSTED", headers={"Retry-After": "100"}))
    with pytest.raises(RateLimited) as caught:
        await connect(retries=RetryPolicy(deadline_s=30)).generate(ASK)
    assert caught.value.retry_after == 100
    assert clock.waits == []


async def test_a_failure_that_stays_is_tried_so_often_and_no_more(
    server: Scripted, connect: Connect, clock: Any
) -> None:
    """Exactly `max_attempts` requests, with growing waits of a second and more."""
    server.plays(error(503, "UNAVAILABLE"), repeat=True)
    with pytest.raises(ServerError) as caught:
        await connect(retries=RetryPolicy(max_attempts=4)).generate(ASK)
    assert caught.value.attempts == len(server.seen) == 4
    assert len(clock.waits) == 3
    assert all(wait >= 2**number for number, wait in enumerate(clock.waits))
    assert "(after 4 attempts)" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
    ],
)
async def test_what_cannot_heal_is_sent_once(server: Scripted, connect: Connect, status: int, kind: type) -> None:
    """One request, one typed error, and the service's own words in it."""
    server.plays(error(status, "S", "the service's words"), repeat=True)
    with pytest.raises(kind, match="the service's words") as caught:
        await connect().generate(ASK)
    assert len(server.seen) == 1
    assert not caught.value.retryable


async def test_a_spent_quota_is_not_waited_for(server: Scripted, connect: Connect) -> None:
    """Provisioned Throughput does not come back in seconds."""
    server.plays(error(429, "RESOURCE_EXHAUSTED", "Exceeded the Provisioned Throughput."), repeat=True)
    with pytest.raises(QuotaExceeded):
        await connect().generate(ASK)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (HTML, MalformedResponse),
        (Say(pieces=[b'{"candidates": [{"content"']), MalformedResponse),
        (Say(pieces=[b'{"candidates": NaN}']), MalformedResponse),
        (Say(pieces=[]), MalformedResponse),
        (Say(pieces=[b"\xff\xfe\x00"]), MalformedResponse),
        (Say(pieces=[b"[]"]), MalformedResponse),
        (Say(pieces=[b"{"], drop=True), TransportError),
        (say(answer("x", finish="MALFORMED_FUNCTION_CALL")), MalformedFunctionCall),
        (say(answer("x", finish=None)), Truncated),
        (error(500, "INTERNAL"), ServerError),
        (Say(status=502, pieces=[b"<html>bad gateway</html>"], content_type="text/html"), ServerError),
    ],
)
async def test_a_broken_answer_is_asked_for_again(server: Scripted, connect: Connect, bad: Say, kind: type) -> None:
    """Once it comes out whole; where it does not, the error is ours."""
    client = connect()
    server.plays(bad, answer("whole"))
    reply = await client.generate(ASK)
    assert (reply.text, reply.attempts) == ("whole", 2)
    server.plays(bad, repeat=True)
    with pytest.raises(kind) as caught:
        await client.generate(ASK)
    assert type(caught.value) is kind
    assert caught.value.attempts == len(server.seen) >= 2


async def test_a_silent_service_is_given_up(server: Scripted, connect: Connect) -> None:
    """A stall ends after `timeout_s`, as a transport error of ours."""
    server.plays(Say(stall_s=5), repeat=True)
    with pytest.raises(TransportError, match="stalled"):
        await connect(timeout_s=0.1, retries=RetryPolicy(max_attempts=1)).generate(ASK)


async def test_a_refused_connection_is_ours(connect: Connect) -> None:
    """Nobody listens."""
    from prefect_gemini.gemini.backend import Backend

    client = connect(backend=Backend.local("http://127.0.0.1:9"), retries=RetryPolicy(max_attempts=2))
    with pytest.raises(TransportError) as caught:
        await client.generate(ASK)
    assert caught.value.attempts == 2


async def test_a_stream_that_is_limited_at_its_first_event_is_sent_again(server: Scripted, connect: Connect) -> None:
    """Vertex AI sends 429 inside a stream; before any text nothing is lost."""
    refused = b'data: {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}}\r\n\r\n'
    server.plays(sse(refused), sse(answer("hello")))
    reply = await connect().stream(ASK).whole()
    assert (reply.text, reply.attempts) == ("hello", 2)


async def test_no_error_of_a_call_carries_the_key(server: Scripted, connect: Connect) -> None:
    """Neither the message nor what is chained to it shows the credentials."""
    from pydantic import SecretStr

    from prefect_gemini.gemini.backend import Backend

    canary = "AIza" + "C" * 35
    backend = Backend(kind="developer", api_key=SecretStr(canary), base_url=server.base_url)
    assert canary not in repr(backend) + backend.identity + backend.label
    for bad in (error(400, "S", f"API key not valid: {canary}"), HTML, Say(pieces=[b"{"], drop=True)):
        server.plays(bad, repeat=True)
        with pytest.raises(GeminiError) as caught:
            await connect(backend=backend, retries=RetryPolicy(max_attempts=1)).generate(ASK)
        assert canary not in str(caught.value) + str(caught.value.__dict__) + str(caught.value.__cause__)
        assert server.seen[0].headers["x-goog-api-key"] == canary
