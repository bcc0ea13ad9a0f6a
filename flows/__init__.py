"""Business flows: they compose nodes, publish artifacts and write rows."""

from prefect_gemini.flows.contracts import compare_contracts, review_contract, review_portfolio, settle_approvals
from prefect_gemini.flows.meetings import process_meetings
from prefect_gemini.flows.receipts import process_receipts

__all__ = [
    "compare_contracts",
    "process_meetings",
    "process_receipts",
    "review_contract",
    "review_portfolio",
    "settle_approvals",
]
