"""classify: one label out of a list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from prefect_gemini.blocks.model import ModelChoice
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.prompts import Prompt
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import READER, call


@node(category="reading")
async def aclassify(
    document: str | Path | bytes | Document,
    labels: Sequence[str] | Mapping[str, str] | type[Enum],
    *,
    examples: Mapping[Any, Sequence[str]] | None = None,
    model: ModelChoice = "flash-lite",
    prompt: str | Prompt = "Choose the one label that fits this document best.",
) -> Reply[Any]:
    """Choose one label for a document.

    Args:
        document: a path, a URL, bytes, or an open `Document`; literal text is `Document.text("…")`.
        labels: names, names with descriptions, or an Enum. The model answers with a label's
            number, so that a label can not drift into a synonym.
        examples: texts that have a label, for labels that do not say what they mean; two each help most.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`; of several, a stronger
            one is asked where the answer of the one before is not good enough (see `cascade`).
        prompt: what the labels mean to you, where their names do not say it.

    Returns:
        A reply whose `value` is one of the labels (a member, for an Enum).

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    shown = labels_shown(labels, examples or {})
    output = Output.labels(list(shown))
    reply = await call(prompt, Document.of(document), model=model, output=output, system_instruction=READER)
    return reply.model_copy(update={"value": shown[reply.value]})


classify = aclassify.sync


def labels_shown(
    labels: Sequence[str] | Mapping[str, str] | type[Enum], examples: Mapping[Any, Sequence[str]]
) -> dict[str, Any]:
    """What the model is shown for each label, and what it stands for.

    Args:
        labels, examples: as `classify`.

    Raises:
        InvalidOption: examples of a label that is not among them.
    """
    if isinstance(labels, Mapping):
        named: dict[str, Any] = {
            f"{name} ({description})" if description else name: name for name, description in labels.items()
        }
    elif isinstance(labels, type):
        named = {str(member.value): member for member in labels}
    else:
        named = {label: label for label in labels}
    if strange := set(examples) - set(named.values()):
        raise InvalidOption(f"Examples are given for {sorted(map(str, strange))!r}, which are not among the labels.")
    return {
        shown + "".join(f"\n   for example: {_line(text)}" for text in examples.get(label, ())): label
        for shown, label in named.items()
    }


def _line(text: str) -> str:
    """An example on one line: the list has a line a label."""
    return json.dumps(" ".join(text.split())[:500], ensure_ascii=False)
