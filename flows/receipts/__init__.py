"""Receipts: a folder of pictures and PDFs becomes proven, reconciled expenses."""

from prefect_gemini.flows.receipts.flow import ReceiptsResult, process_receipts
from prefect_gemini.flows.receipts.models import LineItem, Receipt, Tax
from prefect_gemini.flows.receipts.read import Reading, aread_receipt, read_receipt

__all__ = [
    "LineItem",
    "Reading",
    "Receipt",
    "ReceiptsResult",
    "Tax",
    "aread_receipt",
    "process_receipts",
    "read_receipt",
]
