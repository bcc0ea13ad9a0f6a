"""triage_requests: support requests sorted into queues, with their urgency and their gist."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.tasks import aclassify, aeach, aload_documents, asummarize, node
from prefect_gemini.tasks.estimate import aestimate, dry_run_state
from prefect_gemini.tasks.parts.together import together

QUEUES = {
    "billing": "invoices, payments, charges, refunds, prices",
    "delivery": "orders, shipping, tracking, arrival, damaged parcels, returns",
    "technical": "errors, crashes, bugs, things that do not work, installation",
    "account": "login, password, address, profile, deleting an account",
    "other": "none of these",
}
URGENCY = {
    "urgent": "cannot work, outage, down, deadline today, legal threat, data lost, immediately, asap",
    "normal": "none of these: it can wait a day",
}


class Ticket(BaseModel):
    """A request, sorted.

    Args:
        queue: who should have it.
        urgent: whether it can wait.
        gist: what it is about.
    """

    model_config = ConfigDict(frozen=True)

    queue: str
    urgent: bool
    gist: str


@node(category="reading", costs="three calls a request")
async def asort_request(
    document: str | Path | bytes | Document,
    *,
    queues: dict[str, str] | None = None,
    model: str | GeminiModel = "flash-lite",
) -> Reply[Ticket]:
    """Sort one support request.

    Args:
        document: the request: a path, a URL, bytes, or an open `Document`.
        queues: queues with what belongs in each.
        model: a family, a model id, or a saved `GeminiModel`.

    Raises:
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    opened = Document.of(document)
    replies = await together(
        [
            aclassify.fn(opened, queues or QUEUES, model=model, prompt="Which queue should have this request?"),
            aclassify.fn(opened, URGENCY, model=model, prompt="Can this request wait?"),
            asummarize.fn(opened, words=25, model=model, prompt="Summarize what this customer wants."),
        ]
    )
    queue, urgency, gist = replies
    costs = [reply.cost for reply in replies]
    sorted_out: Reply[Any] = gist.model_copy(
        update={
            "value": Ticket(queue=queue.value, urgent=urgency.value == "urgent", gist=gist.value),
            "usage": sum((reply.usage for reply in replies), Usage()),
            "cost": None if None in costs else sum(cost for cost in costs if cost is not None),
            "latency_s": max(reply.latency_s for reply in replies),
            "from_ledger": all(reply.from_ledger for reply in replies),
        }
    )
    return sorted_out


sort_request = asort_request.sync


@flow(name="triage")
async def triage_requests(
    requests: str,
    text: str = "",
    queues: dict[str, str] | None = None,
    model: str | GeminiModel = "flash-lite",
    concurrency: int = 8,
    output: str = "out/triage",
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Sort support requests into queues, urgent ones first.

    Args:
        requests: A folder, a pattern, or a table (CSV, JSONL, Parquet) with a request a row.
        text: The column with the text, for a table.
        queues: Queues with what belongs in each. Empty: billing, delivery, technical, account, other.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        concurrency: Requests sorted at once, with three calls each.
        output: Folder for the CSV file. Empty: none is written.
        empty_is_ok: Finish quietly where there is nothing, as a schedule over an inbox should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    documents = await aload_documents(requests, text=text, empty_is_ok=empty_is_ok)
    asked: dict[str, Any] = {"queues": queues or None, "model": model, "concurrency": concurrency}
    if dry_run:
        return await dry_run_state(await aestimate(asort_request, documents, **asked))
    outcomes = await aeach(asort_request, documents, key="triage-progress", **asked)
    done = sorted((one for one in outcomes if one.ok), key=lambda one: (not one.value.urgent, one.index))
    rows = [
        {
            "request": one.name,
            "queue": one.value.queue,
            "urgent": "urgent" if one.value.urgent else "",
            "gist": " ".join(one.value.gist.split()),
        }
        for one in done
    ]
    counts = Counter(row["queue"] for row in rows)
    urgent = sum(bool(row["urgent"]) for row in rows)
    lines = [
        f"# {len(rows)} requests, {urgent} urgent",
        "",
        *(f"- **{name}:** {count}" for name, count in counts.most_common()),
    ]
    return await finish(key="triage", text="\n".join(lines), rows=rows, outcomes=outcomes, output=output)
