"""An answer in pieces: chunks as they come, and the whole reply at the end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from prefect_gemini.gemini.calls.answer import standard_base64
from prefect_gemini.gemini.reply import FunctionCall, Reply


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer.

    Args:
        text: the next characters of the answer.
        thoughts: the next characters of the thought summary.
        function_calls: functions called in this piece.
    """

    text: str = ""
    thoughts: str = ""
    function_calls: tuple[FunctionCall, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.thoughts or self.function_calls)


def at_once(reply: Reply[Any]) -> tuple[Chunk, Reply[Any]]:
    """A whole reply as a stream of one chunk, for an answer that was there already."""
    return Chunk(text=reply.text, thoughts=reply.thoughts, function_calls=reply.function_calls), reply


class ReplyStream:
    """Chunks to iterate over; `reply` is there once they are exhausted.

    Use it as an async context manager, so that leaving early closes the connection.
    """

    def __init__(self, source: AsyncGenerator[Chunk | Reply[Any], None]) -> None:
        self._source = source
        self._reply: Reply[Any] | None = None

    @property
    def reply(self) -> Reply[Any]:
        """The whole reply.

        Raises:
            RuntimeError: before the stream has been read to its end.
        """
        if self._reply is None:
            raise RuntimeError("The stream has not been read to its end; there is no whole reply yet.")
        return self._reply

    async def whole(self) -> Reply[Any]:
        """Read what is left and return the whole reply."""
        async for _ in self:
            pass
        return self.reply

    def __aiter__(self) -> ReplyStream:
        return self

    async def __anext__(self) -> Chunk:
        async for item in self._source:
            if isinstance(item, Chunk):
                return item
            self._reply = item
        raise StopAsyncIteration

    async def __aenter__(self) -> ReplyStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop reading and close the connection."""
        await self._source.aclose()


class Assembler:
    """Joins the chunks of a stream into one response, as if it had come whole."""

    def __init__(self) -> None:
        self._top: dict[str, Any] = {}
        self._candidates: dict[int, dict[str, Any]] = {}

    def add(self, payload: Mapping[str, Any]) -> Chunk:
        """Add a chunk; returns what is new in the first candidate."""
        for key, value in payload.items():
            if key == "usageMetadata" and isinstance(value, Mapping):
                # Each chunk repeats the counts so far; a count that a later one leaves out still holds.
                self._top[key] = {**self._top.get(key, {}), **value}
            elif key != "candidates":
                self._top[key] = value
        news = Chunk()
        for candidate in payload.get("candidates") or ():
            index = int(candidate.get("index") or 0)
            parts = self._merge(self._candidates.setdefault(index, {}), candidate)
            if index == 0:
                news = _chunk(parts)
        return news

    @property
    def empty(self) -> bool:
        """Whether nothing has been added."""
        return not self._top and not self._candidates

    def payload(self) -> dict[str, Any]:
        """The response so far."""
        return {**self._top, "candidates": [self._candidates[index] for index in sorted(self._candidates)]}

    def _merge(self, whole: dict[str, Any], candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
        new: list[dict[str, Any]] = []
        for key, value in candidate.items():
            if key == "content":
                content = whole.setdefault("content", {"parts": []})
                content["role"] = value.get("role") or content.get("role") or "model"
                for part in value.get("parts") or ():
                    new.append(_signed(part))
                    _append(content["parts"], dict(new[-1]))
            elif key == "logprobsResult" and isinstance(value, Mapping):
                joined = whole.setdefault(key, {})
                for name, items in value.items():
                    joined[name] = [*joined.get(name, []), *items] if isinstance(items, list) else items
            elif key == "groundingMetadata" and isinstance(value, Mapping):
                whole[key] = {**whole.get(key, {}), **value}
            else:
                whole[key] = value
        return new


def _signed(part: Mapping[str, Any]) -> dict[str, Any]:
    part = dict(part)
    if isinstance(part.get("thoughtSignature"), str):
        part["thoughtSignature"] = standard_base64(part["thoughtSignature"])
    return part


def _append(parts: list[dict[str, Any]], part: dict[str, Any]) -> None:
    """Join text to text of the same kind. A signed part stays alone: the signature is for it."""
    if (
        parts
        and _is_plain(part)
        and _is_plain(parts[-1])
        and bool(part.get("thought")) == bool(parts[-1].get("thought"))
    ):
        parts[-1]["text"] += part["text"]
    elif part:
        parts.append(part)


def _is_plain(part: dict[str, Any]) -> bool:
    return "text" in part and part.keys() <= {"text", "thought"}


def _chunk(parts: list[dict[str, Any]]) -> Chunk:
    return Chunk(
        text="".join(part.get("text") or "" for part in parts if not part.get("thought")),
        thoughts="".join(part.get("text") or "" for part in parts if part.get("thought")),
        function_calls=tuple(
            FunctionCall(name=str(call.get("name") or ""), args=call.get("args") or {}, id=call.get("id"))
            for part in parts
            if (call := part.get("functionCall"))
        ),
    )
