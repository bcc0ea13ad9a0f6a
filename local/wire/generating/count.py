"""countTokens and computeTokens."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.generating.prompt import make_prompt
from prefect_gemini.local.wire.protocol.google_errors import invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.validation import check_contents
from prefect_gemini.local.wire.wire import Wire

_WORD = re.compile(r"\s*\S+|\s+")


async def count_tokens(wire: Wire, call: Call) -> HttpReply:
    """Answer countTokens."""
    body = call.read("CountTokensRequest")
    if "generateContentRequest" in body:
        if "contents" in body:
            raise invalid("Only one of contents and generate_content_request can be set.")
        body = body["generateContentRequest"]
    body.pop("model", None)
    prompt = make_prompt(wire, call, body, verb="countTokens")
    count = tokens.total(prompt.counts)
    reply: dict[str, Any] = {"totalTokens": count}
    if call.surface == "vertex":
        reply["totalBillableCharacters"] = _letters(prompt.contents, prompt.system)
    reply["promptTokensDetails"] = tokens.details(prompt.counts)
    if prompt.cached:
        reply["cachedContentTokenCount"] = tokens.total(prompt.cached)
        reply["cacheTokensDetails"] = tokens.details(prompt.cached)
    return json_http(reply)


async def compute_tokens(wire: Wire, call: Call) -> HttpReply:
    """Answer computeTokens: words as tokens, ids by checksum, since Gemini's vocabulary is not public."""
    wire.models.require(
        call.model, surface=call.surface, verb="computeTokens", version=call.version, parent=call.parent
    )
    body = call.read("ComputeTokensRequest")
    check_contents(body.get("contents", []), surface=call.surface)
    rows = []
    for content in body["contents"]:
        words = [word for part in content["parts"] for word in _WORD.findall(part.get("text", ""))]
        rows.append(
            {
                "tokens": [base64.b64encode(word.encode()).decode() for word in words],
                "tokenIds": [str(zlib.crc32(word.encode()) % 262_144) for word in words],
                "role": content.get("role", "user"),
            }
        )
    return json_http({"tokensInfo": rows})


def _letters(contents: list[dict[str, Any]], system: str) -> int:
    """Letters without white space, as Vertex once billed them."""
    texts = [part["text"] for content in contents for part in content.get("parts", []) if "text" in part]
    return sum(len("".join(text.split())) for text in [*texts, system])
