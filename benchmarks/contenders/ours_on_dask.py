"""prefect-gemini: `each` on a Dask cluster of so many workers."""

import asyncio
import sys
from pathlib import Path

from _job import MODEL, PROMPT, arguments, documents, measured
from distributed import LocalCluster
from prefect import flow
from prefect.settings import get_current_settings
from prefect_dask import DaskTaskRunner
from pydantic import BaseModel

from prefect_gemini import Document, GeminiCredentials, GeminiModel, aeach, aextract


class Receipt(BaseModel):
    merchant: str
    total: float


async def read(url: str, texts: list[str], in_flight: int) -> int:
    model = GeminiModel(
        model=MODEL,
        credentials=GeminiCredentials(service="local", base_url=url),
        limits={"concurrency": in_flight},
    )
    written = await aeach(
        aextract,
        [Document.text(text) for text in texts],
        schema=Receipt,
        model=model,
        prompt=PROMPT,
        concurrency=in_flight,
        output=Path(get_current_settings().home) / "out.jsonl",
    )
    return written.done


def main() -> None:
    url, count, in_flight = arguments()
    workers = int(sys.argv[4])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        run = flow(task_runner=DaskTaskRunner(address=cluster.scheduler_address), name="machines")(read)
        asyncio.run(run(url, [f"first {number}" for number in range(16 * workers)], in_flight))
        with measured(count) as result:
            result["done"] = asyncio.run(run(url, list(documents(count)), in_flight))


if __name__ == "__main__":
    main()
