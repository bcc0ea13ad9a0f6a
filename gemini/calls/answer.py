"""Google's JSON into a whole Reply, or into the one error that says why it is not whole."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from prefect_gemini.gemini.calls.translate import from_status
from prefect_gemini.gemini.errors import (
    AnswerBlocked,
    AnswerError,
    EmptyAnswer,
    MalformedFunctionCall,
    MalformedResponse,
    PromptBlocked,
    Truncated,
    UnknownFinish,
)
from prefect_gemini.gemini.reply import FunctionCall, Reply, Usage

STOP = "STOP"
CONTINUATION = "CONTINUATION"

FINISHES: Mapping[str, type[AnswerError]] = {
    "FINISH_REASON_UNSPECIFIED": UnknownFinish,
    "MAX_TOKENS": Truncated,
    CONTINUATION: Truncated,
    "SAFETY": AnswerBlocked,
    "RECITATION": AnswerBlocked,
    "LANGUAGE": AnswerBlocked,
    "OTHER": AnswerBlocked,
    "BLOCKLIST": AnswerBlocked,
    "PROHIBITED_CONTENT": AnswerBlocked,
    "SPII": AnswerBlocked,
    "MODEL_ARMOR": AnswerBlocked,
    "IMAGE_SAFETY": AnswerBlocked,
    "IMAGE_PROHIBITED_CONTENT": AnswerBlocked,
    "IMAGE_RECITATION": AnswerBlocked,
    "IMAGE_OTHER": AnswerBlocked,
    "NO_IMAGE": EmptyAnswer,
    "MALFORMED_FUNCTION_CALL": MalformedFunctionCall,
    "UNEXPECTED_TOOL_CALL": MalformedFunctionCall,
    "TOO_MANY_TOOL_CALLS": MalformedFunctionCall,
}
"""What each finish reason but STOP means. MODEL_ARMOR is sent by the service and not in its enum."""

_HINTS = {
    "RECITATION": "The answer repeated protected text; ask for a summary or for structured fields instead.",
    "LANGUAGE": "The model does not answer in this language; ask for another.",
    "SPII": "The answer held sensitive personal data; ask for less of it.",
    "MODEL_ARMOR": "A Model Armor template stopped it; change the template or the prompt.",
    "PROHIBITED_CONTENT": "No setting allows this content; leave the document to a person.",
}


def read(payload: Any, *, model: str, backend: str, schema: bool = False) -> Reply[str]:
    """Read a generateContent response, or the assembled chunks of a stream.

    Args:
        payload: the JSON.
        model: the model that was asked.
        backend: vertex, developer or local.
        schema: whether the answer is JSON, of which half is worth nothing.

    Raises:
        AnswerError: it is not a whole answer; `partial` holds what there is, with its usage.
        MalformedResponse: it is not a response at all.
        ServiceError: it is an error that came with status 200.
    """
    if not isinstance(payload, Mapping):
        raise MalformedResponse(f"The service answered with {type(payload).__name__}, not an object.", model=model)
    if isinstance(payload.get("error"), Mapping):
        code = payload["error"].get("code")
        raise from_status(code if isinstance(code, int) else 500, payload, model=model)
    try:
        return _read(payload, model=model, backend=backend, schema=schema)
    except (AttributeError, TypeError, ValueError) as error:
        raise MalformedResponse(
            f"The response does not have the API's shape ({type(error).__name__}: {error}).", model=model
        ) from None


def _read(payload: Mapping[str, Any], *, model: str, backend: str, schema: bool) -> Reply[str]:
    candidates = payload.get("candidates") or []
    feedback = payload.get("promptFeedback") or {}
    candidate: Mapping[str, Any] = candidates[0] if candidates else {}
    reply = _partial(payload, candidate, model=model, backend=backend)
    ratings = candidate.get("safetyRatings") or feedback.get("safetyRatings") or ()
    said: dict[str, Any] = {
        "partial": reply,
        "response_id": reply.response_id,
        "safety_ratings": ratings,
        "model": model,
        "status": 200,
    }
    if not candidates:
        if block := feedback.get("blockReason"):
            why = feedback.get("blockReasonMessage") or "no message"
            raise PromptBlocked(
                f"The prompt was blocked ({block}): {why}.", reason=block, hint=_HINTS.get(block), **said
            )
        raise EmptyAnswer("The response holds no candidate.", **said)
    finish = reply.finish_reason
    why = candidate.get("finishMessage")
    said |= {"finish_reason": finish or None, "reason": finish or None}
    if not finish:
        raise Truncated(
            "The answer ended without a finish reason.",
            hint="The connection was cut in the middle; run again.",
            retryable=True,
            **said,
        )
    if finish != STOP:
        kind = FINISHES.get(finish, UnknownFinish)
        if kind is Truncated:
            said["retryable"] = schema and finish == "MAX_TOKENS"
        message = f"The answer stopped with {finish}{f': {why}' if why else ''}"
        raise kind(f"{message.rstrip('.')}.", hint=_HINTS.get(finish), **said)
    if not any(_says_something(part) for part in reply.content.get("parts", ())):
        raise EmptyAnswer("The answer is whole and holds nothing.", **said)
    return reply


def error_of(reply: Reply[str]) -> AnswerError | None:
    """What an answer that the ledger has was cut or blocked by, or that it holds nothing; None where it is whole."""
    said: dict[str, Any] = {"partial": reply, "model": reply.model, "response_id": reply.response_id}
    finish = reply.finish_reason
    if finish and finish != STOP:
        kind = FINISHES.get(finish, UnknownFinish)
        return kind(f"The answer stopped with {finish}.", reason=finish, finish_reason=finish, **said)
    if finish and not any(_says_something(part) for part in reply.content.get("parts", ())):
        return EmptyAnswer("The answer is whole and holds nothing.", reason=finish, finish_reason=finish, **said)
    return None


def _says_something(part: Mapping[str, Any]) -> bool:
    if part.get("thought"):
        return False
    return bool(part.get("text")) or any(
        key not in ("text", "thought", "thoughtSignature", "partMetadata") for key in part
    )


def _partial(payload: Mapping[str, Any], candidate: Mapping[str, Any], *, model: str, backend: str) -> Reply[str]:
    content = dict(candidate.get("content") or {})
    parts = [dict(part) for part in content.get("parts") or ()]
    if content:
        content = {"role": "model", **content, "parts": parts}
    calls = [part["functionCall"] for part in parts if part.get("functionCall")]
    text = _text(parts)
    grounding = {
        key: candidate[key]
        for key in ("groundingMetadata", "citationMetadata", "urlContextMetadata")
        if key in candidate
    }
    logprobs = dict(candidate.get("logprobsResult") or {})
    if "avgLogprobs" in candidate:
        logprobs["avgLogprobs"] = candidate["avgLogprobs"]
    return Reply[str](
        value=text,
        text=text,
        thoughts=_text(parts, thoughts=True),
        function_calls=tuple(
            FunctionCall(name=str(call.get("name") or ""), args=call.get("args") or {}, id=call.get("id"))
            for call in calls
        ),
        content=content,
        model=model,
        model_version=str(payload.get("modelVersion") or ""),
        backend=backend,
        finish_reason=str(candidate.get("finishReason") or ""),
        usage=usage(payload.get("usageMetadata") or {}),
        response_id=payload.get("responseId"),
        safety_ratings=tuple(dict(rating) for rating in candidate.get("safetyRatings") or ()),
        alternatives=tuple(
            _text((other.get("content") or {}).get("parts") or ()) for other in (payload.get("candidates") or [])[1:]
        ),
        grounding=grounding,
        logprobs=logprobs,
    )


def _text(parts: Any, *, thoughts: bool = False) -> str:
    return "".join(part.get("text") or "" for part in parts if bool(part.get("thought")) is thoughts)


def usage(counts: Mapping[str, Any]) -> Usage:
    """Token counts as the service writes them."""

    def by(key: str) -> dict[str, int]:
        return {
            str(detail.get("modality") or "MODALITY_UNSPECIFIED"): int(detail.get("tokenCount") or 0)
            for detail in counts.get(key) or ()
        }

    return Usage(
        prompt=counts.get("promptTokenCount") or 0,
        cached=counts.get("cachedContentTokenCount") or 0,
        thoughts=counts.get("thoughtsTokenCount") or 0,
        output=counts.get("candidatesTokenCount") or 0,
        tool=counts.get("toolUsePromptTokenCount") or 0,
        total=counts.get("totalTokenCount") or 0,
        prompt_by=by("promptTokensDetails"),
        cached_by=by("cacheTokensDetails"),
        output_by=by("candidatesTokensDetails"),
        tool_by=by("toolUsePromptTokensDetails"),
        traffic=counts.get("trafficType") or counts.get("serviceTier"),
    )


def standard_base64(value: str) -> str:
    """Base64 in the standard alphabet, whichever alphabet it came in: how the service writes it."""
    try:
        return base64.b64encode(base64.urlsafe_b64decode(value.replace("+", "-").replace("/", "_"))).decode()
    except (binascii.Error, ValueError):
        return value
