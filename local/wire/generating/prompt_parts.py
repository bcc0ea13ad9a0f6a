"""What surrounds the turns of a prompt: instruction, tools, schema."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.engine import FunctionDeclaration
from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.generating.schema import json_schema, plain


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


def tools_tokens(body: dict[str, Any]) -> int:
    """Tokens of the declared functions."""
    return sum(
        tokens.count_text(str(tool["functionDeclarations"]))
        for tool in body.get("tools", [])
        if "functionDeclarations" in tool
    )


def schema_tokens(config: dict[str, Any]) -> int:
    """Tokens of the schema of the answer."""
    return sum(tokens.count_text(str(config[key])) for key in ("responseSchema", "responseJsonSchema") if key in config)
