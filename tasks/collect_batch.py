"""collect_batch: the answers of ended batch jobs into the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import runtime

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.batches.collect import BatchReport, collect
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.tasks.node import node


@node(category="bulk", costs="nothing", side_effects=True)
async def acollect_batch(jobs: Sequence[BatchJob], *, model: str | GeminiModel = "flash") -> list[BatchReport]:
    """Bring the answers of ended batch jobs into the ledger, each by its key and each once.

    `each` with the same documents and arguments then gives the outcomes, and pays for nothing but rows that
    failed, which it asks alone.

    Args:
        jobs: what `wait_for_batch` gave.
        model: the model they were submitted with: a saved one says whom to call.

    Returns:
        A report a job: rows done, failed with their errors, missing, twice, not asked for; and the cost.

    Raises:
        BatchFailed: a job has not ended; the others are collected.
        ServiceError: its output cannot be read; try again later. The others are collected.
    """
    client = await GeminiModel.of(model).client()
    run = str(runtime.flow_run.id) if runtime.flow_run.id else None
    reports, failure = list[BatchReport](), None
    for job in jobs:
        try:
            reports.append(await collect(client, job, flow_run_id=run))
        except GeminiError as error:  # the others' answers are paid for
            failure = failure or error
    if failure is not None:
        raise failure
    return reports


collect_batch = acollect_batch.sync
