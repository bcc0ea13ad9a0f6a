"""Fill a JSON schema from a reading: walk its properties, ask for each what it means, keep what fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prefect_gemini.local.reader.contracts.fill import answer, fact, is_question, rows
from prefect_gemini.local.reader.labelled import by_label
from prefect_gemini.local.reader.receipts.categories import pick_category
from prefect_gemini.local.reader.receipts.lines import receipt_lines
from prefect_gemini.local.reader.receipts.tax_rows import read_taxes
from prefect_gemini.local.reader.resolve import FLOOR, Found, Reading, Schema, resolve
from prefect_gemini.local.reader.roles import ITEM_NAMES, TAX_NAMES, field_of, party_of, role_of
from prefect_gemini.local.reader.tables.tables import read_line_items
from prefect_gemini.local.reader.values import Unfit, fit, types_of

DEEPEST = 12
"""Levels of a schema that are followed; a schema that refers to itself ends there."""

MISSING = object()
"""Nothing was found, and nothing may be made up."""


class Unreadable(Exception):
    """A value the schema requires is not printed, or not surely."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass
class Walk:
    """One pass over one schema.

    Args:
        reading: the document.
        root: the schema, for its definitions.
        provenance: filled as values are found: path, page, box, quote, score.
    """

    reading: Reading
    root: Schema
    provenance: list[dict[str, Any]] = field(default_factory=list)

    def fill(self) -> Any:
        """The value for the whole schema.

        Raises:
            Unreadable: a required value that may not be null is not to be found.
        """
        value = self._value("", "", self.root, party="", depth=0)
        if value is MISSING:
            raise Unreadable("")
        return value

    def _value(self, name: str, path: str, schema: Schema, *, party: str, depth: int, role: str | None = None) -> Any:
        """The value for one schema; None where it may be null, `MISSING` where it may not."""
        branches, nullable = self._branches(schema)
        for branch in branches if depth <= DEEPEST else ():
            value = self._branch(name, path, branch, party=party, depth=depth, role=role)
            if value is not MISSING:
                return value
        return None if nullable else MISSING

    def _branch(self, name: str, path: str, schema: Schema, *, party: str, depth: int, role: str | None) -> Any:
        types = types_of(schema)
        if "properties" in schema or types[:1] == ("object",):
            return self._object(name, path, schema, party=party, depth=depth, role=role)
        if "array" in types or "items" in schema:
            return self._array(name, path, schema, party=party)
        return self._scalar(name, path, schema, party=party, role=role)

    def _object(self, name: str, path: str, schema: Schema, *, party: str, depth: int, role: str | None) -> Any:
        if is_question(schema, whole=not path):
            said = answer(self.reading, name, path, schema, branches=self._branches, note=self._note)
            return MISSING if said is None else said
        party = party_of(name) or party
        meaning = role or (role_of(name, schema, party="") if name and not party_of(name) else None)
        properties: dict[str, Schema] = schema.get("properties", {})
        required = set(schema.get("required", ()))
        marks = len(self.provenance)
        filled: dict[str, Any] = {}
        for key, part in properties.items():
            below = f"{path}.{key}" if path else key
            # `total: {amount, currency}`: the amount of an object that itself has a meaning is that meaning.
            own = meaning if key.lower() in ("amount", "value", "text", "raw", "number") and meaning else None
            value = self._value(key, below, part, party=party, depth=depth + 1, role=own)
            if value is MISSING:
                if key in required:
                    del self.provenance[marks:]
                    if not path:
                        raise Unreadable(below)
                    return MISSING
                continue
            if value is None and key not in required:
                continue
            filled[key] = value
        if path and not any(value not in (None, [], {}) for value in filled.values()):
            return MISSING
        return filled

    def _array(self, name: str, path: str, schema: Schema, *, party: str) -> Any:
        item = self._branches(schema.get("items") or {})[0][0]
        found: list[dict[str, Found]] | None = None
        names = ITEM_NAMES
        values = rows(self.reading, name, path, item, branches=self._branches, note=self._note)
        if values is not None:
            pass
        elif "properties" in item:
            meaning = role_of(name, {}, party="") or _rows_by_shape(item)
            if meaning == "taxes":
                found, names = read_taxes(self.reading), TAX_NAMES
            elif meaning == "line_items":
                found = read_line_items(self.reading) or receipt_lines(self.reading)
            values = self._rows(path, item, found or [], names)
        else:
            value = self._scalar(name, f"{path}[0]", item, party=party, role=None)
            values = [] if value is MISSING or value is None else [value]
        if len(values) < schema.get("minItems", 0):
            return MISSING
        return values[: schema.get("maxItems", len(values))]

    def _rows(self, path: str, item: Schema, rows: list[dict[str, Found]], names: dict[str, str]) -> list[Any]:
        properties: dict[str, Schema] = item.get("properties", {})
        required = set(item.get("required", ()))
        values: list[Any] = []
        for row in rows:
            filled: dict[str, Any] = {}
            found_here: list[tuple[str, Found]] = []
            for key, part in properties.items():
                branches, nullable = self._branches(part)
                meaning = field_of(key, part, names)
                found = row.get(meaning) if meaning else None
                value = _first_fit(found, branches) if found is not None else MISSING
                if value is MISSING:
                    if nullable and key in required:
                        filled[key] = None
                    continue
                filled[key] = value
                if found is not None:
                    found_here.append((key, found))
            # A row that lacks what the schema requires is left out rather than completed by guess.
            if found_here and required <= filled.keys():
                for key, found in found_here:
                    self._note(f"{path}[{len(values)}].{key}", found)
                values.append(filled)
        return values

    def _scalar(self, name: str, path: str, schema: Schema, *, party: str, role: str | None) -> Any:
        meaning = role or role_of(name, schema, party=party)
        found = fact(self.reading, name, schema)
        if found is None and meaning:
            found = resolve(self.reading, meaning, schema)
        if found is None and meaning == "category":
            found = pick_category(self.reading, schema)
        if found is None and (meaning is None or role is None):
            found = by_label(self.reading, name, schema, known=meaning is not None)
        if found is None or found.score < FLOOR:
            return MISSING
        try:
            value = fit(found.value, schema)
        except Unfit:
            return MISSING
        self._note(path, found)
        return value

    def _note(self, path: str, found: Found) -> None:
        place = self.reading.place(path, found)
        if place is not None:
            self.provenance.append(place)

    def _branches(self, schema: Schema) -> tuple[list[Schema], bool]:
        """The alternatives of a schema with references resolved, numbers before strings; and whether null is one."""
        schema = self._resolved(schema)
        nullable = "null" in types_of(schema) or (None in schema.get("enum", ()))
        options = schema.get("anyOf") or schema.get("oneOf")
        if not options:
            return [schema], nullable
        outer = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        branches: list[Schema] = []
        for option in options:
            inner, empty = self._branches(option)
            nullable = nullable or empty
            branches.extend({**outer, **branch} for branch in inner if types_of(branch) != ("null",))
        branches.sort(key=lambda branch: "string" in types_of(branch) and "format" not in branch)
        return branches or [outer], nullable

    def _resolved(self, schema: Schema) -> Schema:
        for _ in range(DEEPEST):
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference.startswith("#"):
                target: Any = self.root
                for step in reference[1:].strip("/").split("/") if len(reference) > 1 else []:
                    target = target.get(step.replace("~1", "/").replace("~0", "~"), {})
                schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
            elif schema.get("allOf"):
                merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
                for part in schema["allOf"]:
                    merged = {**self._resolved(part), **merged}
                schema = merged
            else:
                break
        return schema


def _rows_by_shape(item: Schema) -> str | None:
    """What rows of an unnamed list are, by the fields they have."""
    fields = {field_of(key, part, ITEM_NAMES) for key, part in item["properties"].items()}
    if {"description", "amount"} <= fields or {"description", "unit_price"} <= fields:
        return "line_items"
    return (
        "taxes"
        if {field_of(key, part, TAX_NAMES) for key, part in item["properties"].items()} >= {"tax_rate", "amount"}
        else None
    )


def _first_fit(found: Found, branches: list[Schema]) -> Any:
    for branch in branches:
        try:
            return fit(found.value, branch)
        except Unfit:
            continue
    return MISSING
