"""resume_batches: wake the runs whose batch jobs have ended, so that waiting costs no worker."""

from __future__ import annotations

from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.flow_runs import aresume_flow_run
from prefect.logging import get_logger, get_run_logger

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.service import Service
from prefect_gemini.gemini.batches.wait import look
from prefect_gemini.gemini.errors import GeminiError, NotFound


@flow(name="batches")
async def resume_batches(model: str | GeminiModel = "flash") -> dict[str, int]:
    """Look at every open batch job, and resume the suspended runs that wait for nothing any more.

    Args:
        model: A saved Gemini Model block says whom to ask; empty settings ask the environment's.
    """
    client = await GeminiModel.of(model).client()
    counts = {"open": 0, "ended": 0, "resumed": 0}
    if client.ledger is None:
        return counts
    book = Book(client.ledger, client.backend.identity)
    waiting: set[str] = set()
    ended: set[str] = set()
    for job in await book.open_jobs():
        known = job
        try:
            known = await look(client, job) if job.name else job
        except NotFound:
            known = job.model_copy(update={"state": "EXPIRED"})  # the run finds out, and asks anew
        except GeminiError as error:  # one job that cannot be looked at keeps no other run asleep
            get_run_logger().warning("batch job %s cannot be looked at: %s", job.name, error)
        counts["ended" if known.ended else "open"] += 1
        (ended if known.ended else waiting).update(await book.runs(job))
    for run in ended - waiting:
        counts["resumed"] += await _resume(run)
    get_run_logger().info("batch jobs: %(open)d open, %(ended)d ended; runs resumed: %(resumed)d", counts)
    return counts


async def cancel_batches(flow_run_id: str, model: str | GeminiModel) -> int:
    """Cancel the batch jobs that a flow run waits for; what they have answered is still paid for.

    Returns:
        How many were cancelled.
    """
    client = await GeminiModel.of(model).client()
    if client.ledger is None:
        return 0
    service, count = Service(client), 0
    for job in await Book(client.ledger, client.backend.identity).open_jobs(flow_run_id=flow_run_id):
        if job.name and not job.ended:
            try:
                await service.cancel(job.name)
            except GeminiError as error:  # such as one that ended meanwhile; the others are cancelled all the same
                get_logger("gemini").warning("batch job %s was not cancelled: %s", job.name, error)
            else:
                count += 1
    return count


async def _resume(run: str) -> bool:
    async with get_client() as client:
        try:
            state = (await client.read_flow_run(UUID(run))).state
        except (ObjectNotFound, ValueError):
            return False  # somebody has deleted it
    if state is None or not state.is_paused():
        return False
    await aresume_flow_run(UUID(run))
    return True
