"""generate: a plain prompt, with or without documents, streamed if asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prefect_gemini.blocks.model import ModelChoice
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.prompts import Prompt
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import call


@node(category="writing")
async def agenerate(
    prompt: str | Prompt,
    *,
    documents: Sequence[str | Path | bytes | Document] = (),
    schema: Any = None,
    model: ModelChoice = "flash",
    system_instruction: str = "",
    on_text: Callable[[str], None] | None = None,
) -> Reply[Any]:
    """Answer a prompt.

    Args:
        prompt: what to do.
        documents: what to do it with, sent after the prompt in this order.
        schema: what the answer must look like; free text where there is none.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`; of several, a stronger
            one is asked where the answer of the one before is not good enough (see `cascade`).
        system_instruction: who the model is to be.
        on_text: called with each piece of text as it arrives. The reply is the same as without.

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`. Pieces already passed to `on_text` belong
            to no whole answer then.
    """
    return await call(
        prompt,
        *(Document.of(document) for document in documents),
        model=model,
        output=schema,
        system_instruction=system_instruction,
        on_text=on_text,
    )


generate = agenerate.sync
