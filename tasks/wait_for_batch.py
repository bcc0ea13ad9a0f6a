"""wait_for_batch: until batch jobs have ended, with or without a worker."""

from __future__ import annotations

from collections.abc import Sequence

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.wait import POLL_S, TIMEOUT_S
from prefect_gemini.tasks.bulk.batching import Batch, waited
from prefect_gemini.tasks.node import node


@node(category="bulk", costs="nothing")
async def await_for_batch(
    jobs: Sequence[BatchJob],
    *,
    model: str | GeminiModel = "flash",
    poll_seconds: float = POLL_S,
    timeout_seconds: float = TIMEOUT_S,
) -> list[BatchJob]:
    """Wait until batch jobs have ended.

    Args:
        jobs: what `submit_batch` gave, in this process or another.
        model: the model they were submitted with: a saved one says whom to call.
        poll_seconds: seconds between looks, at most; the first come sooner.
        timeout_seconds: how long to wait.

    Returns:
        The jobs as they ended; look at `state`.

    Raises:
        DeadlineExceeded: one has not ended in time. It goes on, and can be waited for again.
    """
    client = await GeminiModel.of(model).client()
    batch = Batch(poll_seconds=poll_seconds, timeout_seconds=timeout_seconds)
    return await waited([(client, job) for job in jobs], batch, lambda said: None)


wait_for_batch = await_for_batch.sync
