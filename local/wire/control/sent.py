"""What a test asks about a request: the words, the model, the schema, the media that were sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prefect_gemini.local.wire.control.journal import Entry
from prefect_gemini.local.wire.protocol.messages import TABLE
from prefect_gemini.local.wire.protocol.proto import Reader


@dataclass(frozen=True)
class Sent:
    """One request to a model, read.

    Args:
        entry: its line in the journal.
    """

    entry: Entry

    @property
    def model(self) -> str:
        """The model id of the path."""
        return self.entry.model

    @property
    def body(self) -> dict[str, Any]:
        """The request with every field in camelCase, whichever way the client wrote it."""
        reader = Reader(TABLE, self.entry.surface)  # type: ignore[arg-type]
        return reader.message(self.entry.body or {}, "GenerateContentRequest", "")

    @property
    def text(self) -> str:
        """All text of all turns, one part a line."""
        return "\n".join(_texts(self.body.get("contents", [])))

    @property
    def system_instruction(self) -> str:
        """Text of the system instruction, "" where there is none."""
        return "\n".join(_texts([self.body.get("systemInstruction", {})]))

    @property
    def media(self) -> tuple[str, ...]:
        """Media types of what is not text, in order."""
        parts = [part for content in self.body.get("contents", []) for part in content.get("parts", [])]
        blobs = [part.get("inlineData") or part.get("fileData") for part in parts]
        return tuple(blob.get("mimeType", "") for blob in blobs if blob)

    @property
    def config(self) -> dict[str, Any]:
        """generationConfig."""
        config: dict[str, Any] = self.body.get("generationConfig", {})
        return config

    @property
    def schema(self) -> dict[str, Any] | None:
        """The response schema, in whichever dialect it was sent."""
        return self.config.get("responseJsonSchema") or self.config.get("responseSchema")

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the functions that were offered."""
        tools = self.body.get("tools", [])
        return tuple(one.get("name", "") for tool in tools for one in tool.get("functionDeclarations", []))

    def __str__(self) -> str:
        words = " ".join(self.text.split())
        shown = words if len(words) <= 100 else words[:97] + "…"
        media = f" + {', '.join(self.media)}" if self.media else ""
        return f"{self.entry.number}: {self.model} {self.entry.status or 'open'}: {shown!r}{media}"


def matching(
    sent: Iterable[Sent],
    *,
    contains: str | Iterable[str] = (),
    model: str | None = None,
    media: str | None = None,
    function: str | None = None,
) -> list[Sent]:
    """The requests that fit.

    Args:
        contains: text, or several, all of which are in the prompt or the system instruction.
        model: the model id.
        media: a media type that was sent along.
        function: a function that was offered.
    """
    words = [contains] if isinstance(contains, str) else list(contains)
    return [
        one
        for one in sent
        if all(word in one.text or word in one.system_instruction for word in words)
        and (model is None or one.model == model)
        and (media is None or media in one.media)
        and (function is None or function in one.functions)
    ]


def check(sent: Iterable[Sent], *, times: int | None = None, **wanted: Any) -> list[Sent]:
    """The requests that fit, which must be there.

    Args:
        times: how many there must be; at least one if not given.
        wanted: as `matching`.

    Raises:
        AssertionError: listing what was sent instead.
    """
    everything = list(sent)
    found = matching(everything, **wanted)
    if len(found) == times or (times is None and found):
        return found
    asked = ", ".join(f"{name}={value!r}" for name, value in wanted.items()) or "anything"
    expected = "at least one request" if times is None else f"{times} request(s)"
    lines = "\n  ".join(map(str, everything)) or "nothing"
    raise AssertionError(f"expected {expected} with {asked}, found {len(found)}. Sent was:\n  {lines}")


def _texts(contents: Iterable[dict[str, Any]]) -> list[str]:
    return [part["text"] for content in contents for part in content.get("parts", []) if "text" in part]
