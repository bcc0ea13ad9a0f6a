"""each: a node over many documents, in shards, one outcome per document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger
from prefect.utilities.annotations import quote

from prefect_gemini.gemini import background
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.outcome import Failure, Outcome
from prefect_gemini.tasks.progress import Progress, progress_artifact

# A task run costs Prefect 6 to 9 ms of client CPU and 10 to 44 ms of server CPU, so a run should
# have hundreds of them at most, not one a document.
SHARDS_IN_FLIGHT = 4
TRACE_AT_MOST = 200

Source = str | Path | bytes | Document


async def aeach(
    node: Node[Any, Any],
    documents: Iterable[Source],
    *,
    concurrency: int = 8,
    shard_size: int = 100,
    trace: bool = False,
    key: str = "documents",
    **arguments: Any,
) -> list[Outcome[Any]]:
    """Run a node over many documents: one outcome a document, in order, whatever happens.

    A document that cannot be opened or read becomes an outcome with its failure; the others
    finish. What was paid for is in the ledger, so the same run again pays for nothing twice.

    Args:
        node: which node, such as `aextract`.
        documents: paths, URLs, bytes or open documents.
        concurrency: calls in flight at once.
        shard_size: documents to a task run.
        trace: one task run a document, to see each in the Prefect UI; for 200 documents at most.
        key: key of the progress artifact: lower case, digits, dashes.
        arguments: the node's other arguments, the same for every document.

    Raises:
        ValueError: `trace` for more documents than Prefect should record one by one.
    """
    items = list(documents)
    if trace and len(items) > TRACE_AT_MOST:
        raise ValueError(f"`trace=True` makes one task run a document; {len(items)} are too many, 200 at most")
    size = 1 if trace else shard_size
    progress = Progress(total=len(items))
    places, shards = asyncio.Semaphore(concurrency), asyncio.Semaphore(concurrency if trace else SHARDS_IN_FLIGHT)

    async def one(index: int, item: Source) -> Outcome[Any]:
        async with places:
            outcome = await _outcome(node, index, item, arguments)
        progress.add(outcome)
        return outcome

    # A shard keeps its place in the list, so that a mapped task's name tells which documents it had.
    @task(name=node.verb, task_run_name=f"{node.verb} {{start}}-{{stop}}", cache_policy=NO_CACHE, tags=["gemini"])
    async def shard(start: int, stop: int, items: Sequence[Source]) -> list[Outcome[Any]]:
        return list(await asyncio.gather(*(one(start + offset, item) for offset, item in enumerate(items))))

    async def run(start: int) -> list[Outcome[Any]]:
        part = items[start : start + size]
        async with shards:
            return await shard(start, start + len(part), quote(part))

    async with progress_artifact(progress, key=key):
        done = await asyncio.gather(*(run(start) for start in range(0, len(items), size)))
    return [outcome for outcomes in done for outcome in outcomes]


def each(node: Node[Any, Any], documents: Iterable[Source], **options: Any) -> list[Outcome[Any]]:
    """Run a node over many documents. The sync twin of `aeach`, with the same arguments."""
    return background.run(aeach(node, documents, **options))


async def _outcome(node: Node[Any, Any], index: int, item: Source, arguments: dict[str, Any]) -> Outcome[Any]:
    name, digest = _name(item), ""
    try:
        document = await asyncio.to_thread(Document.of, item)
        name = document.name
        digest = await asyncio.to_thread(lambda: document.digest)
        return Outcome(index=index, name=name, digest=digest, reply=await node.fn(document, **arguments))
    except Exception as error:
        failure = Failure.of(error)
        if not failure.expected:
            get_logger("gemini").exception("%s failed in a way that has no type", name)
        return Outcome(index=index, name=name, digest=digest, failure=failure)


def _name(item: Source) -> str:
    """What a document that did not open is called: what it would be called if it had."""
    if isinstance(item, bytes):
        return f"{len(item)} bytes"
    return item.name if isinstance(item, Document) else PurePath(item).name
