"""Reading JSON as a proto3 service does: either casing, known fields only, typed values.

A table (see `messages`) says which fields a message has. Reading a body by it gives the same body
with every field in camelCase, and leaves alone what belongs to the caller: function arguments and
responses, labels, JSON schemas.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from prefect_gemini.local.wire.protocol.google_errors import GoogleError, bad_request

Surface = Literal["vertex", "developer"]

_LINE = re.compile(r"^(?P<name>\w+)\s+(?P<open>[\[{]?)(?P<kind>\w+)[\]}]?(?P<flags>(?:\s+\S+)*)$")
_SCALARS = {"string", "bytes", "bool", "int", "long", "float", "any", "struct"}
_PACKAGE = {
    "vertex": "google.cloud.aiplatform.v1beta1",
    "developer": "google.ai.generativelanguage.v1beta",
}


@dataclass(frozen=True)
class Field:
    """One field of a message.

    Args:
        name: in camelCase.
        kind: a scalar, an enum or a message of the table.
        shape: one value, a list, or a map from strings.
        surface: the only surface that knows it; "" for both.
        oneof: the group of which only one may be set.
    """

    name: str
    kind: str
    shape: Literal["one", "list", "map"]
    surface: str = ""
    oneof: str = ""


@dataclass(frozen=True)
class Table:
    """All messages and enums of the API."""

    messages: dict[str, dict[str, Field]]
    enums: dict[str, tuple[str, ...]]

    @classmethod
    def parse(cls, text: str, enums: dict[str, str]) -> Table:
        """Read the layout of `messages`: a message per unindented line, a field per indented one."""
        messages: dict[str, dict[str, Field]] = {}
        fields: dict[str, Field] = {}
        for line in text.splitlines():
            if not line.strip():
                continue
            if not line.startswith(" "):
                fields = messages.setdefault(line.strip(), {})
                continue
            match = _LINE.match(line.strip())
            if match is None:
                raise ValueError(f"not a field: {line!r}")
            flags = match["flags"].split()
            field = Field(
                match["name"],
                match["kind"],
                {"": "one", "[": "list", "{": "map"}[match["open"]],  # type: ignore[arg-type]
                surface=next((flag for flag in flags if flag in ("vertex", "developer")), ""),
                oneof=next((flag[6:] for flag in flags if flag.startswith("oneof:")), ""),
            )
            fields[field.name] = field
            fields[snake(field.name)] = field
        table = cls(messages, {name: tuple(values.split()) for name, values in enums.items()})
        for name, known in messages.items():
            for field in known.values():
                if field.kind not in _SCALARS | messages.keys() | table.enums.keys():
                    raise ValueError(f"{name}.{field.name}: {field.kind} is not in the table")
        return table


@cache
def snake(name: str) -> str:
    """`topP` as `top_p`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


class Reader:
    """Reads one body; gathers what is wrong with it."""

    def __init__(self, table: Table, surface: Surface) -> None:
        self.table = table
        self.surface = surface
        self.violations: list[tuple[str, str]] = []

    def message(self, value: Any, kind: str, path: str) -> dict[str, Any]:
        """Read an object as the message `kind`."""
        if not isinstance(value, dict):
            self._wrong(path, kind, value)
            return {}
        fields = self.table.messages[kind]
        result: dict[str, Any] = {}
        taken: dict[str, str] = {}
        for key, item in value.items():
            field = fields.get(key)
            if field is None or (field.surface and field.surface != self.surface):
                where = f" at '{path}'" if path else ""
                self._add(path, f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.')
                continue
            if item is None:
                continue
            if field.oneof:
                if field.oneof in taken and taken[field.oneof] != field.name:
                    text = f"oneof field '{field.oneof}' is already set. Cannot set '{field.name}'"
                    self._add(path, f"Invalid value at '{path}' (oneof), {text}")
                taken[field.oneof] = field.name
            result[field.name] = self._field(item, field, f"{path}.{snake(field.name)}" if path else snake(field.name))
        return result

    def _field(self, item: Any, field: Field, path: str) -> Any:
        if field.shape == "list":
            # A single value where a list is due counts as a list of one: Google's own curl examples rely on it.
            items = item if isinstance(item, list) else [item]
            return [self._value(one, field.kind, f"{path}[{number}]") for number, one in enumerate(items)]
        if field.shape == "map":
            if not isinstance(item, dict):
                self._wrong(path, field.kind, item)
                return {}
            return {key: self._value(one, field.kind, f"{path}[{key}].value") for key, one in item.items()}
        if isinstance(item, list) and field.kind != "any":
            name = path.rpartition(".")[2]
            text = "Proto field is not repeating, cannot start list."
            self._add(path, f'Invalid JSON payload received. Unknown name "{name}": {text}')
            return None
        return self._value(item, field.kind, path)

    def _value(self, item: Any, kind: str, path: str) -> Any:
        if kind == "any":
            return item
        if kind in self.table.enums:
            return self._enum(item, kind, path)
        if kind not in _SCALARS:
            return self.message(item, kind, path)
        try:
            return _scalar(item, kind)
        except (ValueError, TypeError):
            self._wrong(path, kind, item)
            return None

    def _enum(self, item: Any, kind: str, path: str) -> Any:
        known = self.table.enums[kind]
        if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < len(known):
            return known[item]
        # Google reads enum names without regard to case: "string" for STRING, "low" for LOW.
        if isinstance(item, str) and item.upper() in known:
            return item.upper()
        if isinstance(item, str) and item in known:
            return item
        self._wrong(path, kind, item)
        return None

    def _wrong(self, path: str, kind: str, value: Any) -> None:
        label = (
            f"TYPE_{ {'int': 'INT32', 'long': 'INT64', 'any': 'MESSAGE', 'struct': 'MESSAGE'}.get(kind, kind.upper()) }"
            if kind in _SCALARS
            else f"type.googleapis.com/{_PACKAGE[self.surface]}.{kind}"
        )
        shown = json.dumps(value) if isinstance(value, str | int | float | bool) else str(value)[:80]
        problem = "Base64 decoding failed for " if kind == "bytes" and isinstance(value, str) else ""
        self._add(path, f"Invalid value at '{path}' ({label}), {problem}{shown[:200]}")

    def _add(self, field: str, text: str) -> None:
        self.violations.append((field, text))


def _scalar(item: Any, kind: str) -> Any:
    """One scalar, as the proto3 JSON mapping reads it."""
    match kind:
        case "string":
            if isinstance(item, str):
                return item
        case "bool":
            if isinstance(item, bool):
                return item
        case "struct":
            if isinstance(item, dict):
                return item
        case "bytes":
            if isinstance(item, str):
                decode_bytes(item)
                return item
        case "int" | "long" if not isinstance(item, bool):
            number = float(item)
            if number == int(number):
                return int(item) if isinstance(item, str) else int(number)
        case "float" if not isinstance(item, bool):
            return float(item)
    raise ValueError(kind)


def decode_bytes(text: str) -> bytes:
    """Base64 in either alphabet, padded or not.

    Raises:
        ValueError: when it is not base64.
    """
    if "-" in text or "_" in text:
        text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def read(value: Any, kind: str, *, table: Table, surface: Surface) -> dict[str, Any]:
    """Read a body as the message `kind`, or refuse it as Google does.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT naming every field that is unknown or ill-typed.
    """
    reader = Reader(table, surface)
    result = reader.message(value, kind, "")
    if reader.violations:
        raise GoogleError(
            400,
            "\n".join(text for _, text in reader.violations),
            details=[bad_request(reader.violations)],
        )
    return result
