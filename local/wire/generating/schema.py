"""From the API's OpenAPI subset to plain JSON schema, which is what an engine reads."""

from __future__ import annotations

from typing import Any

_PLAIN = (
    "title",
    "description",
    "default",
    "enum",
    "required",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
)


def json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Translate a `Schema` message: lower-case types, `nullable` as a null type, `$ref` and `$defs`."""
    result: dict[str, Any] = {key: schema[key] for key in _PLAIN if key in schema}
    kind = schema.get("type")
    if kind and kind != "TYPE_UNSPECIFIED":
        result["type"] = kind.lower()
    if "ref" in schema:
        result["$ref"] = schema["ref"]
    if "defs" in schema:
        result["$defs"] = {name: json_schema(one) for name, one in schema["defs"].items()}
    if "format" in schema and schema["format"] != "enum":
        result["format"] = schema["format"]
    if "items" in schema:
        result["items"] = json_schema(schema["items"])
    if "properties" in schema:
        order = schema.get("propertyOrdering") or []
        names = sorted(
            schema["properties"],
            key=lambda name: order.index(name) if name in order else len(order),
        )
        result["properties"] = {name: json_schema(schema["properties"][name]) for name in names}
    if "anyOf" in schema:
        result["anyOf"] = [json_schema(one) for one in schema["anyOf"]]
    if "additionalProperties" in schema:
        extra = schema["additionalProperties"]
        result["additionalProperties"] = plain(extra) if isinstance(extra, dict) else extra
    if schema.get("nullable"):
        _allow_null(result)
    return result


def _allow_null(schema: dict[str, Any]) -> None:
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    elif "anyOf" in schema:
        schema["anyOf"].append({"type": "null"})


def plain(schema: Any) -> Any:
    """A schema sent as JSON schema, with upper-case types (an easy mistake the API forgives) lowered."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
            result[key] = {name: plain(one) for name, one in value.items()}
        elif key in ("enum", "default", "example", "examples", "const", "required", "propertyOrdering"):
            result[key] = value
        elif key == "type":
            result[key] = [one.lower() for one in value] if isinstance(value, list) else str(value).lower()
        else:
            result[key] = plain(value)
    return result
