"""extract: typed values from a document, each with its place on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect_gemini.blocks.model import ModelChoice
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.prompts import Prompt
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import READER, call
from prefect_gemini.tasks.parts.evidence import grounded


@node(category="reading")
async def aextract(
    document: str | Path | bytes | Document,
    schema: Any,
    *,
    model: ModelChoice = "flash",
    prompt: str | Prompt = "Read the values the schema asks for from this document.",
    evidence: bool = True,
) -> Reply[Any]:
    """Read typed values from a document.

    Args:
        document: a path, a URL (`gs://` and other fsspec URLs), bytes, or an open `Document`;
            literal text is `Document.text("…")`.
        schema: a pydantic model, an Enum, a Literal, a JSON schema, or any type pydantic knows.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`; of several, a stronger
            one is asked where the answer of the one before is not good enough (see `cascade`).
        prompt: what to read, where the schema's names and descriptions do not say it.
        evidence: locate every value in the source; what is not found is flagged `unsupported`.

    Returns:
        A reply whose `value` is what the schema describes, and whose `evidence` says where each
        value stands.

    Raises:
        GeminiError: a `DocumentError` before any call, else what kept the answer from being whole.
    """
    opened = Document.of(document)

    async def proven(reply: Reply[Any]) -> Reply[Any]:
        return await grounded(reply, opened) if evidence else reply

    return await call(prompt, opened, model=model, output=schema, system_instruction=READER, finish=proven)


extract = aextract.sync
