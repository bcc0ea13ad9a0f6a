"""JSON as the standard has it: no NaN, no duplicate keys, bounded size and depth."""

from __future__ import annotations

import json
import re
from typing import Any

# An answer of 65,536 tokens, the most a model writes, is well under a megabyte.
MAX_CHARACTERS = 8_000_000
MAX_DEPTH = 200
MAX_DIGITS = 400

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class NotStrictJSON(ValueError):
    """The text is not JSON, or is JSON that readers disagree about."""


def loads(text: str, *, max_characters: int = MAX_CHARACTERS, max_depth: int = MAX_DEPTH) -> Any:
    """Read JSON strictly.

    Args:
        text: the whole document; white space round it is allowed, a code fence is not.
        max_characters: refuse longer texts before reading them.
        max_depth: refuse deeper nesting before reading it.

    Raises:
        NotStrictJSON: not JSON, `NaN` or `Infinity`, a key twice in one object, too long or too deep.
    """
    if len(text) > max_characters:
        raise NotStrictJSON(f"longer than {max_characters:,} characters")
    depth = 0
    for match in _STRUCTURE.finditer(text):
        mark = match.group()[0]
        if mark in "[{":
            depth += 1
            if depth > max_depth:
                raise NotStrictJSON(f"nested deeper than {max_depth} levels at character {match.start():,}")
        elif mark in "]}":
            depth -= 1
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_number, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        ends = error.pos >= len(text.rstrip())
        raise NotStrictJSON(f"{error.msg} at {where}{' (the text ends there)' if ends else ''}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotStrictJSON(f"the key {twice!r} stands twice in one object")
    return out


def _constant(name: str) -> Any:
    raise NotStrictJSON(f"{name} is not JSON")


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise NotStrictJSON(f"the number {digits[:40]} is too large")
    return value


def _whole(digits: str) -> int:
    # int() of a million digits takes seconds, and Python refuses beyond 4,300.
    if len(digits) > MAX_DIGITS:
        raise NotStrictJSON(f"a number of {len(digits):,} digits")
    return int(digits)
