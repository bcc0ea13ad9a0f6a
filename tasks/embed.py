"""embed: texts as vectors, to search and compare by meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.calls.embeddings import Purpose, Vector, embed_text
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import UnsupportedMedia
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.pages import PageError
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import origin
from prefect_gemini.tasks.parts.evidence import printed
from prefect_gemini.tasks.parts.together import together

EMBEDDING = "gemini-embedding-001"


@node(category="reading", costs="one call a text")
async def aembed(
    texts: str | Document | Sequence[str | Document],
    *,
    purpose: Purpose = "document",
    dimensions: int = 768,
    model: str | GeminiModel = EMBEDDING,
    concurrency: int = 8,
) -> Reply[tuple[Vector, ...]]:
    """Turn texts into vectors.

    With `each`, every document is one text and its outcome's `value[0]` the vector: `each(aembed, "folder/")`. A string
    is a path there, as for every node; texts that are at hand are `each(aembed, map(Document.text, texts))`, and
    with `mode="batch"` they cost half.

    Args:
        texts: what to embed, in order: texts, or open documents, whose text is read on this machine.
        purpose: document or query for a search; similarity, classification or clustering otherwise. Not followed by
            gemini-embedding-2, which takes it in the text ("title: … | text: …"); the reply says so.
        dimensions: numbers in each vector, 1 to 3,072.
        model: an embedding model's id, or a saved `GeminiModel` that names one. The local server's
            vectors compare words, not meanings, and it says so.
        concurrency: calls in flight at once.

    Returns:
        A reply whose `value` is one unit vector a text, and whose usage and cost are of all together.

    Raises:
        UnsupportedMedia: a document without text, such as a recording.
        DocumentTooLarge: a text longer than the model reads.
        InvalidOption: the model does not embed, or not in a batch where it is called.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    if isinstance(texts, str | Document):
        texts = [texts]
    chosen = GeminiModel.of(model)
    client = await chosen.client()
    places, booked = asyncio.Semaphore(concurrency), origin()

    async def one(text: str | Document) -> Reply[Vector]:
        async with places:
            named = {} if isinstance(text, str) else {"document": text.name, "document_digest": text.digest}
            return await embed_text(
                client,
                text if isinstance(text, str) else await _text_of(text),
                model=chosen.model,
                purpose=purpose,
                dimensions=dimensions,
                origin=booked | named,
            )

    begun = asyncio.get_running_loop().time()
    replies = await together(map(one, texts))
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


async def _text_of(document: Document) -> str:
    try:
        shown = await printed(document)
    except PageError as error:
        raise UnsupportedMedia(f"{document.name}: {error}", hint="Give its text.") from None
    return shown if isinstance(shown, str) else "\n\n".join(page.text for page in shown)
