"""Google's discovery documents, as google-api-python-client ships them: which methods there are, and what they carry."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER = "discovery_cache/documents"
VARIABLE = "DISCOVERY_DOCUMENTS"
_WHOLE = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


def find_document(name: str) -> Document | None:
    """A discovery document, as `aiplatform.v1beta1`; None where google-api-python-client is not installed.

    The environment variable DISCOVERY_DOCUMENTS may name a folder that has them instead.
    """
    folder = os.environ.get(VARIABLE)
    if folder is None:
        spec = find_spec("googleapiclient")
        if spec is None or spec.origin is None:
            return None
        folder = str(Path(spec.origin).parent / FOLDER)
    path = Path(folder) / f"{name}.json"
    return Document(json.loads(path.read_text())) if path.exists() else None


@dataclass(frozen=True)
class Method:
    """One method of an API.

    Args:
        name: as `projects.locations.cachedContents.create`.
        verb: of HTTP.
        path: with `{placesId}`, and a leading slash.
        request, response: names of schemas, "" where there is no body.
    """

    name: str
    verb: str
    path: str
    request: str = ""
    response: str = ""

    @property
    def resource(self) -> str:
        """What it is a method of, without the projects and locations before it."""
        return self.name.removeprefix("projects.locations.").rpartition(".")[0]

    @property
    def example(self) -> str:
        """A path that could be asked for."""
        return re.sub(r"\{(\w+?)(?:Id)?\}", lambda place: "google" if place[1] == "publishers" else "x1", self.path)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches its paths."""
        return re.compile(re.sub(r"\\\{\w+?\\\}", "[^/:]+", re.escape(self.path)) + "$")


class Document:
    """One discovery document.

    Args:
        document: its JSON.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.name = str(document["name"])
        self.schemas: dict[str, Any] = document["schemas"]
        self.base = f"/{document.get('servicePath', '')}"
        self.methods = list(self._walk(document, ""))

    def method(self, verb: str, path: str) -> Method | None:
        """The method of a request."""
        return next((one for one in self.methods if one.verb == verb and one.pattern.match(path)), None)

    def problems(self, value: Any, schema: dict[str, Any] | str, path: str = "") -> list[str]:
        """What in a body is not as the document says, one line a place.

        Args:
            schema: or its name.
        """
        if isinstance(schema, str):
            schema = self.schemas[schema]
        if "$ref" in schema:
            return self.problems(value, schema["$ref"], path)
        match schema.get("type"):
            case "object" if isinstance(value, dict):
                return self._object(value, schema, path)
            case "array" if isinstance(value, list):
                return [
                    line
                    for number, one in enumerate(value)
                    for line in self.problems(one, schema["items"], f"{path}[{number}]")
                ]
            case "any":
                return []
            case kind if _is(value, str(kind), schema):
                return []
        return [f"{path}: {json.dumps(value)[:60]} is no {schema.get('format') or schema.get('type')}"]

    def _object(self, value: dict[str, Any], schema: dict[str, Any], path: str) -> list[str]:
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        lines = []
        for name, one in value.items():
            where = f"{path}.{name}" if path else name
            if name in known:
                lines += self.problems(one, known[name], where)
            elif more is not None:
                lines += self.problems(one, more, where)
            elif known:
                lines.append(f"{where}: not in the document")
        return lines

    def _walk(self, node: dict[str, Any], prefix: str) -> Iterator[Method]:
        for name, one in node.get("methods", {}).items():
            upload = one.get("mediaUpload", {}).get("protocols", {}).get("simple", {})
            path = upload.get("path") or self.base + one.get("flatPath", one["path"])
            request, response = (one.get(key, {}).get("$ref", "") for key in ("request", "response"))
            yield Method(prefix + name, one["httpMethod"], path, request, response)
        for name, child in node.get("resources", {}).items():
            yield from self._walk(child, f"{prefix}{name}.")


def _is(value: Any, kind: str, schema: dict[str, Any]) -> bool:
    if kind == "string":
        if not isinstance(value, str):
            return False
        if schema.get("format") == "byte":
            try:
                base64.b64decode(value, validate=True)
            except binascii.Error:
                return False
        if schema.get("format") in ("int64", "uint64"):
            return re.fullmatch(r"-?\d+", value) is not None
        if schema.get("format") == "google-datetime":
            return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None
        return value in schema.get("enum", (value,))
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        low, high = _WHOLE.get(schema.get("format", ""), (-(2**63), 2**63))
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return kind == "number" and isinstance(value, int | float) and not isinstance(value, bool)
