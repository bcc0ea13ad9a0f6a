"""What Vertex AI's jobs have in common: shown, listed, cancelled by the collection their path names."""

from __future__ import annotations

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.filters import matching
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.resources.store import Record
from prefect_gemini.local.wire.wire import Wire


async def get_job(wire: Wire, call: Call) -> HttpReply:
    """Show one job."""
    return json_http(find_job(wire, call, call.params["jobs"]).shown)


async def list_jobs(wire: Wire, call: Call) -> HttpReply:
    """Show all jobs of a project, newest first."""
    kind = call.params["jobs"]
    rows = [one.shown for one in wire.store.all(kind, at=wire.clock.seconds(), under=f"{call.parent}/")]
    return json_http(page(call, kind, matching(rows, call.query.get("filter", ""))))


async def cancel_job(wire: Wire, call: Call) -> HttpReply:
    """End a job that has not ended."""
    record = find_job(wire, call, call.params["jobs"])
    wire.jobs.cancel(record.kind, record.name)
    return json_http({})


def find_job(wire: Wire, call: Call, kind: str) -> Record:
    """The job of the path.

    Raises:
        GoogleError: 404 when it is not there.
    """
    name = f"{call.parent}/{kind}/{call.params['id']}"
    found = wire.store.find(kind, name, at=wire.clock.seconds())
    if found is None:
        raise GoogleError(404, f"{kind[0].upper()}{kind[1:-1]} {name} is not found.")
    return found
