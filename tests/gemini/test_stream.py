"""Streams: pieces as they come, the whole reply at the end, nothing lost and nothing invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Say, Scripted, answer, sse

from prefect_gemini.gemini import GeminiClient, Part, Request, RetryPolicy, Tool, Turn
from prefect_gemini.gemini.errors import (
    AnswerBlocked,
    GeminiError,
    MalformedResponse,
    RateLimited,
    TransportError,
    Truncated,
)
from prefect_gemini.gemini.stream import Assembler

Connect = Callable[..., GeminiClient]
ASK = Request(model="flash", contents="hello")
SIGNED = {"text": "", "thoughtSignature": "++//aGk="}


async def test_pieces_then_the_whole(server: Scripted, connect: Connect) -> None:
    """Text arrives in order, thoughts apart, and the reply holds all of it with its timing."""
    server.plays(
        sse(
            answer(parts=[{"text": "let me see", "thought": True}], finish=None),
            answer("hel", finish=None),
            answer("lo", finish=None),
            answer(parts=[SIGNED]),
        )
    )
    async with connect().stream(ASK) as stream:
        chunks = [chunk async for chunk in stream]
    assert [chunk.text for chunk in chunks] == ["", "hel", "lo"]
    reply = stream.reply
    assert (reply.text, reply.thoughts, reply.finish_reason) == ("hello", "let me see", "STOP")
    assert reply.content["parts"] == [{"text": "let me see", "thought": True}, {"text": "hello"}, SIGNED]
    assert reply.usage.total == 16
    assert reply.first_token_s is not None
    assert reply.cost is not None


async def test_the_reply_is_not_there_before_the_end(server: Scripted, connect: Connect) -> None:
    """Half a stream is not an answer."""
    server.plays(sse(answer("a", finish=None), answer("b")))
    async with connect().stream(ASK) as stream:
        await anext(stream)
        with pytest.raises(RuntimeError, match="not been read to its end"):
            _ = stream.reply
        assert (await stream.whole()).text == "ab"


async def test_a_signature_goes_back_as_it_came(server: Scripted, connect: Connect) -> None:
    """A function call of a streamed turn is returned with its thought signature, byte for byte."""
    call = {"functionCall": {"name": "f", "args": {"x": 1}}, "thoughtSignature": "++//aGk="}
    client = connect()
    server.plays(sse(answer(parts=[call])), answer("done"))
    reply = await client.stream(Request(model="flash", contents="go", tools=(Tool("f"),))).whole()
    assert reply.function_calls[0].args == {"x": 1}
    told = Turn("user", (Part.of_function_response("f", {"ok": True}),))
    await client.generate(Request(model="flash", contents=["go", reply.content, told], tools=(Tool("f"),)))
    sent = server.seen[1].body["contents"][1]["parts"][0]["thoughtSignature"]
    assert sent.replace("-", "+").replace("_", "/") == "++//aGk="


BAD_CHUNK = b'data: {"candidates": [{"conte\r\n\r\n'
LIMITED = b'data: {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}}\r\n\r\n'
BAD_ENDS = [
    pytest.param((), {"drop": True}, TransportError, id="dropped"),
    pytest.param((), {}, Truncated, id="no finish reason"),
    pytest.param((BAD_CHUNK,), {}, MalformedResponse, id="bad chunk"),
    pytest.param((LIMITED,), {}, RateLimited, id="429 inside"),
    pytest.param((answer("x", finish="SAFETY"),), {}, AnswerBlocked, id="blocked"),
    pytest.param((b"<html>gone</html>\n\n",), {}, MalformedResponse, id="html"),
]


@pytest.mark.parametrize(("ending", "options", "kind"), BAD_ENDS)
async def test_a_stream_that_goes_wrong_after_text_raises(
    server: Scripted, connect: Connect, ending: tuple[Any, ...], options: dict[str, Any], kind: type[GeminiError]
) -> None:
    """What was handed out cannot be taken back: one request, one error, no silent second start."""
    server.plays(sse(answer("some", finish=None), *ending, **options), repeat=True)
    stream = connect().stream(ASK)
    assert (await anext(stream)).text == "some"
    with pytest.raises(kind) as caught:
        await stream.whole()
    assert type(caught.value) is kind
    assert len(server.seen) == caught.value.attempts == 1
    with pytest.raises(RuntimeError):
        _ = stream.reply


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(sse(drop=True), id="dropped"),
        pytest.param(sse(), id="nothing"),
        pytest.param(sse(BAD_CHUNK), id="bad chunk"),
        pytest.param(sse(LIMITED), id="429 inside"),
        pytest.param(Say(pieces=[b"<html>gone</html>"], content_type="text/html"), id="html"),
        pytest.param(Say(status=503, pieces=[b"{}"]), id="503"),
    ],
)
async def test_a_stream_that_goes_wrong_before_text_is_sent_again(server: Scripted, connect: Connect, bad: Say) -> None:
    """Nothing was handed out, so nothing is lost by starting over."""
    server.plays(bad, sse(answer("whole")))
    reply = await connect().stream(ASK).whole()
    assert (reply.text, reply.attempts) == ("whole", 2)


async def test_a_stalled_stream_is_given_up(server: Scripted, connect: Connect) -> None:
    """Silence in the middle ends as a transport error of ours."""
    server.plays(sse(answer("a", finish=None), answer("b"), pause_s=3))
    with pytest.raises(TransportError):
        await connect(timeout_s=0.1, retries=RetryPolicy(max_attempts=1)).stream(ASK).whole()


async def test_leaving_early_closes_the_connection(server: Scripted, connect: Connect) -> None:
    """A reader that has seen enough frees its permit, and the client works on."""
    client = connect()
    server.plays(sse(answer("a", finish=None), answer("b", finish=None), answer("c"), pause_s=0.02), answer("next"))
    async with client.stream(ASK) as stream:
        await anext(stream)
    assert (await client.generate(ASK)).text == "next"


texts = st.lists(st.tuples(st.text(max_size=5), st.booleans(), st.booleans()), max_size=12)


@given(texts)
def test_joining_loses_no_character_and_no_signature(pieces: list[tuple[str, bool, bool]]) -> None:
    """However a text is cut into chunks, the whole is the same."""
    assembler = Assembler()
    for number, (text, thought, signed) in enumerate(pieces):
        part = {"text": text} | ({"thought": True} if thought else {})
        part |= {"thoughtSignature": f"c2ln{number:04d}"} if signed else {}
        assembler.add(json.loads(json.dumps(answer(parts=[part], finish=None))))
    parts = (assembler.payload()["candidates"] or [{}])[0].get("content", {}).get("parts", []) if pieces else []
    for thought in (False, True):
        joined = "".join(part["text"] for part in parts if bool(part.get("thought")) is thought)
        assert joined == "".join(text for text, kind, _ in pieces if kind is thought)
    signatures = [part["thoughtSignature"] for part in parts if "thoughtSignature" in part]
    assert signatures == [f"c2ln{number:04d}" for number, (_, _, signed) in enumerate(pieces) if signed]
