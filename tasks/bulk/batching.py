"""Batch mode: a node over many documents through Gemini's Batch API, at half the price."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from prefect import runtime
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext, TaskRunContext
from prefect.flow_runs import asuspend_flow_run
from prefect.logging import get_logger
from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.blocks.settings import GeminiSettings
from prefect_gemini.gemini.batches.collect import BatchReport, collect
from prefect_gemini.gemini.batches.gathering import Deferred, Gathering
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.batches.overlap import submit_once
from prefect_gemini.gemini.batches.spool import MOST_ROWS
from prefect_gemini.gemini.batches.wait import POLL_S, TIMEOUT_S, look, wait
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.rows import Row
from prefect_gemini.gemini.documents.sources import Documents, Item
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.tasks.bulk.progress import Progress
from prefect_gemini.tasks.bulk.shards import Reader, usual_size
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.together import together

AUTO_FROM = 500
"""Documents from which `mode="auto"` takes a batch."""
BATCH_TAKES = timedelta(hours=24)
"""Within what time Google aims to finish a batch."""
MOST_ROUNDS = 8
"""Calls in a row a node may make on one document; each is a batch of its own."""
LATE = timedelta(days=7)
"""Prefect fails a run that is suspended too long. The `batches` flow wakes it before, and it says what it waited for."""


class Batch(BaseModel):
    """How to use the Batch API.

    Args:
        storage: `gs://bucket/folder` for input and output, on Vertex AI; the setting `batch_storage` if empty.
        at_least: fewer documents than this are asked one by one.
        within: how long may it take; less than a day is asked one by one. Empty: as long as it takes.
        rows_per_job: requests to a job.
        poll_seconds: seconds between looks at a job, at most; the first come sooner.
        timeout_seconds: how long to wait for it.
        suspend: leave the worker while waiting: the flow run is suspended, and the `batches` flow resumes it.
    """

    model_config = ConfigDict(frozen=True)

    storage: str = Field("", description="gs://bucket/folder for input and output, on Vertex AI.")
    at_least: int = Field(0, ge=0, description="Fewer documents than this are asked one by one.")
    within: timedelta | None = Field(None, description="How long it may take; less than a day is asked one by one.")
    rows_per_job: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS, description="Requests to a job.")
    poll_seconds: float = Field(POLL_S, gt=0, description="Seconds between looks at a job, at most.")
    timeout_seconds: float = Field(TIMEOUT_S, gt=0, description="How long to wait for a job.")
    suspend: bool = Field(False, description="Suspend the flow run while waiting; needs a deployment.")

    def fits(self, total: int | None) -> bool:
        """Whether so many documents go into a batch; an unknown number is taken for many."""
        enough = total is None or total >= self.at_least
        return enough and (self.within is None or self.within >= BATCH_TAKES)

    @property
    def bucket(self) -> str:
        return self.storage or GeminiSettings().batch_storage or ""


Mode: TypeAlias = Literal["interactive", "batch", "auto"] | Batch


def batch_of(mode: Mode, total: int | None) -> Batch | None:
    """The batch that a mode means for so many documents; None for one by one."""
    named = {"interactive": None, "batch": Batch(), "auto": Batch(at_least=AUTO_FROM)}
    if isinstance(mode, str) and mode not in named:
        raise ValueError(f"`mode` is 'interactive', 'batch', 'auto' or a `Batch`, not {mode!r}")
    batch = named[mode] if isinstance(mode, str) else mode
    return batch if batch is not None and batch.fits(total) else None


def check_node(node: Node[Any, Any]) -> None:
    """Refuse a node that a batch would make do something twice.

    Raises:
        InvalidOption: it has side effects.
    """
    if node.side_effects:
        raise InvalidOption(
            f"`{node.verb}` has side effects, and a batch runs a node again for each of its answers.",
            hint='Use `mode="interactive"`.',
        )


async def gather(
    node: Node[Any, Any], source: Documents, arguments: dict[str, Any], gathering: Gathering, *, concurrency: int
) -> None:
    """Run a node over documents up to where it would ask; what it would ask is in `gathering.spools` after."""
    places, reader = asyncio.Semaphore(concurrency), Reader(source, usual_size(None))

    async def one(item: Item) -> None:
        async with places:
            try:
                document = await asyncio.to_thread(lambda: item.open() if isinstance(item, Row) else Document.of(item))
                await node.fn(document, **arguments)
            except Deferred:
                pass
            except Exception:
                # It fails again, and is told, when the outcomes are made.
                return

    with answered_by(gathering):
        while (shard := await reader.next()) is not None:
            await asyncio.gather(*(one(item) for item in shard.items))
        await gathering.settled()


async def through_batches(
    node: Node[Any, Any],
    source: Documents,
    arguments: dict[str, Any],
    batch: Batch,
    progress: Progress,
    *,
    concurrency: int,
) -> Gathering:
    """Ask everything that a node would ask, through batches; the answers are in the ledger after.

    A node that asks twice about a document is run again when its first answer is there, and so on. What the job of
    an earlier run left without an answer, because it was cancelled or failed, is asked once more.
    """
    run = str(runtime.flow_run.id) if runtime.flow_run.id else None
    gathering, given_up = Gathering(batch.rows_per_job, resumed=run if batch.suspend else None), set[str]()
    reports: list[tuple[BatchJob, BatchReport]] = []

    async def ended(client: GeminiClient, job: BatchJob) -> None:
        report = await collect(client, job, flow_run_id=run)
        progress.say(report.sentence)
        reports.append((job, report))

    for _ in range(MOST_ROUNDS + 1):
        progress.say("gathering requests")
        await gather(node, source, arguments, gathering, concurrency=concurrency)
        spools, gathering.spools = gathering.spools, []
        if not spools:
            break
        jobs: list[tuple[GeminiClient, BatchJob]] = []
        for client, spool in spools:
            progress.say(f"submitting {len(spool.rows):,} requests")
            answering = await submit_once(client, spool, storage=batch.bucket, flow_run_id=run)
            jobs += [(client, job) for job in answering if all(job.name != other.name for _, other in jobs)]
            spool.close()
        await waited(jobs, batch, progress.say, ended=ended)
        again = set[str]()
        for job, report in reports:
            again |= set() if job.is_of(run) else set(report.missing) - given_up
            gathering.failed |= {key: error for key, error in report.failed.items() if key not in again}
        reports.clear()
        given_up |= again
        gathering.collected |= {fingerprint for _, spool in spools for fingerprint in spool.rows} - again
    return gathering


async def waited(
    jobs: list[tuple[GeminiClient, BatchJob]],
    batch: Batch,
    say: Callable[[str], None],
    *,
    ended: Callable[[GeminiClient, BatchJob], Awaitable[None]] | None = None,
) -> list[BatchJob]:
    """Wait until all jobs have ended; the worker is left where `batch.suspend` says so.

    Args:
        jobs: whom to ask, about which job.
        batch: how long, and how.
        say: told what is going on.
        ended: called with each job as it ends, whatever becomes of the others: Google keeps its output for two days.
    """
    states = {job.name: job.state for _, job in jobs}

    def told(job: BatchJob) -> None:
        states[job.name] = job.state
        counts = {state: list(states.values()).count(state) for state in dict.fromkeys(states.values())}
        say("batch jobs: " + ", ".join(f"{count} {state}" for state, count in counts.items()))

    async def one(client: GeminiClient, job: BatchJob) -> BatchJob:
        job = await wait(
            client, job, poll_s=batch.poll_seconds, timeout_s=batch.timeout_seconds, waited_s=passed, told=told
        )
        if ended is not None:
            await ended(client, job)
        return job

    passed = 0.0
    if batch.suspend and (begun := _deployed_since()) is not None:
        jobs = [(client, await look(client, job)) for client, job in jobs]
        passed = (datetime.now(UTC) - begun).total_seconds()
        if passed < batch.timeout_seconds and not all(job.ended for _, job in jobs):
            say("suspended until its batch jobs have ended")
            left = batch.timeout_seconds - passed + LATE.total_seconds()
            # A key of its own: with one that it knows, Prefect takes the run for resumed.
            await asuspend_flow_run(timeout=int(left), key=str(uuid4()))
    return await together(one(client, job) for client, job in jobs)


def _deployed_since() -> datetime | None:
    """When the flow run began that can be suspended; None where there is none, as Prefect wants a deployment."""
    context = FlowRunContext.get()
    run = None if context is None else context.flow_run
    if run is None or run.deployment_id is None or run.parent_task_run_id is not None or TaskRunContext.get():
        if run is not None:
            get_logger("gemini").warning("Only a deployment's own flow run can be suspended: this one waits instead.")
        return None
    return run.start_time or datetime.now(UTC)


def overdue(state: State[Any] | None) -> bool:
    """Whether a suspended run has waited as long as its `Batch` says."""
    until = None if state is None else state.state_details.pause_timeout
    return until is not None and until - LATE <= datetime.now(UTC)
