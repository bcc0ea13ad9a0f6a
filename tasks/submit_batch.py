"""submit_batch: a node over many documents as batch jobs, to be waited for elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prefect import runtime

from prefect_gemini.gemini.batches.gathering import Gathering
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.spool import MOST_ROWS
from prefect_gemini.gemini.documents.sources import Documents, Item
from prefect_gemini.tasks.bulk.batching import Batch, check_node, gather
from prefect_gemini.tasks.node import Node, node


@node(category="bulk", costs="half of one call a document", side_effects=True)
async def asubmit_batch(
    each: Node[Any, Any],
    documents: str | Path | Iterable[Item],
    *,
    model: Any = None,
    storage: str = "",
    rows_per_job: int = MOST_ROWS,
    concurrency: int = 8,
    **arguments: Any,
) -> list[BatchJob]:
    """Submit what a node would ask about many documents as batch jobs.

    The same documents and arguments are the same jobs, in every process and after every crash: what has
    been submitted is found, what has been answered is left out.

    Args:
        each: which node, such as `aextract`.
        documents: as `each` takes them.
        model: a family, a model id, or a saved `GeminiModel`; the node's own if left out.
        storage: `gs://bucket/folder` for input and output, on Vertex AI.
        rows_per_job: requests to a job.
        concurrency: documents opened at once.
        arguments: the node's other arguments, the same for every document.

    Returns:
        The jobs; none where the ledger has every answer.

    Raises:
        InvalidOption: the node has side effects.
        BudgetExceeded: the estimate would break a budget.
        ServiceError: the service refused, or cannot be reached.
    """
    check_node(each)
    source = documents if isinstance(documents, Documents) else Documents(documents)
    gathering = Gathering(rows_per_job)
    chosen = {} if model is None else {"model": model}
    await gather(each, source, chosen | arguments, gathering, concurrency=concurrency)
    run = str(runtime.flow_run.id) if runtime.flow_run.id else None
    bucket = Batch(storage=storage).bucket
    jobs: dict[str, BatchJob] = {}
    for client, spool in gathering.spools:
        for job in await submit_once(client, spool, storage=bucket, flow_run_id=run):
            jobs.setdefault(job.name, job)
    return list(jobs.values())


submit_batch = asubmit_batch.sync
