"""Carrying out faults: what is sent instead of an answer, and what is done to one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.answers import Answer
from prefect_gemini.local.wire.generating.prompt import Prompt
from prefect_gemini.local.wire.generating.prompt_parts import response_schema
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, retry_info
from prefect_gemini.local.wire.protocol.http import HttpReply

_PAGE = (
    b"<!DOCTYPE html>\n<html lang=en>\n  <title>Error 502 (Server Error)!!1</title>\n"
    b"  <p><b>502.</b> <ins>That\xe2\x80\x99s an error.</ins>\n"
)


def perform(reply: Reply, call: Call) -> HttpReply:
    """What is sent instead of an answer.

    Raises:
        GoogleError: where the reply is an error.
    """
    match reply.kind:
        case "error":
            raise scripted_error(reply)
        case "reset":
            return HttpReply(hang_up=True)
        case "stall":
            return HttpReply(silence_s=reply.seconds, hang_up=True)
        case "html":
            return HttpReply(_PAGE, status=reply.code, content_type="text/html; charset=UTF-8")
    raise ValueError(f"{reply.kind!r} cannot stand in for a reply to {call.path}")


def scripted_error(reply: Reply) -> GoogleError:
    """The error a reply describes, with its retry hints where it wants them."""
    wait = reply.retry_after_s
    in_body = wait is not None and reply.retry_hint in ("both", "body")
    in_header = wait is not None and reply.retry_hint in ("both", "header")
    return GoogleError(
        reply.code,
        reply.message,
        status=reply.status,
        details=[retry_info(wait)] if in_body and wait is not None else None,
        retry_after=wait if in_header else None,
    )


def mangle(said: Answer, fault: Reply, prompt: Prompt) -> Answer:
    """Spoil an answer before it is sent; stream faults spoil the stream later."""
    match fault.kind:
        case "block_answer":
            return replace(
                said, parts=(), finish_reason=fault.finish_reason, blocked_category=fault.category, provenance=()
            )
        case "truncated_json":
            return replace(said, parts=tuple(_halved(part) for part in said.parts))
        case "break_schema":
            required = (response_schema(prompt.config) or {}).get("required", [])
            return replace(said, parts=tuple(_broken(part, required) for part in said.parts))
        case "answer" if fault.parts or fault.finish_reason != "STOP":
            return replace(said, parts=fault.parts, finish_reason=fault.finish_reason, provenance=())
    return said


def _halved(part: dict[str, Any]) -> dict[str, Any]:
    if "text" not in part:
        return part
    return part | {"text": part["text"][: max(1, len(part["text"]) // 2)]}


def _broken(part: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """The same JSON without its first required field; without a field to take, a value of the wrong kind."""
    if "text" not in part:
        return part
    try:
        value = json.loads(part["text"])
    except ValueError:
        return part
    if isinstance(value, dict) and value:
        gone = next((name for name in required if name in value), next(iter(value)))
        return part | {"text": json.dumps({key: one for key, one in value.items() if key != gone})}
    return part | {"text": json.dumps({"unexpected": value})}
