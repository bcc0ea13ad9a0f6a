"""Joining translated schemas: `allOf` in one object, and required parts that would never end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
Note = Callable[[str, str], None]


def merge(first: Schema, second: Schema, path: str, note: Note) -> Schema:
    """One schema that says what both say, as far as one object can; the rest is noted."""
    out = dict(first)
    for key, value in second.items():
        if key not in out or out[key] == value:
            out[key] = value
        elif key == "properties":
            out[key] = dict(out[key])
            for name, inner in value.items():
                known = out[key].get(name)
                out[key][name] = merge(known, inner, f"{path}/properties/{name}", note) if known else inner
        elif key == "required":
            out[key] = list(dict.fromkeys([*out[key], *value]))
        elif key in ("minimum", "minItems"):
            out[key] = max(out[key], value)
        elif key in ("maximum", "maxItems"):
            out[key] = min(out[key], value)
        elif key == "enum":
            out[key] = [item for item in out[key] if item in value] or out[key]
        elif key == "type":
            out[key] = _common_type(out[key], value) or out[key]
        elif key == "additionalProperties":
            # Closed on its own means open together: each part of an allOf sees the properties of the others.
            out[key] = True
            note(path, "`additionalProperties` in parts of `allOf` is not sent")
        elif key not in ("title", "description"):
            note(path, f"a second `{key}` in `allOf` is not sent")
    return out


def _common_type(first: Any, second: Any) -> Any:
    left = first if isinstance(first, list) else [first]
    right = second if isinstance(second, list) else [second]
    common = [kind for kind in left if kind in right]
    if not common and {"integer", "number"} <= {*left, *right}:
        common = ["integer"]
    return common[0] if len(common) == 1 else common


def drop_required_cycles(root: Schema, defs: dict[str, Schema], note: Note) -> None:
    """Make optional every required property that leads back to where it stands.

    Gemini unrolls such references to a limited depth, and only in properties that are not required.
    """
    reach = {name: _reachable(name, defs) for name in defs}
    for name, schema in [("", root), *defs.items()]:
        for place in _objects(schema):
            for required in list(place.get("required", ())):
                targets = set(_references(place.get("properties", {}).get(required, {})))
                if any(name and name in reach[target] | {target} and target in reach[name] for target in targets):
                    place["required"] = [item for item in place["required"] if item != required]
                    note(f"#/$defs/{name}" if name else "#", f"that `{required}` is required is not sent")
            if place.get("required") == []:
                del place["required"]


def _reachable(name: str, defs: dict[str, Schema]) -> set[str]:
    seen: set[str] = set()
    todo = list(_references(defs[name]))
    while todo:
        target = todo.pop()
        if target not in seen:
            seen.add(target)
            todo.extend(_references(defs[target]))
    return seen


def _references(schema: Any) -> Iterator[str]:
    for place in _objects(schema):
        reference = place.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix("#/$defs/")


def _objects(schema: Any) -> Iterator[Schema]:
    """Every schema inside this one, itself first."""
    todo = [schema]
    while todo:
        place = todo.pop()
        if not isinstance(place, dict):
            continue
        yield place
        todo.extend(place.get("properties", {}).values())
        todo.extend(place.get("prefixItems", ()))
        todo.extend(place.get("anyOf", ()))
        todo.extend(place[key] for key in ("items", "additionalProperties") if key in place)
