"""What tests of batches share: numbered documents, clients, and what the server was sent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from pydantic import SecretStr

from prefect_gemini.gemini import Backend, GeminiClient, Request, RetryPolicy
from prefect_gemini.gemini.batches.gathering import Deferred, Gathering
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.batches.submit import submit
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.testing import LocalGemini, json_reply

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
ROOT = Path(__file__).resolve().parents[2]
BUCKET = "gs://bucket/batches"
KEY = "a-secret-key"
FAST = RetryPolicy(first_wait_s=0.0, longest_wait_s=0.0)


def answer(payload: dict) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": int(payload["contents"][0]["parts"][-1]["text"].split()[-1])})


def backend_of(kind: str, server: LocalGemini) -> Backend:
    if kind == "vertex":
        return Backend("vertex", project="p", credentials=Credentials(token="t"), base_url=server.base_url)
    return Backend("developer", api_key=SecretStr(KEY), base_url=server.base_url)


def asked(number: int, **options: Any) -> Request:
    document = Document.text(f"document {number}", name=f"d{number}")
    return Request(model="flash", contents=("read", document), output=SCHEMA, **options)


async def gathered(client: GeminiClient, numbers: range, **options: Any) -> Gathering:
    gathering = Gathering()
    with answered_by(gathering):
        for number in numbers:
            with pytest.raises(Deferred):
                await client.generate(asked(number, **options))
    return gathering


async def spooled(client: GeminiClient, numbers: range, **options: Any) -> Spool:
    ((_, spool),) = (await gathered(client, numbers, **options)).spools
    return spool


async def submitted(client: GeminiClient, numbers: range, **options: Any) -> BatchJob:
    return await submit(client, await spooled(client, numbers), storage=BUCKET, **options)


async def submitted_once(client: GeminiClient, numbers: range, **options: Any) -> list[BatchJob]:
    return list(await submit_once(client, await spooled(client, numbers), storage=BUCKET, **options))


def jobs(gemini: LocalGemini) -> list[Any]:
    """Every batch job the server has."""
    return [
        record
        for kind in ("batches", "batchPredictionJobs")
        for record in gemini.wire.store.all(kind, at=gemini.clock.seconds())
    ]


def sent(gemini: LocalGemini) -> Counter[str]:
    """How often each document was sent in a batch, by the server's journal."""
    return Counter(
        row["request"]["contents"][0]["parts"][-1]["text"]
        for entry in gemini.journal.of("batches.create")
        if entry.status == 200
        for row in entry.body["batch"]["inputConfig"]["requests"]["requests"]
    )
