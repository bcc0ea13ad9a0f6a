"""generateContent and streamGenerateContent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from prefect_gemini.local.engine import EngineRefusal
from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control.mishaps import mangle, perform
from prefect_gemini.local.wire.generating import continuation, tokens
from prefect_gemini.local.wire.generating.answers import Answer, Frame, limit, new_response_id, sign
from prefect_gemini.local.wire.generating.prompt import Prompt, make_prompt
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.protocol import sse
from prefect_gemini.local.wire.protocol.google_errors import CODE_OF_STATUS, GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply, encode, json_http
from prefect_gemini.local.wire.wire import Wire

INSTEAD = ("error", "reset", "stall", "html")


async def generate(wire: Wire, call: Call) -> HttpReply:
    """Answer a generateContent or streamGenerateContent request."""
    stream = call.kind == "stream"
    body = call.read("GenerateContentRequest")
    prompt = make_prompt(wire, call, body, verb="streamGenerateContent" if stream else "generateContent")
    wire.quota.spend(
        prompt.model_id,
        tokens.total(prompt.counts),
        surface=call.surface,
        location=call.params.get("location", ""),
    )
    reply = wire.script.take(call)
    if reply is not None:
        call.entry.answered_by = "script"
    return await answer(wire, call, prompt, reply, stream=stream)


async def answer(wire: Wire, call: Call, prompt: Prompt, reply: Reply | None, *, stream: bool) -> HttpReply:
    """Put an answer on the wire: the script's or the engine's, spoiled by a fault if one was drawn."""
    if reply is not None and reply.delay_s:
        await asyncio.sleep(reply.delay_s)
    if reply is not None and reply.kind in INSTEAD and not (reply.kind == "stall" and reply.after):
        call.entry.fault = "" if reply.kind == "error" else reply.kind
        return perform(reply, call)
    frame = make_frame(wire, call, prompt)
    call.entry.response_id = frame.response_id
    fault = call.fault
    for candidate in (fault, reply):
        if candidate is not None and candidate.kind == "block_prompt":
            body = frame.blocked(
                reason=candidate.reason,
                category=candidate.category,
                message=candidate.message,
                model_version=prompt.model_id,
            )
            return _send(wire, call, [body], stream=stream, fault=None)
    if reply is not None and reply.kind == "raw":
        return _send_raw(call, reply, stream=stream)
    if reply is None:
        said = continuation.resumed(wire, prompt) or await ask_engine(wire, prompt)
        call.entry.answered_by = "engine"
    else:
        said = _scripted(reply, prompt, call)
        if reply.mangles or reply.kind == "stall":
            fault = fault or reply
    said = continuation.cut(wire, prompt, said, stream=stream)
    if fault is not None:
        call.entry.fault = fault.kind
        said = mangle(said, fault, prompt)
    call.entry.usage = frame.usage(said)
    if stream:
        return _send(wire, call, frame.chunks(said), stream=True, fault=fault)
    await asyncio.sleep(wire.pace.whole_s(said.output_tokens + said.thought_tokens))
    if fault is not None and fault.kind == "cut_stream":
        said = replace(said, finish_reason="")
    logprobs = prompt.config.get("logprobs", 0) if prompt.config.get("responseLogprobs") else None
    whole = frame.body(said, logprobs=logprobs)
    if fault is not None and fault.kind == "bad_chunk":
        return HttpReply(encode(whole)[: len(encode(whole)) // 2])
    return json_http(whole)


def make_frame(wire: Wire, call: Call, prompt: Prompt) -> Frame:
    """What every body of this reply shares."""
    dedicated = call.headers.get("x-vertex-ai-llm-request-type") == "dedicated"
    shared = call.headers.get("x-vertex-ai-llm-shared-request-type", "")
    traffic = "PROVISIONED_THROUGHPUT" if dedicated else "ON_DEMAND" + (f"_{shared.upper()}" if shared else "")
    return Frame(
        surface=call.surface,
        response_id=new_response_id(),
        created=wire.clock.timestamp(),
        prompt=prompt.counts,
        cached=prompt.cached,
        candidates=prompt.config.get("candidateCount") or 1,
        traffic=traffic,
        tier=prompt.body.get("serviceTier", "standard").lower().removeprefix("service_tier_"),
    )


async def ask_engine(wire: Wire, prompt: Prompt) -> Answer:
    """Let the engine answer, in a worker thread.

    Raises:
        GoogleError: when the engine refuses.
    """
    asked = prompt.engine_call()
    try:
        said = await asyncio.to_thread(lambda: wire.engine.generate(asked))
    except EngineRefusal as refusal:
        raise GoogleError(CODE_OF_STATUS[refusal.status], refusal.message, status=refusal.status) from refusal
    whole = Answer(said.parts, said.finish_reason, said.provenance, said.model_version)
    stop = prompt.config.get("stopSequences", [])
    return limit(whole, max_tokens=prompt.config.get("maxOutputTokens"), stop=stop)


def _scripted(reply: Reply, prompt: Prompt, call: Call) -> Answer:
    parts = reply.parts or (({"text": "A scripted answer, long enough to be cut."},) if reply.mangles else ())
    if reply.thoughts:
        parts = ({"text": reply.thoughts, "thought": True}, *parts)
    calls = any("functionCall" in part for part in parts)
    if prompt.model.generation >= 3 and calls:
        parts = sign(parts, surface=call.surface, model=prompt.model_id)
    message = "Model generated function call(s)." if calls and call.surface == "developer" else ""
    return Answer(
        parts,
        reply.finish_reason,
        model_version=reply.model_version or prompt.model_id,
        usage=dict(reply.usage),
        finish_message=message,
    )


def _send_raw(call: Call, reply: Reply, *, stream: bool) -> HttpReply:
    bodies = reply.body if isinstance(reply.body, list) else [reply.body]
    first = bodies[0] if bodies and isinstance(bodies[0], dict) else {}
    call.entry.response_id = first.get("responseId", call.entry.response_id)
    if isinstance(reply.body, str):
        kind = "text/event-stream" if stream else "application/json; charset=UTF-8"
        return HttpReply(reply.body.encode(), status=reply.code, content_type=kind)
    if not stream or reply.code != 200:
        return json_http(reply.body if isinstance(reply.body, dict) else bodies[-1], status=reply.code)
    return sse.stream_reply(_each(bodies), as_events=call.query.get("alt") == "sse")


async def _each(bodies: list[Any]) -> AsyncIterator[Any]:
    for body in bodies:
        yield body


def _send(wire: Wire, call: Call, bodies: list[dict[str, Any]], *, stream: bool, fault: Reply | None) -> HttpReply:
    if not stream:
        return json_http(bodies[0])

    async def paced() -> AsyncIterator[dict[str, Any]]:
        await asyncio.sleep(wire.pace.first_token_s)
        sent = 0
        for body in bodies:
            spoken = body["usageMetadata"].get("candidatesTokenCount", 0)
            if wire.pace.tokens_per_second:
                await asyncio.sleep(wire.pace.tokens_s(max(0, spoken - sent)))
            sent = spoken
            yield body

    return sse.stream_reply(paced(), as_events=call.query.get("alt") == "sse", fault=fault)
