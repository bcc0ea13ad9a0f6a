"""What came back: a whole answer, with everything the service said about it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.evidence.grounding import Evidence

T = TypeVar("T")


class Usage(BaseModel):
    """Tokens, as the service counted them.

    Args:
        prompt: all input tokens, cached ones included.
        cached: input tokens that came from a cache.
        thoughts: tokens spent thinking, billed as output.
        output: tokens of the answer itself.
        tool: input tokens that server-side tools added.
        total: the service's own sum.
        prompt_by, cached_by, output_by, tool_by: the same by modality: TEXT, IMAGE, AUDIO, …
        traffic: how it was served: ON_DEMAND, PROVISIONED_THROUGHPUT, flex, …
    """

    model_config = ConfigDict(frozen=True)

    prompt: int = 0
    cached: int = 0
    thoughts: int = 0
    output: int = 0
    tool: int = 0
    total: int = 0
    prompt_by: dict[str, int] = Field(default_factory=dict)
    cached_by: dict[str, int] = Field(default_factory=dict)
    output_by: dict[str, int] = Field(default_factory=dict)
    tool_by: dict[str, int] = Field(default_factory=dict)
    traffic: str | None = None

    def __add__(self, other: Usage) -> Usage:
        def joined(one: Mapping[str, int], two: Mapping[str, int]) -> dict[str, int]:
            return {kind: one.get(kind, 0) + two.get(kind, 0) for kind in (*one, *(k for k in two if k not in one))}

        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            thoughts=self.thoughts + other.thoughts,
            output=self.output + other.output,
            tool=self.tool + other.tool,
            total=self.total + other.total,
            prompt_by=joined(self.prompt_by, other.prompt_by),
            cached_by=joined(self.cached_by, other.cached_by),
            output_by=joined(self.output_by, other.output_by),
            tool_by=joined(self.tool_by, other.tool_by),
            traffic=other.traffic or self.traffic,
        )


class FunctionCall(BaseModel):
    """A function that the model wants called. The arguments are as the model wrote them."""

    model_config = ConfigDict(frozen=True)

    name: str
    args: dict[str, Any] = Field(default_factory=dict)
    id: str | None = None


class TokenCount(BaseModel):
    """How many tokens a request has, counted by the service without generating.

    Args:
        total: tokens.
        cached: those of them that an explicit cache holds.
        notes: what the sum leaves out.
    """

    model_config = ConfigDict(frozen=True)

    total: int
    cached: int = 0
    notes: tuple[str, ...] = ()


class Reply(BaseModel, Generic[T]):
    """A whole answer.

    Args:
        value: the answer in the type asked for; the text where no type was asked for.
        text: the answer's text, thoughts left out.
        function_calls: the functions that the model wants called, in order.
        content: the model's turn as the wire wrote it, thought signatures kept; goes back into
            `Request.contents` as it is.
        model: the model that answered, which a fallback may have changed.
        model_version: the version that the service names.
        backend: vertex, developer or local.
        cost: USD, or None where no price is known.
        saved: USD that a cascade saved against asking its strongest model alone; negative where it cost
            more, None without a cascade.
        latency_s: seconds from the first byte sent to the last received, waits between retries
            and the queue before them included.
        first_token_s: seconds to the first token; streams only.
        tokens_per_second: output tokens a second after the first token; streams only.
        attempts: requests sent for this answer.
        from_ledger: the answer was paid for earlier.
        evidence: where each value stands in the source.
        notes: what was loosened, repaired or left unsaid on the way.
        alternatives: the texts of the second and further candidates.
        grounding: what the service says of its sources (search, URLs, citations).
        logprobs: log probabilities, as the service writes them.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    value: T
    text: str = ""
    thoughts: str = ""
    function_calls: tuple[FunctionCall, ...] = ()
    content: dict[str, Any] = Field(default_factory=dict)
    model: str = ""
    model_version: str = ""
    backend: str = ""
    finish_reason: str = ""
    usage: Usage = Field(default_factory=Usage)
    cost: Decimal | None = None
    saved: Decimal | None = None
    latency_s: float = 0.0
    first_token_s: float | None = None
    tokens_per_second: float | None = None
    response_id: str | None = None
    attempts: int = 1
    from_ledger: bool = False
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    safety_ratings: tuple[dict[str, Any], ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    alternatives: tuple[str, ...] = ()
    grounding: dict[str, Any] = Field(default_factory=dict)
    logprobs: dict[str, Any] = Field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        # `Reply[str]` has no name of its own under which pickle could find it.
        return _restored, ({name: getattr(self, name) for name in type(self).model_fields},)


def _restored(fields: dict[str, Any]) -> Reply[Any]:
    return Reply[Any].model_construct(**fields)
