"""prefect-gemini over many documents: memory and CPU after a thousand, and at the end."""

import asyncio
import os
import time
from pathlib import Path

import google.genai  # noqa: F401
from _job import MODEL, PROMPT, arguments, documents, measured
from prefect import flow
from prefect.settings import get_current_settings
from pydantic import BaseModel

from prefect_gemini import Document, GeminiCredentials, GeminiModel, aeach, aextract
from prefect_gemini.tasks.bulk.progress import Progress, watching

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
    marks: dict[int, tuple[float, float]] = {}

    def mark(progress: Progress) -> None:
        # Documents are read ahead, so what counts is how many are finished.
        if progress.finished in (FIRST, 2 * FIRST, count - FIRST, count):
            marks[progress.finished] = (resident_mb(), time.process_time())

    with measured(count) as result, watching(mark):
        written = await aeach(
            aextract,
            (Document.text(text) for text in documents(count)),
            schema=Receipt,
            model=model,
            prompt=PROMPT,
            concurrency=in_flight,
            shard_size=250,
            output=Path(get_current_settings().home) / "out.jsonl",
        )
        result |= {
            "done": written.done,
            "growth_mb": marks[count][0] - marks[FIRST][0],
            "cpu_early": (marks[2 * FIRST][1] - marks[FIRST][1]) / FIRST,
            "cpu_late": (marks[count][1] - marks[count - FIRST][1]) / FIRST,
        }


asyncio.run(main())
