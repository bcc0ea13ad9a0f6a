"""estimate: the bill of a node over many documents, before anything is sent.

A flow with a `dry_run` parameter takes the same road as its real run, with one word changed:

    if dry_run:
        return await dry_run_state(await aestimate(aread_receipt, sources, model=model))
    outcomes = await aeach(aread_receipt, sources, model=model)

The node runs as it is. Each call it makes is answered from the ledger where it has been paid for;
otherwise its tokens are counted by the service and the call raises `NotSent`, which ends the node.
Several calls at once, as under `asyncio.gather`, are all counted. What can only be asked once an
answer is there cannot be counted: estimate each step by itself and add the estimates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from prefect import runtime, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed
from prefect.utilities.annotations import quote as unwalked

from prefect_gemini.blocks.settings import GeminiSettings
from prefect_gemini.gemini import background
from prefect_gemini.gemini.calls.quote import Quote
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.costs.report import usual_output
from prefect_gemini.gemini.documents.sources import Item
from prefect_gemini.gemini.dry_run import dry_run
from prefect_gemini.gemini.errors import AnswerError, DocumentError, InvalidRequest, NotSent
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.plain import plain
from prefect_gemini.tasks.bulk.batching import Mode, batch_of
from prefect_gemini.tasks.bulk.items import name_of, opened
from prefect_gemini.tasks.bulk.progress import Progress, progress_artifact
from prefect_gemini.tasks.node import Node

SAMPLE = 1000
"""Documents that are looked at; of more than these, evenly spread ones."""
_OF_THE_DOCUMENT = (DocumentError, InvalidRequest, AnswerError)
"""What keeps one document from being sent. Everything else would keep all of them, and ends the estimate."""


async def aestimate(
    node: Node[Any, Any],
    documents: Iterable[Item],
    *,
    concurrency: int = 8,
    sample: int = SAMPLE,
    mode: Mode = "interactive",
    **arguments: Any,
) -> Estimate:
    """Estimate what `aeach(node, documents, …)` would cost: interactive, in batch, and with a cache.

    Args:
        node: which node, such as `aextract`.
        documents: paths, URLs, bytes or open documents.
        concurrency: documents counted at once.
        sample: documents looked at; of more than these, evenly spread ones stand for the rest.
        mode: as `each` takes it: in a batch, `usd` and the sentence are at the batch price.
        arguments: the node's other arguments, the same for every document.

    Returns:
        The estimate. A document that cannot be sent is in `unread` with its reason.

    Raises:
        GeminiError: a mistake that has nothing to do with the document, such as a misspelt model.
    """
    items = list(documents)
    chosen = items if len(items) <= sample else [items[number * len(items) // sample] for number in range(sample)]

    @task(name="estimate", cache_policy=NO_CACHE, persist_result=False, tags=["gemini"])
    async def run(chosen: Sequence[Item]) -> Estimate:
        progress, places = Progress(total=len(chosen)), asyncio.Semaphore(concurrency)
        quotes: list[Quote] = []
        unread: list[tuple[str, str]] = []

        async def one(item: Item) -> None:
            async with places:
                try:
                    quotes.extend(await _quoted(node, item, arguments))
                    progress.count()
                except _OF_THE_DOCUMENT as error:
                    unread.append((name_of(item), str(error)))
                    progress.count(failed=True)

        async with progress_artifact(progress, key="dry-run-progress"):
            await asyncio.gather(*(one(item) for item in chosen))
        scale = len(items) / len(chosen) if chosen else 1.0
        found = await _priced(quotes, documents=len(items), unread=unread, scale=scale)
        return found.model_copy(update={"in_batch": batch_of(mode, len(items)) is not None})

    return await run(unwalked(chosen)) if FlowRunContext.get() else await run.fn(chosen)


async def aestimate_call(call: Callable[[], Awaitable[Any]]) -> Estimate:
    """Estimate one call that is not made once a document, up to the first answer that is not paid for.

    Whoever calls it adds, as another `Estimate`, the documents and what the count leaves out.

    Args:
        call: makes it, such as `lambda: agenerate.fn(prompt)`; with `fn`, so that what is not sent is no failed task run.

    Raises:
        GeminiError: it could not be sent as it is.
    """
    return await _priced(await _quotes(call), documents=0)


def estimate(node: Node[Any, Any], documents: Iterable[Item], **options: Any) -> Estimate:
    """Estimate what a node would cost over many documents. The sync twin of `aestimate`, with the same arguments."""
    return background.run(aestimate(node, documents, **options))


async def dry_run_state(estimate: Estimate, *, key: str = "dry-run") -> State[Any]:
    """The end of a flow's dry run: the bill as artifacts, and a state named `Dry run` that carries it.

    Args:
        estimate: what was found.
        key: key of the artifacts: lower case, digits, dashes.
    """
    await acreate_markdown_artifact(summary(estimate), key=key, description="What this run would cost")
    if estimate.bills:
        await acreate_table_artifact(estimate.rows(), key=f"{key}-bill", description="The bill, by model")
    return Completed(name="Dry run", message=estimate.sentence, data=estimate)


def summary(estimate: Estimate) -> str:
    """The estimate as markdown."""
    head = estimate.rows()[0] if estimate.bills else {}
    table = [
        "| " + " | ".join(head) + " |",
        "|---" * len(head) + "|",
        *("| " + " | ".join(row.values()) + " |" for row in estimate.rows()),
    ]
    return "\n".join(
        [
            f"# {estimate.sentence}",
            "",
            f"Would be asked: {plain(estimate.backend)}." if estimate.backend else "",
            "",
            *(table if head else []),
            "",
            *(f"- {plain(note)}" for note in estimate.notes),
            *(f"- **Cannot be sent:** {plain(name)}: {plain(why)}" for name, why in estimate.unread[:50]),
        ]
    )


async def _quoted(node: Node[Any, Any], item: Item, arguments: dict[str, Any]) -> list[Quote]:
    """Run the node up to where it would pay, and give what it would have asked."""

    async def call() -> None:
        await node.fn(await asyncio.to_thread(opened, item), **arguments)

    return await _quotes(call)


async def _quotes(call: Callable[[], Awaitable[Any]]) -> list[Quote]:
    with dry_run() as dry:
        try:
            await call()
        except NotSent:
            await dry.settled()
        return dry.quotes


async def _priced(quotes: list[Quote], **looked_at: Any) -> Estimate:
    usual = await asyncio.to_thread(_usual, {quote.model for quote in quotes if quote.guessed})
    estimate = Estimate.of(quotes, usual=usual, **looked_at)
    return estimate.model_copy(update={"flow_run_id": str(runtime.flow_run.id or "")})


def _usual(models: Iterable[str]) -> dict[str, tuple[int, int]]:
    ledger = Ledger.open(GeminiSettings().ledger_location())
    return {model: usual_output(ledger, model, flow=runtime.flow_run.flow_name) for model in models}
