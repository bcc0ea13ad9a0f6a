"""Business flows: they compose nodes, publish artifacts and write rows."""

from prefect_gemini.flows.meetings import process_meetings
from prefect_gemini.flows.receipts import process_receipts

__all__ = ["process_meetings", "process_receipts"]
