"""Embeddings: hashed word and letter features, deterministic and honest about what they are.

No model is behind them. Texts that share words come out near each other, which is what a test of a
search or a cluster needs. Every reply says so in the header `X-Local-Embedding`.
"""

from __future__ import annotations

import math
import re
import zlib
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.resources.models import Model
from prefect_gemini.local.wire.wire import Wire

LABEL = {"X-Local-Embedding": "hashed-features-1"}
DIMENSIONS = 3_072
_WORD = re.compile(r"\w+")


def embed_text(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A unit vector of hashed words and of the three-letter pieces of each word."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()):
        pieces = [(word, 1.0)] + [(f"{word[at : at + 3]}~", 0.3) for at in range(max(0, len(word) - 2))]
        for piece, weight in pieces:
            digest = zlib.crc32(piece.encode())
            vector[digest % dimensions] += weight if digest & 0x80000000 else -weight
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        vector[0] = 1.0
        return vector
    return [round(value / length, 8) for value in vector]


async def embed_content(wire: Wire, call: Call) -> HttpReply:
    """Answer embedContent."""
    return json_http(embed_request(wire, call), headers=LABEL)


def embed_request(wire: Wire, call: Call) -> dict[str, Any]:
    """The body that answers one embedContent request."""
    model = _model(wire, call, "embedContent")
    values, count, truncated = _embed(call.read("EmbedContentRequest"), model)
    reply: dict[str, Any] = {"embedding": {"values": values}}
    if call.surface == "vertex":
        reply["usageMetadata"] = {
            "promptTokenCount": count,
            "totalTokenCount": count,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": count}],
        }
        reply["truncated"] = truncated
    return reply


def embed_row(wire: Wire, call: Call) -> dict[str, Any]:
    """The response in a batch's row that holds one embedContent request; a count is an int64, and so a string."""
    values, count, _ = _embed(call.read("EmbedContentRequest"), _model(wire, call, "embedContent"))
    return {"tokenCount": str(count), "embedding": {"values": values}}


async def batch_embed(wire: Wire, call: Call) -> HttpReply:
    """Answer batchEmbedContents."""
    model = _model(wire, call, "batchEmbedContents")
    requests = call.read("BatchEmbedContentsRequest").get("requests", [])
    if not requests:
        raise invalid("* BatchEmbedContentsRequest.requests: at least one request is required\n")
    if len(requests) > 100:
        raise invalid("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n")
    for number, request in enumerate(requests):
        if request.get("model", f"models/{call.model}") != f"models/{call.model}":
            raise invalid(
                f"* BatchEmbedContentsRequest.requests[{number}].model: model does not match the one of the batch\n"
            )
    return json_http({"embeddings": [{"values": _embed(request, model)[0]} for request in requests]}, headers=LABEL)


async def predict(wire: Wire, call: Call) -> HttpReply:
    """Answer predict, Vertex's older form of embedding."""
    model = _model(wire, call, "embedContent")
    body = call.read("PredictRequest")
    instances = body.get("instances")
    if not isinstance(instances, list) or not instances:
        raise invalid("Empty instances.")
    if len(instances) > 250:
        raise invalid(f"{len(instances)} instance(s) is provided, but at most 250 instance(s) are allowed.")
    parameters = body.get("parameters") or {}
    rows = []
    for instance in instances:
        if not isinstance(instance, dict) or not isinstance(instance.get("content"), str):
            raise invalid("The text content is empty." if isinstance(instance, dict) else "Invalid instance.")
        config = {"outputDimensionality": parameters.get("outputDimensionality")}
        if parameters.get("autoTruncate") is False:
            config["autoTruncate"] = False
        request = {"content": {"parts": [{"text": instance["content"]}]}, "embedContentConfig": config}
        values, count, truncated = _embed(request, model)
        rows.append({"embeddings": {"values": values, "statistics": {"token_count": count, "truncated": truncated}}})
    letters = sum(len("".join(instance["content"].split())) for instance in instances)
    return json_http({"predictions": rows, "metadata": {"billableCharacterCount": letters}}, headers=LABEL)


def _model(wire: Wire, call: Call, verb: str) -> Model:
    return wire.models.require(call.model, surface=call.surface, verb=verb, version=call.version, parent=call.parent)


def _embed(request: dict[str, Any], model: Model) -> tuple[list[float], int, bool]:
    """Vector, tokens, and whether the text was cut.

    Raises:
        GoogleError: 400 for nothing to embed, or more than fits where cutting was forbidden.
    """
    parts = request.get("content", {}).get("parts", [])
    config = request | (request.get("embedContentConfig") or {})
    if not parts:
        raise invalid("* EmbedContentRequest.content: contents is not specified\n")
    size = config.get("outputDimensionality") or DIMENSIONS
    if not isinstance(size, int | float) or not 1 <= size <= DIMENSIONS:
        raise invalid(f"* EmbedContentRequest.output_dimensionality: must be between 1 and {DIMENSIONS}\n")
    text = " ".join(part["text"] if "text" in part else str(part.get("inlineData", part)) for part in parts)
    count = tokens.count_text(text)
    if count > model.inputs and config.get("autoTruncate") is False:
        raise GoogleError(400, f"The input token count is {count} but the model supports up to {model.inputs}.")
    if count > model.inputs:
        return embed_text(text[: model.inputs * 4], int(size)), model.inputs, True
    return embed_text(text, int(size)), count, False
