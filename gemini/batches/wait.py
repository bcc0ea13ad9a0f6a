"""Waiting for a batch job, which may take a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.service import Service, forgotten, shown_as
from prefect_gemini.gemini.errors import DeadlineExceeded, ServiceError

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient

FIRST_POLL_S = 2.0
POLL_S = 30.0
"""A small job is done soon, a large one takes hours: the looks begin close together and end so far apart."""
TIMEOUT_S = 96 * 3600.0
"""Vertex AI queues a job for up to 72 hours and runs it for up to 24."""


async def look(client: GeminiClient, job: BatchJob) -> BatchJob:
    """The job as it stands now; EXPIRED where the service has forgotten it."""
    known = await Service(client).known(job.name)
    shown = shown_as(job, known) if known is not None else forgotten(job)
    if client.ledger is not None:
        await Book(client.ledger, client.backend.identity).note(shown)
    return shown


async def wait(
    client: GeminiClient,
    job: BatchJob,
    *,
    poll_s: float = POLL_S,
    timeout_s: float = TIMEOUT_S,
    waited_s: float = 0.0,
    told: Callable[[BatchJob], None] | None = None,
) -> BatchJob:
    """Look at a job until it has ended.

    A state that this version does not know is waited out like any other.

    Args:
        client: who was asked.
        job: the job.
        poll_s: seconds between looks, at most; the first come sooner.
        timeout_s: seconds to wait at most.
        waited_s: how many of them have passed already.
        told: called after each look.

    Raises:
        DeadlineExceeded: it has not ended in time. It goes on running, and can be waited for again.
    """
    until = client.clock.monotonic() + timeout_s - waited_s
    pause = min(FIRST_POLL_S, poll_s)
    while True:
        try:
            job = await look(client, job)
        except ServiceError as error:
            # A job takes a day, and the service may be away for minutes of it.
            if not error.retryable or client.clock.monotonic() >= until:
                raise
        if told is not None:
            told(job)
        if job.ended:
            return job
        left = until - client.clock.monotonic()
        if left <= 0:
            strange = "" if job.known else ", a state this version does not know"
            raise DeadlineExceeded(
                f"Batch job {job.name} is still {job.state}{strange} after {timeout_s:g} s.",
                hint="It goes on. Submit the same requests again to find it, or wait for it by this name.",
                model=job.model,
            )
        await client.clock.sleep(min(pause, left))
        pause = min(1.5 * pause, poll_s)
