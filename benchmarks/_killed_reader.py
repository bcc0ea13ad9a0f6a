"""The process that gets killed: reads documents through the client, as a worker would.

Usage: python -m benchmarks._killed_reader BASE_URL LEDGER DOCUMENTS
"""

from __future__ import annotations

import asyncio
import sys

from prefect_gemini.gemini import Backend, Document, GeminiClient, Limits, Request

SCHEMA = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}


async def read(base_url: str, ledger: str, documents: int) -> None:
    """Read every document; what the ledger has is not asked for again."""
    async with GeminiClient(Backend.local(base_url), limits=Limits(concurrency=16), ledger=ledger) as client:
        await asyncio.gather(
            *(
                client.generate(
                    Request(
                        model="flash",
                        contents=(Document.text(f"document {number};"),),
                        output=SCHEMA,
                        origin={"document": str(number)},
                    )
                )
                for number in range(documents)
            )
        )


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3])))
