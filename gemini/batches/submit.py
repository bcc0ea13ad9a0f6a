"""Submitting a batch: whatever dies at whatever moment, the service ends up with one job."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.service import Service, shown_as
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.dry_run import running_dry
from prefect_gemini.gemini.errors import (
    DeadlineExceeded,
    GeminiError,
    InvalidOption,
    MalformedResponse,
    NotFound,
    NotSent,
    RateLimited,
    ServerError,
    TransportError,
)

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient

UNCLEAR = (DeadlineExceeded, ServerError, TransportError, MalformedResponse)
"""Failures after which a job may have been created all the same."""
LOOK_AFTER_S = (0.0, 2.0, 5.0)
"""Pauses before looking for a job that may be there: a list may lag behind."""


async def submit(client: GeminiClient, spool: Spool, *, storage: str = "", flow_run_id: str | None = None) -> BatchJob:
    """Submit requests as one job, or find the job they are in already.

    The same requests of the same account are the same job: its key is a digest of them. The intent is
    written to the ledger first; a job that a dead process submitted is found by its display name.

    Args:
        client: who is asked; it must have a ledger.
        spool: the requests.
        storage: `gs://bucket/folder` for input and output; Vertex AI needs one.
        flow_run_id: the run that waits for it.

    Raises:
        InvalidOption: there is no ledger, or no storage.
        BudgetExceeded: the estimate would break a budget; nothing was sent.
        ServiceError: the service refused, or cannot be reached.
    """
    if running_dry() is not None:
        raise NotSent("The batch was not submitted: this is a dry run.", model=spool.model)
    if client.ledger is None or not client.ledger.keep_replies:
        raise InvalidOption("A batch needs a ledger: that is where its answers go.", hint="Set `ledger_url`.")
    if not spool.rows:
        raise InvalidOption("There is nothing to submit.")
    identity, service = client.backend.identity, Service(client, storage=storage)
    book = Book(client.ledger, identity)
    # Two processes with the same requests take turns; the second finds what the first has done.
    async with client.ledger.claim(f"batch:{spool.key}", identity, run=flow_run_id, budget=client.budget) as claim:
        known = await book.newest(spool.key)
        if known is not None and known.name and not known.collected:
            try:
                shown = await service.get(known.name)
            except NotFound:
                # The service has forgotten it: its answers cannot be had any more, and nobody waits for them.
                known = await book.note(known.model_copy(update={"state": "EXPIRED", "collected": True}))
            else:
                await book.hold(known, spool.estimate, flow_run_id=flow_run_id)
                await book.join(known, flow_run_id)
                return (await book.note(shown_as(known, shown))).model_copy(update={"reattached": True})
        crashed = known is not None and not known.name
        if known is None or known.collected:
            await claim.hold(spool.estimate)
            known = await book.intend(spool, 1 if known is None else known.attempt + 1, flow_run_id=flow_run_id)
        found = await _look(client, service, known, pauses=LOOK_AFTER_S if crashed else LOOK_AFTER_S[:1])
        reattached = found is not None
        if found is None:
            found = await _create(client, service, spool, known)
        await book.hold(known, spool.estimate, flow_run_id=flow_run_id)
        await book.join(known, flow_run_id)
        return (await book.note(shown_as(known, found))).model_copy(update={"reattached": reattached})


async def found_again(client: GeminiClient, service: Service, book: Book, job: BatchJob) -> BatchJob | None:
    """A job that was written down and has no name yet, as the service has it; None where it never got there."""
    assert client.ledger is not None
    async with client.ledger.claim(f"batch:{job.key}", client.backend.identity):
        known = await book.newest(job.key)
        if known is None or known.attempt != job.attempt or known.name:
            return known
        found = await _look(client, service, known, pauses=LOOK_AFTER_S)
        return None if found is None else await book.note(shown_as(known, found))


async def _create(client: GeminiClient, service: Service, spool: Spool, job: BatchJob) -> Any:
    source = await service.upload(spool, job)
    failures = 0
    while True:
        try:
            return await service.create(source, job)
        except (*UNCLEAR, RateLimited) as error:
            failures += 1
            if isinstance(error, UNCLEAR) and (found := await _look(client, service, job, pauses=LOOK_AFTER_S)):
                return found
            if failures >= client.retries.max_attempts:
                error.attempts = failures
                raise
            await client.clock.sleep(client.retries.wait(failures, error, chance=random.random()))


async def _look(client: GeminiClient, service: Service, job: BatchJob, *, pauses: tuple[float, ...]) -> Any | None:
    last: GeminiError | None = None
    for pause in pauses:
        await client.clock.sleep(pause)
        try:
            found = await service.find(job.display_name)
        except UNCLEAR as error:
            last = error
            continue
        last = None
        if found is not None:
            return found
    if last is not None:
        raise last  # without a look nobody knows, and a second job would be paid twice
    return None
