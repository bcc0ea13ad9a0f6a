"""Prices the genai-prices package (0.2.3) does not have, each with its dates and its source.

Only what is missing there belongs here: a row found in the package is read from the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = [
    "CACHE_STORAGE",
    "EXTRA_RATES",
    "FLASH_8B_STORAGE",
    "PACKAGE_NAMES",
    "REGIONAL_SURCHARGE",
    "SAME_PRICE",
    "Rates",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a model charges from a day on, USD per million tokens.

    Attributes:
        input: Text, image and video input.
        output: Output, thoughts included.
        cached: Input read from a cache.
        audio: Sound input, where it is charged apart.
        cached_audio: Sound read from a cache, likewise.
        long_from: Prompts of more tokens than this pay `long` for every token.
        long: The rates of a long prompt.
        starts: First day of these rates.
        source: Where they were read.
    """

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    audio: Decimal | None = None
    cached_audio: Decimal | None = None
    long_from: int | None = None
    long: Rates | None = None
    starts: date = date.min
    source: str

    def for_prompt(self, tokens: int) -> Rates:
        """Choose the rates a prompt of this many tokens pays."""
        if self.long is not None and self.long_from is not None and tokens > self.long_from:
            return self.long
        return self

    def times(self, factor: Decimal, *, cached: Decimal) -> Rates:
        """Scale the rates.

        Args:
            factor: What input, sound and output are multiplied by.
            cached: What cached input is multiplied by.
        """
        return Rates(
            input=self.input * factor,
            output=self.output * factor,
            cached=None if self.cached is None else self.cached * cached,
            audio=None if self.audio is None else self.audio * factor,
            cached_audio=None if self.cached_audio is None else self.cached_audio * cached,
            long_from=self.long_from,
            long=None if self.long is None else self.long.times(factor, cached=cached),
            starts=self.starts,
            source=self.source,
        )


def _usd(text: str) -> Decimal:
    """Read an amount written in dollars."""
    return Decimal(text)


_PRO_OLD = "Google's announcement of 2024-09-24 (input -64 %, output -52 %); long prompts and caching as published then"
_PRO_NEW = "Google's announcement of 2024-09-24; cached input from genai-prices' row `gemini-pro-1.5`"
_FLASH_OLD = "Google's announcement of August 2024 (input -78 % to $0.075, output -71 % to $0.30)"


def _pro_15(starts: date, source: str, *, low: tuple[str, str, str], high: tuple[str, str, str]) -> Rates:
    """Describe Gemini 1.5 Pro or Flash: one price to 128k tokens, another above."""
    base, long = (
        Rates(input=_usd(i), output=_usd(o), cached=_usd(c), starts=starts, source=source) for i, o, c in (low, high)
    )
    return Rates(
        input=base.input,
        output=base.output,
        cached=base.cached,
        long_from=128_000,
        long=long,
        starts=starts,
        source=source,
    )


_PRO_15 = (
    _pro_15(date.min, _PRO_OLD, low=("3.50", "10.50", "0.875"), high=("7.00", "21.00", "1.75")),
    _pro_15(date(2024, 10, 7), _PRO_NEW, low=("1.25", "5.00", "0.3125"), high=("2.50", "10.00", "0.625")),
)

EXTRA_RATES: dict[str, tuple[Rates, ...]] = {
    "gemini-1.5-pro-002": _PRO_15,
    "gemini-1.5-pro-001": _PRO_15[:1],
    "gemini-1.5-flash-001": (
        _pro_15(date.min, _FLASH_OLD, low=("0.35", "1.05", "0.0875"), high=("0.70", "2.10", "0.175")),
        _pro_15(date(2024, 8, 12), _FLASH_OLD, low=("0.075", "0.30", "0.01875"), high=("0.15", "0.60", "0.0375")),
    ),
}
"""Rows by model id, oldest first; the last one that has started applies."""

PACKAGE_NAMES: dict[str, str] = {"gemini-1.5-flash-8b": "gemini-flash-1.5-8b"}
"""The package's own name where its matching goes wrong: it takes 1.5 Flash-8B for 1.5 Flash, twice the price."""

SAME_PRICE: dict[str, str] = {"gemini-4-carbon": "gemini-4-argon"}
"""A model without a row of its own, and the model whose price it has.

Carbon: https://github.com/BerriAI/litellm/discussions/50970, read in November 2026.
"""

CACHE_STORAGE: dict[str, Decimal] = {"flash": _usd("1.00"), "flash-lite": _usd("1.00"), "pro": _usd("4.50")}
"""USD to keep a million tokens in an explicit cache for an hour, by family.

Source: https://ai.google.dev/gemini-api/docs/pricing as published for 1.5 and 2.5; not confirmed for 3.x.
"""

FLASH_8B_STORAGE = _usd("0.25")
"""The same for Gemini 1.5 Flash-8B."""

REGIONAL_SURCHARGE: dict[str, Decimal] = dict.fromkeys(
    ("gemini-3.5-flash", "gemini-3.5-flash-lite", "gemini-3.1-flash-lite"), _usd("1.10")
)
"""Vertex AI charges these 10 % more in a region than on the global endpoint (price mirror of 2026-08-21)."""
