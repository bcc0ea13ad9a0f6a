"""marvin: `cast_async`, one call a document."""

import asyncio
import os
from pathlib import Path

# It writes every thread of messages to SQLite, whose usual five seconds of patience end in "database is locked".
os.environ["MARVIN_DATABASE_URL"] = f"sqlite+aiosqlite:///{Path.home()}/marvin.db?timeout=120"

import marvin
from _job import MODEL, PROMPT, arguments, documents, measured
from google import genai
from google.genai import types
from pydantic import BaseModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

URL, COUNT, IN_FLIGHT = arguments()
marvin.settings.enable_default_print_handler = False  # no panel in the terminal for each document


class Receipt(BaseModel):
    merchant: str
    total: float


async def main() -> None:
    client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=URL))
    agent = marvin.Agent(name="reader", model=GoogleModel(MODEL, provider=GoogleProvider(client=client)))
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one(text: str) -> float:
        async with places:
            return (await marvin.cast_async(text, Receipt, instructions=PROMPT, agent=agent)).total

    with measured(COUNT) as result:
        totals = await asyncio.gather(*(one(text) for text in documents(COUNT)))
        result["done"] = sum(total == 12.5 for total in totals)


asyncio.run(main())
