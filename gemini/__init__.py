"""Calling Gemini well: whole answers or typed errors, paid once, every cent known.

Names are loaded on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_gemini.gemini.backend import Backend as Backend
    from prefect_gemini.gemini.calls.retries import RetryPolicy as RetryPolicy
    from prefect_gemini.gemini.client import GeminiClient as GeminiClient
    from prefect_gemini.gemini.client import shared_client as shared_client
    from prefect_gemini.gemini.costs.budget import Budget as Budget
    from prefect_gemini.gemini.documents.document import Document as Document
    from prefect_gemini.gemini.errors import GeminiError as GeminiError
    from prefect_gemini.gemini.ledger.ledger import Ledger as Ledger
    from prefect_gemini.gemini.limits.limits import Limits as Limits
    from prefect_gemini.gemini.reply import FunctionCall as FunctionCall
    from prefect_gemini.gemini.reply import Reply as Reply
    from prefect_gemini.gemini.reply import TokenCount as TokenCount
    from prefect_gemini.gemini.reply import Usage as Usage
    from prefect_gemini.gemini.request import Generation as Generation
    from prefect_gemini.gemini.request import ModelArmor as ModelArmor
    from prefect_gemini.gemini.request import Part as Part
    from prefect_gemini.gemini.request import Request as Request
    from prefect_gemini.gemini.request import SafetySettings as SafetySettings
    from prefect_gemini.gemini.request import Tool as Tool
    from prefect_gemini.gemini.request import Turn as Turn
    from prefect_gemini.gemini.schemas.output import Output as Output
    from prefect_gemini.gemini.stream import Chunk as Chunk
    from prefect_gemini.gemini.stream import ReplyStream as ReplyStream

_HOME = {
    "Backend": "backend",
    "Budget": "costs.budget",
    "Chunk": "stream",
    "Document": "documents.document",
    "FunctionCall": "reply",
    "GeminiClient": "client",
    "GeminiError": "errors",
    "Generation": "request",
    "Ledger": "ledger.ledger",
    "Limits": "limits.limits",
    "ModelArmor": "request",
    "Output": "schemas.output",
    "Part": "request",
    "Reply": "reply",
    "ReplyStream": "stream",
    "Request": "request",
    "RetryPolicy": "calls.retries",
    "SafetySettings": "request",
    "TokenCount": "reply",
    "Tool": "request",
    "Turn": "request",
    "Usage": "reply",
    "shared_client": "client",
}

__all__ = [
    "Backend",
    "Budget",
    "Chunk",
    "Document",
    "FunctionCall",
    "GeminiClient",
    "GeminiError",
    "Generation",
    "Ledger",
    "Limits",
    "ModelArmor",
    "Output",
    "Part",
    "Reply",
    "ReplyStream",
    "Request",
    "RetryPolicy",
    "SafetySettings",
    "TokenCount",
    "Tool",
    "Turn",
    "Usage",
    "shared_client",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
