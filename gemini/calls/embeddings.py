"""Embeddings: a text as a vector, paid once like every other call."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.dry_run import running_dry
from prefect_gemini.gemini.errors import InvalidOption, MalformedResponse, NotSent
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.gemini.request import Request

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient

Purpose: TypeAlias = Literal["document", "query", "similarity", "classification", "clustering"]
Vector: TypeAlias = tuple[float, ...]

_TASK_TYPES: Mapping[str, str] = {
    "document": "RETRIEVAL_DOCUMENT",
    "query": "RETRIEVAL_QUERY",
    "similarity": "SEMANTIC_SIMILARITY",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
}
LETTERS_A_TOKEN = 4
"""For estimates only, where the service counts nothing."""


async def embed_text(
    client: GeminiClient,
    text: str,
    *,
    model: str = "gemini-embedding-001",
    purpose: Purpose = "document",
    dimensions: int = 768,
    origin: Mapping[str, str] | None = None,
) -> Reply[Vector]:
    """Embed one text.

    Args:
        client: whom to ask.
        text: what to embed.
        model: an embedding model.
        purpose: what the vector is for; a search compares queries with documents.
        dimensions: numbers in the vector, 1 to 3,072.
        origin: whom the cost is booked on.

    Returns:
        A reply whose `value` is a unit vector.

    Raises:
        InvalidOption: the model does not embed, or there is no text.
        BudgetExceeded: it would have broken a budget.
        ServiceError: the service refused or failed, after the retries.
    """
    known = resolve(model, backend=client.backend.kind)
    if known.family not in ("embedding", "tuned"):
        raise InvalidOption(f"{known.id!r} does not embed.", hint="Use gemini-embedding-001 or gemini-embedding-2.")
    if not text.strip():
        raise InvalidOption("There is no text to embed.")
    if not 1 <= dimensions <= 3072:
        raise InvalidOption(f"`dimensions` = {dimensions!r}; a vector has 1 to 3,072 numbers.")
    content = json.dumps(["embed", client.backend.identity, known.id, purpose, dimensions, text])
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    booked = dict(origin or {})
    async with AsyncExitStack() as stack:
        claim = None
        if client.ledger is not None:
            claim = await stack.enter_async_context(
                client.ledger.claim(
                    fingerprint,
                    client.backend.identity,
                    run=booked.get("flow_run_id"),
                    budget=client.budget,
                    fresh=False,
                )
            )
            if claim.hit is not None:
                stored = Reply[Vector].model_validate(dict(claim.hit.reply))
                return stored.model_copy(update={"from_ledger": True})
            estimate = Usage(prompt=len(text) // LETTERS_A_TOKEN + 1)
            await claim.hold(cost(known.id, estimate, at=datetime.now(UTC)))
        if running_dry() is not None:
            raise NotSent("The text was not embedded: this is a dry run.", model=known.id)
        reply = await _asked(client, text, known.id, purpose, dimensions)
        if claim is not None:
            request = Request(model=known.id, contents=(text,), origin=booked)
            await claim.record(
                PaidCall.of(
                    request,
                    reply,
                    fingerprint=fingerprint,
                    backend=client.backend,
                    stored=reply.model_dump(mode="json"),
                )
            )
    return reply


async def _asked(client: GeminiClient, text: str, model: str, purpose: Purpose, dimensions: int) -> Reply[Vector]:
    from google.genai import types

    config = types.EmbedContentConfig(task_type=_TASK_TYPES[purpose], output_dimensionality=dimensions)
    begun = client.clock.monotonic()

    async def ask() -> Any:
        return await client.sdk.aio.models.embed_content(model=model, contents=text, config=config)

    answer = await direct(ask, retries=client.retries, clock=client.clock, model=model)
    values = answer.embeddings[0].values if answer.embeddings else None
    length = math.sqrt(sum(value * value for value in values)) if values else 0.0
    if not values or not math.isfinite(length) or not length:
        raise MalformedResponse("The service embedded, and gave no vector.", model=model)
    counted = getattr(answer.embeddings[0].statistics, "token_count", None)
    notes = () if counted else ("The service counted no tokens; they are estimated from the letters.",)
    usage = Usage(prompt=int(counted or len(text) // LETTERS_A_TOKEN + 1))
    return Reply[Vector](
        # Shortened vectors do not come normalized.
        value=tuple(value / length for value in values),
        model=model,
        backend=client.backend.kind,
        finish_reason="STOP",
        usage=usage,
        cost=cost(model, usage, at=datetime.now(UTC)),
        latency_s=client.clock.monotonic() - begun,
        notes=notes,
    )
