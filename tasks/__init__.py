"""The nodes: one verb a file, each written once, each a pair: `extract` for sync flows, `aextract` for async ones."""

from prefect_gemini.tasks.bulk.batching import Batch
from prefect_gemini.tasks.call_functions import acall_functions, call_functions
from prefect_gemini.tasks.classify import aclassify, classify
from prefect_gemini.tasks.collect_batch import acollect_batch, collect_batch
from prefect_gemini.tasks.context_cache import acontext_cache
from prefect_gemini.tasks.copy_tuned_model import acopy_tuned_model, copy_tuned_model
from prefect_gemini.tasks.each import Written, aeach, each
from prefect_gemini.tasks.embed import aembed, embed
from prefect_gemini.tasks.estimate import aestimate, estimate
from prefect_gemini.tasks.extract import aextract, extract
from prefect_gemini.tasks.functions.approval import Approval, in_prefect_ui
from prefect_gemini.tasks.functions.execute import CalledFunction
from prefect_gemini.tasks.functions.leash import Leash
from prefect_gemini.tasks.functions.tool import tool
from prefect_gemini.tasks.generate import agenerate, generate
from prefect_gemini.tasks.http_request import HttpReply, ahttp_request, http_request
from prefect_gemini.tasks.load_documents import aload_documents, load_documents
from prefect_gemini.tasks.node import Descriptor, Node, node
from prefect_gemini.tasks.notify import anotify, notify
from prefect_gemini.tasks.parts.outcome import Failure, Outcome
from prefect_gemini.tasks.prompts import aload_prompt, asave_prompt, load_prompt, save_prompt
from prefect_gemini.tasks.submit_batch import asubmit_batch, submit_batch
from prefect_gemini.tasks.summarize import asummarize, summarize
from prefect_gemini.tasks.transcribe import atranscribe, transcribe
from prefect_gemini.tasks.wait_for_batch import await_for_batch, wait_for_batch
from prefect_gemini.tasks.write_rows import awrite_rows, write_rows
from prefect_gemini.tasks.write_table import awrite_table, write_table

__all__ = [
    "Approval",
    "Batch",
    "CalledFunction",
    "Descriptor",
    "Failure",
    "HttpReply",
    "Leash",
    "Node",
    "Outcome",
    "Written",
    "acall_functions",
    "aclassify",
    "acollect_batch",
    "acontext_cache",
    "acopy_tuned_model",
    "aeach",
    "aembed",
    "aestimate",
    "aextract",
    "agenerate",
    "ahttp_request",
    "aload_documents",
    "aload_prompt",
    "anotify",
    "asave_prompt",
    "asubmit_batch",
    "asummarize",
    "atranscribe",
    "await_for_batch",
    "awrite_rows",
    "awrite_table",
    "call_functions",
    "classify",
    "collect_batch",
    "copy_tuned_model",
    "each",
    "embed",
    "estimate",
    "extract",
    "generate",
    "http_request",
    "in_prefect_ui",
    "load_documents",
    "load_prompt",
    "node",
    "notify",
    "save_prompt",
    "submit_batch",
    "summarize",
    "tool",
    "transcribe",
    "wait_for_batch",
    "write_rows",
    "write_table",
]
