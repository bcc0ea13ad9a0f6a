"""call_functions: the model is given tools and documents, and says which tool to call with what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOutput
from prefect_gemini.gemini.reply import FunctionCall, Reply
from prefect_gemini.gemini.request import Tool
from prefect_gemini.gemini.schemas.output import validate_arguments
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
        InvalidOutput: a call of an undeclared tool, arguments the schema refuses, or no call
            where one was demanded.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    reply = await call(
        prompt,
        *(Document.of(document) for document in documents),
        model=model,
        tools=tuple(tools),
        tool_mode=mode,
        system_instruction=READER,
    )
    if mode == "any" and not reply.function_calls:
        raise InvalidOutput(
            "the model answered without calling a function", hint="ask for one call, or use mode 'auto'"
        )
    return reply.model_copy(update={"value": tuple(_checked(one, tools) for one in reply.function_calls)})


call_functions = acall_functions.sync


def _checked(one: FunctionCall, tools: Sequence[Tool]) -> FunctionCall:
    declared = {tool.name: tool for tool in tools}
    if one.name not in declared:
        raise InvalidOutput(
            f"the model called {one.name!r}, which is not among {sorted(declared)}", hint="nothing was executed"
        )
    return one.model_copy(update={"args": validate_arguments(declared[one.name].parameters, one.args)})
