"""summarize: the gist of a document, in a given number of words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prefect_gemini.blocks.model import ModelChoice
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.prompts import Prompt
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import READER, call


@node(category="writing")
async def asummarize(
    document: str | Path | bytes | Document,
    *,
    words: int = 120,
    model: ModelChoice = "flash",
    prompt: str | Prompt = "Summarize this document.",
) -> Reply[str]:
    """Summarize a document.

    Args:
        document: a path, a URL, bytes, or an open `Document`; literal text is `Document.text("…")`.
        words: how long the summary may be.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`; of several, a
            stronger one is asked where the answer of the one before is not good enough. The local
            reader quotes the document's own sentences.
        prompt: whom the summary is for, and what matters to them.

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    length = f" Use at most {words} words."
    asked = replace(prompt, text=prompt.text + length) if isinstance(prompt, Prompt) else prompt + length
    return await call(asked, Document.of(document), model=model, system_instruction=READER)


summarize = asummarize.sync
