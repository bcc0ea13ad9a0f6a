"""Answers longer than one reply, on models from Gemini 4 on: the rest is kept, and fetched with a token."""

from __future__ import annotations

from dataclasses import replace

from prefect_gemini.local.wire.generating.answers import Answer, limit
from prefect_gemini.local.wire.generating.prompt import Prompt
from prefect_gemini.local.wire.protocol.google_errors import invalid
from prefect_gemini.local.wire.resources.store import Record, new_word
from prefect_gemini.local.wire.wire import Wire

KIND = "continuations"
KEPT_S = 3600.0
FIRST_GENERATION = 4
# Tokens of one reply, by the notes on the model: less when it does not stream.
WHOLE, STREAMED = 32_768, 65_536


def cut(wire: Wire, prompt: Prompt, said: Answer, *, stream: bool) -> Answer:
    """The part of an answer that fits one reply; the client's own limit, where it set one, stands."""
    most = STREAMED if stream else WHOLE
    if prompt.model.generation < FIRST_GENERATION or "maxOutputTokens" in prompt.config or said.output_tokens <= most:
        return said
    head = limit(said, max_tokens=most, stop=[])
    sent = sum(len(part.get("text", "")) for part in head.parts if not part.get("thought"))
    rest = "".join(part.get("text", "") for part in said.parts if not part.get("thought"))[sent:]
    # Base64 of whole triplets, as bytes fields want it.
    token = new_word(40)
    hidden = {"rest": rest, "model": prompt.model.id, "version": said.model_version}
    wire.store.add(Record(KIND, token, {}, hidden, expires=wire.clock.seconds() + KEPT_S))
    return replace(head, finish_reason="CONTINUATION", continuation=token)


def resumed(wire: Wire, prompt: Prompt) -> Answer | None:
    """The rest of an earlier answer, where the request has a token for one.

    Raises:
        GoogleError: 400 for a token that is none, has expired, or is another model's.
    """
    token = prompt.body.get("continuationToken", "")
    if not token:
        return None
    record = wire.store.find(KIND, token, at=wire.clock.seconds())
    if record is None or record.hidden["model"] != prompt.model.id:
        raise invalid("The continuation token is invalid or has expired.")
    return Answer(({"text": record.hidden["rest"]},), model_version=record.hidden["version"])
