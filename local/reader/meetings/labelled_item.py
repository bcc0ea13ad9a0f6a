"""An action item written as labelled lines, copied into the arguments of whatever tracker it goes to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_gemini.local.reader.meetings.minutes import field_named
from prefect_gemini.local.reader.resolve import Schema
from prefect_gemini.local.reader.schema_walk import MISSING, Walk
from prefect_gemini.local.reader.values import Unfit, fit

_LINE = re.compile(r"^([A-Z][a-z]+(?: [a-z]+)?): (\S.*)$", re.MULTILINE)


def is_labelled_item(text: str) -> bool:
    """Whether a text is an action item in labelled lines."""
    return bool(re.match(r"Task: \S", text))


@dataclass
class LabelledItem(Walk):
    """One pass over a tracker's arguments: `title` and `summary` mean the task, `assignee` the owner.

    Args:
        text: the item, a line a label.
    """

    text: str = ""

    @cached_property
    def _fields(self) -> dict[str, str]:
        named = ((field_named(label), value.strip()) for label, value in _LINE.findall(self.text))
        return {name: value for name, value in named if name}

    def _scalar(self, name: str, path: str, schema: Schema, *, party: str, role: str | None) -> Any:
        kind = field_named(name)
        value = self._fields.get("text" if kind == "summary" else kind or "")
        if value is None:
            return super()._scalar(name, path, schema, party=party, role=role) if kind is None else MISSING
        try:
            fitted = fit(value, schema)
        except Unfit:
            return MISSING
        self.provenance.append({"path": path, "page": 1, "box": None, "quote": value, "score": 1.0})
        return fitted
