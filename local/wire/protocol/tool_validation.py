"""What Google refuses in the tools of a request: empty ones, and those that exclude each other."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.wire.protocol.google_errors import invalid
from prefect_gemini.local.wire.protocol.proto import Surface

_SEARCHES = ("googleSearch", "googleSearchRetrieval", "enterpriseWebSearch", "retrieval")


def check_tools(body: dict[str, Any], *, surface: Surface) -> None:
    """Refuse tools that cannot be used, or not together.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT.
    """
    tools = body.get("tools", [])
    if surface == "vertex" and any(not tool for tool in tools):
        raise invalid("tools[].tool_type: required one_of 'tool_type' must have one initialized field")
    used = {key for tool in tools for key in tool}
    searches = [key for key in _SEARCHES if key in used]
    if surface == "vertex" and len(searches) > 1:
        raise invalid("Multiple tools are supported only when they are all search tools of one kind.")
    server_side = body.get("toolConfig", {}).get("includeServerSideToolInvocations")
    if searches and used & {"functionDeclarations"} and "retrieval" not in searches and not server_side:
        raise invalid(
            "Multiple tools are supported only when they are all search tools."
            if surface == "vertex"
            else "Tool use with function calling is unsupported: google_search and function_declarations exclude each "
            "other unless tool_config.include_server_side_tool_invocations is set."
        )
    _check_functions(tools, body.get("toolConfig", {}).get("functionCallingConfig", {}))


def _check_functions(tools: list[dict[str, Any]], calling: dict[str, Any]) -> None:
    names = [one.get("name", "") for tool in tools for one in tool.get("functionDeclarations", [])]
    if "" in names:
        raise invalid("* GenerateContentRequest.tools[0].function_declarations[0].name: [FIELD_INVALID]\n")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise invalid(f"Duplicate function declaration found: {twice[0]}")
    allowed = calling.get("allowedFunctionNames", [])
    if allowed and calling.get("mode", "AUTO") not in ("ANY", "VALIDATED"):
        raise invalid("allowed_function_names should only be set when the function calling mode is ANY or VALIDATED.")
    if strange := [name for name in allowed if name not in names]:
        raise invalid(f"allowed_function_names contains {strange[0]!r}, which is not a declared function.")
