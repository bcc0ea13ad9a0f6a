"""process_documents: the values of a schema from every document of a folder, table or query."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Literal

from prefect import Flow, flow, runtime
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.bulk.batches import cancel_batches
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.plain import one_line, plain
from prefect_gemini.tasks import Batch, Written, aeach, aextract, aload_documents
from prefect_gemini.tasks.estimate import aestimate, dry_run_state

FIELDS = {
    "type": "object",
    "properties": {
        "date": {"type": ["string", "null"], "description": "The date of the document, as YYYY-MM-DD."},
        "total": {"type": ["number", "null"], "description": "The grand total."},
    },
    "required": ["date", "total"],
}


class BulkResult(BaseModel):
    """What a bulk run came to.

    Args:
        flow_run_id: the run.
        written: counts, cost and where the outcomes are.
        backend: who answered.
        left_out: files of a folder or prefix that were not read, counted by the reason.
    """

    model_config = ConfigDict(frozen=True)

    flow_run_id: str
    written: Written
    backend: str
    left_out: dict[str, int] = {}


async def _cancelled(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A run that a person cancels does not wait for its batches any more: they are cancelled too."""
    # The server keeps a saved block as a reference to it.
    parameters = await asyncio.to_thread(flow.validate_parameters, flow_run.parameters)
    await cancel_batches(str(flow_run.id), parameters.get("model", "flash"))


@flow(name="bulk", on_cancellation=[_cancelled])
async def process_documents(
    documents: str = "inbox/documents",
    fields: dict[str, Any] = FIELDS,
    prompt: str = "Read the values the schema asks for from this document.",
    model: str | GeminiModel = "flash",
    output: str = "out/bulk.jsonl",
    mode: Literal["interactive", "batch", "auto"] | Batch = "interactive",
    query: str = "",
    column: str = "",
    text: str = "",
    concurrency: int = 32,
    evidence: bool = True,
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[BulkResult | Estimate]:
    """Read the values of a schema from every document of a folder, table or query.

    Args:
        documents: A folder, a pattern, a gs:// prefix, a CSV, JSONL or Parquet file, or a database URL.
        fields: What to read, as a JSON schema.
        prompt: What to read, where the schema does not say it.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: A .jsonl or .parquet file, or a database URL, to which every outcome is written as it comes.
        mode: interactive; batch, at half the price within a day; or auto, which takes a batch from 500 documents.
        query: The SELECT statement, for a database.
        column: The column with paths or URLs, for a table; found by its usual name if empty.
        text: The column with the documents' own text, instead.
        concurrency: Calls in flight at once.
        evidence: Locate every value in its source.
        empty_is_ok: Finish quietly where there is no document, as a schedule should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    chosen = GeminiModel.of(model)
    source = await aload_documents.fn(documents, query=query, column=column, text=text, empty_is_ok=empty_is_ok)
    asked: dict[str, Any] = {"schema": fields, "prompt": prompt, "model": chosen, "evidence": evidence}
    if dry_run:
        return await dry_run_state(await aestimate(aextract, source, concurrency=concurrency, mode=mode, **asked))
    written = await aeach(
        aextract, source, mode=mode, concurrency=concurrency, output=output, key="bulk-progress", **asked
    )
    result = BulkResult(
        flow_run_id=str(runtime.flow_run.id),
        written=written,
        backend=(await chosen.backend()).label,
        left_out=Counter(left.why for left in source.left),
    )
    await acreate_markdown_artifact(summary(result), key="bulk", description="What this run came to")
    return Completed(
        name="Completed with failures" if written.failed else "Completed",
        message=f"{written.done:,} of {written.documents:,} documents, ${written.cost:.4f}",
        data=result,
    )


def summary(result: BulkResult) -> str:
    """The run as markdown."""
    written = result.written
    speed = written.documents / written.seconds if written.seconds else 0.0
    rows = {
        "documents": f"{written.documents:,}",
        "done": f"{written.done:,}, of them {written.from_ledger:,} from the ledger",
        "failed": f"{written.failed:,}",
        "left out": ", ".join(f"{count:,} {plain(why)}" for why, count in result.left_out.items()) or "none",
        "cost": f"${written.cost:.4f}",
        "speed": f"{speed:.1f} documents a second, {written.seconds:.0f} s",
        "answered by": plain(result.backend),
        "outcomes": plain(written.output),
    }
    errors = [
        f"- {count:,} {plain(kind)}, such as: {one_line(written.examples.get(kind, ''), longest=400)}"
        for kind, count in written.errors.items()
    ]
    table = ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())]
    return "\n".join([*table, "", *errors])
