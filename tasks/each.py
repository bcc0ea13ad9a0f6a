"""each: a node over many documents, in shards, one outcome per document."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, overload

from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini import background
from prefect_gemini.gemini.documents.sources import Documents, Source
from prefect_gemini.gemini.dry_run import answered_by
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.tasks.bulk.batching import Mode, batch_of, check_node, through_batches
from prefect_gemini.tasks.bulk.elsewhere import Caller, Plan, WorkElsewhere, runner_elsewhere
from prefect_gemini.tasks.bulk.progress import Progress, progress_artifact
from prefect_gemini.tasks.bulk.shards import SHARDS_IN_FLIGHT, Reader, Take, Work, usual_size
from prefect_gemini.tasks.bulk.sinks import Output as Destination
from prefect_gemini.tasks.bulk.stop_sign import StopSign
from prefect_gemini.tasks.bulk.stopping import Stopping, gentle_termination
from prefect_gemini.tasks.bulk.stream import streaming
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.outcome import Outcome

TRACE_AT_MOST = 200


class Written(BaseModel):
    """What a run whose outcomes were written out came to.

    Args:
        output: where they are; a password is left out.
        documents: how many there were.
        done, failed: how they ended.
        from_ledger: those of `done` that cost nothing, because the ledger had the answer.
        cost: US dollars, where prices are known.
        errors: failed documents by the class of their error.
        examples: what the first error of each class says, and what to do about it.
        seconds: how long it took.
    """

    model_config = ConfigDict(frozen=True)

    output: str
    documents: int
    done: int
    failed: int
    from_ledger: int
    cost: Decimal
    errors: dict[str, int]
    examples: dict[str, str] = {}
    seconds: float


@overload
async def aeach(
    node: Node[Any, Any], documents: Source, *, output: None = None, **options: Any
) -> list[Outcome[Any]]: ...
@overload
async def aeach(node: Node[Any, Any], documents: Source, *, output: Destination, **options: Any) -> Written: ...
async def aeach(
    node: Node[Any, Any],
    documents: Source,
    *,
    concurrency: int = 8,
    shard_size: int | None = None,
    output: Destination | None = None,
    mode: Mode = "interactive",
    retries: int = 1,
    trace: bool = False,
    key: str = "documents",
    **arguments: Any,
) -> list[Outcome[Any]] | Written:
    """Run a node over many documents: one outcome a document, in order, whatever happens.

    A document that cannot be opened or read becomes an outcome with its failure; the others
    finish. What was paid for is in the ledger, so the same run again pays for nothing twice. Documents
    are read as they are needed, and with `output` no outcome is kept in memory. When the run is
    cancelled, calls under way are finished and kept, and no more are begun. Under a task runner that
    leads to other processes (Dask, Ray) shards run there; dry runs and batches stay in this one.

    Args:
        node: which node, such as `aextract`.
        documents: any iterable of paths, URLs, bytes or open documents; a folder, glob or `gs://`
            prefix; a CSV, JSONL or Parquet file with a document a row; or a `Documents`, for a query
            or columns with unusual names.
        concurrency: calls in flight at once, on all workers together.
        shard_size: documents to a task run; 100, and more where there are more than 50,000; on workers
            elsewhere so many that each has some.
        output: write each outcome to this .jsonl or .parquet file or SQLAlchemy URL as it comes, with
            its `index`, instead of returning them all. An old file is lost only when the new one is whole.
        mode: "batch" for Gemini's Batch API, at half the price and within a day; "auto" to take it from 500
            documents; a `Batch` for when, where and how to wait. The outcomes are the same.
        retries: how often a shard is run again for those of its documents that failed for a passing reason.
        trace: one task run a document, to see each in the Prefect UI; for 200 documents at most.
        key: key of the progress artifact: lower case, digits, dashes.
        arguments: the node's other arguments, the same for every document.

    Returns:
        The outcomes in the order of the documents; with `output`, what they came to.

    Raises:
        TypeError: an argument that the node does not take, or one that it needs is missing.
        GeminiError: a mistake that is no document's, such as a misspelt model or no credentials.
        ValueError: `trace` for more documents than Prefect should record one by one.
        DocumentNotFound: the folder, table or prefix itself cannot be read.
        InvalidOption: a batch of a node with side effects, a table without a column of documents, or an output that
            cannot take outcomes.
        OutputFailed: outcomes could not be written, and the run has stopped; what was paid for is in the ledger.
    """
    # One error now, not one a document.
    asked = inspect.signature(node.fn).bind(None, **arguments)
    asked.apply_defaults()
    model: GeminiModel | None = None
    if "model" in asked.arguments:
        await (model := GeminiModel.of(asked.arguments["model"])).check_name()
    if isinstance(asked.arguments.get("schema"), Mapping):
        Output.of(asked.arguments["schema"])
    if concurrency < 1 or (shard_size is not None and shard_size < 1) or retries < 0:
        raise InvalidOption("`concurrency` and `shard_size` are 1 or more, `retries` 0 or more.")
    source = documents if isinstance(documents, Documents) else Documents(documents)
    if isinstance(output, str | Path):
        source.keep_from(output)
    total = await asyncio.to_thread(source.count)
    if trace and (total is None or total > TRACE_AT_MOST):
        many = "of an unknown number" if total is None else f"{total}"
        raise ValueError(f"`trace=True` makes one task run a document; {many} are too many, {TRACE_AT_MOST} at most")
    batch = None if node.side_effects and mode == "auto" else batch_of(mode, total)
    if batch is not None:
        check_node(node)
        source, retries = source.kept(), 0  # read twice or more; a failed row has had its day
    runner, sign = runner_elsewhere() if batch is None else None, StopSign()
    plan = None if runner is None else await Plan.of(runner, 1 if trace else concurrency)
    progress, stopping = Progress(total), Stopping(None if plan is None else sign.put_up)
    usual = usual_size(total) if plan is None else plan.size(total)
    reader = Reader(source, 1 if trace else shard_size or usual)
    in_flight = concurrency if trace else SHARDS_IN_FLIGHT if plan is None else plan.in_flight

    async def run(take: Take) -> None:
        async def counted(outcome: Outcome[Any]) -> None:
            progress.add(outcome)
            await take(outcome)

        shared: dict[str, Any] = {"node": node, "arguments": arguments, "retries": retries}
        shared |= {"stopping": stopping, "take": counted}
        work: Work | WorkElsewhere
        if plan is not None:
            caller = None if model is None else await Caller.of(model)
            work = WorkElsewhere(**shared, concurrency=plan.concurrency, caller=caller, sign=sign)
        else:
            work = Work(**shared, places=asyncio.Semaphore(concurrency))

        async def worker() -> None:
            while not stopping.asked and (shard := await reader.next()) is not None:
                await work.run(shard)

        async with progress_artifact(progress, key=key), sign:
            if batch is None:
                await stopping.together([worker() for _ in range(in_flight)])
            else:
                gathering = await through_batches(node, source, arguments, batch, progress, concurrency=concurrency)
                with answered_by(gathering):
                    await stopping.together([worker() for _ in range(in_flight)])
            reader.check()

    outcomes: dict[int, Outcome[Any]] = {}

    async def keep(outcome: Outcome[Any]) -> None:
        outcomes[outcome.index] = outcome

    async with gentle_termination():
        if output is not None:
            async with streaming(output, stopping) as stream:
                await run(stream.put)
            return _written(stream.label, progress)
        await run(keep)
    return [outcomes[index] for index in sorted(outcomes)]


def each(node: Node[Any, Any], documents: Source, **options: Any) -> Any:
    """Run a node over many documents. The sync twin of `aeach`, with the same arguments."""
    return background.run(aeach(node, documents, **options))


def _written(label: str, progress: Progress) -> Written:
    return Written(
        output=label,
        documents=progress.finished,
        done=progress.done,
        failed=progress.failed,
        from_ledger=progress.from_ledger,
        cost=progress.cost,
        errors=dict(progress.errors),
        examples=progress.examples,
        seconds=progress.seconds,
    )
