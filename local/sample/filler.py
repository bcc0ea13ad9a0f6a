"""Fills a schema with sample values; numbers and names of a text are used where they fit."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"-?\d+(?:,\d{3})+|-?\d+(?:\.\d+)?")
# Words with a capital, but not the first of a sentence.
_NAME = re.compile(r"(?<=[^.?!\n] )[A-Z][\w'-]*(?: [A-Z][\w'-]+)*")
_COUNTS = {
    word: number
    for number, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_MANY = re.compile(rf"\b({'|'.join(_COUNTS)}|\d{{1,2}})\b", re.IGNORECASE)
_LISTED = re.compile(rf"{_NAME.pattern}(?:, (?:and )?[A-Z][\w'-]*(?: [A-Z][\w'-]+)*)+")
_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "duration": "60s",
    "email": "sample@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
DEEPEST = 12


class Filler:
    """Fills one schema with sample values.

    Args:
        text: whose numbers and names are used first, in the order they stand there.
        schema: plain JSON schema; `$ref` is looked up in it.
    """

    def __init__(self, text: str, schema: dict[str, Any]) -> None:
        self.text = text
        self.schema = schema
        self.numbers = iter(_NUMBER.findall(text))
        self.names = iter(_NAME.findall(text))
        self.many = _how_many(text)

    def fill(self) -> Any:
        """A value the schema allows."""
        return self._value(self.schema, "value", 0)

    def _value(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, dict):
            return f"sample {name}"
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._choice(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                options = [one for one in schema[key] if self._resolved(one).get("type") != "null"]
                return self._value(options[0], name, depth + 1) if options else None
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
        match kind:
            case "object":
                return self._object(schema, name, depth)
            case "array":
                return self._array(schema, name, depth)
            case "boolean":
                return True
            case "null":
                return None
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
        return self._text(schema, name)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        for _ in range(DEEPEST):
            reference = schema.get("$ref", "")
            if not reference:
                break
            found: Any = self.schema
            for step in reference.removeprefix("#").strip("/").split("/"):
                found = found.get(step, {}) if isinstance(found, dict) and step else found
            schema = found if isinstance(found, dict) else {}
        return schema

    def _choice(self, options: list[Any]) -> Any:
        low = self.text.lower()
        return next((one for one in options if isinstance(one, str) and one.lower() in low), options[0])

    def _object(self, schema: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        if depth > DEEPEST:
            properties = {key: one for key, one in properties.items() if key in required}
        if depth > 2 * DEEPEST:
            return {}
        if not properties and isinstance(schema.get("additionalProperties"), dict):
            return {"sample": self._value(schema["additionalProperties"], name, depth + 1)}
        return {key: self._value(one, key, depth + 1) for key, one in properties.items()}

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        if schema.get("prefixItems"):
            return [self._value(one, name, depth + 1) for one in schema["prefixItems"]]
        if depth > DEEPEST:
            return []
        count = max(schema.get("minItems", 0), min(self.many, schema.get("maxItems", 10)))
        return [self._value(schema.get("items", {}), name, depth + 1) for _ in range(count)]

    def _number(self, schema: dict[str, Any], *, whole: bool) -> int | float:
        printed = next(self.numbers, "")
        value = float(printed.replace(",", "")) if printed else 1.0
        value = max(value, schema.get("minimum", value))
        value = min(value, schema.get("maximum", value))
        return int(value) if whole else value

    def _text(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = next(self.names, "") or f"sample {name}"
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 100)]


def names_of(text: str) -> list[str]:
    """What looks like a name."""
    return _NAME.findall(text)


def numbers_of(text: str) -> list[str]:
    """What looks like a number."""
    return _NUMBER.findall(text)


def _how_many(text: str) -> int:
    """How many items a text asks for: as it says, or as many as it lists by name."""
    if many := _MANY.search(text):
        return _COUNTS.get(many[1].lower()) or int(many[1])
    listed = _LISTED.search(text)
    return listed[0].count(",") + 1 if listed else 1
