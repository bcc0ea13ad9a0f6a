"""Counting tokens: what a request is, without asking for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.calls import wire
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.retries import Clock, RetryPolicy
from prefect_gemini.gemini.errors import MalformedResponse
from prefect_gemini.gemini.reply import TokenCount
from prefect_gemini.gemini.request import Part, Turn

if TYPE_CHECKING:
    from google.genai import Client

    from prefect_gemini.gemini.calls.exchange import Exchange


async def count(sdk: Client, exchange: Exchange, *, retries: RetryPolicy, clock: Clock, timeout_s: float) -> TokenCount:
    """Count the tokens of a request on its first model.

    Args:
        sdk: the google-genai client.
        exchange: the request, checked.
        retries, clock: counting is free and idempotent, so it is tried again like any other call.
        timeout_s: seconds without a byte before a read is given up.

    Raises:
        ServiceError: the service refused or failed.
    """
    from google.genai import types

    request, model = exchange.request, exchange.models[0]
    options = types.HttpOptions(timeout=round(timeout_s * 1000))
    turns = exchange.turns
    notes: tuple[str, ...] = ()
    if exchange.backend.kind == "vertex":
        config = types.CountTokensConfig(
            http_options=options, system_instruction=request.system_instruction, tools=wire.tools(request)
        )
    else:
        config = types.CountTokensConfig(http_options=options)
        # The Developer API counts contents only: the system instruction is counted as a turn.
        if request.system_instruction:
            turns = (Turn("user", (Part.of_text(request.system_instruction),)), *turns)
        if request.tools or exchange.output is not None:
            notes = ("The Developer API does not count tools and schemas; they are not in the sum.",)

    async def ask() -> Any:
        return await sdk.aio.models.count_tokens(model=model.id, contents=list(wire.contents(turns)), config=config)

    counted = await direct(ask, retries=retries, clock=clock, model=model.id)
    if counted.total_tokens is None:
        raise MalformedResponse("The service counted, and gave no total.", model=model.id)
    return TokenCount(total=counted.total_tokens, cached=counted.cached_content_token_count or 0, notes=notes)
