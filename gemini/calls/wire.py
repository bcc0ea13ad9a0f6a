"""A Request as google-genai wants it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.translate import translate
from prefect_gemini.gemini.errors import InvalidOption, MalformedResponse
from prefect_gemini.gemini.request import Generation, Part, Request, Turn
from prefect_gemini.gemini.schemas.output import Output

if TYPE_CHECKING:
    from google.genai import types

_TIER_HEADER = "X-Vertex-AI-LLM-Shared-Request-Type"
"""Vertex AI takes the service tier as a header and refuses it in the body."""


def contents(turns: tuple[Turn | Mapping[str, Any], ...]) -> list[types.Content]:
    """The conversation. Turns that came from the wire go back as they came.

    Raises:
        InvalidOption: when a turn given as a mapping is not one.
    """
    from google.genai import types
    from pydantic import ValidationError

    result = []
    for turn in turns:
        if isinstance(turn, Turn):
            result.append(types.Content(role=turn.role, parts=[_part(part) for part in turn.parts]))
            continue
        try:
            result.append(types.Content.model_validate(dict(turn)))
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, problem["loc"]))
            raise InvalidOption(f"A turn in `contents` is not one: `{where}`: {problem['msg']}.") from None
    return result


def config(
    request: Request,
    backend: Backend,
    *,
    output: Output[Any] | None,
    timeout_s: float | None = None,
    continuation: str | None = None,
) -> types.GenerateContentConfig:
    """Everything beside the contents.

    Args:
        request: what is asked.
        backend: whom; the two services take some options in different places.
        output: the request's output, translated.
        timeout_s: seconds without a byte before the read is given up.
        continuation: the token of an answer that the service broke off to go on later.
    """
    from google.genai import types

    generation = request.generation
    headers: dict[str, str] = {}
    tier = None
    if request.service_tier != "standard":
        if backend.kind == "vertex":
            headers[_TIER_HEADER] = request.service_tier
        else:
            tier = types.ServiceTier(request.service_tier)
    # Labels and Model Armor are Vertex AI's; `checks` has refused or noted them elsewhere.
    vertex = backend.kind == "vertex"
    armor = request.model_armor if vertex else None
    return types.GenerateContentConfig(
        http_options=types.HttpOptions(
            headers=headers or None, timeout=None if timeout_s is None else max(1, round(timeout_s * 1000))
        ),
        system_instruction=request.system_instruction,
        temperature=generation.temperature,
        top_p=generation.top_p,
        top_k=generation.top_k,
        candidate_count=generation.candidate_count,
        max_output_tokens=generation.max_output_tokens,
        stop_sequences=list(generation.stop_sequences) or None,
        seed=generation.seed,
        presence_penalty=generation.presence_penalty,
        frequency_penalty=generation.frequency_penalty,
        response_logprobs=generation.response_logprobs,
        logprobs=generation.logprobs,
        media_resolution=None
        if generation.media_resolution is None
        else types.MediaResolution(f"MEDIA_RESOLUTION_{generation.media_resolution.upper()}"),
        thinking_config=_thinking(generation),
        safety_settings=[
            types.SafetySetting(category=types.HarmCategory(name), threshold=types.HarmBlockThreshold(level))
            for name, level in request.safety.items()
        ]
        or None,
        tools=tools(request),
        tool_config=_tool_config(request),
        labels=(dict(request.labels) or None) if vertex else None,
        cached_content=request.cached_content,
        service_tier=tier,
        model_armor_config=None
        if armor is None
        else types.ModelArmorConfig(
            prompt_template_name=armor.prompt_template, response_template_name=armor.response_template
        ),
        continuation_token=None if continuation is None else base64.b64decode(continuation),
        # What the SDK would do by itself and unseen, we do or leave ourselves.
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        **({} if output is None else output.wire.config()),
    )


def parsed(body: str | None, *, model: str) -> Any:
    """The JSON of a response's body.

    Raises:
        MalformedResponse: it is not JSON.
    """

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(body or "", parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise translate(error, model=model) or error from None
    except (ValueError, RecursionError) as error:
        raise MalformedResponse(f"The response is not JSON ({error}).", status=200, model=model) from None


def _thinking(generation: Generation) -> types.ThinkingConfig | None:
    from google.genai import types

    if generation.thinking_level is None and generation.thinking_budget is None and generation.include_thoughts is None:
        return None
    return types.ThinkingConfig(
        include_thoughts=generation.include_thoughts,
        thinking_budget=generation.thinking_budget,
        thinking_level=None
        if generation.thinking_level is None
        else types.ThinkingLevel(generation.thinking_level.upper()),
    )


def tools(request: Request) -> list[Any] | None:
    """The functions offered."""
    from google.genai import types

    if not request.tools:
        return None
    return [
        types.Tool(
            function_declarations=[
                types.FunctionDeclaration(
                    name=tool.name,
                    description=tool.description or None,
                    parameters_json_schema=json.loads(json.dumps(tool.parameters)),
                )
                for tool in request.tools
            ]
        )
    ]


def _tool_config(request: Request) -> types.ToolConfig | None:
    from google.genai import types

    if not request.tools or (request.tool_mode == "auto" and not request.allowed_tools):
        return None
    return types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode(request.tool_mode.upper()),
            allowed_function_names=list(request.allowed_tools) or None,
        )
    )


def _part(part: Part) -> types.Part:
    from google.genai import types

    if part.wire is not None:
        return types.Part.model_validate(dict(part.wire))
    if part.text is not None:
        return types.Part(text=part.text)
    resolution = None
    if part.media_resolution is not None:
        resolution = types.PartMediaResolution(
            level=types.PartMediaResolutionLevel(f"MEDIA_RESOLUTION_{part.media_resolution.upper()}")
        )
    if part.data is not None:
        return types.Part(
            inline_data=types.Blob(data=part.data, mime_type=part.media_type), media_resolution=resolution
        )
    return types.Part(
        file_data=types.FileData(file_uri=part.uri, mime_type=part.media_type), media_resolution=resolution
    )
