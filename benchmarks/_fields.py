"""Scoring fields read from documents: share right, precision, and values that stand nowhere."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from prefect_gemini.blocks import GeminiModel
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.request import Request
from prefect_gemini.tasks.parts.evidence import grounded


def truths(folder: Path) -> list[tuple[dict[str, Any], Path]]:
    """Every row of the truth files below a data set's folder, with the folder its files are in."""
    found = sorted(folder.rglob("truth.jsonl"))
    if not found:
        raise SystemExit(f"there is no truth.jsonl below {folder}; name the folder of data sets with --data")
    return [(json.loads(line), path.parent) for path in found for line in path.read_text().splitlines() if line]


def plain(value: Any) -> str:
    """Letters and digits only, lower case: how the receipts' README compares names and addresses."""
    return re.sub(r"[\W_]", "", str(value).lower())


def money(value: Any) -> Decimal | str:
    """An amount to compare: 12.5 and "12.50" are one."""
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return str(value)


@dataclass
class Tally:
    """Counts of one field over all documents: asked, answered, right."""

    asked: int = 0
    answered: int = 0
    right: int = 0

    def add(self, value: Any, accepted: Sequence[Any], *, same: Callable[[Any], Any]) -> bool:
        """Count one document; True where the value is right."""
        if not accepted:
            return False
        self.asked += 1
        if value in (None, ""):
            return False
        self.answered += 1
        hit = same(value) in {same(one) for one in accepted}
        self.right += hit
        return hit


@dataclass
class Score:
    """Every field of a benchmark, the seconds of every document, and what was invented."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    invented: int = 0
    failed: int = 0

    def add(self, name: str, value: Any, accepted: Sequence[Any], *, same: Callable[[Any], Any] = plain) -> bool:
        return self.tallies.setdefault(name, Tally()).add(value, accepted, same=same)

    def figures(self, precision: Iterable[str] = ()) -> dict[str, float | int]:
        """The flat numbers to quote."""
        out: dict[str, float | int] = {}
        for name, tally in self.tallies.items():
            out[name] = tally.right / tally.asked if tally.asked else 0.0
            if name in precision:
                out[f"{name}_precision"] = tally.right / tally.answered if tally.answered else 1.0
        return out | {
            "invented": self.invented,
            "failed": self.failed,
            "seconds_median": statistics.median(self.seconds) if self.seconds else 0.0,
        }


class Reader:
    """Reads documents one after the other through the client, without a ledger, so that every one is really read."""

    def __init__(self, model: str = "flash") -> None:
        self.model = GeminiModel(model=model)
        self.backend = Backend.from_environment()
        self._loop = asyncio.new_event_loop()
        self._client = GeminiClient(self.backend)

    def read(self, path: Path, schema: Any, *, prompt: str) -> tuple[Reply[Any], float]:
        """The grounded reply for one document, and the seconds it took, evidence included.

        Raises:
            GeminiError: as the client does.
        """
        started = time.perf_counter()
        reply = self._loop.run_until_complete(self._read(path, schema, prompt))
        return reply, time.perf_counter() - started

    def ask(self, document: Document, schema: Any, *, prompt: str) -> Reply[Any]:
        """One question about an opened document; what it quotes is not looked up.

        Raises:
            GeminiError: as the client does.
        """
        return self._loop.run_until_complete(self._ask(document, schema, prompt))

    def reply_to(self, request: Request) -> Reply[Any]:
        """The reply to one request.

        Raises:
            GeminiError: as the client does.
        """
        return self._loop.run_until_complete(self._client.generate(request))

    def tokens(self, document: Document) -> int:
        """The tokens of a document, counted by the service."""
        request = Request(model=self.model.model, contents=(document,))
        return self._loop.run_until_complete(self._client.count_tokens(request)).total

    async def _read(self, path: Path, schema: Any, prompt: str) -> Reply[Any]:
        document = await asyncio.to_thread(Document.of, path)
        return await grounded(await self._ask(document, schema, prompt), document)

    async def _ask(self, document: Document, schema: Any, prompt: str) -> Reply[Any]:
        return await self._client.generate(Request(model=self.model.model, contents=(prompt, document), output=schema))


def read_all(
    reader: Reader, path: Path, schema: Any, score: Score, *, prompt: str
) -> tuple[Mapping[str, Any], str | None]:
    """The values of one document, {} and the error where there are none; seconds and inventions are counted."""
    try:
        reply, seconds = reader.read(path, schema, prompt=prompt)
    except GeminiError as error:
        score.failed += 1
        return {}, f"{type(error).__name__}: {error.message}"
    score.seconds.append(seconds)
    score.invented += sum(one.match == "unsupported" for one in reply.evidence)
    return reply.value, None
