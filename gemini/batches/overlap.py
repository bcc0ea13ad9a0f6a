"""Requests that are on their way in another job already: they are waited for, not sent and paid again.

A run that is started anew a day later has new documents beside the old ones, so its jobs are others;
the old documents' answers may still be coming.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.collect import collect
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.service import Service, shown_as
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.batches.submit import found_again, submit
from prefect_gemini.gemini.dry_run import running_dry
from prefect_gemini.gemini.errors import NotFound

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient


async def submit_once(
    client: GeminiClient, spool: Spool, *, storage: str = "", flow_run_id: str | None = None
) -> Sequence[BatchJob]:
    """Submit requests as `submit` does, without those that another open job holds.

    Returns:
        The jobs that answer them: others' first, and the one for what was left, if anything was.

    Raises:
        GeminiError: as `submit`.
    """
    others: list[BatchJob] = []
    if running_dry() is None and client.ledger is not None and client.ledger.keep_replies:
        book = Book(client.ledger, client.backend.identity)
        open_jobs = [job for job in await book.open_jobs() if job.model == spool.model]
        if all(job.key != spool.key for job in open_jobs):
            for job in open_jobs:
                common = (await book.rows(job)).keys() & spool.rows.keys()
                if not common or (there := await _there(client, book, job, storage=storage)) is None:
                    continue
                if there.ended:
                    common -= (await collect(client, there)).failed.keys()
                else:
                    await book.join(there, flow_run_id)
                    others.append(there)
                spool = spool.without(common)
    if not spool.rows:
        return others
    return [*others, await submit(client, spool, storage=storage, flow_run_id=flow_run_id)]


async def _there(client: GeminiClient, book: Book, job: BatchJob, *, storage: str) -> BatchJob | None:
    """The job as the service has it; None where it was never submitted, or is forgotten."""
    service = Service(client, storage=storage)
    if not job.name:  # another process is submitting it, or died while it did
        return await found_again(client, service, book, job)
    try:
        return await book.note(shown_as(job, await service.get(job.name)))
    except NotFound:
        await book.note(job.model_copy(update={"state": "EXPIRED", "collected": True}))
        return None
