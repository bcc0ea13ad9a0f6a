"""Business flows: they compose nodes, publish artifacts and write rows."""

from prefect_gemini.flows.agents import ask_folder, reason_in_steps, use_tools
from prefect_gemini.flows.bulk import process_documents, resume_batches
from prefect_gemini.flows.contracts import compare_contracts, review_contract, review_portfolio, settle_approvals
from prefect_gemini.flows.feedback import read_feedback
from prefect_gemini.flows.meetings import process_meetings
from prefect_gemini.flows.moderation import moderate_content
from prefect_gemini.flows.receipts import process_receipts
from prefect_gemini.flows.repository import document_repository
from prefect_gemini.flows.research import research_papers
from prefect_gemini.flows.triage import triage_requests

__all__ = [
    "ask_folder",
    "compare_contracts",
    "document_repository",
    "moderate_content",
    "process_documents",
    "process_meetings",
    "process_receipts",
    "read_feedback",
    "reason_in_steps",
    "research_papers",
    "resume_batches",
    "review_contract",
    "review_portfolio",
    "settle_approvals",
    "triage_requests",
    "use_tools",
]
