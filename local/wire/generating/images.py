"""predict for image models: pictures on request, where the engine can make any."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from prefect_gemini.local.engine import EngineRefusal
from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import embed
from prefect_gemini.local.wire.protocol.google_errors import CODE_OF_STATUS, GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.wire import Wire

MOST_IMAGES = 4
_NO_PICTURES = "This local server's engine makes no pictures; script a reply, or use the sample engine."


async def predict(wire: Wire, call: Call) -> HttpReply:
    """Answer predict: pictures from a model of images, vectors from one of embeddings."""
    if "predict" not in wire.models.methods(call.model):
        return await embed.predict(wire, call)
    model = wire.models.require(
        call.model, surface=call.surface, verb="predict", version=call.version, parent=call.parent
    )
    body = call.read("PredictRequest")
    instances, parameters = body.get("instances"), body.get("parameters") or {}
    if not isinstance(instances, list) or not instances or not isinstance(instances[0], dict):
        raise invalid("Empty instances.")
    count = parameters.get("sampleCount", 1)
    if not isinstance(count, int) or not 1 <= count <= MOST_IMAGES:
        raise invalid(f"sampleCount must be in the range [1, {MOST_IMAGES}].")
    mime = parameters.get("outputOptions", {}).get("mimeType", "image/png")
    prompt = str(instances[0].get("prompt", ""))
    draw = getattr(wire.engine, "draw", None)
    if draw is None:
        raise GoogleError(501, _NO_PICTURES, status="UNIMPLEMENTED")
    try:
        pictures = await asyncio.to_thread(lambda: [draw(prompt, mime) for _ in range(count)])
    except EngineRefusal as refusal:
        raise GoogleError(CODE_OF_STATUS[refusal.status], refusal.message, status=refusal.status) from refusal
    rows = [_row(picture, mime, prompt, parameters, segments="segmentation" in model.id) for picture in pictures]
    reply: dict[str, Any] = {"predictions": rows}
    if parameters.get("includeSafetyAttributes"):
        rows.append({"contentType": "Positive Prompt", "safetyAttributes": _SAFE})
    return json_http(reply)


_SAFE = {"categories": ["Violence", "Sexual"], "scores": [0.0, 0.0]}


def _row(picture: bytes, mime: str, prompt: str, parameters: dict[str, Any], *, segments: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"bytesBase64Encoded": base64.b64encode(picture).decode(), "mimeType": mime}
    if parameters.get("enhancePrompt"):
        row["prompt"] = prompt
    if parameters.get("includeSafetyAttributes"):
        row["safetyAttributes"] = _SAFE
    if segments:
        row["labels"] = [{"label": parameters.get("mode", "foreground").lower(), "score": 0.5}]
    return row
