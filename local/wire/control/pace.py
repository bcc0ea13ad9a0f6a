"""How fast answers come: time to the first token, then tokens a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """A latency model; instant by default.

    Args:
        first_token_s: seconds before the first token.
        tokens_per_second: of the answer after that; 0 for no limit.
    """

    first_token_s: float = 0.0
    tokens_per_second: float = 0.0

    def __post_init__(self) -> None:
        if self.first_token_s < 0 or self.tokens_per_second < 0:
            raise ValueError(f"a pace cannot be negative: {self!r}")

    def whole_s(self, tokens: int) -> float:
        """Seconds for a reply that is sent at once."""
        return self.first_token_s + self.tokens_s(tokens)

    def tokens_s(self, tokens: int) -> float:
        """Seconds that so many tokens take."""
        return tokens / self.tokens_per_second if self.tokens_per_second else 0.0


INSTANT = Pace()
# A common working assumption for a small Gemini model: 300 ms to the first token, 120 tokens a second.
USUAL = Pace(first_token_s=0.3, tokens_per_second=120.0)
PACES = {"instant": INSTANT, "usual": USUAL}
