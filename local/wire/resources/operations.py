"""Long-running operations: what a method that takes its time answers with, to be asked for until it is done."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.store import Record, new_number
from prefect_gemini.local.wire.wire import Wire

KIND = "operations"
KEPT_S = 30 * 24 * 3600.0
_TYPES = "type.googleapis.com/google.cloud.aiplatform"


def operation(wire: Wire, call: Call, method: str, *, under: str = "", response: dict[str, Any]) -> dict[str, Any]:
    """Begin an operation. It is done when it is next asked for, so that clients must ask.

    Args:
        method: of the service, as `CopyModel`; names the types of metadata and response.
        under: the resource it belongs to; the project's location where there is none.
        response: what it comes to; {} for a deletion.
    """
    package = f"{_TYPES}.{'v1' if call.version == 'v1' else 'v1beta1'}"
    now = wire.clock.timestamp()
    kind = f"{package}.{method}Response"
    if method.startswith("Delete"):
        kind = "type.googleapis.com/google.protobuf.Empty"
    elif "name" in response:
        # The resource itself is the response.
        kind = f"{package}.{method.removeprefix('Create').removeprefix('Restore')}"
    waiting: dict[str, Any] = {
        "name": f"{under or call.parent}/operations/{new_number()}",
        "metadata": {
            "@type": f"{package}.{'Delete' if method.startswith('Delete') else method}OperationMetadata",
            "genericMetadata": {"createTime": now, "updateTime": now},
        },
    }
    done = waiting | {"done": True, "response": {"@type": kind} | response}
    wire.store.add(Record(KIND, waiting["name"], done, expires=wire.clock.seconds() + KEPT_S))
    return waiting


async def get_operation(wire: Wire, call: Call) -> HttpReply:
    """How far an operation is."""
    return json_http(_find(wire, call).shown)


async def list_operations(wire: Wire, call: Call) -> HttpReply:
    """The operations of a resource, newest first."""
    under = f"{call.parent}{call.params['under']}/operations/"
    rows = [record.shown for record in wire.store.all(KIND, at=wire.clock.seconds(), under=under)]
    return json_http(page(call, "operations", rows))


async def cancel_operation(wire: Wire, call: Call) -> HttpReply:
    """Accept the wish to cancel; what is done stays done, as at Google."""
    _find(wire, call)
    return json_http({})


async def delete_operation(wire: Wire, call: Call) -> HttpReply:
    """Forget an operation; what it did stays."""
    wire.store.remove(KIND, _find(wire, call).name)
    return json_http({})


def _find(wire: Wire, call: Call) -> Record:
    name = f"{call.parent}{call.params['under']}/operations/{call.params['id']}"
    found = wire.store.find(KIND, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"Operation {name} is not found.")
    return found
