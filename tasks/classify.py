"""classify: one label out of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.prompts import Prompt
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.tasks._call import READER, call
from prefect_gemini.tasks.node import node


@node(category="reading")
async def aclassify(
    document: str | Path | bytes | Document,
    labels: Sequence[str] | Mapping[str, str] | type[Enum],
    *,
    model: str | GeminiModel = "flash-lite",
    prompt: str | Prompt = "Choose the one label that fits this document best.",
) -> Reply[Any]:
    """Choose one label for a document.

    Args:
        document: a path, a URL, bytes, or an open `Document`; literal text is `Document.text("…")`.
        labels: names, names with descriptions, or an Enum. The model answers with a label's
            number, so that a label can not drift into a synonym.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.
        prompt: what the labels mean to you, where their names do not say it.

    Returns:
        A reply whose `value` is one of the labels (a member, for an Enum).

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    shown = _shown(labels)
    output = Output.labels(list(shown))
    reply = await call(prompt, Document.of(document), model=model, output=output, system_instruction=READER)
    return reply.model_copy(update={"value": shown[reply.value]})


classify = aclassify.sync


def _shown(labels: Sequence[str] | Mapping[str, str] | type[Enum]) -> dict[str, Any]:
    """What the model is shown for each label, and what it stands for."""
    if isinstance(labels, Mapping):
        return {f"{name} ({description})": name for name, description in labels.items()}
    if isinstance(labels, type):
        return {str(member.value): member for member in labels}
    return {label: label for label in labels}
