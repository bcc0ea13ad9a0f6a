"""What is asked: contents, output wanted, functions offered, and every control of the generation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prefect_gemini.gemini.errors import InvalidOption

if TYPE_CHECKING:
    from prefect_gemini.gemini.documents.document import Document

ThinkingLevel: TypeAlias = Literal["minimal", "low", "medium", "high"]
MediaResolution: TypeAlias = Literal["low", "medium", "high"]
PartResolution: TypeAlias = Literal["low", "medium", "high", "ultra_high"]
ServiceTier: TypeAlias = Literal["standard", "flex", "priority"]
ToolMode: TypeAlias = Literal["auto", "any", "none", "validated"]
OnTruncation: TypeAlias = Literal["raise", "more_room"]
Threshold: TypeAlias = Literal["OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"]


class _Options(BaseModel):
    """Frozen options whose validation errors are ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _typed(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError as invalid:
            problems = "; ".join(
                f"`{'.'.join(map(str, problem['loc'])) or cls.__name__}` = {problem['input']!r}: {problem['msg']}"
                for problem in invalid.errors(include_url=False)
            )
            raise InvalidOption(f"{problems}.") from None


class Generation(_Options):
    """How to generate. Every range is the API's own; what is None is left to the model.

    Args:
        temperature: 0 to 2.
        top_p: 0 to 1.
        top_k: at least 1.
        candidate_count: 1 to 8 answers; the first becomes the value.
        max_output_tokens: tokens, thoughts included, at least 1.
        stop_sequences: at most 5.
        seed: best effort only.
        presence_penalty, frequency_penalty: -2.0 inclusive to 2.0 exclusive.
        thinking_level: Gemini 3 and later; never with `thinking_budget`.
        thinking_budget: tokens, Gemini 2.5; -1 lets the model decide.
        include_thoughts: return summaries of the thoughts.
        media_resolution: tokens spent on each image or page.
        response_logprobs, logprobs: log probabilities of the answer, and of the 1 to 20 best
            tokens at each step.
    """

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=1)
    candidate_count: int | None = Field(None, ge=1, le=8)
    max_output_tokens: int | None = Field(None, ge=1)
    stop_sequences: tuple[str, ...] = Field((), max_length=5)
    seed: int | None = Field(None, ge=-(2**31), lt=2**31)
    presence_penalty: float | None = Field(None, ge=-2, lt=2)
    frequency_penalty: float | None = Field(None, ge=-2, lt=2)
    thinking_level: ThinkingLevel | None = None
    thinking_budget: int | None = Field(None, ge=-1)
    include_thoughts: bool | None = None
    media_resolution: MediaResolution | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = Field(None, ge=1, le=20)

    @model_validator(mode="after")
    def _consistent(self) -> Generation:
        if self.thinking_level is not None and self.thinking_budget is not None:
            raise InvalidOption("`thinking_level` and `thinking_budget` exclude each other.")
        if self.logprobs is not None and not self.response_logprobs:
            raise InvalidOption("`logprobs` can only be set together with `response_logprobs=True`.")
        return self


class SafetySettings(_Options):
    """From which probability on each kind of harm is blocked. None leaves it to the service.

    `civic_integrity` is kept for models that still know it; the service has retired its filter.
    """

    harassment: Threshold | None = None
    hate_speech: Threshold | None = None
    sexually_explicit: Threshold | None = None
    dangerous_content: Threshold | None = None
    civic_integrity: Threshold | None = None

    def items(self) -> Iterator[tuple[str, str]]:
        """Each category that is set, as the wire names it, with its threshold."""
        for name in type(self).model_fields:
            if (threshold := getattr(self, name)) is not None:
                yield f"HARM_CATEGORY_{name.upper()}", threshold


class ModelArmor(_Options):
    """Model Armor templates (Vertex AI only), by their full resource names."""

    prompt_template: str | None = None
    response_template: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a turn: text, bytes, a reference, a function's result, or a part as the wire writes it.

    Use the constructors: exactly one kind is filled.
    """

    text: str | None = None
    data: bytes | None = field(default=None, repr=False)
    uri: str | None = None
    media_type: str | None = None
    media_resolution: PartResolution | None = None
    wire: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        filled = [name for name in ("text", "data", "uri", "wire") if getattr(self, name) is not None]
        if len(filled) != 1:
            raise InvalidOption(f"A part holds exactly one of text, data, uri and wire; this one holds {filled!r}.")
        if self.wire is None and self.text is None and not self.media_type:
            raise InvalidOption(f"A part of {filled[0]} needs its `media_type`.")

    @classmethod
    def of_text(cls, text: str) -> Part:
        """Text."""
        return cls(text=text)

    @classmethod
    def of_bytes(cls, data: bytes, media_type: str, *, media_resolution: PartResolution | None = None) -> Part:
        """Media sent inline."""
        return cls(data=data, media_type=media_type, media_resolution=media_resolution)

    @classmethod
    def of_uri(cls, uri: str, media_type: str, *, media_resolution: PartResolution | None = None) -> Part:
        """Media by reference: `gs://…`, or a file uploaded to the Developer API."""
        return cls(uri=uri, media_type=media_type, media_resolution=media_resolution)

    @classmethod
    def of_function_response(cls, name: str, response: Mapping[str, Any], *, call_id: str | None = None) -> Part:
        """What a function gave back to the model that called it."""
        answer: dict[str, Any] = {"name": name, "response": dict(response)}
        if call_id is not None:
            answer["id"] = call_id
        return cls(wire={"functionResponse": answer})


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation: who speaks, and the parts."""

    role: Literal["user", "model"]
    parts: tuple[Part, ...]


Content: TypeAlias = "str | Part | Document | Turn | Mapping[str, Any]"
"""What `Request.contents` takes. A mapping is a whole turn as the wire writes it: `Reply.content`
goes back unchanged, thought signatures and all."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call.

    Args:
        name: letters, digits, `_`, `.` and `-`, at most 64.
        description: what it does and when to call it.
        parameters: the JSON schema of its arguments, an object.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


@dataclass(frozen=True, slots=True)
class Cached:
    """An explicit cache that holds the beginning of the very request it is given with.

    The request stays whole: only on the wire does the cache take the place of what it holds. So the
    same question has the same fingerprint with any cache and with none, and is paid for once.

    Args:
        name: the cache's resource name.
        contents: how many of the request's contents it holds, from the first; the system instruction
            and the tools are in it too.
    """

    name: str
    contents: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call, complete. Equal requests to the same backend are paid for once.

    Args:
        model: a model's name, or a family: flash-lite, flash, pro.
        contents: text, parts, documents and turns, in order. Neighbouring pieces that are not
            turns form one user turn.
        system_instruction: who the model is to be.
        output: what the answer must be, anything `Output.of` takes; None for plain text.
        tools, tool_mode, allowed_tools: the functions offered, whether one must be called
            ("any"), and which.
        generation, safety: controls and filters.
        labels: billing labels (Vertex AI).
        cached_content: an explicit cache: its name, where the contents are what comes after it; or
            `Cached`, where it stands for the beginning of these contents.
        service_tier: "flex" is cheaper and slow, "priority" dearer and fast.
        model_armor: Model Armor templates (Vertex AI).
        on_truncation: "more_room" asks again with twice the output tokens, at most twice.
        fallbacks: models asked in order when the first cannot be reached; the reply names who
            answered. None unless listed.
        prompt_version: name and version of the prompt, part of what makes two requests equal.
        origin: whom the cost is booked on (flow, runs, document); never part of equality.
        fresh: ask again even if the ledger holds the answer.
        check_calls: hold function calls against their schemas, with one repair round; off where the caller
            answers wrong calls itself.
    """

    model: str
    contents: Sequence[Content]
    system_instruction: str | None = None
    output: Any = None
    tools: tuple[Tool, ...] = ()
    tool_mode: ToolMode = "auto"
    allowed_tools: tuple[str, ...] = ()
    generation: Generation = field(default_factory=Generation)
    safety: SafetySettings = field(default_factory=SafetySettings)
    labels: Mapping[str, str] = field(default_factory=dict)
    cached_content: str | Cached | None = None
    service_tier: ServiceTier = "standard"
    model_armor: ModelArmor | None = None
    on_truncation: OnTruncation = "raise"
    fallbacks: tuple[str, ...] = ()
    prompt_version: str | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    check_calls: bool = True

    def __post_init__(self) -> None:
        contents = self.contents
        if isinstance(contents, str | Part | Turn | Mapping) or not isinstance(contents, Sequence):
            contents = (contents,)
        object.__setattr__(self, "contents", tuple(contents))
        if not self.contents:
            raise InvalidOption("`contents` is empty: there is nothing to ask.")
        names = [tool.name for tool in self.tools]
        if len(set(names)) != len(names):
            raise InvalidOption(f"Two tools have the same name in {names!r}.")
        if unknown := set(self.allowed_tools) - set(names):
            raise InvalidOption(f"`allowed_tools` names {sorted(unknown)!r}, which are not among the tools {names!r}.")
        if self.tool_mode in ("any", "validated") and not self.tools:
            raise InvalidOption(f"`tool_mode` = {self.tool_mode!r} without any tool.")

    def sent(self) -> Request:
        """The request as it goes out: without what its cache holds.

        Raises:
            InvalidOption: nothing would be left to ask.
        """
        if not isinstance(self.cached_content, Cached):
            return self
        return replace(
            self,
            contents=self.contents[self.cached_content.contents :],
            system_instruction=None,
            tools=(),
            cached_content=self.cached_content.name,
        )

    def turns(self) -> tuple[Turn | Mapping[str, Any], ...]:
        """The contents as turns: neighbouring loose pieces joined into one user turn."""
        turns: list[Turn | Mapping[str, Any]] = []
        loose: list[Part] = []
        for content in self.contents:
            if isinstance(content, Turn | Mapping):
                if loose:
                    turns.append(Turn("user", tuple(loose)))
                    loose = []
                turns.append(content)
            elif isinstance(content, str):
                loose.append(Part.of_text(content))
            elif isinstance(content, Part):
                loose.append(content)
            else:
                loose.extend(content.parts())
        if loose:
            turns.append(Turn("user", tuple(loose)))
        return tuple(turns)
