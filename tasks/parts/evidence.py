"""Where each value of a reply stands in its source, found by code that does not ask the model."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.evidence.grounding import ground
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.pages import Page, PageError, read_pages

Printed = str | tuple[Page, ...]


async def printed(document: Document) -> Printed:
    """What the document shows: its text, or its pages with the place of every word.

    Raises:
        PageError: pages that cannot be read here, such as a recording, or images without the OCR engine.
    """
    if document.is_text:
        return document.content
    return await asyncio.to_thread(lambda: read_pages(document.data, document.media_type))


async def grounded(
    reply: Reply[Any], document: Document, *, value: Any = None, skip: frozenset[str] = frozenset()
) -> Reply[Any]:
    """The reply with the place of each of its values in the document.

    Args:
        value: what to look for; the reply's value where none is given.
        skip: names of fields that are judged, not read, and so stand nowhere.
    """
    try:
        source = await printed(document)
    except PageError as error:
        return reply.model_copy(update={"notes": (*reply.notes, f"no evidence: {error}")})
    evidence = await asyncio.to_thread(ground, reply.value if value is None else value, source, skip=skip)
    return reply.model_copy(update={"evidence": evidence})
