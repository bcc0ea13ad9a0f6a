"""Faults: everything that can go wrong on the way, and what becomes of the calls.

Each kind of fault is put into a loopback server for some of the calls, with the client's ledger on.
A call is lost when its fault could heal and no answer came; paid twice when the server answered it in
full more than once; untyped when the error is not one of ours. A fault that cannot heal must end in the
error that is named for it. At the end a process is killed among 1,000 documents (`benchmarks.crash`).

figures: faults (struck), calls, lost, paid_twice, untyped, wrong_error, and the calls of each kind.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._run import Arguments, Result, benchmark
from benchmarks.crash import crash
from prefect_gemini.gemini import Backend, GeminiClient, Generation, Limits, Output, Request, RetryPolicy, errors
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.gemini.limits.circuit import CircuitPolicy
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.generating.replies import Reply as Said
from prefect_gemini.testing import (
    bad_chunk,
    blocked,
    blocked_answer,
    break_schema,
    cut_stream,
    error,
    finish,
    html,
    json_reply,
    reset,
    stall,
    truncated_json,
)

CALLS = 40
SCHEMA = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
TIMEOUT_S = 0.5


@dataclass(frozen=True)
class Kind:
    """A fault: what the server does, to which calls, and what must come of it.

    Args:
        name: for the table.
        reply: what the server does instead.
        ends: the error it must end in; None where it heals and the answer must come.
        stream: whether the calls are streams.
        share: of the calls that are struck.
        schema: whether the calls ask for JSON of a schema.
    """

    name: str
    reply: Said
    ends: type[GeminiError] | None = None
    stream: bool = False
    share: float = 0.25
    schema: bool = True


HEALING = [
    Kind("429 with Retry-After", error(429, retry_after=0.2)),
    Kind("429 with RetryInfo", error(429, retry_after=0.2, retry_hint="body")),
    Kind("429 bare", error(429)),
    Kind("408", error(408)),
    Kind("500", error(500)),
    Kind("502", error(502)),
    Kind("503", error(503)),
    Kind("504", error(504)),
    Kind("502 with HTML", html(502)),
    Kind("200 with HTML", html(200)),
    Kind("reset", reset()),
    Kind("stall", stall(1.5)),
    Kind("half JSON", truncated_json()),
    Kind("JSON against the schema", break_schema()),
    Kind("MAX_TOKENS under a schema", finish("MAX_TOKENS", '{"num')),
    Kind("malformed function call", blocked_answer("MALFORMED_FUNCTION_CALL")),
    Kind("empty answer", blocked_answer("STOP")),
    Kind("stream: 429", error(429, retry_after=0.2), stream=True),
    Kind("stream: 503", error(503), stream=True),
    Kind("stream: reset at once", reset(), stream=True),
    Kind("stream: HTML", html(200), stream=True),
]
FINAL = [
    Kind("400", error(400), ends=errors.InvalidRequest),
    Kind("401", error(401), ends=errors.AuthenticationFailed),
    Kind("403", error(403), ends=errors.PermissionDenied),
    Kind("404", error(404), ends=errors.NotFound),
    Kind("prompt blocked", blocked(), ends=errors.PromptBlocked),
    Kind("prompt blocked by Model Armor", blocked("MODEL_ARMOR"), ends=errors.PromptBlocked),
    Kind("SAFETY", blocked_answer("SAFETY", category="CIVIC_INTEGRITY"), ends=errors.AnswerBlocked),
    Kind("RECITATION", blocked_answer("RECITATION"), ends=errors.AnswerBlocked),
    Kind("a new finish reason", finish("QUANTUM", "x"), ends=errors.UnknownFinish, schema=False),
    Kind("MAX_TOKENS", finish("MAX_TOKENS", "half"), ends=errors.Truncated, schema=False),
    Kind("stream: cut politely", cut_stream(after=1), ends=errors.Truncated, stream=True, schema=False),
    Kind("stream: bad chunk", bad_chunk(after=1), ends=errors.MalformedResponse, stream=True, schema=False),
    Kind("stream: reset after text", reset(after=1), ends=errors.TransportError, stream=True, schema=False),
    Kind("stream: stall after text", stall(1.5, after=1), ends=errors.TransportError, stream=True, schema=False),
]


async def try_out(kind: Kind, folder: Path, calls: int) -> dict[str, Any]:
    """Make the calls under one kind of fault."""
    struck = {f"call {number}" for number in range(calls) if number % round(1 / kind.share) == 0}
    outcomes: Counter[str] = Counter()
    with LocalGemini(authentication=False) as server:
        server.script(_answer, times=None)
        for call in struck:
            server.faults.add(
                kind.reply, when=_asks(call), times=1 if kind.ends is None else None, on=("generate", "stream")
            )
        client = GeminiClient(
            Backend.local(server.base_url),
            # A wait of a second, as in real use, would only make this longer.
            retries=RetryPolicy(first_wait_s=0.1, deadline_s=30),
            limits=Limits(concurrency=8),
            circuit=CircuitPolicy(failure_share=1.0, minimum_calls=1000),
            ledger=folder / f"{abs(hash(kind.name))}.db",
            timeout_s=TIMEOUT_S,
        )

        async def one(number: int) -> None:
            call = f"call {number}"
            request = Request(
                model="flash",
                contents=f"{call}.",
                output=Output.of(SCHEMA) if kind.schema else None,
                generation=Generation(max_output_tokens=100),
            )
            try:
                if kind.stream:
                    await client.stream(request).whole()
                else:
                    await client.generate(request)
                outcomes["answered" if kind.ends is None or call not in struck else "wrong_error"] += 1
            except GeminiError as failure:
                expected = kind.ends is not None and call in struck
                if expected and type(failure) is kind.ends:
                    outcomes["refused_rightly"] += 1
                else:
                    outcomes["wrong_error" if expected else "lost"] += 1
                    outcomes[f"saw {type(failure).__name__}"] += 1
            except Exception as failure:  # the figure counts exactly these
                outcomes["untyped"] += 1
                outcomes[f"saw {type(failure).__name__}"] += 1

        await asyncio.gather(*(one(number) for number in range(calls)))
        for number in range(calls):  # a second run, as after a crash: what was answered comes from the ledger
            if not (kind.ends and f"call {number}" in struck):
                await one(number)
        await client.aclose()
        entries = server.journal.generate_calls
        whole = Counter(str(entry.body["contents"][0]) for entry in entries if entry.whole and _satisfies(kind, entry))
    return {
        "kind": kind.name,
        "faults": sum(rule.as_json()["struck"] for rule in server.faults.rules),
        "calls": calls,
        "requests": len(entries),
        "lost": outcomes["lost"],
        "paid_twice": sum(times - 1 for times in whole.values()),
        "untyped": outcomes["untyped"],
        "wrong_error": outcomes["wrong_error"],
        **{name: times for name, times in outcomes.items() if name.startswith("saw ")},
    }


def killed(folder: Path) -> dict[str, Any]:
    """Kill a process that reads 1,000 documents, three times, and run it again."""
    found = crash(folder)
    sums = {name: found[name] for name in ("requests", "lost", "paid_twice")}
    return {
        "kind": "kill -9 among 1,000 documents",
        "faults": found["kills"],
        "calls": found["documents"],
        **sums,
        "untyped": 0,
        "wrong_error": 0,
        "on the way when killed": found["on_the_way"],
    }


def _answer(body: dict[str, Any]) -> Said:
    return json_reply({"number": len(str(body["contents"]))})


def _asks(call: str) -> Callable[[Any], bool]:
    return lambda seen: f"{call}." in str(seen.payload)


def _satisfies(kind: Kind, entry: Any) -> bool:
    """Whether an answer was whole to the client as well, not to the server only."""
    return not (entry.fault and kind.ends is None)


def measure(arguments: Arguments) -> Result:
    """Entry point."""
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in arguments.take([*HEALING, *FINAL], label=lambda kind: kind.name):
            cases.append(asyncio.run(try_out(kind, Path(folder), CALLS)))
        if arguments.limit is None:
            cases.append(killed(Path(folder)))
    sums = ("faults", "calls", "lost", "paid_twice", "untyped", "wrong_error")
    figures: dict[str, float | int] = {name: sum(case[name] for case in cases) for name in sums}
    return Result({"kinds": len(cases), **figures}, cases, backend="local server, scripted")


if __name__ == "__main__":
    benchmark(measure)
