"""An engine that reads nothing and never refuses: sample answers of the right shape, and marked as such.

For tests of wiring, where the reader's refusals would be in the way and a script for every call too much.
A schema is filled with sample values, a function called with sample arguments; numbers and names of the
prompt are used where they fit. `modelVersion` says `local-sample-1`, and every text says what it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from prefect_gemini.local.engine import EngineAnswer, FunctionDeclaration, GenerateCall

MODEL_VERSION = "local-sample-1"

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"-?\d+(?:,\d{3})+|-?\d+(?:\.\d+)?")
_NAME = re.compile(r"(?<=[^.?!\n] )[A-Z][\w.'-]+(?:,? [A-Z][\w'-]+)*")
_COUNTS = {
    word: number
    for number, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_MANY = re.compile(rf"\b({'|'.join(_COUNTS)}|\d{{1,2}})\b", re.IGNORECASE)
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


class SampleEngine:
    """Answers every call; safe to call from several threads."""

    def generate(self, call: GenerateCall) -> EngineAnswer:
        """Answer one call with a sample."""
        asked = _asked(call)
        thoughts: tuple[dict[str, Any], ...] = ()
        if call.generation_config.get("thinkingConfig", {}).get("includeThoughts"):
            thoughts = ({"text": "A sample of a thought: look at what is asked, then answer.", "thought": True},)
        responses = [part["functionResponse"] for part in _last_parts(call) if "functionResponse" in part]
        functions = [one for one in call.functions if not call.allowed_functions or one.name in call.allowed_functions]
        if functions and not responses and call.function_mode != "NONE":
            chosen = max(functions, key=lambda one: _shared_words(one, asked))
            args = Filler(asked, chosen.parameters, as_arguments=True).fill()
            call_part = {"functionCall": {"name": chosen.name, "args": args if isinstance(args, dict) else {}}}
            return EngineAnswer((*thoughts, call_part), model_version=MODEL_VERSION)
        if call.response_schema is not None:
            value = Filler(asked, call.response_schema).fill()
            text = value if call.response_mime_type == "text/x.enum" else json.dumps(value, ensure_ascii=False)
            return EngineAnswer((*thoughts, {"text": str(text)}), model_version=MODEL_VERSION)
        if call.response_mime_type == "application/json":
            return EngineAnswer((*thoughts, {"text": json.dumps({"sample": asked[:200]})}), model_version=MODEL_VERSION)
        said = "; ".join(json.dumps(one.get("response"), default=str) for one in responses) or asked[:400]
        text = f"A sample answer, made without a model, to: {said}"
        return EngineAnswer((*thoughts, {"text": text}), model_version=MODEL_VERSION)

    def count_tokens(self, contents: tuple[dict[str, Any], ...]) -> dict[str, int]:
        """A token for about every four letters."""
        letters = sum(len(part.get("text", "")) for content in contents for part in content.get("parts", []))
        return {"TEXT": -(-letters // 4)}


class Filler:
    """Fills one schema with sample values.

    Args:
        text: whose numbers and names are used first.
        schema: plain JSON schema; `$ref` is looked up in it.
        as_arguments: of a function: numbers and names are taken in the order they stand in the text.
    """

    def __init__(self, text: str, schema: dict[str, Any], *, as_arguments: bool = False) -> None:
        self.text = text
        self.schema = schema
        self.numbers = iter(_NUMBER.findall(text)) if as_arguments else iter(())
        self.names: Iterator[str] = iter(_NAME.findall(text)) if as_arguments else iter(())
        many = _MANY.search(text)
        self.many = (_COUNTS.get(many[1].lower()) or int(many[1])) if many else 1

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
        value = min(max(value, schema.get("minimum", value)), schema.get("maximum", value))
        return int(value) if whole else value

    def _text(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = next(self.names, "") or f"sample {name}"
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 100)]


def _last_parts(call: GenerateCall) -> list[dict[str, Any]]:
    return call.contents[-1].get("parts", []) if call.contents else []


def _asked(call: GenerateCall) -> str:
    """Text of the last turn that has any."""
    for content in reversed(call.contents):
        text = " ".join(part["text"] for part in content.get("parts", []) if "text" in part)
        if text and content.get("role") != "model":
            return text
    return call.system_instruction


def _shared_words(function: FunctionDeclaration, text: str) -> int:
    mine = {word.lower() for word in _WORD.findall(f"{function.name} {function.description}".replace("_", " "))}
    return len(mine & {word.lower() for word in _WORD.findall(text)})
