"""Endpoints: where a model of one's own is deployed and called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.filters import matching
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.operations import operation
from prefect_gemini.local.wire.resources.registry import add_model, find_model, note_deployment
from prefect_gemini.local.wire.resources.store import Record, new_number
from prefect_gemini.local.wire.wire import Wire

KIND = "endpoints"
_FIXED = ("name", "etag")


def add_tuned(
    wire: Wire, parent: str, *, base: str, display_name: str, labels: dict[str, str] | None = None
) -> dict[str, str]:
    """Register a tuned model and deploy it, as a tuning job does when it succeeds.

    Args:
        parent: `projects/P/locations/L`.
        base: id of the Gemini model that was tuned.

    Returns:
        `model` (with its version) and `endpoint`, as the job's `tunedModel` names them.
    """
    model = add_model(wire, parent, base=base, display_name=display_name, labels=labels)
    endpoint = _new(wire, parent, {"displayName": display_name})
    _deploy(wire, endpoint, {"model": model.name, "displayName": display_name}, {"0": 100})
    return {"model": model.name, "endpoint": endpoint.name}


def base_of_endpoint(wire: Wire, name: str) -> str:
    """Id of the Gemini model behind an endpoint.

    Raises:
        GoogleError: 404 when it is not there, 400 when nothing is deployed to it.
    """
    record = _require(wire, name)
    deployed = record.shown.get("deployedModels", [])
    if not deployed:
        raise GoogleError(
            400, f"Endpoint {name} doesn't have any traffic-receiving deployed model.", status="FAILED_PRECONDITION"
        )
    most = max(deployed, key=lambda one: int(record.shown.get("trafficSplit", {}).get(one["id"], 0)))
    version = most.get("modelVersionId", "")
    base: str = find_model(wire, f"{most['model']}@{version}").hidden["base"]
    return base


async def create_endpoint(wire: Wire, call: Call) -> HttpReply:
    """Make an endpoint with nothing deployed."""
    body = call.read("Endpoint")
    if not body.get("displayName"):
        raise invalid(
            "The display_name of the Endpoint must be set.", violations=[("endpoint.display_name", "Required.")]
        )
    record = _new(wire, call.parent, body, endpoint_id=call.query.get("endpointId", ""))
    return json_http(operation(wire, call, "CreateEndpoint", under=record.name, response=record.shown))


async def get_endpoint(wire: Wire, call: Call) -> HttpReply:
    """Show one endpoint."""
    return json_http(_of_path(wire, call).shown)


async def list_endpoints(wire: Wire, call: Call) -> HttpReply:
    """Show all endpoints of a project, newest first."""
    rows = [one.shown for one in wire.store.all(KIND, at=wire.clock.seconds(), under=f"{call.parent}/")]
    return json_http(page(call, KIND, matching(rows, call.query.get("filter", ""))))


async def update_endpoint(wire: Wire, call: Call) -> HttpReply:
    """Change name, description, labels or the split of traffic."""
    record = _of_path(wire, call)
    body = {key: value for key, value in call.read("Endpoint").items() if key not in _FIXED}
    shown = record.shown | body | {"updateTime": wire.clock.timestamp(), "etag": new_number()}
    wire.store.replace(replace(record, shown=shown))
    return json_http(shown)


async def delete_endpoint(wire: Wire, call: Call) -> HttpReply:
    """Delete an endpoint to which nothing is deployed."""
    record = _of_path(wire, call)
    if record.shown.get("deployedModels"):
        raise GoogleError(
            400, f"The Endpoint {record.name} has deployed models; undeploy them first.", status="FAILED_PRECONDITION"
        )
    wire.store.remove(KIND, record.name)
    return json_http(operation(wire, call, "DeleteEndpoint", response={}))


async def deploy_model(wire: Wire, call: Call) -> HttpReply:
    """Deploy a model, so that the endpoint can be called."""
    record, body = _of_path(wire, call), call.read("DeployModelRequest")
    if not body.get("deployedModel", {}).get("model"):
        raise invalid("deployed_model.model must be set.", violations=[("deployed_model.model", "Required.")])
    deployed = _deploy(wire, record, body["deployedModel"], body.get("trafficSplit", {}))
    return json_http(operation(wire, call, "DeployModel", under=record.name, response={"deployedModel": deployed}))


async def undeploy_model(wire: Wire, call: Call) -> HttpReply:
    """Take a model off the endpoint."""
    record, body = _of_path(wire, call), call.read("UndeployModelRequest")
    wanted = body.get("deployedModelId", "")
    rows = record.shown.get("deployedModels", [])
    gone = next((one for one in rows if one["id"] == wanted), None)
    if gone is None:
        raise GoogleError(404, f"DeployedModel {wanted!r} is not found at Endpoint {record.name}.")
    split = {key: share for key, share in record.shown.get("trafficSplit", {}).items() if key != wanted}
    shown = record.shown | {
        "deployedModels": [one for one in rows if one is not gone],
        "trafficSplit": body.get("trafficSplit") or split,
    }
    wire.store.replace(replace(record, shown=shown))
    version = f"{gone['model']}@{gone['modelVersionId']}"
    note_deployment(wire, version, endpoint=record.name, deployed_id=wanted, gone=True)
    return json_http(operation(wire, call, "UndeployModel", under=record.name, response={}))


def _new(wire: Wire, parent: str, body: dict[str, Any], *, endpoint_id: str = "") -> Record:
    name = f"{parent}/endpoints/{endpoint_id or new_number()}"
    now = wire.clock.timestamp()
    shown = {key: value for key, value in body.items() if key not in _FIXED}
    shown |= {"name": name, "createTime": now, "updateTime": now, "etag": new_number()}
    record = Record(KIND, name, shown)
    try:
        wire.store.add(record)
    except KeyError:
        raise GoogleError(409, f"Endpoint {name} already exists.") from None
    return record


def _deploy(wire: Wire, record: Record, asked: dict[str, Any], split: dict[str, int]) -> dict[str, Any]:
    model = find_model(wire, asked["model"])
    deployed = {
        **asked,
        "id": asked.get("id") or new_number(),
        "model": model.shown["name"],
        "modelVersionId": model.shown["versionId"],
        "createTime": wire.clock.timestamp(),
    }
    rows = [*record.shown.get("deployedModels", []), deployed]
    # "0" stands for the model that is being deployed.
    shares = {deployed["id"] if key == "0" else key: share for key, share in split.items()} or {deployed["id"]: 100}
    if sum(shares.values()) != 100:
        raise invalid(f"The percentages of traffic_split must add up to 100, not {sum(shares.values())}.")
    shown = record.shown | {"deployedModels": rows, "trafficSplit": shares}
    wire.store.replace(replace(record, shown=shown))
    note_deployment(wire, model.name, endpoint=record.name, deployed_id=deployed["id"])
    return deployed


def _of_path(wire: Wire, call: Call) -> Record:
    return _require(wire, f"{call.parent}/endpoints/{call.params['id']}")


def _require(wire: Wire, name: str) -> Record:
    found = wire.store.find(KIND, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"Endpoint `{name}` not found.")
    return found
