"""models.list and models.get on both surfaces."""

from __future__ import annotations

from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.wire import Wire


async def list_models(wire: Wire, call: Call) -> HttpReply:
    """The living models, a page at a time."""
    rows: list[dict[str, Any]] = [
        model.developer_row() if call.surface == "developer" else model.vertex_row()
        for model in wire.models.alive(call.surface)
    ]
    key = "models" if call.surface == "developer" else "publisherModels"
    return json_http(page(call, key, rows))


async def get_model(wire: Wire, call: Call) -> HttpReply:
    """One model."""
    model = wire.models.find(call.model, surface=call.surface)
    if model is None:
        if call.surface == "developer":
            raise GoogleError(404, f"Model is not found: models/{call.model} for api version {call.version}")
        raise GoogleError(404, f"Publisher Model `publishers/google/models/{call.model}` is not found.")
    return json_http(model.developer_row() if call.surface == "developer" else model.vertex_row())
