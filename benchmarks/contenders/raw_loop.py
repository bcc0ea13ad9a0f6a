"""google-genai in an asyncio loop, nothing else: what the others are held against."""

import asyncio

from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from pydantic import BaseModel


class Receipt(BaseModel):
    merchant: str
    total: float


async def main() -> None:
    url, count, in_flight = arguments()
    client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=url))
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=Receipt.model_json_schema()
    )
    places = asyncio.Semaphore(in_flight)

    async def one(text: str) -> Receipt:
        async with places:
            reply = await client.aio.models.generate_content(model=MODEL, contents=[PROMPT, text], config=config)
            return Receipt.model_validate_json(reply.text or "")

    with measured(count) as result:
        receipts = await asyncio.gather(*(one(text) for text in documents(count)))
        result["done"] = sum(receipt.total == 12.5 for receipt in receipts)


asyncio.run(main())
