"""One row of a batch: a request answered as it would have been alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.embed import embed_row
from prefect_gemini.local.wire.generating.generate import answer
from prefect_gemini.local.wire.generating.prompt import make_prompt
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.proto import Surface
from prefect_gemini.local.wire.wire import Wire


@dataclass(frozen=True)
class Place:
    """Whose rows they are.

    Args:
        surface: whose dialect.
        model: id of the model.
        params: of the path the job came by (version, project, location).
    """

    surface: Surface
    model: str
    params: dict[str, str]

    def call(self, request: Any) -> Call:
        """A row's request, as if it had come alone."""
        return Call(
            method="POST",
            path="",
            query={},
            headers={},
            body=json.dumps(request).encode(),
            kind="generate",
            surface=self.surface,
            params=self.params | {"model": self.model},
        )


def answer_rows(wire: Wire, place: Place, requests: Iterable[Any], *, embed: bool = False) -> list[dict[str, Any]]:
    """Answer requests in order: for each `{"response": …}` or `{"error": {code, message, status}}`."""

    async def each() -> list[dict[str, Any]]:
        return [await (_embedded if embed else _generated)(wire, place.call(request)) for request in requests]

    return asyncio.run(each())


async def _generated(wire: Wire, call: Call) -> dict[str, Any]:
    try:
        body = call.read("GenerateContentRequest")
        if body.get("cachedContent") and call.surface == "vertex":
            raise invalid("Explicit context caching is not supported in batch prediction.")
        prompt = make_prompt(wire, call, body, verb="batchGenerateContent")
        reply = await answer(wire, call, prompt, wire.script.take(call), stream=False)
        said = json.loads(reply.body) if isinstance(reply.body, bytes) and not reply.hang_up else None
    except GoogleError as error:
        return error.body()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return GoogleError(500).body()
    return said if "error" in said else {"response": said}


async def _embedded(wire: Wire, call: Call) -> dict[str, Any]:
    try:
        return {"response": embed_row(wire, call)}
    except GoogleError as error:
        return error.body()


def read_lines(blob: bytes) -> list[Any]:
    """The rows of a JSONL file; empty lines do not count.

    Raises:
        GoogleError: 400 naming the first line that is no JSON object.
    """
    rows = []
    for number, line in enumerate(blob.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise invalid(f"Failed to parse line {number} of the input file: it is not a JSON object.")
        rows.append(row)
    if not rows:
        raise invalid("The input file has no requests.")
    return rows


def write_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as JSONL."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for row in rows)
