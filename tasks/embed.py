"""embed: texts as vectors, to search and compare by meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.calls.embeddings import Purpose, Vector, embed_text
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import origin

EMBEDDING = "gemini-embedding-001"


@node(category="reading", costs="one call a text")
async def aembed(
    texts: Sequence[str],
    *,
    purpose: Purpose = "document",
    dimensions: int = 768,
    model: str | GeminiModel = EMBEDDING,
    concurrency: int = 8,
) -> Reply[tuple[Vector, ...]]:
    """Turn texts into vectors.

    Args:
        texts: what to embed, in order.
        purpose: document or query for a search; similarity, classification or clustering otherwise.
        dimensions: numbers in each vector, 1 to 3,072.
        model: an embedding model's id, or a saved `GeminiModel` that names one. The local server's
            vectors compare words, not meanings, and it says so.
        concurrency: calls in flight at once.

    Returns:
        A reply whose `value` is one unit vector a text, and whose usage and cost are of all together.

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    if isinstance(texts, str):
        texts = [texts]
    chosen = GeminiModel.of(model)
    client = await chosen.client()
    places, booked = asyncio.Semaphore(concurrency), origin()

    async def one(text: str) -> Reply[Vector]:
        async with places:
            return await embed_text(
                client, text, model=chosen.model, purpose=purpose, dimensions=dimensions, origin=booked
            )

    begun = asyncio.get_running_loop().time()
    replies = await asyncio.gather(*map(one, texts))
    costs = [reply.cost for reply in replies]
    return Reply[tuple[Vector, ...]](
        value=tuple(reply.value for reply in replies),
        model=replies[0].model if replies else chosen.model,
        backend=client.backend.kind,
        finish_reason="STOP",
        usage=sum((reply.usage for reply in replies), Usage()),
        cost=None if None in costs else sum(filter(None, costs), Decimal(0)),
        latency_s=asyncio.get_running_loop().time() - begun,
        attempts=sum(reply.attempts for reply in replies),
        from_ledger=bool(replies) and all(reply.from_ledger for reply in replies),
        notes=tuple(dict.fromkeys(note for reply in replies for note in reply.notes)),
    )


embed = aembed.sync
