"""prefect-gemini over many documents: memory and CPU after a thousand, and at the end."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import google.genai  # noqa: F401
from _job import MODEL, PROMPT, arguments, documents, measured
from prefect import flow
from prefect.settings import get_current_settings
from pydantic import BaseModel

from prefect_gemini import Document, GeminiCredentials, GeminiModel, aeach, aextract

FIRST = 1000


class Receipt(BaseModel):
    merchant: str
    total: float


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


@flow
async def main() -> None:
    url, count, in_flight = arguments()
    model = GeminiModel(
        model=MODEL, credentials=GeminiCredentials(service="local", base_url=url), limits={"concurrency": in_flight}
    )
    marks: list[tuple[float, float]] = []

    def texts() -> Iterator[Document]:
        for number, text in enumerate(documents(count)):
            if number in (FIRST, 2 * FIRST, count - FIRST):
                marks.append((resident_mb(), time.process_time()))
            yield Document.text(text)

    with measured(count) as result:
        written = await aeach(
            aextract,
            texts(),
            schema=Receipt,
            model=model,
            prompt=PROMPT,
            concurrency=in_flight,
            shard_size=250,
            output=Path(get_current_settings().home) / "out.jsonl",
        )
        marks.append((resident_mb(), time.process_time()))
        result |= {
            "done": written.done,
            "growth_mb": marks[-1][0] - marks[0][0],
            "cpu_early": (marks[1][1] - marks[0][1]) / FIRST,
            "cpu_late": (marks[-1][1] - marks[-2][1]) / FIRST,
        }


asyncio.run(main())
