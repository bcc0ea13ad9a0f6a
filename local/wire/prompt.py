"""A generateContent request, checked and made ready for whoever answers it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from prefect_gemini.local.engine import FunctionDeclaration, GenerateCall
from prefect_gemini.local.wire import tokens
from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.models import Model
from prefect_gemini.local.wire.proto import decode_bytes
from prefect_gemini.local.wire.schema import json_schema, plain
from prefect_gemini.local.wire.validation import check_generate
from prefect_gemini.local.wire.wire import Wire


@dataclass(frozen=True)
class Prompt:
    """What is asked.

    Args:
        model: as found in the catalogue.
        model_id: as the path names it.
        body: the request, every field in camelCase.
        contents: turns of the cache, then those of the request.
        system: text of the system instruction.
        counts: prompt tokens by modality.
        cached: those among them that came from a cache.
    """

    model: Model
    model_id: str
    body: dict[str, Any]
    contents: list[dict[str, Any]]
    system: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    cached: Counter[str] = field(default_factory=Counter)

    @property
    def config(self) -> dict[str, Any]:
        """generationConfig."""
        config: dict[str, Any] = self.body.get("generationConfig", {})
        return config

    def engine_call(self) -> GenerateCall:
        """The request as an engine reads it."""
        calling = self.body.get("toolConfig", {}).get("functionCallingConfig", {})
        mode = calling.get("mode", "AUTO")
        rest = {
            key: value
            for key, value in self.config.items()
            if key not in ("responseSchema", "responseJsonSchema", "responseMimeType")
        }
        return GenerateCall(
            model=self.model_id,
            contents=tuple(_with_bytes(content) for content in self.contents),
            system_instruction=self.system,
            functions=tuple(declared_functions(self.body)),
            function_mode="AUTO" if mode == "MODE_UNSPECIFIED" else mode,
            allowed_functions=tuple(calling.get("allowedFunctionNames", ())),
            response_schema=response_schema(self.config),
            response_mime_type=self.config.get("responseMimeType", "text/plain"),
            generation_config=rest,
        )


def declared_functions(body: dict[str, Any]) -> list[FunctionDeclaration]:
    """The functions of all tools, their parameters as plain JSON schema."""
    found = []
    for tool in body.get("tools", []):
        for one in tool.get("functionDeclarations", []):
            if "parametersJsonSchema" in one:
                parameters = plain(one["parametersJsonSchema"])
            else:
                parameters = json_schema(one.get("parameters", {}))
            found.append(FunctionDeclaration(one.get("name", ""), one.get("description", ""), parameters))
    return found


def response_schema(config: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of the answer as plain JSON schema; None for free text."""
    if "responseJsonSchema" in config:
        schema: dict[str, Any] = plain(config["responseJsonSchema"])
        return schema
    if "responseSchema" in config:
        return json_schema(config["responseSchema"])
    return None


def system_text(body: dict[str, Any]) -> str:
    """Text of the system instruction."""
    parts = body.get("systemInstruction", {}).get("parts", [])
    return "\n".join(part["text"] for part in parts if "text" in part)


def make_prompt(wire: Wire, call: Call, body: dict[str, Any], *, verb: str) -> Prompt:
    """Check a request and gather what it refers to.

    Args:
        body: the message, every field in camelCase.
        verb: of the path, for the words of a refusal.

    Raises:
        GoogleError: for everything Google would refuse.
    """
    model = wire.models.require(call.model, surface=call.surface, verb=verb, version=call.version, parent=call.parent)
    check_generate(body, surface=call.surface, model=model)
    contents = body.get("contents", [])
    system = system_text(body)
    counts = tokens.count_contents(contents, generation=model.generation)
    counts["TEXT"] += _overhead(body, system)
    return Prompt(model, call.model, body, contents, system, +counts)


def _overhead(body: dict[str, Any], system: str) -> int:
    """Tokens of what surrounds the turns: instruction, tools, schema."""
    extra = tokens.count_text(system) if system else 0
    for tool in body.get("tools", []):
        if "functionDeclarations" in tool:
            extra += tokens.count_text(str(tool["functionDeclarations"]))
    config = body.get("generationConfig", {})
    for key in ("responseSchema", "responseJsonSchema"):
        if key in config:
            extra += tokens.count_text(str(config[key]))
    return extra


def _with_bytes(content: dict[str, Any]) -> dict[str, Any]:
    parts = []
    for part in content.get("parts", []):
        blob = part.get("inlineData")
        if blob is not None and isinstance(blob.get("data"), str):
            part = part | {"inlineData": blob | {"data": decode_bytes(blob["data"])}}
        parts.append(part)
    return content | {"parts": parts}
