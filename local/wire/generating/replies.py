"""What a script or a fault can make the server say: an answer, an error, or something broken."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

TRANSPORT_FAULTS = ("reset", "stall", "html")
STREAM_FAULTS = ("cut_stream", "bad_chunk", "slow_stream", "truncated_json", "break_schema")
KINDS = ("answer", "error", "raw", "block_prompt", "block_answer", *TRANSPORT_FAULTS, *STREAM_FAULTS)


@dataclass(frozen=True)
class Reply:
    """One thing the server does instead of, or to, its usual answer.

    Args:
        kind: one of KINDS.
        parts: of an answer.
        finish_reason: of an answer; of any answer at all when the kind is `block_answer`.
        body: a whole reply body, sent as it is (kind `raw`).
        code: HTTP status of an error, or of a raw body.
        status: google.rpc status of an error; the usual one of the code when empty.
        message: of an error, or of a block.
        retry_after_s: seconds, sent as Retry-After and RetryInfo.
        retry_hint: where to send it: "both", "header" or "body".
        reason: of a blocked prompt.
        category: the harm category of a block, without its prefix.
        seconds: how long a stall lasts, or what passes between two chunks of a slow stream.
        after: chunks sent before a stream is cut, spoiled or stalled.
        delay_s: seconds before anything is sent.
        usage: token counts to report instead of the estimate (`promptTokenCount`, …).
        model_version: to report.
        thoughts: text of a thought part put first.
    """

    kind: str = "answer"
    parts: tuple[dict[str, Any], ...] = ()
    finish_reason: str = "STOP"
    body: Any = None
    code: int = 200
    status: str = ""
    message: str = ""
    retry_after_s: float | None = None
    retry_hint: str = "both"
    reason: str = ""
    category: str = ""
    seconds: float = 0.0
    after: int = 1
    delay_s: float = 0.0
    usage: dict[str, int] = field(default_factory=dict)
    model_version: str = ""
    thoughts: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not something the server can do; it can do {', '.join(KINDS)}")

    @property
    def mangles(self) -> bool:
        """True where the reply spoils an answer that has still to be made."""
        return self.kind in STREAM_FAULTS or self.kind == "block_answer"

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, for the admin plane."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if asdict(self)[one.name] != asdict(Reply())[one.name]
        } | {"kind": self.kind}


def reply_from_json(row: dict[str, Any]) -> Reply:
    """Build a reply from the admin plane's JSON; `text` and `json` are short for parts.

    Raises:
        ValueError: for a key or a kind that is not known.
    """
    row = dict(row)
    if "text" in row:
        row["parts"] = [{"text": row.pop("text")}]
    if "json" in row:
        row["parts"] = [{"text": json.dumps(row.pop("json"), ensure_ascii=False)}]
    known = {one.name for one in fields(Reply)}
    if strange := sorted(row.keys() - known):
        raise ValueError(f"unknown keys {strange}; a reply has {', '.join(sorted(known))}, `text` and `json`")
    if "parts" in row:
        row["parts"] = tuple(row["parts"])
    return Reply(**row)


def text(
    content: str, *, finish_reason: str = "STOP", thoughts: str = "", usage: dict[str, int] | None = None
) -> Reply:
    """Answer with text."""
    return Reply(parts=({"text": content},), finish_reason=finish_reason, thoughts=thoughts, usage=usage or {})


def json_reply(value: Any, *, finish_reason: str = "STOP") -> Reply:
    """Answer with a value as JSON text."""
    return text(json.dumps(value, ensure_ascii=False), finish_reason=finish_reason)


def function_call(name: str, args: dict[str, Any] | None = None) -> Reply:
    """Answer by calling one function."""
    return function_calls((name, args or {}))


def function_calls(*calls: tuple[str, dict[str, Any]]) -> Reply:
    """Answer by calling functions in parallel, given as (name, arguments)."""
    return Reply(parts=tuple({"functionCall": {"name": name, "args": args}} for name, args in calls))


def parts(*items: dict[str, Any], finish_reason: str = "STOP") -> Reply:
    """Answer with parts as the API has them."""
    return Reply(parts=items, finish_reason=finish_reason)


def raw(body: Any, *, code: int = 200) -> Reply:
    """Send a body as it is: a recorded reply, or one that nobody has seen yet. A list becomes a stream's chunks."""
    return Reply("raw", body=body, code=code)


def error(
    code: int, message: str = "", *, status: str = "", retry_after: float | None = None, retry_hint: str = "both"
) -> Reply:
    """Answer with an error.

    Args:
        code: HTTP status.
        message: Google's usual words when empty.
        status: the google.rpc status; the usual one of the code when empty.
        retry_after: seconds.
        retry_hint: "both", "header" (Retry-After) or "body" (google.rpc.RetryInfo).
    """
    return Reply("error", code=code, message=message, status=status, retry_after_s=retry_after, retry_hint=retry_hint)


def blocked(reason: str = "SAFETY", *, category: str = "DANGEROUS_CONTENT", message: str = "") -> Reply:
    """Refuse the prompt: no candidates, `promptFeedback.blockReason`."""
    return Reply("block_prompt", reason=reason, category=category, message=message)


def blocked_answer(finish_reason: str = "SAFETY", *, category: str = "DANGEROUS_CONTENT") -> Reply:
    """Cut the answer off: a candidate without content."""
    return Reply("block_answer", finish_reason=finish_reason, category=category)


def finish(reason: str, content: str = "") -> Reply:
    """Answer with any finish reason: MAX_TOKENS, RECITATION, MALFORMED_FUNCTION_CALL, …"""
    return Reply(parts=({"text": content},) if content else (), finish_reason=reason)


def reset(*, after: int = 0) -> Reply:
    """Reset the connection; in a stream, after so many chunks."""
    return Reply("cut_stream", after=after, reason="reset") if after else Reply("reset")


def stall(seconds: float = 60.0, *, after: int = 0) -> Reply:
    """Say nothing for so many seconds (in a stream, after so many chunks), then hang up."""
    return Reply("stall", seconds=seconds, after=after)


def html(code: int = 200) -> Reply:
    """Send a proxy's HTML page instead of JSON."""
    return Reply("html", code=code)


def cut_stream(content: str = "", *, after: int = 1) -> Reply:
    """End a stream politely after so many chunks, without a finish reason; a plain reply lacks it too."""
    return Reply("cut_stream", parts=({"text": content},) if content else (), after=after)


def bad_chunk(content: str = "", *, after: int = 1) -> Reply:
    """Spoil one chunk of a stream after so many good ones."""
    return Reply("bad_chunk", parts=({"text": content},) if content else (), after=after)


def slow_stream(seconds: float, content: str = "") -> Reply:
    """Let so many seconds pass between chunks."""
    return Reply("slow_stream", seconds=seconds, parts=({"text": content},) if content else ())


def truncated_json(content: str = "") -> Reply:
    """Send the first half of the answer's text, as if it were whole."""
    return Reply("truncated_json", parts=({"text": content},) if content else ())


def break_schema(content: str = "") -> Reply:
    """Send JSON that the schema does not allow: the first required field is gone."""
    return Reply("break_schema", parts=({"text": content},) if content else ())
