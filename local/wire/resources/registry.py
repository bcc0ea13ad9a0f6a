"""The model registry: tuned models with their versions, copied between projects and regions."""

from __future__ import annotations

import re
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

KIND = "modelVersions"
_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}$|\d+$")
_FULL = re.compile(r"projects/[^/]+/locations/[^/]+/models/[^/@]+(?:@[^/@]+)?$")
_FIXED = ("name", "etag", "versionAliases", "baseModelSource")


def add_model(
    wire: Wire,
    parent: str,
    *,
    base: str,
    display_name: str,
    model_id: str = "",
    labels: dict[str, str] | None = None,
    origin: dict[str, Any] | None = None,
) -> Record:
    """Register a Gemini model of one's own, or a new version of one that is there.

    Args:
        parent: `projects/P/locations/L`.
        base: id of the Gemini model it was tuned from.
        model_id: of the model; a number of nineteen digits when empty.
        labels: of the model.
        origin: what else the API shows of where it comes from.

    Returns:
        The record; its name is `…/models/ID@VERSION`.
    """
    name = f"{parent}/models/{model_id or new_number()}"
    before = _versions(wire, name)
    number = max((int(one.shown["versionId"]) for one in before), default=0) + 1
    now = wire.clock.timestamp()
    shown: dict[str, Any] = {
        "name": name,
        "displayName": display_name,
        "versionId": str(number),
        "versionAliases": [] if before else ["default"],
        "versionCreateTime": now,
        "versionUpdateTime": now,
        "createTime": before[-1].shown["createTime"] if before else now,
        "updateTime": now,
        "supportedDeploymentResourcesTypes": ["SHARED_RESOURCES"],
        "labels": {"google-vertex-llm-tuning-base-model-id": base.replace(".", "-"), "tune-type": "sft"},
        "baseModelSource": {"genieSource": {"baseModelUri": f"publishers/google/models/{base}"}},
        "modelSourceInfo": {"sourceType": "GENIE"},
        "etag": new_number(),
    }
    shown["labels"] |= labels or {}
    record = Record(KIND, f"{name}@{number}", shown | (origin or {}), {"base": base})
    wire.store.add(record)
    return record


def find_model(wire: Wire, name: str) -> Record:
    """A model by its full name, with a version or alias after "@" or the default one.

    Raises:
        GoogleError: 404 when it is not there.
    """
    plain, _, wanted = name.partition("@")
    for record in _versions(wire, plain):
        if (wanted or "default") in (record.shown["versionId"], *record.shown["versionAliases"]):
            return record
    raise GoogleError(404, f"The Model `{name}` does not exist.")


async def get_model(wire: Wire, call: Call) -> HttpReply:
    """Show one version of a model."""
    return json_http(_of_path(wire, call).shown)


async def list_models(wire: Wire, call: Call) -> HttpReply:
    """Show the default version of every model of a project, newest first."""
    rows = [
        record.shown
        for record in wire.store.all(KIND, at=wire.clock.seconds(), under=f"{call.parent}/models/")
        if "default" in record.shown["versionAliases"]
    ]
    return json_http(page(call, "models", matching(rows, call.query.get("filter", ""))))


async def list_versions(wire: Wire, call: Call) -> HttpReply:
    """Show every version of a model, newest first."""
    rows = [record.shown for record in _versions(wire, _of_path(wire, call).shown["name"])]
    return json_http(page(call, "models", rows))


async def list_checkpoints(wire: Wire, call: Call) -> HttpReply:
    """Show the checkpoints of a model, if its tuning left any."""
    return json_http(page(call, "checkpoints", _of_path(wire, call).shown.get("checkpoints", [])))


async def update_model(wire: Wire, call: Call) -> HttpReply:
    """Change the display name, the description or the labels."""
    record = _of_path(wire, call)
    body = {key: value for key, value in call.read("Model").items() if key not in _FIXED}
    if mask := call.query.get("updateMask"):
        body = {key: value for key, value in body.items() if re.sub(r"[A-Z]", "_\\g<0>", key).lower() in mask}
    shown = record.shown | body | {"updateTime": wire.clock.timestamp(), "etag": new_number()}
    wire.store.replace(replace(record, shown=shown))
    return json_http(shown)


async def merge_aliases(wire: Wire, call: Call) -> HttpReply:
    """Give aliases to a version, and take them with a leading dash; an alias is at one version at a time."""
    record = _of_path(wire, call)
    for alias in call.read("MergeVersionAliasesRequest").get("versionAliases", []):
        if alias == "-default":
            raise invalid("The default alias can be moved to another version, not removed.")
        for other in _versions(wire, record.shown["name"]):
            kept = [one for one in other.shown["versionAliases"] if one != alias.removeprefix("-")]
            if other.name == record.name and not alias.startswith("-"):
                kept.append(alias)
            wire.store.replace(replace(other, shown=other.shown | {"versionAliases": kept}))
    return json_http(_of_path(wire, call).shown)


async def delete_model(wire: Wire, call: Call) -> HttpReply:
    """Delete a model with its versions, unless one is deployed."""
    versions = _versions(wire, _of_path(wire, call).shown["name"])
    _refuse_deployed(versions)
    for record in versions:
        wire.store.remove(KIND, record.name)
    return json_http(operation(wire, call, "DeleteModel", response={}))


async def delete_version(wire: Wire, call: Call) -> HttpReply:
    """Delete one version, unless it is the default or deployed."""
    record = _of_path(wire, call)
    if "default" in record.shown["versionAliases"]:
        raise invalid("The default version of a Model cannot be deleted; delete the Model.")
    _refuse_deployed([record])
    wire.store.remove(KIND, record.name)
    return json_http(operation(wire, call, "DeleteModelVersion", response={}))


async def copy_model(wire: Wire, call: Call) -> HttpReply:
    """Copy a model, from any project and region, to that of the path."""
    body = call.read("CopyModelRequest")
    if not _FULL.match(body.get("sourceModel", "")):
        raise invalid("source_model must be of the form projects/P/locations/L/models/M@V.")
    source = find_model(wire, body["sourceModel"])
    model_id = body.get("modelId", "")
    if model_id and not _ID.match(model_id):
        raise invalid(f"Invalid model_id {model_id!r}: it takes [a-z0-9_-], and begins with neither digit nor dash.")
    if model_id and _versions(wire, f"{call.parent}/models/{model_id}"):
        raise GoogleError(409, f"Model {call.parent}/models/{model_id} already exists.")
    if parent_model := body.get("parentModel", ""):
        model_id = find_model(wire, parent_model).shown["name"].rpartition("/")[2]
    copied = add_model(
        wire,
        call.parent,
        base=source.hidden["base"],
        display_name=source.shown["displayName"],
        model_id=model_id,
        labels=source.shown["labels"],
        origin={
            "originalModelInfo": {"model": source.name},
            "modelSourceInfo": source.shown["modelSourceInfo"] | {"copy": True},
            **({"encryptionSpec": body["encryptionSpec"]} if "encryptionSpec" in body else {}),
        },
    )
    name = copied.shown["name"]
    response = {"model": name, "modelVersionId": copied.shown["versionId"]}
    return json_http(operation(wire, call, "CopyModel", under=name, response=response))


def note_deployment(wire: Wire, model: str, *, endpoint: str, deployed_id: str, gone: bool = False) -> None:
    """Show on a model where it is deployed, or no longer is."""
    record = find_model(wire, model)
    rows = [one for one in record.shown.get("deployedModels", []) if one["deployedModelId"] != deployed_id]
    if not gone:
        rows.append({"endpoint": endpoint, "deployedModelId": deployed_id})
    wire.store.replace(replace(record, shown=record.shown | {"deployedModels": rows}))


def _of_path(wire: Wire, call: Call) -> Record:
    if not _ID.match(call.params["id"].partition("@")[0]):
        raise invalid(f"Invalid resource name of a model: {call.params['id']!r}.")
    return find_model(wire, f"{call.parent}/models/{call.params['id']}")


def _versions(wire: Wire, name: str) -> list[Record]:
    return wire.store.all(KIND, at=wire.clock.seconds(), under=f"{name}@")


def _refuse_deployed(records: list[Record]) -> None:
    for record in records:
        if record.shown.get("deployedModels"):
            where = record.shown["deployedModels"][0]["endpoint"]
            raise GoogleError(
                400, f"The Model {record.name} is deployed at {where}; undeploy it first.", status="FAILED_PRECONDITION"
            )
