"""How many tokens a request will use, guessed without asking: for pacing and for budgets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.costs.prices import Tokens
from prefect_gemini.gemini.request import Part, Request, Turn
from prefect_gemini.gemini.schemas.output import Output

USUAL_OUTPUT = 1024
"""Output tokens assumed where the request sets no limit: a page of JSON."""
BYTES_A_PAGE = 60_000
"""PDF bytes taken for a page where nobody has counted the pages."""
AUDIO_BYTES_A_SECOND = 16_000
"""A 128 kbit/s stream, the usual MP3."""


def estimate_tokens(
    request: Request, turns: tuple[Turn | Mapping[str, Any], ...], model: ModelInfo, output: Output[Any] | None
) -> Tokens:
    """Guess the tokens of a request, in and out.

    Args:
        request: what is asked.
        turns: its contents, resolved.
        model: whose rates count.
        output: the schema, which is billed as input.
    """
    characters = len(request.system_instruction or "")
    characters += sum(len(json.dumps(tool.parameters)) + len(tool.description) for tool in request.tools)
    if output is not None:
        characters += len(json.dumps(output.wire.json_schema))
    tokens = 0
    for turn in turns:
        if isinstance(turn, Turn):
            for part in turn.parts:
                characters += len(part.text or "")
                tokens += _media(part, model)
        else:
            characters += len(json.dumps(turn, default=str))
    tokens += round(characters / model.rates.characters)
    return Tokens(prompt=tokens, output=request.generation.max_output_tokens or USUAL_OUTPUT)


def _media(part: Part, model: ModelInfo) -> int:
    kind, size = part.media_type or "", len(part.data or b"")
    if part.wire is not None:
        return round(len(json.dumps(part.wire, default=str)) / model.rates.characters)
    if kind.startswith("image/"):
        return model.rates.image
    if kind == "application/pdf":
        return model.rates.pdf_page * max(1, size // BYTES_A_PAGE)
    if kind.startswith("audio/"):
        return model.rates.audio_second * max(1, size // AUDIO_BYTES_A_SECOND)
    if kind.startswith("text/"):
        return round(size / model.rates.characters)
    return 0
