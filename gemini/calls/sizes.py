"""How many tokens a request will use, guessed without asking: for pacing and for budgets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
    pieces = [size for _, size in pieces_of(request, turns, model, output)]
    return Tokens(
        prompt=round(sum(size.tokens for size in pieces)),
        audio=round(sum(size.tokens for size in pieces if size.is_audio)),
        output=request.generation.max_output_tokens or USUAL_OUTPUT,
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What a piece of a request comes to in tokens, and whether it is sound, which is priced apart."""

    tokens: float
    is_audio: bool = False


def pieces_of(
    request: Request, turns: tuple[Turn | Mapping[str, Any], ...], model: ModelInfo, output: Output[Any] | None
) -> Iterator[tuple[Any, Size]]:
    """The pieces of a request in the order in which the service reads them, each with its size.

    What stands at its head (instructions, tools, schema) is one piece; then comes each part of each turn.
    """
    rate = model.rates.characters
    tools = [[tool.name, tool.description, tool.parameters] for tool in request.tools]
    schema = None if output is None else output.wire.json_schema
    head = len(request.system_instruction or "")
    head += sum(len(json.dumps(tool.parameters)) + len(tool.description) for tool in request.tools)
    head += 0 if schema is None else len(json.dumps(schema))
    yield [request.system_instruction, tools, schema, request.cached_content], Size(head / rate)
    for turn in turns:
        if not isinstance(turn, Turn):
            yield turn, Size(len(json.dumps(turn, default=str)) / rate)
            continue
        for part in turn.parts:
            text = len(part.text or "") / rate
            yield part, Size(text + _media(part, model), (part.media_type or "").startswith("audio/"))


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
