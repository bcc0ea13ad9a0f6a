"""A quote: what a request would cost, without making it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.calls.sizes import estimate_tokens, pieces_of
from prefect_gemini.gemini.costs.prices import Tokens
from prefect_gemini.gemini.reply import Reply, TokenCount
from prefect_gemini.gemini.request import Part

if TYPE_CHECKING:
    from prefect_gemini.gemini.calls.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one request would use, had it been sent.

    Args:
        fingerprint: what makes it equal to another; equal requests are paid for once.
        model: the id of the model that would be asked.
        backend: whom, for a person.
        location: the Vertex AI location, which can change the price.
        tokens: in, counted by the service; out, what the request allows or what is usual.
        beginnings: the request read up to the end of each of its pieces: a digest, and the tokens so far.
            Requests with equal digests begin alike, which a cache makes use of.
        guessed: whether the tokens out are only what is usual, because the request sets no limit.
        paid: the answer, where the ledger has it already; then nothing would be paid.
        notes: what the count leaves out.
    """

    fingerprint: str
    model: str
    backend: str
    location: str
    tokens: Tokens
    beginnings: tuple[tuple[str, int], ...]
    guessed: bool = False
    paid: Reply[Any] | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    async def of(cls, exchange: Exchange, *, counted: TokenCount | None, paid: Reply[Any] | None) -> Quote:
        """Quote a request that has passed every check.

        Args:
            exchange: the request.
            counted: the service's count; None where nothing is to be paid.
            paid: the ledger's answer.
        """
        guess, beginnings = await asyncio.to_thread(_sized, exchange)
        return cls(
            fingerprint=exchange.fingerprint,
            model=exchange.models[0].id,
            backend=exchange.backend.label,
            location=exchange.backend.location or "global",
            tokens=guess if counted is None else replace(guess, prompt=counted.total + _uncounted(exchange)),
            beginnings=beginnings,
            guessed=exchange.request.generation.max_output_tokens is None,
            paid=paid,
            notes=exchange.notes,
        )


def _uncounted(exchange: Exchange) -> int:
    """Tokens that the service bills and does not count: the schema, and on the Developer API the tools."""
    characters = 0 if exchange.output is None else len(json.dumps(exchange.output.wire.json_schema))
    if exchange.backend.kind != "vertex":
        tools = exchange.request.tools
        characters += sum(len(json.dumps(tool.parameters)) + len(tool.description) for tool in tools)
    return round(characters / exchange.models[0].rates.characters)


def _sized(exchange: Exchange) -> tuple[Tokens, tuple[tuple[str, int], ...]]:
    model, digest, so_far = exchange.models[0], hashlib.sha256(), 0.0
    digest.update(model.id.encode())
    beginnings = []
    for piece, size in pieces_of(exchange.request, exchange.turns, model, exchange.output):
        _update(digest.update, piece)
        so_far += size.tokens
        beginnings.append((digest.hexdigest(), round(so_far)))
    return estimate_tokens(exchange.request, exchange.turns, model, exchange.output), tuple(beginnings)


def _update(update: Callable[[bytes], None], piece: Any) -> None:
    if isinstance(piece, Part):
        update(json.dumps([piece.text, piece.uri, piece.media_type, piece.wire], default=str).encode())
        update(piece.data or b"")
    else:
        update(json.dumps(piece, default=str).encode())
