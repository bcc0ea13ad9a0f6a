"""instructor: `create` with a response model, on google-genai, in an asyncio loop."""

import asyncio

import instructor
from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from pydantic import BaseModel

URL, COUNT, IN_FLIGHT = arguments()


class Receipt(BaseModel):
    merchant: str
    total: float


async def main() -> None:
    client = instructor.from_genai(
        genai.Client(api_key="x", http_options=types.HttpOptions(base_url=URL)),
        mode=instructor.Mode.GENAI_STRUCTURED_OUTPUTS,
        use_async=True,
    )
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(text: str) -> float:
        async with places:
            reply = await client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": f"{PROMPT}\n{text}"}], response_model=Receipt
            )
            return reply.total

    with measured(COUNT) as result:
        totals = await asyncio.gather(*(one(text) for text in documents(COUNT)))
        result["done"] = sum(total == 12.5 for total in totals)


asyncio.run(main())
