"""Calls that generate nothing: counting, listing, caches, embeddings. Ours are the errors and the retries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

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
    permit: Callable[[Attempts], AbstractAsyncContextManager[Any]] | None = None,
) -> T:
    """Make a call of google-genai, with our errors.

    Args:
        ask: makes the call.
        retries, clock: how it is tried again.
        model: the model concerned.
        repeatable: False for what creates something that costs: it is then sent once, and whether
            it was created is for the caller to look up.
        permit: what each attempt passes, and which counts it; None for calls that no quota of a model limits.

    Raises:
        GeminiError: with the number of attempts.
    """
    attempts = Attempts(retries if repeatable else retries.model_copy(update={"max_attempts": 1}), clock)

    async def attempt() -> T:
        async with _counted(attempts) if permit is None else permit(attempts):
            try:
                async with asyncio.timeout(attempts.remaining_s()):
                    return await ask()
            except Exception as error:
                ours = translate(error, model=model)
                if ours is None or ours is error:
                    raise
                raise ours from None  # the foreign exception holds the request, and with it the key

    return await attempts.run(attempt)


@asynccontextmanager
async def _counted(attempts: Attempts) -> AsyncIterator[None]:
    attempts.start()
    attempts.remaining_s()
    attempts.sent += 1
    yield
