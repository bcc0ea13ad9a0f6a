"""What caching came to, in tokens and dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from prefect_gemini.gemini.costs.price_rows import Rates
from prefect_gemini.gemini.costs.prices import MILLION


@dataclass
class CacheBill:
    """What caching came to.

    Args:
        reason: why there is an explicit cache, or why there is none.
        tokens: held by the explicit cache; 0 without one.
        cached: input tokens that were billed as cached, of an explicit or an implicit cache.
        discount: US dollars not paid for them.
        filling: US dollars for filling the cache: its tokens once, at the price of input.
        storage: US dollars for keeping it.
        questions: calls that were made; what the ledger answered is not among them.
    """

    reason: str = ""
    tokens: int = 0
    cached: int = 0
    discount: Decimal = Decimal(0)
    filling: Decimal = Decimal(0)
    storage: Decimal = Decimal(0)
    questions: int = 0

    @property
    def saved(self) -> Decimal:
        """US dollars saved: the discount, less what the cache cost. Negative where it did not pay."""
        return self.discount - self.filling - self.storage

    def __add__(self, other: CacheBill) -> CacheBill:
        return CacheBill(
            reason="; ".join(dict.fromkeys(reason for reason in (self.reason, other.reason) if reason)),
            tokens=self.tokens + other.tokens,
            cached=self.cached + other.cached,
            discount=self.discount + other.discount,
            filling=self.filling + other.filling,
            storage=self.storage + other.storage,
            questions=self.questions + other.questions,
        )

    def __str__(self) -> str:
        if not self.cached and not self.tokens:
            return self.reason
        return f"{self.cached:,} input tokens from a cache, ${self.saved:.4f} saved; {self.reason}"


def discount(rates: Rates, prompt: int, *, of: int) -> Decimal:
    """What cached tokens are cheaper than fresh ones, in a prompt of so many tokens."""
    rate = rates.for_prompt(prompt)
    return Decimal(0) if rate.cached is None else of * (rate.input - rate.cached) / MILLION
