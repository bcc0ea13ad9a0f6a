"""Calls that generate nothing: counting, listing, caches. Ours are the errors and the retries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prefect_gemini.gemini.calls.retries import Attempts, Clock, RetryPolicy
from prefect_gemini.gemini.calls.translate import translate

T = TypeVar("T")


async def direct(
    ask: Callable[[], Awaitable[T]],
    *,
    retries: RetryPolicy,
    clock: Clock,
    model: str | None = None,
    repeatable: bool = True,
) -> T:
    """Make a call of google-genai, with our errors.

    Args:
        ask: makes the call.
        retries, clock: how it is tried again.
        model: the model concerned.
        repeatable: False for what creates something that costs: it is then sent once, and whether
            it was created is for the caller to look up.

    Raises:
        GeminiError: with the number of attempts.
    """
    attempts = Attempts(retries if repeatable else retries.model_copy(update={"max_attempts": 1}), clock)

    async def attempt() -> T:
        attempts.start()
        remaining = attempts.remaining_s()
        attempts.sent += 1
        try:
            async with asyncio.timeout(remaining):
                return await ask()
        except Exception as error:
            ours = translate(error, model=model)
            if ours is None or ours is error:
                raise
            raise ours from None  # the foreign exception holds the request, and with it the key

    return await attempts.run(attempt)
