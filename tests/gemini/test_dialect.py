"""What Gemini is told of a schema, and what it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_gemini.gemini.schemas.dialect import Dialect

SUPPORTED = {
    "$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems",
    "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required",
    "propertyOrdering",
}  # fmt: skip


def keywords(schema: Any) -> set[str]:
    """Every keyword used anywhere in a schema."""
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for inner in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        found |= keywords(inner)
    for key in ("items", "additionalProperties"):
        found |= keywords(schema.get(key))
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        found |= keywords(inner)
    return found


@pytest.mark.parametrize(
    ("schema", "wire", "note"),
    [
        ({"const": "x"}, {"type": "string", "enum": ["x"]}, None),
        ({"enum": ["a", None]}, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}, None),
        ({"enum": [1, 2.5]}, {"type": "number", "enum": [1, 2.5]}, None),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}, None),
        ({"type": "string", "pattern": "^a", "maxLength": 3}, {"type": "string"}, "`pattern` is not sent"),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}, None),
        ({"type": "string", "format": "uri"}, {"type": "string"}, "`format` 'uri' is not sent"),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}, None),
        ({"type": "number", "exclusiveMaximum": 1}, {"type": "number", "maximum": 1}, "is sent as `maximum`"),
        ({"type": "array", "items": [{"type": "string"}], "additionalItems": False},
         {"type": "array", "prefixItems": [{"type": "string"}], "maxItems": 1}, None),
        ({"type": "object", "required": ["a"]}, {"type": "object", "required": ["a"], "properties": {"a": {}}}, None),
        ({"type": "object", "properties": {"a": False, "b": True}}, {"type": "object", "properties": {"b": {}}},
         "forbidden"),
        ({"type": "object", "additionalProperties": {"type": "integer"}},
         {"type": "object", "additionalProperties": {"type": "integer"}}, None),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}, {"type": "null"}]},
         "`oneOf` is read as `anyOf`"),
        ({"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {}}}]},
         {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}, None),
        ({"type": "string", "if": {"minLength": 3}, "then": False}, {"type": "string"}, "`if` is not sent"),
    ],
)  # fmt: skip
def test_translation(schema: dict[str, Any], wire: dict[str, Any], note: str | None) -> None:
    """Keywords Gemini knows go through, equal ones are rewritten, the rest is dropped with a note."""
    dialect = Dialect(schema)
    assert dialect.wire == wire
    assert any(note in text for text in dialect.notes) if note else dialect.notes == ()


def test_references_of_every_form_become_definitions() -> None:
    """`definitions`, pointers into properties, anchors and the document's own `$id`."""
    schema = {
        "$id": "https://example.com/bill.json",
        "type": "object",
        "definitions": {"money": {"type": "number"}, "day": {"$anchor": "day", "type": "string", "format": "date"}},
        "properties": {
            "total": {"$ref": "#/definitions/money"},
            "tax": {"$ref": "bill.json#/definitions/money"},
            "issued": {"$ref": "#day", "description": "printed at the top"},
            "due": {"$ref": "#/properties/issued"},
        },
    }
    wire = Dialect(schema).wire
    assert wire["properties"]["total"] == wire["properties"]["tax"] == {"$ref": "#/$defs/money"}
    assert wire["properties"]["issued"]["description"] == "printed at the top"
    assert all(inner["type"] for name, inner in wire["$defs"].items() if name in {"money", "day"})


def test_required_cycles_become_optional() -> None:
    """Gemini unrolls references only in properties that are not required."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "string"}},
            "required": ["next", "v"]}  # fmt: skip
    dialect = Dialect({"type": "object", "properties": {"list": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}})
    assert dialect.wire["$defs"]["node"]["required"] == ["v"]
    assert any("`next` is required is not sent" in note for note in dialect.notes)


def test_the_order_of_properties_is_kept() -> None:
    """Gemini writes keys in the order of the schema, and later ones can lean on earlier ones."""
    names = ["zeta", "alpha", "mid"]
    assert list(Dialect({"type": "object", "properties": {name: {} for name in names}}).wire["properties"]) == names


@pytest.mark.shared
def test_nothing_unknown_is_sent_of_real_schemas(shared_data: Any) -> None:
    """Over schemas from public repositories, only keywords Gemini knows are left."""
    for line in (shared_data / "jsonschemabench_300" / "dev.jsonl").read_text().splitlines()[:60]:
        assert keywords(Dialect(json.loads(line)["schema"]).wire) <= SUPPORTED
