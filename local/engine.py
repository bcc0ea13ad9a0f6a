"""The seam between the wire and whoever answers: one call in, one answer or one refusal out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class FunctionDeclaration:
    """A tool the model may call. `parameters` is a plain JSON schema, whatever dialect it came in."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class GenerateCall:
    """A generateContent request after the wire has checked it.

    Args:
        model: the model id of the path, without prefixes.
        contents: turns as `{"role": …, "parts": […]}`, keys in camelCase; file and cached-content
            references already replaced by `inlineData` parts, whose `data` is bytes.
        system_instruction: its text, "" where there is none.
        functions: the declared functions, in order.
        function_mode: AUTO, ANY, NONE or VALIDATED.
        allowed_functions: names allowed in ANY mode; empty means all.
        response_schema: a plain JSON schema (lower-case types), or None for free text.
        response_mime_type: "text/plain", "application/json" or "text/x.enum".
        generation_config: the rest of generationConfig as sent.
    """

    model: str
    contents: tuple[dict[str, Any], ...]
    system_instruction: str = ""
    functions: tuple[FunctionDeclaration, ...] = ()
    function_mode: Literal["AUTO", "ANY", "NONE", "VALIDATED"] = "AUTO"
    allowed_functions: tuple[str, ...] = ()
    response_schema: dict[str, Any] | None = None
    response_mime_type: str = "text/plain"
    generation_config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EngineAnswer:
    """What the model says.

    Args:
        parts: `{"text": …}` or `{"functionCall": {"name": …, "args": …}}`.
        finish_reason: a FinishReason of the API.
        provenance: where each value stands (path, page, box 0 to 1000, quote, score); sent as
            the documented extension field `localProvenance` of the candidate.
        model_version: who answered, for `modelVersion`.
    """

    parts: tuple[dict[str, Any], ...]
    finish_reason: str = "STOP"
    provenance: tuple[dict[str, Any], ...] = ()
    model_version: str = "local-extractive-1"


class EngineRefusal(Exception):
    """The engine cannot honestly answer. The wire turns it into Google's error shape.

    Args:
        message: what cannot be done, and what would do it.
        status: a google.rpc status; INVALID_ARGUMENT for input no model could read.
    """

    def __init__(
        self,
        message: str,
        *,
        status: Literal["FAILED_PRECONDITION", "INVALID_ARGUMENT", "UNIMPLEMENTED"] = "FAILED_PRECONDITION",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Engine(Protocol):
    """Answers calls. Called from worker threads, several at once."""

    def generate(self, call: GenerateCall) -> EngineAnswer:
        """Answer one call.

        Raises:
            EngineRefusal: when an honest answer is not possible.
        """
        ...

    def count_tokens(self, contents: tuple[dict[str, Any], ...]) -> dict[str, int]:
        """Tokens by modality (TEXT, IMAGE, DOCUMENT, AUDIO, VIDEO); an estimate, not Gemini's tokenizer."""
        ...
