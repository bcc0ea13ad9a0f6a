"""Datasets and their versions, in which Vertex AI keeps prompts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.filters import matching
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.operations import operation
from prefect_gemini.local.wire.resources.store import Record, new_number
from prefect_gemini.local.wire.wire import Wire

DATASETS = "datasets"
VERSIONS = "datasetVersions"
PROMPT_SCHEMA = "gs://google-cloud-aiplatform/schema/dataset/metadata/text_prompt_1.0.0.yaml"
_SET_BY_SERVICE = ("name", "etag")


async def create_dataset(wire: Wire, call: Call) -> HttpReply:
    """Make a dataset; a prompt is one with the prompt schema and no version yet."""
    body = call.read("Dataset")
    for field in ("displayName", "metadataSchemaUri", "metadata"):
        if not body.get(field):
            raise invalid(f"The {field} of the Dataset must be set.", violations=[(f"dataset.{field}", "Required.")])
    _check_prompt(body)
    name = f"{call.parent}/datasets/{new_number()}"
    now = wire.clock.timestamp()
    shown = {key: value for key, value in body.items() if key not in _SET_BY_SERVICE}
    shown |= {"name": name, "createTime": now, "updateTime": now, "etag": new_number()}
    wire.store.add(Record(DATASETS, name, shown, {"versions": 0}))
    return json_http(operation(wire, call, "CreateDataset", under=name, response=shown))


async def get_dataset(wire: Wire, call: Call) -> HttpReply:
    """Show one dataset."""
    return json_http(_dataset(wire, call).shown)


async def list_datasets(wire: Wire, call: Call) -> HttpReply:
    """Show all datasets of a project, newest first."""
    rows = [one.shown for one in wire.store.all(DATASETS, at=wire.clock.seconds(), under=f"{call.parent}/")]
    return json_http(page(call, DATASETS, matching(rows, call.query.get("filter", ""))))


async def update_dataset(wire: Wire, call: Call) -> HttpReply:
    """Change what the body names; the path says which dataset, whatever name the body has."""
    record = _dataset(wire, call)
    body = {key: value for key, value in call.read("Dataset").items() if key not in _SET_BY_SERVICE}
    fixed = body.get("metadataSchemaUri", record.shown["metadataSchemaUri"])
    if fixed != record.shown["metadataSchemaUri"]:
        raise invalid("The metadata_schema_uri of a Dataset cannot be changed.")
    shown = record.shown | body
    _check_prompt(shown)
    shown |= {"updateTime": wire.clock.timestamp(), "etag": new_number()}
    wire.store.replace(replace(record, shown=shown))
    return json_http(shown)


async def delete_dataset(wire: Wire, call: Call) -> HttpReply:
    """Delete a dataset with its versions."""
    record = _dataset(wire, call)
    for version in _versions(wire, record):
        wire.store.remove(VERSIONS, version.name)
    wire.store.remove(DATASETS, record.name)
    return json_http(operation(wire, call, "DeleteDataset", response={}))


async def create_version(wire: Wire, call: Call) -> HttpReply:
    """Freeze the dataset as it is now; versions are numbered from 1 and numbers are never given twice."""
    record = _dataset(wire, call)
    body = call.read("DatasetVersion")
    number = record.hidden["versions"] + 1
    name = f"{record.name}/datasetVersions/{number}"
    now = wire.clock.timestamp()
    shown = {
        "name": name,
        "displayName": body.get("displayName", ""),
        "metadata": record.shown["metadata"],
        "createTime": now,
        "updateTime": now,
        "etag": new_number(),
    }
    if "modelReference" in record.shown:
        shown["modelReference"] = record.shown["modelReference"]
    wire.store.replace(replace(record, hidden={"versions": number}))
    wire.store.add(Record(VERSIONS, name, shown))
    return json_http(operation(wire, call, "CreateDatasetVersion", under=record.name, response=shown))


async def get_version(wire: Wire, call: Call) -> HttpReply:
    """Show one version."""
    return json_http(_version(wire, call).shown)


async def list_versions(wire: Wire, call: Call) -> HttpReply:
    """Show all versions of a dataset, newest first."""
    rows = [one.shown for one in _versions(wire, _dataset(wire, call))]
    return json_http(page(call, VERSIONS, matching(rows, call.query.get("filter", ""))))


async def update_version(wire: Wire, call: Call) -> HttpReply:
    """Rename a version; nothing else of it can change."""
    version = _version(wire, call)
    renamed = call.read("DatasetVersion").get("displayName", version.shown["displayName"])
    shown = version.shown | {"displayName": renamed, "updateTime": wire.clock.timestamp(), "etag": new_number()}
    wire.store.replace(replace(version, shown=shown))
    return json_http(shown)


async def delete_version(wire: Wire, call: Call) -> HttpReply:
    """Delete one version."""
    wire.store.remove(VERSIONS, _version(wire, call).name)
    return json_http(operation(wire, call, "DeleteDatasetVersion", response={}))


async def restore_version(wire: Wire, call: Call) -> HttpReply:
    """Make the dataset again what it was at that version."""
    record, version = _dataset(wire, call), _version(wire, call)
    shown = record.shown | {"metadata": version.shown["metadata"], "updateTime": wire.clock.timestamp()}
    if "modelReference" in version.shown:
        shown["modelReference"] = version.shown["modelReference"]
    wire.store.replace(replace(record, shown=shown))
    return json_http(operation(wire, call, "RestoreDatasetVersion", response=version.shown))


def _dataset(wire: Wire, call: Call) -> Record:
    return _require(wire, DATASETS, f"{call.parent}/datasets/{call.params['dataset']}")


def _version(wire: Wire, call: Call) -> Record:
    return _require(wire, VERSIONS, f"{_dataset(wire, call).name}/datasetVersions/{call.params['id']}")


def _versions(wire: Wire, dataset: Record) -> list[Record]:
    return wire.store.all(VERSIONS, at=wire.clock.seconds(), under=f"{dataset.name}/")


def _require(wire: Wire, kind: str, name: str) -> Record:
    found = wire.store.find(kind, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"The {'Dataset' if kind == DATASETS else 'DatasetVersion'} `{name}` was not found.")
    return found


def _check_prompt(shown: dict[str, Any]) -> None:
    """A prompt that the Agent Platform could not open is refused, as its console would refuse it."""
    if shown["metadataSchemaUri"] != PROMPT_SCHEMA:
        return
    metadata = shown["metadata"]
    schema = metadata.get("prompt_api_schema", metadata.get("promptApiSchema")) if isinstance(metadata, dict) else None
    if not isinstance(schema, dict):
        raise invalid(f"Metadata does not conform to the schema {PROMPT_SCHEMA}: prompt_api_schema is missing.")
