"""A request made ready: every check passed, the documents read, what is sent translated. Nothing is sent yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.call import Call
from prefect_gemini.gemini.calls.checks import check
from prefect_gemini.gemini.calls.exchange import Exchange
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.ledger.fingerprint import fingerprint
from prefect_gemini.gemini.request import Request
from prefect_gemini.gemini.schemas.output import Output


async def prepare(asked: Request, backend: Backend, *, dial: Callable[[Exchange, ModelInfo], Call]) -> Exchange:
    """Check and translate a request.

    Args:
        asked: the whole request, what a cache holds included.
        backend: whom it goes to.
        dial: makes the call to one model.

    Raises:
        GeminiError: it cannot be sent as it is.
    """
    request = asked.sent()
    models = tuple(resolve(name, backend=backend.kind) for name in (request.model, *request.fallbacks))
    notes = tuple(dict.fromkeys(note for model in models for note in check(request, model, backend)))
    output = None if request.output is None else Output.of(request.output)

    def read() -> tuple[Any, str]:
        return request.turns(), fingerprint(asked, backend)

    # Files and decoding have no place on the event loop, but text is quick.
    quick = all(isinstance(one, str) or getattr(one, "is_text", False) for one in asked.contents)
    turns, digest = read() if quick else await asyncio.to_thread(read)
    return Exchange(
        request=request,
        backend=backend,
        models=models,
        turns=turns,
        output=output,
        tools=asked.tools,
        notes=notes,
        fingerprint=digest,
        dial=dial,
    )
