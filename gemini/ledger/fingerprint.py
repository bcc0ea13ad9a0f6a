"""When two requests are the same: the contract behind "the same question is never paid for twice".

A fingerprint changes with everything that can change the answer: document bytes, text, prompt
version, schema content, model, generation and safety settings, tools, and who is asked as whom.
It does not change with what cannot: run ids, labels, file names, object identity, the order of a
dictionary's keys. Every field of `Request` is listed below, and a test fails on one that is not.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.schemas.output import Output

if TYPE_CHECKING:
    from prefect_gemini.gemini.backend import Backend
    from prefect_gemini.gemini.request import Request

__all__ = ["EXCLUDED", "INCLUDED", "canonical", "fingerprint"]

VERSION = "1"
"""Raise it when the projection below changes meaning: every older answer is then asked for anew."""

INCLUDED = frozenset(
    {
        "model",
        "contents",
        "system_instruction",
        "output",
        "tools",
        "tool_mode",
        "allowed_tools",
        "generation",
        "safety",
        "cached_content",
        "model_armor",
        "fallbacks",
        "prompt_version",
    }
)
"""Fields of `Request` that can change the answer. `fallbacks` can: another model may have given it."""

EXCLUDED: Mapping[str, str] = {
    "labels": "billing labels carry run ids",
    "origin": "whom the cost is booked on",
    "service_tier": "the same model answers, at another speed and price",
    "on_truncation": "only whole answers are kept, however they were reached",
    "fresh": "asks to pay again; the new answer replaces the old one",
    "check_calls": "the same answer, held against the schemas or not",
}
"""Fields of `Request` that cannot, each with the reason."""


def fingerprint(request: Request, backend: Backend) -> str:
    """Compute a request's fingerprint on one backend.

    Args:
        request: The request; a family name in it is resolved first, so "flash" and today's Flash are equal.
        backend: Who is called; its `identity` is part of the fingerprint, so tenants never share an answer.

    Returns:
        64 hexadecimal digits.

    Raises:
        InvalidOption: The request holds something without a stable content, such as a live object.
    """
    fields = {name: getattr(request, name) for name in INCLUDED}
    fields["model"] = resolve(request.model, backend=backend.kind, warn=False).id
    if not isinstance(request.cached_content, str):
        fields["cached_content"] = None  # it holds a part of this request, and so adds nothing
    fields["output"] = None if request.output is None else Output.of(request.output).digest
    content = {"version": VERSION, "backend": backend.identity, "request": canonical(fields)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def canonical(value: Any, path: str = "request") -> Any:
    """Project a value onto JSON that is equal exactly when the content is.

    Args:
        value: What to project.
        path: Where it stands, for the error.

    Raises:
        InvalidOption: The value has no stable content.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, Enum):
        return canonical(value.value, path)
    if isinstance(value, Decimal | date):
        return {type(value).__name__: str(value)}
    if _is_document(value):
        return {"document": value.digest, "media_type": value.media_type}
    if isinstance(value, BaseModel):
        return {name: canonical(getattr(value, name), f"{path}.{name}") for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: canonical(getattr(value, each.name), f"{path}.{each.name}") for each in dataclasses.fields(value)
        }
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: canonical(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item, f"{path}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, set | frozenset):
        return sorted((canonical(item, path) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    raise InvalidOption(
        f"`{path}` holds a {type(value).__name__!r}, which has no stable content to recognise the request by.",
        hint="Pass text, bytes, numbers, documents, or plain containers of them.",
    )


def _is_document(value: Any) -> bool:
    """Recognise a `Document` by what it offers, so that computing a fingerprint imports no reader."""
    return type(value).__name__ == "Document" and hasattr(value, "digest") and hasattr(value, "media_type")
