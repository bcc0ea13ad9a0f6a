"""Calls to models of one's own: a tuned endpoint, or a registered model, answers as its base model does."""

from __future__ import annotations

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import count, generate
from prefect_gemini.local.wire.protocol.http import HttpReply
from prefect_gemini.local.wire.resources.endpoints import base_of_endpoint
from prefect_gemini.local.wire.resources.registry import find_model
from prefect_gemini.local.wire.wire import Wire


async def call_tuned(wire: Wire, call: Call) -> HttpReply:
    """Find the base model and let it answer; the journal keeps the name that was called."""
    resource = f"{call.params['resource']}/{call.params['id']}"
    call.entry.model = resource
    name = f"{call.parent}/{resource}"
    if call.params["resource"] == "endpoints":
        call.params["model"] = base_of_endpoint(wire, name)
    else:
        call.params["model"] = find_model(wire, name).hidden["base"]
    match call.kind:
        case "count":
            return await count.count_tokens(wire, call)
        case "compute":
            return await count.compute_tokens(wire, call)
    return await generate.generate(wire, call)
