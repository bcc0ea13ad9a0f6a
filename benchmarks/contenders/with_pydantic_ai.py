"""pydantic-ai with its Prefect durability: one agent run a document, in a flow."""

import asyncio

from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from prefect import flow
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.durable_exec.prefect import PrefectDurability
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

URL, COUNT, IN_FLIGHT = arguments()


class Receipt(BaseModel):
    merchant: str
    total: float


CLIENT = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=URL))
AGENT = Agent(
    GoogleModel(MODEL, provider=GoogleProvider(client=CLIENT)),
    output_type=NativeOutput(Receipt),
    instructions=PROMPT,
    name="reader",
    capabilities=[PrefectDurability()],
)


@flow
async def main() -> None:
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(text: str) -> float:
        async with places:
            return (await AGENT.run(text)).output.total

    with measured(COUNT) as result:
        totals = await asyncio.gather(*(one(text) for text in documents(COUNT)))
        result["done"] = sum(total == 12.5 for total in totals)


asyncio.run(main())
