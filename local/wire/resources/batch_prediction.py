"""batchPredictionJobs: Vertex AI's batch jobs, from `gs://` to `gs://`."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.resources.batch_rows import Place, answer_rows, read_lines, write_lines
from prefect_gemini.local.wire.resources.jobs import ENDED, Outcome, state_of
from prefect_gemini.local.wire.resources.operations import operation
from prefect_gemini.local.wire.resources.registry import find_model
from prefect_gemini.local.wire.resources.store import Record, new_number
from prefect_gemini.local.wire.resources.vertex_jobs import find_job
from prefect_gemini.local.wire.wire import Wire

KIND = "batchPredictionJobs"
MOST_ROWS = 200_000
_SOURCES = {
    "gcsSource": "jsonl",
    "bigquerySource": "bigquery",
    "vertexMultimodalDatasetSource": "vertex-dataset",
}
_DESTINATIONS = ("gcsDestination", "bigqueryDestination", "vertexMultimodalDatasetDestination")
_MODEL = re.compile(r"(?:projects/[^/]+/locations/[^/]+/)?publishers/google/models/([^/@]+)(?:@\w+)?$")
_OWN = re.compile(r"projects/[^/]+/locations/[^/]+/models/[^/]+$")


async def create_job(wire: Wire, call: Call) -> HttpReply:
    """Accept a batch job."""
    body = call.read("BatchPredictionJob")
    if not body.get("displayName"):
        raise invalid("BatchPredictionJob.display_name must be set.", violations=[("display_name", "Required.")])
    model = _model_id(wire, call, body.get("model", ""))
    given = [key for key in _SOURCES if body.get("inputConfig", {}).get(key)]
    if len(given) != 1:
        raise invalid("Exactly one source must be set in input_config.", violations=[("input_config", "Required.")])
    if not any(body.get("outputConfig", {}).get(key) for key in _DESTINATIONS):
        raise invalid("A destination must be set in output_config.", violations=[("output_config", "Required.")])
    for uri in body["inputConfig"].get("gcsSource", {}).get("uris", []):
        if not uri.startswith("gs://"):
            raise invalid(f"Invalid Cloud Storage URI: {uri}", violations=[("input_config.gcs_source.uris", uri)])
    name = f"{call.parent}/{KIND}/{new_number()}"
    hidden = {"model": model, "params": call.params}
    return json_http(wire.jobs.add(Record(KIND, name, body | {"name": name}, hidden)).shown)


async def delete_job(wire: Wire, call: Call) -> HttpReply:
    """Forget a job that has ended; what it wrote stays."""
    record = find_job(wire, call, KIND)
    if state_of(record) not in ENDED:
        text = f"The BatchPredictionJob {record.name} is in state {record.shown['state']}; cancel it first."
        raise GoogleError(400, text, status="FAILED_PRECONDITION")
    wire.store.remove(KIND, record.name)
    return json_http(operation(wire, call, "DeleteBatchPredictionJob", response={}))


def work(wire: Wire, record: Record) -> Outcome:
    """Answer every row of the input.

    Raises:
        GoogleError: when input or destination are not Cloud Storage's, or the input cannot be read.
    """
    source = record.shown["inputConfig"].get("gcsSource", {})
    target = record.shown["outputConfig"].get("gcsDestination", {})
    if not source or not target:
        text = "This local server has no BigQuery and no multimodal datasets; use gcsSource and gcsDestination."
        raise GoogleError(501, text, status="UNIMPLEMENTED")
    rows = [row for uri in source["uris"] for name in _named(wire, uri) for row in read_lines(wire.storage.read(name))]
    if len(rows) > MOST_ROWS:
        raise invalid(f"The input has {len(rows)} requests; a job takes {MOST_ROWS} at most.")
    embed = "embedContent" in wire.models.methods(record.hidden["model"])
    place = Place("vertex", record.hidden["model"], record.hidden["params"])
    said = answer_rows(wire, place, [row.get("request", {}) for row in rows], embed=embed)
    key = record.shown.get("instanceConfig", {}).get("keyField", "")
    line = _embedded_line if embed else _line
    lines = [line(wire, row, one, key) for row, one in zip(rows, said, strict=True)]
    folder = f"{target['outputUriPrefix'].rstrip('/')}/prediction-model-{wire.clock.timestamp()}"
    wire.storage.write(f"{folder}/predictions.jsonl", write_lines(lines), content_type="application/jsonl")
    failed = sum("error" in one for one in said)
    stats = {"successfulCount": str(len(said) - failed)} | ({"failedCount": str(failed)} if failed else {})
    return Outcome(shown={"completionStats": stats, "outputInfo": {"gcsOutputDirectory": folder}})


def _named(wire: Wire, uri: str) -> list[str]:
    """The objects an input URI names."""
    if "*" not in uri:
        return [uri]
    found = wire.storage.list(uri)
    if not found:
        raise GoogleError(404, f"No object matches {uri}.")
    return found


def _line(wire: Wire, row: dict[str, Any], said: dict[str, Any], key: str) -> dict[str, Any]:
    line = {"status": said["error"]["message"] if "error" in said else "", "processed_time": wire.clock.timestamp()}
    line |= {"request": row["request"]} if "request" in row else {"instance": row}
    if key and key in row:
        line[key] = row[key]
    return line | {"response": said.get("response", {})}


def _embedded_line(wire: Wire, row: dict[str, Any], said: dict[str, Any], key: str) -> dict[str, Any]:
    """A row of embeddings comes back with its `key`, and without a status where it has a response."""
    line = _line(wire, row, said, key or "key")
    return line if "error" in said else {name: line[name] for name in ("key", "request", "response") if name in line}


def _model_id(wire: Wire, call: Call, name: str) -> str:
    if _OWN.match(name):
        return str(find_model(wire, name).hidden["base"])
    match = _MODEL.match(name)
    if match is None:
        raise invalid(f"Invalid resource name of a model: {name!r}.", violations=[("model", "Invalid.")])
    verb = "embedContent" if "embedContent" in wire.models.methods(match[1]) else "batchGenerateContent"
    wire.models.require(match[1], surface="vertex", verb=verb, version=call.version, parent=call.parent)
    return match[1]
