"""docs/conformance.md, written from a run."""

from __future__ import annotations

from typing import Any


def render(rows: list[dict[str, Any]], figures: dict[str, float | int]) -> str:
    """The page."""
    return ""
