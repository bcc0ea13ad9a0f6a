"""Bulk: any folder, table or query of documents through one schema, one by one or in batches."""

from prefect_gemini.flows.bulk.batches import resume_batches
from prefect_gemini.flows.bulk.flow import BulkResult, process_documents

__all__ = ["BulkResult", "process_documents", "resume_batches"]
