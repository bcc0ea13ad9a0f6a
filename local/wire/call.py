"""One HTTP request, read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from prefect_gemini.local.wire.control.journal import Entry
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.protocol.google_errors import invalid
from prefect_gemini.local.wire.protocol.messages import TABLE
from prefect_gemini.local.wire.protocol.proto import Surface, read


@dataclass
class Call:
    """A request with the route it took.

    Args:
        method: in capitals.
        path: decoded, with its leading slash.
        query: the last value of each name.
        headers: names in lower case.
        body: as it came.
        kind: the route's name (`generate`, `stream`, `count`, …).
        surface: whose dialect is spoken.
        params: what the route's pattern caught.
        entry: its line in the journal.
        fault: what was drawn to spoil the answer, if anything.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    kind: str = ""
    surface: Surface = "developer"
    params: dict[str, str] = field(default_factory=dict)
    entry: Entry = field(default_factory=lambda: Entry(0, "", ""))
    fault: Reply | None = None

    @cached_property
    def payload(self) -> Any:
        """The JSON body; an empty body is an empty message.

        Raises:
            GoogleError: 400 when it is not JSON.
        """
        if not self.body.strip():
            return {}
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise invalid(f"Invalid JSON payload received. {_where(error, self.body)}") from error

    def read(self, kind: str) -> dict[str, Any]:
        """The body as a message, every field in camelCase.

        Raises:
            GoogleError: 400 as `proto.read`.
        """
        payload = self.payload
        if not isinstance(payload, dict):
            raise invalid(
                'Invalid JSON payload received. Unknown name "": Root element must be a message.',
                violations=[("", 'Invalid JSON payload received. Unknown name "": Root element must be a message.')],
            )
        return read(payload, kind, table=TABLE, surface=self.surface)

    @property
    def version(self) -> str:
        """The API version of the path."""
        return self.params.get("version", "v1beta")

    @property
    def model(self) -> str:
        """The model id of the path, or ""."""
        return self.params.get("model", "")

    @property
    def parent(self) -> str:
        """`projects/P/locations/L` on Vertex, "" elsewhere."""
        if "project" not in self.params:
            return ""
        return f"projects/{self.params['project']}/locations/{self.params['location']}"


def _where(error: Exception, body: bytes) -> str:
    if isinstance(error, json.JSONDecodeError):
        shown = error.doc[error.pos : error.pos + 20]
        return f"{error.msg}.\n{shown}\n^" if shown else "Unexpected end of string. Expected a value.\n\n^"
    if isinstance(error, RecursionError):
        return "Message too deep. Max recursion depth reached."
    return f"Payload is not valid UTF-8 ({len(body)} bytes)."
