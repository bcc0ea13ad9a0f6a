"""Real recorded Gemini exchanges, served from this machine and read through the client.

Every exchange of the file is replayed: the client sends the recorded turns, a loopback server gives
back the recorded bytes. A success is faithful when text, thoughts, function calls, thought
signatures and usage are those of the recording, whole or (where the answer was blocked or cut) in
the error's `partial`; an error when it is one of ours with the recorded status and message.
"""

from __future__ import annotations

import asyncio
import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.oauth2.credentials import Credentials
from pydantic import SecretStr

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini import Backend, GeminiClient, Request, RetryPolicy
from prefect_gemini.gemini.calls.caches import create_cache, delete_cache
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import register, resolve
from prefect_gemini.gemini.catalog.served import served_models
from prefect_gemini.gemini.errors import AnswerError, GeminiError, ServiceError, UnknownModel
from prefect_gemini.gemini.reply import Reply

MODEL = re.compile(r"models/([^:/?]+)")
DEFAULT = Path("../shared/recorded/gemini.jsonl")


class Player:
    """A loopback server that gives one recorded response, whatever is asked."""

    def __init__(self) -> None:
        self.now: Mapping[str, Any] = {}
        self.address = ""

    async def start(self) -> Player:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                body, kind = recorded_body(self.now, stream=b"alt=sse" in head)
                writer.write(
                    f"HTTP/1.1 {self.now['status']} X\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()  # the client has gone, or the run is over


def recorded_body(row: Mapping[str, Any], *, stream: bool) -> tuple[bytes, str]:
    """The recorded bytes. A stream that was recorded as a JSON array is sent as the same chunks in SSE."""
    if row["response"] is None:
        text = row["response_text"] or ""
        return text.encode(), "text/event-stream" if text.startswith("data:") else "text/html"
    if stream and isinstance(row["response"], list):
        return b"".join(
            b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in row["response"]
        ), "text/event-stream"
    return json.dumps(row["response"]).encode(), "application/json"


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the recording says, read without the client."""
    chunks = row["response"]
    if chunks is None:
        lines = re.split(r"\r?\n\r?\n", row["response_text"] or "")
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    chunks = chunks if isinstance(chunks, list) else [chunks]
    first = [candidate for chunk in chunks for candidate in chunk.get("candidates") or () if not candidate.get("index")]
    parts = [part for candidate in first for part in (candidate.get("content") or {}).get("parts") or ()]
    usage: dict[str, Any] = {}
    for chunk in chunks:
        usage |= chunk.get("usageMetadata") or {}
    return {
        "text": "".join(part.get("text") or "" for part in parts if not part.get("thought")),
        "thoughts": "".join(part.get("text") or "" for part in parts if part.get("thought")),
        "calls": [
            (call.get("name"), call.get("args") or {}, call.get("id"))
            for part in parts
            if (call := part.get("functionCall"))
        ],
        "signatures": [part["thoughtSignature"] for part in parts if part.get("thoughtSignature")],
        "kinds": sorted({key for part in parts for key in part} - {"text"}),
        "usage": [usage.get(key) or 0 for key in COUNTS],
        "details": _details(usage.get("promptTokensDetails")),
        "finish": next(
            (candidate["finishReason"] for candidate in reversed(first) if candidate.get("finishReason")), ""
        ),
        "response_id": next((chunk["responseId"] for chunk in reversed(chunks) if chunk.get("responseId")), None),
        "version": next((chunk["modelVersion"] for chunk in reversed(chunks) if chunk.get("modelVersion")), ""),
    }


COUNTS = (
    "promptTokenCount",
    "cachedContentTokenCount",
    "thoughtsTokenCount",
    "candidatesTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)


def _details(rows: Any) -> dict[str, int]:
    return {row["modality"]: row.get("tokenCount", 0) for row in rows or ()}


def read(reply: Reply[Any]) -> dict[str, Any]:
    """What the client says, in the same form."""
    parts = reply.content.get("parts") or ()
    usage = reply.usage
    return {
        "text": reply.text,
        "thoughts": reply.thoughts,
        "calls": [(call.name, call.args, call.id) for call in reply.function_calls],
        "signatures": [part["thoughtSignature"] for part in parts if part.get("thoughtSignature")],
        "kinds": sorted({key for part in parts for key in part} - {"text"}),
        "usage": [usage.prompt, usage.cached, usage.thoughts, usage.output, usage.tool, usage.total],
        "details": usage.prompt_by,
        "finish": reply.finish_reason,
        "response_id": reply.response_id,
        "version": reply.model_version,
    }


def recorded_request(row: Mapping[str, Any]) -> Request:
    """The recorded turns as a request; data that the recording left out is put back as a placeholder."""
    found = MODEL.search(row["uri"])
    name = found[1] if found else "gemini-2.5-flash"
    try:
        resolve(name, warn=False)
    except UnknownModel:
        register(ModelInfo(id=name, family="flash"))
    body = row["request"] or {}
    turns = [_whole(turn) for turn in body.get("contents") or ()] or ["ping"]
    # What was offered is not all in the recording (it can stand in a cache), so calls are read as they are.
    return Request(model=name, contents=turns, check_calls=False)


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    whole = {key: _whole(item) for key, item in value.items()}
    if isinstance(whole.get("data"), str) and not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", whole["data"]):
        whole["data"] = "AAAA"
    return whole


async def replay(client: GeminiClient, row: Mapping[str, Any]) -> str:
    """Replay one exchange; returns what is wrong with it, nothing where it is faithful."""
    uri = row["uri"].partition("?")[0]
    response = row["response"] if isinstance(row["response"], Mapping) else {}
    try:
        if uri.endswith(":countTokens"):
            counted = await client.count_tokens(recorded_request(row))
            same = counted.total == response["totalTokens"]
            return "" if same else "count"
        if uri.endswith("/models"):
            # The first page alone was recorded: the next token would lead to the same page for ever.
            row = {**row, "response": {key: value for key, value in response.items() if key != "nextPageToken"}}
            PLAYER.now = row
            models = await served_models(client)
            return (
                ""
                if [f"models/{model.id}" for model in models] == [one["name"] for one in response["models"]]
                else "models"
            )
        if "/cachedContents" in uri:
            if row["http"] == "DELETE":
                await delete_cache(client, "cachedContents/" + uri.rpartition("/")[2])
                return ""
            cache = await create_cache(client, recorded_request(row), ttl_s=120)
            return (
                ""
                if (cache.name, cache.tokens) == (response["name"], response["usageMetadata"]["totalTokenCount"])
                else "cache"
            )
        if uri.endswith(":streamGenerateContent"):
            reply = await client.stream(recorded_request(row)).whole()
        else:
            reply = await client.generate(recorded_request(row))
    except AnswerError as error:
        expected = said(row)
        if error.partial is None or row["status"] != 200:
            return f"{type(error).__name__} without its partial answer"
        return _differs(expected, read(error.partial)) or ("whole" if _is_whole(expected) else "")
    except ServiceError as error:
        message = str((response.get("error") or {}).get("message") or "").rstrip(".")
        same = error.status == row["status"] != 200 and message[:200] in error.message
        return "" if same else f"{type(error).__name__}: {error.message}"
    if row["status"] != 200:
        return "an error was read as a success"
    return _differs(said(row), read(reply)) or ("" if _is_whole(said(row)) else "not whole, and read as whole")


def _is_whole(expected: Mapping[str, Any]) -> bool:
    return expected["finish"] == "STOP" and bool(
        set(expected["kinds"]) - {"thought", "thoughtSignature"} or expected["text"]
    )


def _differs(expected: Mapping[str, Any], got: Mapping[str, Any]) -> str:
    return ", ".join(key for key in expected if expected[key] != got[key])


PLAYER = Player()


async def run(arguments: Arguments) -> Result:
    """Replay the whole file."""
    path = arguments.data if arguments.data.is_file() else DEFAULT
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    await PLAYER.start()
    retries = RetryPolicy(max_attempts=1)
    clients = {
        "developer": GeminiClient(
            Backend(kind="developer", api_key=SecretStr("recorded"), base_url=PLAYER.address), retries=retries
        ),
        "vertex": GeminiClient(
            Backend(kind="vertex", project="p", credentials=Credentials(token="x"), base_url=PLAYER.address),
            retries=retries,
        ),
    }
    cases = []
    untyped = 0
    for row in arguments.take(rows, label=lambda row: row["case"]):
        PLAYER.now = row
        kind = "vertex" if row["host"] == "aiplatform" else "developer"
        try:
            wrong = await replay(clients[kind], row)
        except GeminiError as error:
            wrong = f"{type(error).__name__}: {error.message}"
        except Exception as error:  # the figure counts exactly these
            wrong = f"untyped {type(error).__name__}: {error}"
            untyped += 1
        cases.append({"case": row["case"], "i": row["i"], "status": row["status"], "wrong": wrong})
    for client in clients.values():
        await client.aclose()
    figures = {"exchanges": len(cases), "faithful": sum(not case["wrong"] for case in cases), "untyped": untyped}
    return Result(figures, [case for case in cases if case["wrong"]], backend="recorded Gemini traffic")


def measure(arguments: Arguments) -> Result:
    """Entry point."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # retired models were recorded too
        return asyncio.run(run(arguments))


if __name__ == "__main__":
    benchmark(measure)
