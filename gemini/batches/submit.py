"""Submitting a batch: whatever dies at whatever moment, the service ends up with one job.

A job is written down in one transaction with the last look at what others have on its way. Its claim in the
ledger is held until the service has it, however long the upload takes: whoever needs to know what became of a
job that was written down waits for the claim.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.service import Service, shown_as
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.batches.waiters import Waiters
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
    from prefect_gemini.gemini.ledger.claim import Claim

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

    job = await submit_new(client, spool, storage=storage, flow_run_id=flow_run_id, alone=False)
    assert job is not None
    return job


async def submit_new(
    client: GeminiClient, spool: Spool, *, storage: str = "", flow_run_id: str | None = None, alone: bool = True
) -> BatchJob | None:
    """Submit requests as `submit` does, if none of them is on its way in another job or answered by now.

    Args:
        client, spool, storage, flow_run_id: as `submit`.
        alone: False to submit them all the same.

    Returns:
        None where one is, also where that has come about while this was called.
    """
    if running_dry() is not None:
        raise NotSent("The batch was not submitted: this is a dry run.", model=spool.model)
    if client.ledger is None or not client.ledger.keep_replies:
        raise InvalidOption("A batch needs a ledger: that is where its answers go.", hint="Set `ledger_url`.")
    if not spool.rows:
        raise InvalidOption("There is nothing to submit.")
    key, identity = spool.key, client.backend.identity
    book, waiters = Book(client.ledger, identity), Waiters(client.ledger, identity)
    submission = _Submission(client, spool, key, Service(client, storage=storage), book, waiters)
    while True:
        # Two processes with the same requests take turns; the second finds what the first has done.
        async with client.ledger.claim(claim_of(key), identity, run=flow_run_id, budget=client.budget) as claim:
            known = await submission.open()
            crashed = known is not None
            if known is None:
                await claim.hold(spool.estimate)
                known = await book.intend(spool, key, flow_run_id=flow_run_id, alone=alone)
            if known is None:
                if alone and await submission.open() is None:
                    return None
                continue
            if known.name:
                found = await submission.attach(known, flow_run_id)
            else:
                found = await submission.carry_out(known, claim, flow_run_id, crashed=crashed)
            if found is not None:
                return found


async def found_again(client: GeminiClient, service: Service, book: Book, job: BatchJob) -> BatchJob | None:
    """A job that was written down and has no name yet, as the service has it.

    Waits while a living process submits it. Where it never got there it is closed, so that its requests are free,
    and None is returned.
    """
    assert client.ledger is not None
    async with client.ledger.claim(claim_of(job.key), client.backend.identity):
        known = await book.newest(job.key)
        if known is None or known.attempt != job.attempt or known.collected:
            return None
        if known.name:
            return known
        found = await _look(client, service, known, pauses=LOOK_AFTER_S)
        if found is not None:
            return await book.note(shown_as(known, found))
        await book.close(known)
        return None


def claim_of(key: str) -> str:
    """The claim of the job of these requests."""
    return f"batch:{key}"


@dataclass(frozen=True)
class _Submission:
    """One spool on its way to be a job."""

    client: GeminiClient
    spool: Spool
    key: str
    service: Service
    book: Book
    waiters: Waiters

    async def open(self) -> BatchJob | None:
        """The job of these requests, if there is one whose answers are not in the ledger yet."""
        known = await self.book.newest(self.key)
        return None if known is None or known.collected else known

    async def attach(self, job: BatchJob, run: str | None) -> BatchJob | None:
        """A job the service has; None where it has forgotten it."""
        try:
            shown = await self.service.get(job.name)
        except NotFound:
            await self.book.close(job, "EXPIRED")  # its answers cannot be had any more, and nobody waits for them
            return None
        return await self._known(job, shown, run, reattached=True)

    async def carry_out(self, job: BatchJob, claim: Claim, run: str | None, *, crashed: bool) -> BatchJob | None:
        """Bring a job that is written down to the service, if it is not there.

        Args:
            job: what was meant.
            claim: ours on it; it holds the price.
            run: the run that waits for it.
            crashed: whether somebody may have sent it before.

        Returns:
            None where this process slept so long that others took it for dead and closed the job.
        """
        unclear, failures = crashed, 0
        try:
            shown = await _look(self.client, self.service, job, pauses=LOOK_AFTER_S if crashed else LOOK_AFTER_S[:1])
            reattached = shown is not None
            if shown is None:
                await claim.hold(self.spool.estimate)
                source = await self.service.upload(self.spool, job)
            while shown is None:
                now = await self.open()
                if now is None or now.attempt != job.attempt or now.name:
                    return None
                try:
                    shown = await self.service.create(source, job)
                except (*UNCLEAR, RateLimited) as error:
                    failures += 1
                    if isinstance(error, UNCLEAR):
                        unclear = True
                        shown = await _look(self.client, self.service, job, pauses=LOOK_AFTER_S)
                    if shown is None:
                        if failures >= self.client.retries.max_attempts:
                            error.attempts = failures
                            raise
                        wait = self.client.retries.wait(failures, error, chance=random.random())
                        await self.client.clock.sleep(wait)
        except GeminiError:
            if not unclear:  # the service has never seen it
                await self.book.close(job)
            raise
        return await self._known(job, shown, run, reattached=reattached)

    async def _known(self, job: BatchJob, shown: Any, run: str | None, *, reattached: bool) -> BatchJob:
        await self.book.hold(job, self.spool.estimate, flow_run_id=run)
        await self.waiters.join(job, run)
        return (await self.book.note(shown_as(job, shown))).model_copy(update={"reattached": reattached})


async def _look(client: GeminiClient, service: Service, job: BatchJob, *, pauses: tuple[float, ...]) -> Any | None:
    last: GeminiError | None = None
    for pause in pauses:
        await client.clock.sleep(pause)
        try:
            found = await service.find(job)
        except UNCLEAR as error:
            last = error
            continue
        last = None
        if found is not None:
            return found
    if last is not None:
        raise last  # without a look nobody knows, and a second job would be paid twice
    return None
