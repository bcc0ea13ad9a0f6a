"""prefect-gemini: `each`, with the ledger, evidence, progress, and every outcome written to a file."""

import asyncio
import json
from pathlib import Path

import google.genai  # noqa: F401  loaded on first use by the library, and beforehand by the others
from _job import MODEL, PROMPT, arguments, documents, measured, rpm
from prefect import flow
from prefect.settings import get_current_settings
from pydantic import BaseModel

from prefect_gemini import Document, GeminiCredentials, GeminiModel, aeach, aextract


class Receipt(BaseModel):
    merchant: str
    total: float


@flow
async def main() -> None:
    url, count, in_flight = arguments()
    model = GeminiModel(
        model=MODEL,
        credentials=GeminiCredentials(service="local", base_url=url),
        limits={"concurrency": in_flight, "requests_per_minute": rpm()},
    )
    out = Path(get_current_settings().home) / "out.jsonl"
    with measured(count) as result:
        await aeach(
            aextract,
            (Document.text(text) for text in documents(count)),
            schema=Receipt,
            model=model,
            prompt=PROMPT,
            concurrency=in_flight,
            output=out,
        )
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        result["done"] = sum(row["ok"] and row["value"]["total"] == 12.5 for row in rows)


asyncio.run(main())
