"""Embeddings: a text as a vector, paid once like every other call."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.permitted import permitted
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.dry_run import standing_in
from prefect_gemini.gemini.errors import DocumentTooLarge, InvalidOption, MalformedResponse
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
MOST_LETTERS_A_TOKEN = 6
"""A text with more letters than this for each token of the window is longer than the model reads, in any language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """One text to be embedded.

    Args:
        text: it.
        model: the id of an embedding model.
        purpose: what the vector is for.
        dimensions: numbers in the vector.
        origin: whom the cost is booked on.
    """

    text: str
    model: str
    purpose: Purpose
    dimensions: int
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def task_type(self) -> str:
        """What the vector is for, as the service calls it."""
        return _TASK_TYPES[self.purpose]

    @property
    def estimate(self) -> Usage:
        """What it will use, as far as its letters tell."""
        return Usage(prompt=len(self.text) // LETTERS_A_TOKEN + 1)

    def fingerprint(self, backend: Backend) -> str:
        """What makes it equal to another."""
        content = ["embed", backend.identity, self.model, self.purpose, self.dimensions, self.text]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @staticmethod
    def restored(paid: PaidCall) -> Reply[Vector]:
        """The vector that was paid for earlier.

        Raises:
            ValueError: it was stored in a form that cannot be read any more.
        """
        return Reply[Vector].model_validate(dict(paid.reply)).model_copy(update={"from_ledger": True})


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
        DocumentTooLarge: the text is longer than the model reads.
        BudgetExceeded: it would have broken a budget.
        ServiceError: the service refused or failed, after the retries.
        NotSent: inside a dry run, where the ledger does not have the vector.
    """
    known = resolve(model, backend=client.backend.kind)
    if known.family not in ("embedding", "tuned"):
        raise InvalidOption(f"{known.id!r} does not embed.", hint="Use gemini-embedding-001 or gemini-embedding-2.")
    if not text.strip():
        raise InvalidOption("There is no text to embed.")
    if not 1 <= dimensions <= 3072:
        raise InvalidOption(f"`dimensions` = {dimensions!r}; a vector has 1 to 3,072 numbers.")
    if len(text) > MOST_LETTERS_A_TOKEN * known.window:
        raise DocumentTooLarge(
            f"The text has {len(text):,} letters; {known.id} reads {known.window:,} tokens.",
            hint="Cut it into passages.",
        )
    asked = Embedding(text=text, model=known.id, purpose=purpose, dimensions=dimensions, origin=dict(origin or {}))
    if (other := standing_in()) is not None:
        return await other.embed(client, asked)
    fingerprint = asked.fingerprint(client.backend)
    async with AsyncExitStack() as stack:
        claim = None
        if client.ledger is not None:
            claim = await stack.enter_async_context(
                client.ledger.claim(
                    fingerprint,
                    client.backend.identity,
                    run=asked.origin.get("flow_run_id"),
                    budget=client.budget,
                    fresh=False,
                )
            )
            if claim.hit is not None:
                return asked.restored(claim.hit)
            await claim.hold(cost(asked.model, asked.estimate, at=datetime.now(UTC)))
        reply = await _sent(client, asked)
        if claim is not None:
            request = Request(model=asked.model, contents=(text,), origin=dict(asked.origin))
            stored = reply.model_dump(mode="json")
            await claim.record(
                PaidCall.of(request, reply, fingerprint=fingerprint, backend=client.backend, stored=stored)
            )
    return reply


def vector_of(
    values: Sequence[float] | None, *, counted: int | None, estimate: int, model: str, backend: str, cut: bool = False
) -> Reply[Vector]:
    """The reply of one vector as the service gives it; `cost` is left open.

    Args:
        values: the numbers; shortened vectors do not come normalized.
        counted: tokens of the text, where the service counts them.
        estimate: what they are else.
        model, backend: who answered.
        cut: whether the service says that it read the beginning of the text only.

    Raises:
        MalformedResponse: these are no vector.
    """
    length = math.sqrt(sum(value * value for value in values)) if values else 0.0
    if not values or not math.isfinite(length) or not length:
        raise MalformedResponse("The service embedded, and gave no vector.", model=model)
    notes = [] if counted else ["The service counted no tokens; they are estimated from the letters."]
    known = resolve(model, warn=False)
    if "purpose" in known.ignored:
        notes.append(f"{known.id} takes no `purpose`: what the vector is for goes into the text itself.")
    window = known.window
    if cut or max(counted or 0, estimate) >= window:
        notes.append(
            f"The text may be longer than the {window:,} tokens the model reads; the vector is of its beginning."
        )
    return Reply[Vector](
        value=tuple(value / length for value in values),
        model=model,
        backend=backend,
        finish_reason="STOP",
        usage=Usage(prompt=counted or estimate),
        notes=tuple(notes),
    )


async def _sent(client: GeminiClient, asked: Embedding) -> Reply[Vector]:
    from google.genai import types

    config = types.EmbedContentConfig(task_type=asked.task_type, output_dimensionality=asked.dimensions)
    begun = client.clock.monotonic()

    async def ask() -> Any:
        return await client.sdk.aio.models.embed_content(model=asked.model, contents=asked.text, config=config)

    gates, tokens = client.gates.of(asked.model), asked.estimate.prompt
    answer = await direct(
        ask,
        retries=client.retries,
        clock=client.clock,
        model=asked.model,
        permit=lambda attempts: permitted(gates, attempts, model=asked.model, tokens=tokens),
    )
    first = answer.embeddings[0] if answer.embeddings else None
    said = getattr(first, "statistics", None)
    reply = vector_of(
        getattr(first, "values", None),
        counted=int(getattr(said, "token_count", None) or 0),
        estimate=asked.estimate.prompt,
        model=asked.model,
        backend=client.backend.kind,
        cut=bool(getattr(said, "truncated", None)),
    )
    price = cost(asked.model, reply.usage, at=datetime.now(UTC))
    return reply.model_copy(update={"cost": price, "latency_s": client.clock.monotonic() - begun})
