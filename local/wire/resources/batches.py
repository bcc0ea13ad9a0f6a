"""batches: the Developer API's batch jobs, with their requests inline or in a file."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.media import FILES
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.batch_rows import Place, answer_rows, read_lines, write_lines
from prefect_gemini.local.wire.resources.files import keep_generated, no_file
from prefect_gemini.local.wire.resources.jobs import ENDED, Outcome, state_of
from prefect_gemini.local.wire.resources.store import Record, new_word
from prefect_gemini.local.wire.wire import Wire

KIND = "batches"
LARGEST_INLINE = 20 * 1024 * 1024
_TYPES = "type.googleapis.com/google.ai.generativelanguage.v1main"


async def create_batch(wire: Wire, call: Call) -> HttpReply:
    """Accept a batch of prompts."""
    return _create(wire, call, verb="batchGenerateContent")


async def create_embed_batch(wire: Wire, call: Call) -> HttpReply:
    """Accept a batch of texts to embed."""
    return _create(wire, call, verb="asyncBatchEmbedContent")


def _create(wire: Wire, call: Call, *, verb: str) -> HttpReply:
    wire.models.require(call.model, surface="developer", verb=verb, version=call.version)
    batch = call.read("CreateBatchRequest").get("batch", {})
    source = batch.get("inputConfig", {})
    requests = source.get("requests", {}).get("requests", [])
    if "fileName" in source:
        _file(wire, source["fileName"])
    elif not requests:
        raise invalid("* BatchGenerateContentRequest.batch.input_config: requests or file_name must be set\n")
    elif len(call.body) > LARGEST_INLINE:
        raise invalid(f"Request payload size exceeds the limit: {LARGEST_INLINE} bytes. Use a file.")
    shown: dict[str, Any] = {"model": f"models/{call.model}", "name": f"{KIND}/{new_word(36)}"}
    shown["displayName"] = batch.get("displayName", "")
    if "priority" in batch:
        shown["priority"] = str(batch["priority"])
    if requests:
        count = str(len(requests))
        shown["batchStats"] = {"requestCount": count, "pendingRequestCount": count}
    hidden = {"source": source, "embed": verb == "asyncBatchEmbedContent", "model": call.model, "params": call.params}
    return json_http(_operation(wire.jobs.add(Record(KIND, shown["name"], shown, hidden))))


async def get_batch(wire: Wire, call: Call) -> HttpReply:
    """Show a batch as the operation it is."""
    return json_http(_operation(_find(wire, call)))


async def list_batches(wire: Wire, call: Call) -> HttpReply:
    """Show all batches, newest first."""
    rows = [_operation(record) for record in wire.store.all(KIND, at=wire.clock.seconds())]
    return json_http(page(call, "operations", rows))


async def cancel_batch(wire: Wire, call: Call) -> HttpReply:
    """End a batch that has not ended."""
    wire.jobs.cancel(KIND, _find(wire, call).name)
    return json_http({})


async def delete_batch(wire: Wire, call: Call) -> HttpReply:
    """Forget a batch; the file it wrote stays."""
    wire.store.remove(KIND, _find(wire, call).name)
    return json_http({})


def work(wire: Wire, record: Record) -> Outcome:
    """Answer every request of a batch."""
    source, embed = record.hidden["source"], record.hidden["embed"]
    place = Place("developer", record.hidden["model"], record.hidden["params"])
    if "fileName" in source:
        rows = read_lines(_file(wire, source["fileName"]).blob)
        said = answer_rows(wire, place, (row.get("request", {}) for row in rows), embed=embed)
        lines = [({"key": row["key"]} if "key" in row else {}) | one for row, one in zip(rows, said, strict=True)]
        name = keep_generated(wire, mime="application/jsonl", blob=write_lines(lines), prefix="batch-")
        output: dict[str, Any] = {"responsesFile": name}
    else:
        items = source["requests"]["requests"]
        said = answer_rows(wire, place, (item.get("request", {}) for item in items), embed=embed)
        rows = [
            one | ({"metadata": item["metadata"]} if item.get("metadata") else {})
            for item, one in zip(items, said, strict=True)
        ]
        output = {"inlinedEmbedContentResponses" if embed else "inlinedResponses": {"inlinedResponses": rows}}
    failed = sum("error" in one for one in said)
    stats = {"requestCount": len(said), "successfulRequestCount": len(said) - failed, "failedRequestCount": failed}
    return Outcome(shown={"batchStats": {key: str(count) for key, count in stats.items() if count}, "output": output})


def _operation(record: Record) -> dict[str, Any]:
    kind = "EmbedContentBatch" if record.hidden.get("embed") else "GenerateContentBatch"
    shown = {key: value for key, value in record.shown.items() if key != "error"}
    operation: dict[str, Any] = {"name": record.name, "metadata": {"@type": f"{_TYPES}.{kind}", **shown}}
    if state_of(record) not in ENDED:
        return operation
    operation["done"] = True
    if "output" in record.shown:
        operation["response"] = {"@type": f"{_TYPES}.{kind}Output", **record.shown["output"]}
    elif "error" in record.shown:
        operation["error"] = record.shown["error"]
    else:
        operation["error"] = {"code": 1, "message": "The operation was cancelled."}
    return operation


def _file(wire: Wire, name: str) -> Record:
    found = wire.store.find(FILES, name, at=wire.clock.seconds())
    if found is None:
        raise no_file(name)
    return found


def _find(wire: Wire, call: Call) -> Record:
    name = f"{KIND}/{call.params['id']}"
    found = wire.store.find(KIND, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"Operation {name} is not found.")
    return found
