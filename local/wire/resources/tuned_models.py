"""tunedModels of the Developer API: no longer made there; those that are there can be listed, called, changed, deleted."""

from __future__ import annotations

from dataclasses import replace

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.generate import generate
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.store import Record
from prefect_gemini.local.wire.wire import Wire

KIND = "tunedModels"


async def list_models(wire: Wire, call: Call) -> HttpReply:
    """Show all tuned models, newest first."""
    return json_http(page(call, KIND, [record.shown for record in wire.store.all(KIND, at=wire.clock.seconds())]))


async def get_model(wire: Wire, call: Call) -> HttpReply:
    """Show one tuned model."""
    return json_http(_find(wire, call).shown)


async def update_model(wire: Wire, call: Call) -> HttpReply:
    """Change name, description or sampling of a tuned model."""
    record = _find(wire, call)
    body = {key: value for key, value in call.read("TunedModel").items() if key not in ("name", "baseModel")}
    shown = record.shown | body | {"updateTime": wire.clock.timestamp()}
    wire.store.replace(replace(record, shown=shown))
    return json_http(shown)


async def delete_model(wire: Wire, call: Call) -> HttpReply:
    """Delete one tuned model."""
    wire.store.remove(KIND, _find(wire, call).name)
    return json_http({})


async def call_model(wire: Wire, call: Call) -> HttpReply:
    """Let the base model answer."""
    record = _find(wire, call)
    call.entry.model = record.name
    call.params["model"] = record.shown["baseModel"].rpartition("models/")[2]
    return await generate(wire, call)


def _find(wire: Wire, call: Call) -> Record:
    name = f"{KIND}/{call.params['id']}"
    found = wire.store.find(KIND, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"Tuned model {name} does not exist.")
    return found
