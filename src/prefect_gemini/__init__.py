"""Prefect tasks, blocks and flows for Gemini on Vertex AI.

Importing this package is cheap: Prefect imports it at start-up to find the blocks, so every
public name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel
    from prefect_gemini.gemini.documents.document import Document
    from prefect_gemini.gemini.documents.sources import Documents
    from prefect_gemini.gemini.prompts import Prompt
    from prefect_gemini.gemini.reply import Reply
    from prefect_gemini.gemini.request import Tool
    from prefect_gemini.tasks import (
        Approval,
        CalledFunction,
        Descriptor,
        Failure,
        HttpReply,
        Leash,
        Node,
        Outcome,
        Written,
        acall_functions,
        aclassify,
        acontext_cache,
        acopy_tuned_model,
        aeach,
        aestimate,
        aextract,
        agenerate,
        ahttp_request,
        aload_documents,
        aload_prompt,
        anotify,
        asave_prompt,
        asummarize,
        atranscribe,
        awrite_rows,
        awrite_table,
        call_functions,
        classify,
        copy_tuned_model,
        each,
        estimate,
        extract,
        generate,
        http_request,
        in_prefect_ui,
        load_documents,
        load_prompt,
        node,
        notify,
        save_prompt,
        summarize,
        tool,
        transcribe,
        write_rows,
        write_table,
    )

__version__ = version("prefect-gemini")

_HOMES = {
    "prefect_gemini.blocks": ("GeminiCredentials", "GeminiModel"),
    "prefect_gemini.gemini.documents.document": ("Document",),
    "prefect_gemini.gemini.documents.sources": ("Documents",),
    "prefect_gemini.gemini.prompts": ("Prompt",),
    "prefect_gemini.gemini.reply": ("Reply",),
    "prefect_gemini.gemini.request": ("Tool",),
    "prefect_gemini.tasks": (
        "aload_documents",
        "load_documents",
        "awrite_rows",
        "write_rows",
        "awrite_table",
        "write_table",
        "anotify",
        "notify",
        "ahttp_request",
        "http_request",
        "Written",
        "HttpReply",
        "Approval",
        "CalledFunction",
        "Descriptor",
        "Failure",
        "Leash",
        "Node",
        "Outcome",
        "acall_functions",
        "aclassify",
        "acontext_cache",
        "acopy_tuned_model",
        "aeach",
        "aestimate",
        "aextract",
        "agenerate",
        "aload_prompt",
        "asave_prompt",
        "asummarize",
        "atranscribe",
        "call_functions",
        "classify",
        "copy_tuned_model",
        "each",
        "estimate",
        "extract",
        "generate",
        "in_prefect_ui",
        "load_prompt",
        "node",
        "save_prompt",
        "summarize",
        "tool",
        "transcribe",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Approval",
    "CalledFunction",
    "Descriptor",
    "Document",
    "Documents",
    "Failure",
    "GeminiCredentials",
    "GeminiModel",
    "HttpReply",
    "Leash",
    "Node",
    "Outcome",
    "Prompt",
    "Reply",
    "Tool",
    "Written",
    "__version__",
    "acall_functions",
    "aclassify",
    "acontext_cache",
    "acopy_tuned_model",
    "aeach",
    "aestimate",
    "aextract",
    "agenerate",
    "ahttp_request",
    "aload_documents",
    "aload_prompt",
    "anotify",
    "asave_prompt",
    "asummarize",
    "atranscribe",
    "awrite_rows",
    "awrite_table",
    "call_functions",
    "classify",
    "copy_tuned_model",
    "each",
    "estimate",
    "extract",
    "generate",
    "http_request",
    "in_prefect_ui",
    "load_documents",
    "load_prompt",
    "node",
    "notify",
    "save_prompt",
    "summarize",
    "tool",
    "transcribe",
    "write_rows",
    "write_table",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
