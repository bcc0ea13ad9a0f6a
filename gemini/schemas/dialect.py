"""What Gemini takes of JSON Schema, and what has to be loosened on the way.

`responseJsonSchema` knows `$id $defs $ref $anchor type format title description enum items prefixItems
minItems maxItems minimum maximum anyOf oneOf properties additionalProperties required propertyOrdering`
and nothing else (google-genai, `GenerateContentConfig.response_json_schema`). Whatever is left out here is
still checked: the answer is validated against the schema as written, never against this one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import NoSuchAnchor, PointerToNowhere, Unresolvable
from referencing.jsonschema import DRAFT202012, UnknownDialect, specification_with

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.schemas.dialect_merge import drop_required_cycles, merge

Schema = dict[str, Any]

FORMATS = frozenset({"date", "date-time", "time"})

KEPT = ("title", "description", "minItems", "maxItems", "minimum", "maximum", "propertyOrdering")

# Keywords that constrain and that Gemini does not know: dropped, with a note.
LOOSENED = frozenset(
    {
        "contains",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "disallow",
        "divisibleBy",
        "else",
        "extends",
        "if",
        "maxContains",
        "maxLength",
        "maxProperties",
        "minContains",
        "minLength",
        "minProperties",
        "multipleOf",
        "not",
        "pattern",
        "patternProperties",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    }
)

REFS_ALONE = frozenset({"draft-03", "draft-04", "draft-06", "draft-07"})


class Dialect:
    """Translate one schema. `wire` is what is sent, `notes` what was loosened, each with its place."""

    def __init__(self, schema: Schema | bool) -> None:
        dialect = schema.get("$schema") if isinstance(schema, dict) else None
        try:
            self._specification = specification_with(dialect, default=DRAFT202012) if dialect else DRAFT202012
        except UnknownDialect:
            self._specification = DRAFT202012
        self._refs_alone = any(name in str(dialect) for name in REFS_ALONE)
        self._names: dict[int, str] = {}
        self._defs: dict[str, Schema] = {}
        self._notes: dict[str, None] = {}
        resource = self._specification.create_resource(schema)
        uri = resource.id() or ""
        try:
            wire = self._schema(schema, "#", REGISTRY.with_resource(uri, resource).resolver(uri))
        except RecursionError:
            raise InvalidOption(
                "the schema cannot be sent to Gemini: it is nested too deep",
                hint="Flatten the schema, or take the inner part as a document of its own.",
            ) from None
        if wire is None:
            raise _refused("false", "#", "it admits no answer at all")
        while set(wire) == {"$ref"}:
            target = wire["$ref"].removeprefix("#/$defs/")
            if self._defs[target] == wire:
                raise _refused("$ref", "#", "it refers to itself and to nothing else")
            wire = copy.deepcopy(self._defs[target])
        drop_required_cycles(wire, self._defs, self._note)
        if self._defs:
            wire = {**wire, "$defs": self._defs}
        self.wire: Schema = wire

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for everything Gemini will not be told."""
        return tuple(self._notes)

    def _note(self, path: str, what: str) -> None:
        self._notes.setdefault(f"{path}: {what}")

    def _schema(self, node: Any, path: str, resolver: Any) -> Schema | None:
        """The node as Gemini takes it; None for `false`, which admits nothing."""
        if isinstance(node, bool):
            return {} if node else None
        resolver = resolver.in_subresource(self._specification.create_resource(node))
        out: Schema = {}
        reference = node.get("$ref")
        if isinstance(reference, str):
            target = self._reference(reference, path, resolver)
            rest = set() if self._refs_alone else set(node) - {"$ref"}
            constraints = rest - {"title", "description", "default", "examples", "$comment", "deprecated", "$defs"}
            constraints -= {"definitions", "$schema", "$id", "id", "readOnly", "writeOnly"}
            if not constraints:
                words = {key: node[key] for key in ("title", "description") if key in rest}
                # A $ref may stand beside nothing but $-keywords, and the description tells the model what to read.
                return {"anyOf": [target], **words} if words else target
            out = self._inlined(target, path)
        for key in ("$dynamicRef", "$recursiveRef"):
            if key in node:
                self._note(path, f"`{key}` is not sent")
        for key in KEPT:
            if key in node:
                out[key] = node[key]
        self._types(node, path, out)
        self._values(node, path, out)
        self._bounds(node, path, out)
        self._array(node, path, resolver, out)
        self._object(node, path, resolver, out)
        for key in sorted(LOOSENED & node.keys()):
            self._note(path, f"`{key}` is not sent")
        return self._combined(node, path, resolver, out)

    def _types(self, node: Schema, path: str, out: Schema) -> None:
        kinds = node.get("type")
        if isinstance(kinds, list):
            if all(isinstance(kind, str) for kind in kinds):
                out["type"] = list(kinds) if len(kinds) > 1 else kinds[0]
            else:
                self._note(path, "`type` with schemas inside is not sent")
        elif isinstance(kinds, str) and kinds != "any":
            out["type"] = kinds
        form = node.get("format")
        if form in FORMATS:
            out["format"] = form
        elif form is not None:
            self._note(path, f"`format` {form!r} is not sent")

    def _values(self, node: Schema, path: str, out: Schema) -> None:
        values = node["enum"] if isinstance(node.get("enum"), list) else [node["const"]] if "const" in node else None
        if values is None:
            return
        plain = [value for value in values if isinstance(value, str)]
        numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        flags = [value for value in values if isinstance(value, bool)]
        groups: list[Schema] = []
        if plain:
            groups.append({"type": "string", "enum": plain})
        if numbers:
            whole = all(float(value).is_integer() for value in numbers)
            groups.append({"type": "integer" if whole else "number", "enum": numbers})
        if flags:
            groups.append({"type": "boolean"})
            if len(set(flags)) == 1:
                self._note(path, f"that only `{str(flags[0]).lower()}` is allowed is not sent")
        if None in values:
            groups.append({"type": "null"})
        if any(isinstance(value, (list, dict)) for value in values):
            self._note(path, "`enum` with lists or objects is not sent")
            return
        if len(groups) == 1:
            out.update(groups[0])
        elif groups:
            out.pop("type", None)
            out["anyOf"] = groups

    def _bounds(self, node: Schema, path: str, out: Schema) -> None:
        for key, bound, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
            limit = node.get(key)
            if limit is True:
                limit = node.get(bound)
            if isinstance(limit, bool) or not isinstance(limit, (int, float)):
                continue
            if node.get("type") == "integer" and float(limit).is_integer():
                out[bound] = int(limit) + step
            else:
                out[bound] = limit
                self._note(path, f"`{key}` is sent as `{bound}`")

    def _array(self, node: Schema, path: str, resolver: Any, out: Schema) -> None:
        first, rest = node.get("prefixItems"), node.get("items")
        if isinstance(rest, list):
            first, rest = rest, node.get("additionalItems")
        if isinstance(first, list):
            places = [self._schema(item, f"{path}/prefixItems/{index}", resolver) for index, item in enumerate(first)]
            out["prefixItems"] = [place or {} for place in places]
        if rest is None or not isinstance(rest, (dict, bool)):
            return
        items = self._schema(rest, f"{path}/items", resolver)
        if items is None:
            out["maxItems"] = min(len(first or ()), out.get("maxItems", len(first or ())))
        elif items or not first:
            out["items"] = items

    def _object(self, node: Schema, path: str, resolver: Any, out: Schema) -> None:
        properties: Schema = {}
        forbidden = set()
        if isinstance(node.get("properties"), dict):
            for name, value in node["properties"].items():
                inner = self._schema(value, f"{path}/properties/{name}", resolver)
                if inner is None:
                    forbidden.add(name)
                    self._note(f"{path}/properties/{name}", "that it is forbidden is not sent")
                else:
                    properties[name] = inner
        required = node.get("required")
        if isinstance(required, list):
            names = list(dict.fromkeys(name for name in required if isinstance(name, str) and name not in forbidden))
            # Gemini answers 400 where a required property is not among the properties.
            for name in names:
                properties.setdefault(name, {})
            if names:
                out["required"] = list(dict.fromkeys([*out.get("required", ()), *names]))
        elif required is not None:
            self._note(path, "`required` that is not a list is not sent")
        if properties or "properties" in node:
            out["properties"] = {**out.get("properties", {}), **properties}
        if "additionalProperties" in node:
            more = self._schema(node["additionalProperties"], f"{path}/additionalProperties", resolver)
            out["additionalProperties"] = False if more is None else more or True
            if more is None and "patternProperties" in node:
                del out["additionalProperties"]

    def _combined(self, node: Schema, path: str, resolver: Any, out: Schema) -> Schema | None:
        for key in ("anyOf", "oneOf"):
            choices = node.get(key)
            if not isinstance(choices, list):
                continue
            translated = [self._schema(choice, f"{path}/{key}/{n}", resolver) for n, choice in enumerate(choices)]
            possible = [choice for choice in translated if choice is not None]
            if not possible:
                return None
            if key == "oneOf" and len(possible) > 1:
                self._note(path, "`oneOf` is read as `anyOf`")
            if "anyOf" in out:
                self._note(path, f"a second choice in one place (`{key}`) is not sent")
            elif {} not in possible:
                out["anyOf"] = possible
        for index, part in enumerate(node.get("allOf") or ()):
            inner = self._schema(part, f"{path}/allOf/{index}", resolver)
            if inner is None:
                return None
            out = merge(self._inlined(out, path), self._inlined(inner, path), path, self._note) if out else inner
        return out

    def _reference(self, reference: str, path: str, resolver: Any) -> Schema:
        try:
            found = resolver.lookup(reference)
        except (Unresolvable, NoSuchAnchor, PointerToNowhere) as error:
            raise _refused("$ref", path, f"{reference!r} leads to nothing in it (nothing is fetched)") from error
        if isinstance(found.contents, bool):
            return {} if found.contents else {"enum": []}
        if not isinstance(found.contents, Mapping):
            raise _refused("$ref", path, f"{reference!r} does not lead to a schema")
        key = id(found.contents)
        if key not in self._names:
            last = re.sub(r"\W+", "_", reference.rsplit("/", 1)[-1].strip("#")) or "root"
            name, number = last, 1
            while name in self._names.values():
                number += 1
                name = f"{last}_{number}"
            self._names[key] = name
            inner = self._schema(found.contents, path, found.resolver)
            self._defs[name] = {} if inner is None else inner
        return {"$ref": f"#/$defs/{self._names[key]}"}

    def _inlined(self, schema: Schema, path: str) -> Schema:
        """The schema with a lone `$ref` at its root replaced by what it refers to."""
        for _ in range(len(self._names) + 1):
            if "$ref" not in schema:
                break
            target = schema["$ref"].removeprefix("#/$defs/")
            if target not in self._defs:
                self._note(path, "a part that refers back to itself is not sent")
                return {}
            schema = copy.deepcopy(self._defs[target])
        return schema


def _refused(keyword: str, path: str, why: str) -> InvalidOption:
    return InvalidOption(
        f"the schema cannot be used: `{keyword}` at {path}: {why}",
        hint="Write the schema without it, or put what it refers to under `$defs`.",
    )
