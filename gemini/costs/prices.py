"""What a call costs: dated prices, tiers, caches, thoughts, sound and long prompts.

Prices come from the genai-prices package; `price_rows` has the few it lacks. All are list prices in
USD: no free tier, no committed-use discount, no tax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, Protocol

from genai_prices.data_snapshot import get_snapshot

from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.price_rows import (
    CACHE_STORAGE,
    EXTRA_RATES,
    FLASH_8B_STORAGE,
    PACKAGE_NAMES,
    REGIONAL_SURCHARGE,
    SAME_PRICE,
    Rates,
)
from prefect_gemini.gemini.errors import InvalidOption, UnknownModel

__all__ = ["Cost", "Tier", "Tokens", "cost", "cost_of", "rates_of", "storage_cost"]

Tier = Literal["standard", "flex", "priority", "batch"]

MILLION = Decimal(1_000_000)
HALF = Decimal("0.5")
PRIORITY = Decimal("1.8")
"""Vertex AI's priority table: 1.8 times standard on every row."""


class Usage(Protocol):
    """What `cost` reads of a reply's usage."""

    @property
    def prompt(self) -> int:
        """Input tokens, cached ones included."""

    @property
    def cached(self) -> int:
        """Input tokens read from a cache."""

    @property
    def thoughts(self) -> int:
        """Thinking tokens, billed as output."""

    @property
    def output(self) -> int:
        """Answer tokens."""

    @property
    def tool(self) -> int:
        """Input tokens of tool results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Token counts of one call or of many alike.

    Attributes:
        prompt: Input, `cached` and `audio` included.
        cached: The part of `prompt` read from a cache.
        thoughts: Thinking, billed as output.
        output: The answer.
        tool: Tool results, billed as input, on top of `prompt`.
        audio: The part of `prompt` that is sound.
        cached_audio: The part of `cached` that is sound.
    """

    prompt: int = 0
    cached: int = 0
    thoughts: int = 0
    output: int = 0
    tool: int = 0
    audio: int = 0
    cached_audio: int = 0

    @classmethod
    def of(cls, usage: Usage) -> Tokens:
        """Read counts from a reply's usage; sound is read from its per-modality dictionaries if it has them."""
        if isinstance(usage, Tokens):
            return usage
        return cls(
            prompt=usage.prompt or 0,
            cached=usage.cached or 0,
            thoughts=usage.thoughts or 0,
            output=usage.output or 0,
            tool=usage.tool or 0,
            audio=_audio(getattr(usage, "prompt_by", None)),
            cached_audio=_audio(getattr(usage, "cached_by", None)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The price of a call.

    Attributes:
        usd: The total, or None when no price is known; `note` then says so.
        input_usd: Uncached input and tool results.
        cached_usd: Input read from a cache.
        output_usd: Answer and thoughts.
        source: Where the rates were read.
        note: What the number leaves open.
    """

    usd: Decimal | None
    input_usd: Decimal = Decimal(0)
    cached_usd: Decimal = Decimal(0)
    output_usd: Decimal = Decimal(0)
    source: str = ""
    note: str | None = None


def cost(
    model_id: str,
    usage: Usage,
    *,
    at: datetime,
    tier: str = "standard",
    batch: bool = False,
    location: str = "global",
) -> Decimal | None:
    """Price a call; None only where no price is known (`cost_of` says why).

    Args:
        model_id: A model id or family.
        usage: Token counts.
        at: When the call was made: prices are dated.
        tier: "standard", "flex", "priority" or "batch".
        batch: The same as `tier="batch"`.
        location: Vertex AI location; a few models cost 10 % more outside "global".
    """
    return cost_of(model_id, usage, at=at, tier="batch" if batch else tier, location=location).usd


def cost_of(
    model_id: str, usage: Usage, *, at: datetime | date, tier: str = "standard", location: str = "global"
) -> Cost:
    """Price a call, part by part. Arguments as `cost`."""
    rates = rates_of(model_id, at=at, tier=tier, location=location)
    if rates is None:
        return Cost(usd=None, note=f"No price is known for {model_id!r}, so this call is not counted in any cost.")
    tokens = Tokens.of(usage)
    rate = rates.for_prompt(tokens.prompt + tokens.tool)
    cached_audio = min(tokens.cached_audio, tokens.audio, tokens.cached)
    cached_text = tokens.cached - cached_audio
    audio = tokens.audio - cached_audio
    text = max(0, tokens.prompt - tokens.cached - audio) + tokens.tool
    cached_rate = rate.input if rate.cached is None else rate.cached
    audio_rate = rate.input if rate.audio is None else rate.audio
    cached_audio_rate = cached_rate if rate.cached_audio is None else rate.cached_audio
    input_usd = (text * rate.input + audio * audio_rate) / MILLION
    cached_usd = (cached_text * cached_rate + cached_audio * cached_audio_rate) / MILLION
    output_usd = (tokens.output + tokens.thoughts) * rate.output / MILLION
    return Cost(
        usd=input_usd + cached_usd + output_usd,
        input_usd=input_usd,
        cached_usd=cached_usd,
        output_usd=output_usd,
        source=rates.source,
    )


def storage_cost(model_id: str, tokens: int, *, hours: Decimal | float) -> Decimal:
    """Price an explicit cache's storage.

    Args:
        model_id: A model id or family.
        tokens: Tokens kept.
        hours: For how long.

    Raises:
        InvalidOption: The model has no explicit caches.
    """
    model = resolve(model_id, warn=False)
    rate = storage_rate(model)
    if rate is None:
        raise InvalidOption(
            f"{model.id!r} takes no explicit cache.", hint="It caches by itself; there is no storage to pay."
        )
    return rate * tokens * Decimal(str(hours)) / MILLION


def storage_rate(model: ModelInfo) -> Decimal | None:
    """Tell what a million cached tokens cost an hour; None for a model without explicit caches."""
    if "explicit_cache" in model.refuses:
        return None
    return FLASH_8B_STORAGE if model.id == "gemini-1.5-flash-8b" else CACHE_STORAGE.get(model.family)


def rates_of(model_id: str, *, at: datetime | date, tier: str = "standard", location: str = "global") -> Rates | None:
    """Find a model's rates on a day, or None where no price is known. Arguments as `cost`.

    Raises:
        InvalidOption: There is no such tier.
    """
    if tier not in ("standard", "flex", "priority", "batch"):
        raise InvalidOption(
            f"There is no service tier {tier!r}.", hint='Use "standard", "flex", "priority" or "batch".'
        )
    day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
    try:
        name = resolve(model_id, warn=False).id
    except UnknownModel:
        name = model_id
    rates = _rates(name, day, tier)
    if rates is None or location == "global" or name not in REGIONAL_SURCHARGE:
        return rates
    return rates.times(REGIONAL_SURCHARGE[name], cached=REGIONAL_SURCHARGE[name])


@lru_cache(maxsize=4096)
def _rates(name: str, day: date, tier: str) -> Rates | None:
    """Find the rates of one id, on one day, in one tier."""
    if name in EXTRA_RATES:
        started = [rates for rates in EXTRA_RATES[name] if rates.starts <= day]
        return _scaled(started[-1], tier) if started else None
    model = _package_model(name)
    if model is None:
        return None
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    context = {"batch": {"processing": "batch"}, "standard": None}.get(tier, {"service_tier": tier})
    listed = context is not None and any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(moment))
        for variant in model.price_variants or ()
    )
    rates = _from_package(model.get_prices(moment, context if listed else None))
    return rates if listed else _scaled(rates, tier)


def _scaled(rates: Rates, tier: str) -> Rates:
    """Apply a tier's factor where no price of its own is listed; batch does not discount cached input further."""
    if tier in ("batch", "flex"):
        return rates.times(HALF, cached=Decimal(1))
    return rates.times(PRIORITY, cached=PRIORITY) if tier == "priority" else rates


def _package_model(name: str) -> Any:
    """Find Google's model of this name in the price package."""
    google = next(provider for provider in get_snapshot().providers if provider.id == "google")
    return google.find_model(PACKAGE_NAMES.get(name, name)) or google.find_model(SAME_PRICE.get(name, name))


def _from_package(prices: Any) -> Rates:
    """Turn the package's prices into ours."""
    tiers = [value.tiers[0].start for value in vars(prices).values() if hasattr(value, "tiers") and value.tiers]
    base = _side(prices, long=False)
    if not tiers:
        return Rates(**base)
    return Rates(**base, long_from=min(tiers), long=Rates(**_side(prices, long=True)))


def _side(prices: Any, *, long: bool) -> dict[str, Any]:
    """Read one side of the long-prompt threshold."""

    def amount(key: str) -> Decimal | None:
        value = getattr(prices, key)
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(value.tiers[0].price if long and value.tiers else value.base)

    return {
        "input": amount("input_mtok") or Decimal(0),
        "output": amount("output_mtok") or Decimal(0),
        "cached": amount("cache_read_mtok"),
        "audio": amount("input_audio_mtok"),
        "cached_audio": amount("cache_audio_read_mtok"),
        "source": "genai-prices",
    }


def _audio(by_modality: Mapping[str, int] | None) -> int:
    """Count sound in a usage's per-modality dictionary."""
    return sum(count for name, count in (by_modality or {}).items() if str(name).upper().endswith("AUDIO"))
