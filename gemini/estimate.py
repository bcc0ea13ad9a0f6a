"""How many tokens a request will take, told before it is sent: from the catalogue's rates, without a call.

The service's own count (`GeminiClient.count_tokens`) is exact for the prompt and costs a round trip;
this is for budgets and for a first bill. Text is counted at four characters a token, which is right
for English and too low for scripts of one character a word, so those are counted a token each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.catalog import resolve
from prefect_gemini.gemini.model_info import TokenRates
from prefect_gemini.gemini.prices import Tokens, cost_of
from prefect_gemini.gemini.request import Part, Turn
from prefect_gemini.gemini.schemas import Output

if TYPE_CHECKING:
    from prefect_gemini.gemini.documents import Document
    from prefect_gemini.gemini.request import Request

__all__ = ["Bill", "bill", "estimate", "estimate_cost", "text_tokens"]

ASSUMED_OUTPUT = 8_192
"""Output tokens assumed at most where a request sets no `max_output_tokens`."""
AUDIO_BYTES_A_SECOND = 16_000
"""128 kbit/s: compressed sound. Uncompressed sound is overestimated, which is the safe side."""
VIDEO_BYTES_A_SECOND = 250_000
PDF_BYTES_A_PAGE = 50_000
"""Only for a PDF whose pages nobody has counted: one that is passed by reference or as bare bytes."""


def estimate(request: Request, *, counted: int | None = None, output: int | None = None) -> Tokens:
    """Estimate a request's tokens.

    Args:
        request: The request.
        counted: The service's count of the prompt, where there is one.
        output: Output tokens to expect; by default the most the request allows, or 8,192.
    """
    model = resolve(request.model, warn=False)
    rates, audio = model.rates, 0
    if counted is None:
        counted = text_tokens(request.system_instruction or "", rates)
        counted += sum(_json_tokens([tool.name, tool.description, tool.parameters], rates) for tool in request.tools)
        if request.output is not None:
            counted += _json_tokens(Output.of(request.output).wire.json_schema, rates)
        for content in request.contents:
            tokens, sound = _content(content, rates)
            counted, audio = counted + tokens, audio + sound
    if output is None:
        output = request.generation.max_output_tokens or min(model.output_limit or 0, ASSUMED_OUTPUT)
    return Tokens(prompt=counted, output=output, audio=audio)


def estimate_cost(
    request: Request, *, counted: int | None = None, at: datetime | None = None, location: str = "global"
) -> Decimal | None:
    """Estimate what a request costs at most, in USD; None where no price is known. Arguments as `estimate`."""
    tokens = estimate(request, counted=counted)
    return cost_of(request.model, tokens, at=at or datetime.now(UTC), tier=request.service_tier, location=location).usd


def text_tokens(text: str, rates: TokenRates) -> int:
    """Estimate the tokens of a text: four characters each, and one each for scripts written without spaces."""
    if not text:
        return 0
    dense = sum(1 for character in text if character >= "\u2e80") if not text.isascii() else 0
    return dense + -int(-(len(text) - dense) // rates.characters)


def _json_tokens(value: Any, rates: TokenRates) -> int:
    return text_tokens(json.dumps(value, default=str), rates)


def _content(content: Any, rates: TokenRates) -> tuple[int, int]:
    """Estimate one piece of the contents: tokens, and how many of them are sound."""
    if isinstance(content, str):
        return text_tokens(content, rates), 0
    if isinstance(content, Turn):
        pieces = [_content(part, rates) for part in content.parts]
        return sum(tokens for tokens, _ in pieces), sum(sound for _, sound in pieces)
    if isinstance(content, Part):
        if content.text is not None:
            return text_tokens(content.text, rates), 0
        if content.wire is not None:
            return _json_tokens(content.wire, rates), 0
        return _media(content.media_type or "", len(content.data or b""), None, rates)
    if isinstance(content, Mapping):
        return _json_tokens(content, rates), 0
    return _document(content, rates)


def _document(document: Document, rates: TokenRates) -> tuple[int, int]:
    if document.is_text and document.size:
        return text_tokens(document.content, rates), 0
    return _media(document.media_type, document.size, document.pages, rates)


def _media(kind: str, size: int, pages: int | None, rates: TokenRates) -> tuple[int, int]:
    if kind == "application/pdf":
        return rates.pdf_page * (pages or max(1, size // PDF_BYTES_A_PAGE)), 0
    if kind.startswith("audio/"):
        sound = rates.audio_second * max(1, size // AUDIO_BYTES_A_SECOND)
        return sound, sound
    if kind.startswith("video/"):
        return (rates.video_second + rates.audio_second) * max(1, size // VIDEO_BYTES_A_SECOND), 0
    if kind.startswith("image/"):
        return rates.image * (pages or 1), 0
    return -int(-size // rates.characters), 0


class Bill:
    """What a batch of calls would cost, made in each of the ways there are.

    Attributes:
        model: The model's id.
        calls: How many calls.
        tokens: All their tokens together.
        standard: USD, called one by one.
        batch: USD, through the Batch API.
        flex: USD, in the flex tier.
        cached: USD, where what all prompts begin with is read from the cache after the first call.
    """

    def __init__(self, model: str, calls: int, tokens: Tokens, amounts: Mapping[str, Decimal | None]) -> None:
        self.model, self.calls, self.tokens = model, calls, tokens
        self.standard, self.batch, self.flex, self.cached = (
            amounts[name] for name in ("standard", "batch", "flex", "cached")
        )

    def __repr__(self) -> str:
        return f"Bill({self.model!r}, calls={self.calls}, standard={self.standard}, batch={self.batch})"


def bill(model: str, calls: Sequence[Tokens], *, shared_prefix: int = 0, at: datetime | date | None = None) -> Bill:
    """Price many calls before any is made.

    Args:
        model: A model id or family.
        calls: Each call's tokens; a long prompt's price depends on its own length, so they are not summed first.
        shared_prefix: Tokens all prompts begin with (instructions, schema, tools).
        at: The day; today if left out.
    """
    moment = at or datetime.now(UTC)
    info = resolve(model, warn=False)

    def total(tier: str, cached: int = 0) -> Decimal | None:
        amounts = []
        for number, tokens in enumerate(calls):
            hit = min(cached, tokens.prompt) if number else 0
            amount = cost_of(info.id, _with_cached(tokens, hit), at=moment, tier=tier).usd
            if amount is None:
                return None
            amounts.append(amount)
        return sum(amounts, Decimal(0))

    amounts = {tier: total(tier) for tier in ("standard", "batch", "flex")}
    summed = Tokens(
        prompt=sum(tokens.prompt for tokens in calls),
        output=sum(tokens.output for tokens in calls),
        audio=sum(tokens.audio for tokens in calls),
    )
    return Bill(info.id, len(calls), summed, amounts | {"cached": total("standard", shared_prefix)})


def _with_cached(tokens: Tokens, cached: int) -> Tokens:
    return Tokens(
        prompt=tokens.prompt,
        cached=tokens.cached + cached,
        thoughts=tokens.thoughts,
        output=tokens.output,
        tool=tokens.tool,
        audio=tokens.audio,
        cached_audio=tokens.cached_audio,
    )
