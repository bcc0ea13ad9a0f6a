"""The admin plane under `/__gemini/`: everything a test can set from Python, over HTTP with JSON bodies.

It asks for a JSON body and content type on every change, so that no web page can reach it from a
browser by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control.faults import matching
from prefect_gemini.local.wire.control.pace import PACES, Pace
from prefect_gemini.local.wire.control.planting import plant
from prefect_gemini.local.wire.generating.replies import reply_from_json
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.wire import Wire

PREFIX = "/__gemini/"


def answer(wire: Wire, call: Call) -> HttpReply:
    """Answer a request of the admin plane."""
    name = call.path.removeprefix(PREFIX)
    table = {"GET": _LOOK, "POST": _CHANGE, "DELETE": _CLEAR}.get(call.method, {})
    try:
        if name not in table:
            known = sorted({f"{PREFIX}{one}" for rows in (_LOOK, _CHANGE, _CLEAR) for one in rows})
            raise GoogleError(404, f"{call.method} {call.path} is not there; there are {', '.join(known)}")
        body: Any = {}
        if call.method == "POST":
            if "application/json" not in call.headers.get("content-type", ""):
                raise invalid("the admin plane wants a JSON body, and `Content-Type: application/json`")
            body = call.payload
            if not isinstance(body, dict):
                raise invalid("the body must be a JSON object")
        return json_http(table[name](wire, body))
    except GoogleError as error:
        return json_http(error.body(), status=error.code)
    except (ValueError, TypeError, KeyError) as error:
        return json_http(invalid(f"{type(error).__name__}: {error}").body(), status=400)


def _health(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "requests": len(wire.journal), "time": wire.clock.timestamp()}


def _journal(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
    return {"entries": [entry.as_json() for entry in wire.journal.entries]}


def _verdict(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
    return wire.journal.verdict().as_json()


def _script(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    when = matching(body["when"]) if "when" in body else None
    wire.script.add([reply_from_json(row) for row in body["replies"]], when=when, times=body.get("times", 1))
    return {"unused": wire.script.unused}


def _faults(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    body = dict(body)
    reply = reply_from_json(body.pop("reply"))
    when = matching(body.pop("when")) if "when" in body else None
    return wire.faults.add(reply, when=when, **body).as_json()


def _list_faults(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
    return {"faults": [rule.as_json() for rule in wire.faults.rules]}


def _quota(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    if body == {"halve": True}:
        wire.quota.halve()
    else:
        wire.quota.set(**body)
    return {"rpm": wire.quota.rpm, "tpm": wire.quota.tpm, "window_s": wire.quota.window_s}


def _pace(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    wire.pace = PACES[body["preset"]] if set(body) == {"preset"} else Pace(**body)
    return {"first_token_s": wire.pace.first_token_s, "tokens_per_second": wire.pace.tokens_per_second}


def _clock(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    wire.clock.move(float(body["move_s"]))
    return {"time": wire.clock.timestamp()}


def _models(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    wire.models.add(body.get("add", []))
    wire.models.retirement = bool(body.get("retirement", wire.models.retirement))
    return {"retirement": wire.models.retirement}


def _resources(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    for row in body["put"]:
        plant(wire, row)
    return {"put": len(body["put"])}


def _jobs(wire: Wire, body: dict[str, Any]) -> dict[str, Any]:
    wire.jobs.take_s = float(body["take_s"])
    return {"take_s": wire.jobs.take_s}


def _reset(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
    wire.reset()
    return {}


def _clear(part: str) -> Callable[[Wire, dict[str, Any]], dict[str, Any]]:
    def clear(wire: Wire, _: dict[str, Any]) -> dict[str, Any]:
        getattr(wire, part).clear()
        return {}

    return clear


_Action = Callable[[Wire, dict[str, Any]], dict[str, Any]]
_LOOK: dict[str, _Action] = {
    "health": _health,
    "journal": _journal,
    "verdict": _verdict,
    "faults": _list_faults,
}
_CHANGE: dict[str, _Action] = {
    "script": _script,
    "faults": _faults,
    "quota": _quota,
    "pace": _pace,
    "clock": _clock,
    "models": _models,
    "jobs": _jobs,
    "resources": _resources,
    "reset": _reset,
}
_CLEAR: dict[str, _Action] = {
    "journal": _clear("journal"),
    "script": _clear("script"),
    "faults": _clear("faults"),
}
