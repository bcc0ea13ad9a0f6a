"""Counting tokens: what a request is, without asking for an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.calls import wire
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.retries import Clock, RetryPolicy
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.errors import DocumentTooLarge, MalformedResponse
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


NEAR = 0.5
"""From this share of a window on, by estimate, the tokens are counted: an estimate may be off by half."""


async def check_window(
    sdk: Callable[[], Client], exchange: Exchange, *, retries: RetryPolicy, clock: Clock, timeout_s: float
) -> None:
    """Refuse what the model cannot read at once. The service counts, free of charge, where an estimate comes near.

    Args:
        sdk: gives the google-genai client.
        exchange: the request, checked.
        retries, clock, timeout_s: as `count`.

    Raises:
        DocumentTooLarge: more tokens than the model's window holds; nothing was generated.
    """
    model = exchange.models[0]
    estimate = estimate_tokens(exchange.request, exchange.turns, model, exchange.output)
    if estimate.prompt < NEAR * model.window:
        return
    counted = await count(sdk(), exchange, retries=retries, clock=clock, timeout_s=timeout_s)
    if counted.total > model.window:
        raise DocumentTooLarge(
            f"The request has {counted.total:,} tokens; {model.id} reads {model.window:,} at once.",
            hint="Split the document, or summarise its parts first.",
            model=model.id,
        )
