"""Prefect alone: `.map` over an async task with one call of google-genai."""

import asyncio

from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import BaseModel

URL, COUNT, IN_FLIGHT = arguments()


class Receipt(BaseModel):
    merchant: str
    total: float


@task
async def read(text: str) -> float:
    # Prefect runs each async task on a loop of its own, and a client belongs to one loop.
    client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=URL))
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=Receipt.model_json_schema()
    )
    reply = await client.aio.models.generate_content(model=MODEL, contents=[PROMPT, text], config=config)
    return Receipt.model_validate_json(reply.text or "").total


@flow(task_runner=ThreadPoolTaskRunner(max_workers=IN_FLIGHT))
async def main() -> None:
    with measured(COUNT) as result:
        futures = read.map(list(documents(COUNT)))
        totals = await asyncio.to_thread(futures.result)
        result["done"] = sum(total == 12.5 for total in totals)


asyncio.run(main())
