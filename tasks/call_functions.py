"""call_functions: the model is given tools and documents, and says which tool to call with what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.documents import Document
from prefect_gemini.gemini.reply import FunctionCall, Reply
from prefect_gemini.gemini.request import Tool
from prefect_gemini.tasks._call import READER, call
from prefect_gemini.tasks.node import node


@node(category="acting")
async def acall_functions(
    prompt: str,
    tools: Sequence[Tool],
    *,
    documents: Sequence[str | Path | bytes | Document] = (),
    model: str | GeminiModel = "flash",
    mode: Literal["auto", "any"] = "auto",
) -> Reply[tuple[FunctionCall, ...]]:
    """Ask which of the tools to call, and with what arguments.

    Nothing is executed here: the caller's code decides what a call may do.

    Args:
        prompt: what to do.
        tools: what may be called, each with the JSON schema of its arguments.
        documents: what to look at.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.
        mode: auto lets the model answer in text instead; any demands at least one call.

    Returns:
        A reply whose `value` is the calls. Every call names a declared tool, and its arguments
        satisfy that tool's schema.

    Raises:
        InvalidOutput: a call of an undeclared tool, or arguments the schema refuses, after the
            repair round.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    return await call(
        prompt,
        *(Document.of(document) for document in documents),
        model=model,
        tools=tuple(tools),
        tool_mode=mode,
        system_instruction=READER,
    )


call_functions = acall_functions.sync
