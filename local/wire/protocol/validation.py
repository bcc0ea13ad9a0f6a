"""What Google refuses in a generateContent request that is well-formed JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.proto import Surface
from prefect_gemini.local.wire.protocol.tool_validation import check_tools
from prefect_gemini.local.wire.resources.models import Model

_ROLES = ("", "user", "model", "function")


def check_generate(body: dict[str, Any], *, surface: Surface, model: Model) -> None:
    """Refuse what Google refuses.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT.
    """
    check_contents(body.get("contents", []), surface=surface)
    check_tools(body, surface=surface)
    check_generation_config(body.get("generationConfig", {}), surface=surface, model=model)


def check_contents(contents: list[dict[str, Any]], *, surface: Surface) -> None:
    """Turns must be there, have a known role, and parts that carry something.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT.
    """
    if not contents:
        if surface == "vertex":
            raise invalid(
                "Unable to submit request because at least one contents field is required. Learn more: "
                "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
            )
        text = "* GenerateContentRequest.contents: contents is not specified\n"
        raise invalid(text)
    for number, content in enumerate(contents):
        if content.get("role", "") not in _ROLES:
            if surface == "vertex":
                raise invalid("Please use a valid role: user, model.")
            raise invalid("Please use a valid role: user, model.")
        for at, part in enumerate(content.get("parts", [])):
            if "inlineData" in part and not part["inlineData"].get("data"):
                field = f"contents[{number}].parts[{at}].data"
                raise invalid(
                    f"Unable to submit request because it must have a non-empty inlineData ({field})."
                    if surface == "vertex"
                    else f"* GenerateContentRequest.{field}: required oneof field 'data' must have one initialized "
                    "field\n"
                )
        if not content.get("parts"):
            raise invalid(
                f"Unable to submit request because it must include at least one parts field, which describes the "
                f"prompt input (contents[{number}]). Learn more: "
                "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini"
                if surface == "vertex"
                else f"* GenerateContentRequest.contents[{number}].parts: contents.parts must not be empty.\n"
            )


_RANGES: tuple[tuple[str, Callable[[float], bool], str], ...] = (
    ("temperature", lambda value: 0 <= value <= 2, "temperature must be in the range [0.0, 2.0]."),
    ("topP", lambda value: 0 <= value <= 1, "top_p must be in the range [0.0, 1.0]."),
    ("topK", lambda value: value >= 1, "top_k must be positive."),
    ("maxOutputTokens", lambda value: value >= 1, "max_output_tokens must be positive."),
    ("candidateCount", lambda value: 1 <= value <= 8, "candidate_count must be in the range [1, 8]."),
    ("presencePenalty", lambda value: -2 <= value < 2, "presence_penalty must be in the range [-2.0, 2.0)."),
    ("frequencyPenalty", lambda value: -2 <= value < 2, "frequency_penalty must be in the range [-2.0, 2.0)."),
    ("logprobs", lambda value: 0 <= value <= 20, "logprobs must be in the range [0, 20]."),
)


def check_generation_config(config: dict[str, Any], *, surface: Surface, model: Model) -> None:
    """Numbers in range, and nothing that excludes something else.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT.
    """
    for name, holds, text in _RANGES:
        if name == "candidateCount" and config.get(name) == 0 and surface == "vertex":
            continue  # Vertex AI takes the default of proto3 for "not set"
        if name in config and not holds(config[name]):
            raise _out_of_range(name, config[name], text, surface=surface)
    if len(config.get("stopSequences", [])) > 5:
        raise invalid("The number of stop sequences must not exceed 5.")
    if "logprobs" in config and not config.get("responseLogprobs"):
        raise invalid(
            "Unable to submit request because logprobs can only be set by setting response_logprobs to be true."
            if surface == "vertex"
            else "Logprobs is only supported if response_logprobs is true."
        )
    if config.get("responseLogprobs") and surface == "developer" and model.generation >= 2.5:
        raise invalid(f"Logprobs is not enabled for models/{model.id}")
    speech = config.get("speechConfig", {})
    if "voiceConfig" in speech and "multiSpeakerVoiceConfig" in speech:
        raise invalid("voice_config and multi_speaker_voice_config are mutually exclusive; set one of them.")
    if surface == "vertex" and "replicatedVoiceConfig" in speech.get("voiceConfig", {}):
        raise invalid("replicated_voice_config is not supported.")
    _check_schema(config)
    _check_thinking(config.get("thinkingConfig", {}), model)


def _out_of_range(name: str, value: Any, text: str, *, surface: Surface) -> GoogleError:
    if surface == "vertex":
        return invalid(
            f"Unable to submit request because it has a {name} value of {value:g} but the supported range is "
            f"{text.partition('range ')[2].rstrip('.') or '1 and up'}. Update the value and try again."
        )
    return invalid(f"* GenerateContentRequest.generation_config.{text}\n")


def _check_schema(config: dict[str, Any]) -> None:
    mime = config.get("responseMimeType", "")
    given = [key for key in ("responseSchema", "responseJsonSchema") if key in config]
    if len(given) == 2:
        raise invalid("Only one of response_schema and response_json_schema can be set.")
    if mime not in ("", "text/plain", "application/json", "text/x.enum"):
        raise invalid(
            f"Unsupported response mime type: {mime}. Allowed mimetypes are `text/plain`, `application/json`, "
            "`application/xml`, `application/yaml` and `text/x.enum`."
        )
    if given and mime not in ("application/json", "text/x.enum"):
        raise invalid(
            "Function calling config or response schema is set without a matching response_mime_type: "
            f"`{mime or 'text/plain'}` does not support `{given[0]}`; use `application/json` or `text/x.enum`."
        )
    schema = config.get("responseSchema")
    if mime == "text/x.enum" and schema is not None and schema.get("type") != "STRING":
        raise invalid("The response schema of `text/x.enum` must be a STRING with `enum` values.")


def _check_thinking(thinking: dict[str, Any], model: Model) -> None:
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        raise invalid("You can only set only one of thinking budget and thinking level.")
    if thinking.get("includeThoughts") and not model.thinking:
        raise invalid("Unable to submit request because thinking is not supported by this model.")
    if "thinkingLevel" in thinking and not model.thinking:
        raise invalid(f"Thinking level is not supported for this model: {model.id}.")
    if "thinkingBudget" in thinking and model.generation >= 4:
        raise invalid(f"Thinking budget is not supported for this model: {model.id}.")
    if thinking.get("thinkingLevel") == "MINIMAL" and (model.generation >= 3.7):
        raise invalid(f"Thinking level MINIMAL is not supported for this model: {model.id}.")
