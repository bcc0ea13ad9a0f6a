"""Business flows: they compose nodes, publish artifacts and write rows."""

from prefect_gemini.flows.receipts import process_receipts

__all__ = ["process_receipts"]
