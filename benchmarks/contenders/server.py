"""The local server in a process of its own: 300 ms an answer, the same answer in whatever form is asked for."""

from __future__ import annotations

import json
import sys
from typing import Any

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.control.pace import Pace
from prefect_gemini.local.wire.generating.replies import Reply, function_call, text

LATENCY_S = 0.3
RECEIPT = {"merchant": "Cafe Nord", "total": 12.5}
LANGEXTRACT = json.dumps({"extractions": [{"merchant": "Cafe Nord"}, {"total": "12.50"}]})


def answer(payload: dict[str, Any]) -> Reply:
    """The receipt: as JSON, as a function's arguments, or as langextract's extractions."""
    for tool in payload.get("tools") or ():
        for function in tool.get("functionDeclarations") or ():
            names = ("parametersJsonSchema", "parameters_json_schema", "parameters")
            schema: dict[str, Any] = next((function[name] for name in names if function.get(name)), {})
            properties = schema.get("properties") or {}
            args = RECEIPT if "total" in properties else dict.fromkeys(properties, RECEIPT)
            return function_call(function["name"], args)
    if "extraction" in json.dumps(payload):
        return text(LANGEXTRACT)
    return text(json.dumps(RECEIPT))


def main() -> None:
    """Serve until standard input ends; each line on it is answered with the number of requests so far.

    Arguments: requests a minute, 0 for no limit; seconds an answer takes.
    """
    rpm = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with LocalGemini(authentication=False, keep=1) as server:
        server.script(answer, times=None)
        server.pace = Pace(first_token_s=float(sys.argv[2]) if len(sys.argv) > 2 else LATENCY_S)
        if rpm:
            server.quota.set(rpm=round(rpm / 4), window_s=15.0)
        print(server.base_url, flush=True)
        for _ in sys.stdin:
            print(server.journal.last.number if len(server.journal) else 0, flush=True)


if __name__ == "__main__":
    main()
