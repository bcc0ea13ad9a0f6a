"""Values that any file and any database takes: what a document says may hold what UTF-8, JSON or SQL refuse."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

_REFUSED = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL has no place for, and half characters, as in file names that are not UTF-8."""


def storable_text(text: str) -> str:
    """The text with U+FFFD in the place of what cannot be stored."""
    return text if text.isprintable() else _REFUSED.sub("\ufffd", text)


def storable(value: Any) -> Any:
    """The same for plain JSON data, whatever is in it."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(str(name)): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(inner) for inner in value]
    return value


def jsonable(value: Any) -> Any:
    """Anything as plain JSON data; bytes that are no text become base64, and what JSON does not know its `str`."""
    try:
        return to_jsonable_python(value, serialize_unknown=True)
    except (UnicodeDecodeError, PydanticSerializationError):
        return to_jsonable_python(value, serialize_unknown=True, bytes_mode="base64")


def as_json(value: Any) -> bytes:
    """Anything as JSON that every reader takes: NaN and the infinities are text, as JSON has no numbers for them."""
    try:
        return to_json(value, inf_nan_mode="strings", serialize_unknown=True)
    except (UnicodeError, PydanticSerializationError):
        return to_json(storable(jsonable(value)), inf_nan_mode="strings")


def as_json_column(value: Any) -> str:
    """Anything as JSON for a database: PostgreSQL refuses NUL in its escaped form too."""
    text = as_json(value)
    return (text if b"\\u0000" not in text else as_json(storable(jsonable(value)))).decode()
