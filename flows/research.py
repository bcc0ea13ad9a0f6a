"""research_papers: what dozens of papers say about a subject, in their own words first, then put together with citations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.flows.passages import Passage, synthesize
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.evidence.grounding import locate_quote
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks import aeach, aload_documents, asummarize, node
from prefect_gemini.tasks.estimate import aestimate, dry_run_state
from prefect_gemini.tasks.parts.evidence import printed
from prefect_gemini.tasks.parts.steps import Step


@node(category="reading", costs="one call a paper")
async def aquote(
    document: str | Path | bytes | Document,
    *,
    about: str,
    words: int = 150,
    model: str | GeminiModel = "flash",
) -> Reply[tuple[Passage, ...]]:
    """Quote what a document says about a subject; what is not in it word for word is left out.

    Args:
        document: a path, a URL, bytes, or an open `Document`.
        about: the subject.
        words: at most, all quotes together.
        model: a family, a model id, or a saved `GeminiModel`.

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    opened = Document.of(document)
    reply = await asummarize.fn(
        opened,
        words=words,
        model=model,
        prompt=f"Summarize this document as to {about}, in its own words only: each line one sentence as it is printed.",
    )
    source = await printed(opened)
    quotes: list[Passage] = []
    missing = 0
    for line in filter(None, (line.strip(' -*•"“”') for line in reply.value.splitlines())):
        place = await asyncio.to_thread(locate_quote, line, source)
        if place.supported:
            quotes.append(Passage(document=opened.name, page=place.page or 0, text=place.quote or line))
        else:
            missing += 1
    notes = (
        (*reply.notes, f"{missing} sentences are not in the document and were left out.") if missing else reply.notes
    )
    found: Reply[Any] = reply.model_copy(update={"value": tuple(quotes), "notes": notes})
    return found


quote = aquote.sync


@flow(name="research")
async def research_papers(
    papers: str,
    about: str,
    model: str | GeminiModel = "flash",
    words: int = 300,
    concurrency: int = 8,
    output: str = "out/research",
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Put together what many papers say about a subject, every sentence with its quote, paper and page.

    Args:
        papers: A folder, a pattern, a gs:// prefix, or a table of documents.
        about: The subject or question.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        words: Length of the synthesis.
        concurrency: Calls in flight at once.
        output: Folder for the synthesis and the quotes. Empty: none is written.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    documents = await aload_documents(papers)
    asked: dict[str, Any] = {"about": about, "model": model, "concurrency": concurrency}
    if dry_run:
        later = Estimate(notes=("The synthesis is not in the bill: one more call, with the quotes that were found.",))
        return await dry_run_state(await aestimate(aquote, documents, **asked) + later)
    outcomes = await aeach(aquote, documents, key="research-progress", **asked)
    quotes = [passage for one in outcomes if one.ok for passage in one.value]
    rows = [
        {"quote": number, "paper": one.document, "page": one.page or "", "text": one.text}
        for number, one in enumerate(quotes, 1)
    ]
    if not quotes:
        return await finish(
            key="research", text=f"No paper says anything about {about}.", outcomes=outcomes, output=output
        )
    text, reply = await synthesize(quotes, about, model=model, words=words)
    steps = [Step.of("synthesis", reply)]
    return await finish(key="research", text=text, rows=rows, outcomes=outcomes, steps=steps, output=output)
