"""resume_batches: wake the runs whose batch jobs have ended, so that waiting costs no worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import FlowPauseTimeout, NotPausedError, ObjectNotFound
from prefect.flow_runs import aresume_flow_run
from prefect.logging import get_logger, get_run_logger

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.service import Service
from prefect_gemini.gemini.batches.submit import found_again
from prefect_gemini.gemini.batches.wait import look
from prefect_gemini.gemini.batches.waiters import Waiters
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.tasks.bulk.batching import overdue

LONG = timedelta(hours=12)
"""After this nobody is about to do what was to be done at once."""


@flow(name="batches")
async def resume_batches(model: str | GeminiModel = "flash") -> dict[str, int]:
    """Look at every batch job that is waited for, and resume the suspended runs that wait for nothing any more.

    A job that ended and has nobody left who would collect it, or whose runs wait for slower ones, is collected
    here: Google keeps an output for two days. A job whose every run a person has cancelled is cancelled.

    Args:
        model: A saved Gemini Model block says whom to ask; empty settings ask the environment's.
    """
    client = await GeminiModel.of(model).client()
    counts = {"open": 0, "ended": 0, "resumed": 0, "collected": 0, "cancelled": 0}
    if client.ledger is None:
        return counts
    book, waiters = Book(client.ledger, client.backend.identity), Waiters(client.ledger, client.backend.identity)
    logger, pairs = get_run_logger(), await waiters.all()
    states = {run: await _state(run) for run in {run for _, run in pairs}}
    alive: dict[BatchJob, set[str]] = {}
    for job, run in pairs:
        state = states[run]
        if state is None:
            continue  # deleted, or of another Prefect server with the same ledger
        if not state.is_final():
            alive.setdefault(job, set()).add(run)
        elif state.is_cancelled():
            counts["cancelled"] += await _let_go(client, job, run)
        else:
            await waiters.leave(job, run)
    awake = {run for job, runs in alive.items() if job.collected for run in runs}  # another run has collected it
    waiting: set[str] = set()
    ended: list[BatchJob] = []
    for job in await book.open_jobs():
        known: BatchJob | None = job
        try:
            if job.name:
                known = await look(client, job)
            elif _long_ago(job):  # whoever wrote it down has died
                known = await found_again(client, Service(client), book, job)
        except GeminiError as error:  # one job that cannot be looked at keeps no other run asleep
            logger.warning("batch job %s cannot be looked at: %s", job.name, error)
        if known is not None:
            counts["ended" if known.ended else "open"] += 1
            (awake if known.ended else waiting).update(alive.get(job, ()))
            ended += [known] if known.ended else []
    for job in ended:
        runs = next((runs for one, runs in alive.items() if (one.key, one.attempt) == (job.key, job.attempt)), set())
        # Nobody will collect it, or only when a job has ended that may take days.
        if not runs or (runs <= waiting and _long_ago(job)):
            counts["collected"] += await _collected(client, job)
    late = {run for run in waiting if overdue(await _state(run))}  # they say themselves what they waited for
    for run in awake - waiting | late:
        if await _resume(run):
            counts["resumed"] += 1
            for job in [job for job, runs in alive.items() if job.collected and run in runs]:
                await waiters.leave(job, run)  # it starts at its top, and finds the answers
    logger.info("batch jobs: %(open)d open, %(ended)d ended; runs resumed: %(resumed)d", counts)
    return counts


async def _collected(client: GeminiClient, job: BatchJob) -> bool:
    try:
        report = await collect(client, job)
    except GeminiError as error:
        get_run_logger().warning("batch job %s cannot be collected: %s", job.name, error)
        return False
    get_run_logger().info("batch job %s: %s", job.name, report.sentence)
    return True


def _long_ago(job: BatchJob) -> bool:
    return job.created_at is not None and datetime.now(UTC) - job.created_at > LONG


async def cancel_batches(flow_run_id: str, model: str | GeminiModel) -> int:
    """Let go of the batch jobs that a flow run waits for, and cancel those that no other run waits for.

    What a cancelled job has answered is still paid for; it is collected when the same documents are asked again.

    Returns:
        How many were cancelled.
    """
    client = await GeminiModel.of(model).client()
    if client.ledger is None:
        return 0
    pairs = await Waiters(client.ledger, client.backend.identity).all()
    return sum([await _let_go(client, job, run) for job, run in pairs if run == flow_run_id])


async def _let_go(client: GeminiClient, job: BatchJob, run: str) -> bool:
    """Whether a job was cancelled with the run that waited for it."""
    assert client.ledger is not None
    others = await Waiters(client.ledger, client.backend.identity).leave(job, run, cancelled=True)
    # Who submitted it outside of a flow may be waiting for it, and nobody knows.
    if job.collected or job.ended or job.made_by is None or any([await _waits(other) for other in others]):
        return False
    service, book = Service(client), Book(client.ledger, client.backend.identity)
    try:
        found = job if job.name else await found_again(client, service, book, job)
        if found is None:
            return False
        await service.cancel(found.name)
    except GeminiError as error:  # such as one that ended meanwhile; the others are cancelled all the same
        get_logger("gemini").warning("batch job %s was not cancelled: %s", job.name, error)
        return False
    return True


async def _state(run: str) -> State | None:
    """The state of a flow run; None where somebody has deleted it."""
    async with get_client() as client:
        try:
            return (await client.read_flow_run(UUID(run))).state
        except (ObjectNotFound, ValueError):
            return None


async def _waits(run: str) -> bool:
    state = await _state(run)
    return state is not None and not state.is_final() and not state.is_cancelling()


async def _resume(run: str) -> bool:
    state = await _state(run)
    if state is None or not state.is_paused() or state.state_details.run_input_keyset is not None:
        return False  # it goes on, or waits for a person by now
    try:
        await aresume_flow_run(UUID(run))
    except (FlowPauseTimeout, NotPausedError, RuntimeError) as error:  # somebody was quicker, or its time is up
        get_run_logger().warning("flow run %s was not resumed: %s", run, error)
        return False
    return True
