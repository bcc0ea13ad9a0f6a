"""Requests that are on their way in another job already: they are waited for, not sent and paid again.

A run that is started anew a day later has new documents beside the old ones, so its jobs are others;
the old documents' answers may still be coming.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.job import ANSWERED, BatchJob
from prefect_gemini.gemini.batches.service import Service, shown_as
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.batches.submit import found_again, submit, submit_new
from prefect_gemini.gemini.batches.waiters import Waiters
from prefect_gemini.gemini.dry_run import running_dry
from prefect_gemini.gemini.errors import NotFound

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient


async def submit_once(
    client: GeminiClient, spool: Spool, *, storage: str = "", flow_run_id: str | None = None
) -> Sequence[BatchJob]:
    """Submit requests as `submit` does, without those that another open job holds or that have an answer by now.

    Any number of processes may do this at the same time, with any overlap: each request is sent once. Where
    another process is just uploading some of them this waits, because only then is it known whether that job exists.

    A job of an earlier run that was cancelled, failed or expired is collected first: what it has answered is
    kept, and the rest is asked anew.

    Returns:
        The jobs that answer them: others' first, and the one for what was left, if anything was.

    Raises:
        GeminiError: as `submit`.
    """
    if running_dry() is not None or client.ledger is None or not client.ledger.keep_replies:
        return [await submit(client, spool, storage=storage, flow_run_id=flow_run_id)]
    book, others, rest = Book(client.ledger, client.backend.identity), list[BatchJob](), spool
    while True:
        rest = await asyncio.to_thread(rest.without, await book.answered(rest))
        if not rest.rows:
            return others
        # A job of just these requests that nobody has seen at the service is `submit`'s to find or to send.
        held = [(job, common) for job, common in await book.holding(rest) if job.name or job.key != rest.key]
        for job, common in held:
            there = await _there(client, book, job, storage=storage, flow_run_id=flow_run_id, key=spool.key)
            if there is not None:
                others.append(there)
                rest = await asyncio.to_thread(rest.without, common)
        if not held:
            mine = await submit_new(client, rest, storage=storage, flow_run_id=flow_run_id)
            if mine is not None:
                return [*others, mine]


async def _there(
    client: GeminiClient, book: Book, job: BatchJob, *, storage: str, flow_run_id: str | None, key: str
) -> BatchJob | None:
    """The job to wait for; None where nothing more comes of it, and its requests are answered or free."""
    assert client.ledger is not None
    service, found = Service(client, storage=storage), job
    if not job.name:  # another process is submitting it, or died while it did
        again = await found_again(client, service, book, job)
        if again is None:
            return None
        found = again
    try:
        found = await book.note(shown_as(found, await service.get(found.name)))
    except NotFound:
        await book.close(found, "EXPIRED")
        return None
    found = found.model_copy(update={"reattached": True})
    told = found.is_of(flow_run_id) or (found.key == key and found.state in ANSWERED)
    if found.ended and not told:
        await collect(client, found)
        return None
    await Waiters(client.ledger, client.backend.identity).join(found, flow_run_id)
    return found
