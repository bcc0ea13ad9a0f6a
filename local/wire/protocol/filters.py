"""List filters of Vertex AI, as far as its clients write them: `display_name="x" AND labels.team=finance`."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.wire.protocol.google_errors import invalid

_TERM = re.compile(r'\s*(?P<field>[\w.\-]+)\s*(?P<op>!=|=|:)\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]+)\s*$')


def matching(rows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The rows a filter lets through; all of them where it is empty.

    Args:
        text: terms `field=value`, `field!=value` or `field:*` ("is set"), joined by AND.

    Raises:
        GoogleError: 400 for anything else.
    """
    terms = []
    for piece in re.split(r"\s+AND\s+", text.strip()) if text.strip() else []:
        term = _TERM.match(piece)
        if term is None:
            raise invalid(f"Invalid filter: {text!r}")
        value = term["value"]
        terms.append((term["field"], term["op"], re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value))
    return [row for row in rows if all(_holds(row, *term) for term in terms)]


def _holds(row: dict[str, Any], field: str, op: str, value: str) -> bool:
    names = field.split(".", 1)
    found: Any = row.get(re.sub(r"_(\w)", lambda match: match[1].upper(), names[0]))
    if len(names) == 2:
        found = found.get(names[1]) if isinstance(found, dict) else None
    if op == ":":
        return found is not None and (value == "*" or value in str(found))
    return (str(found) == value) is (op == "=") if found is not None else op == "!="
