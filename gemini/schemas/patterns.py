"""ECMA 262 patterns, which JSON Schema speaks, as Python's `re` reads them."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Any

_DIGIT = "0-9"
_WORD = "A-Za-z0-9_"
_BLANK = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _BLANK}

# Unicode's long names of its general categories (UAX 44, PropertyValueAliases).
_CATEGORIES = {
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl",
    "Other_Number": "No", "Punctuation": "P", "punct": "P", "Dash_Punctuation": "Pd", "Symbol": "S",
    "Currency_Symbol": "Sc", "Math_Symbol": "Sm", "Separator": "Z", "Space_Separator": "Zs", "Other": "C",
    "Control": "Cc", "Format": "Cf", "Alphabetic": "L", "White_Space": "Z",
}  # fmt: skip

# Where schemas stand inside a schema; everywhere else `pattern` is just a word.
_ONE = ("items", "additionalItems", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames",
        "unevaluatedItems", "unevaluatedProperties", "contentSchema")  # fmt: skip
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems", "items", "extends", "type", "disallow")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")

_TOKEN = re.compile(
    r"\\(?:(?P<property>[pP])\{(?P<category>[^}]*)\}|c(?P<control>[A-Za-z])|k<(?P<back>\w+)>"
    r"|u\{(?P<code>[0-9A-Fa-f]+)\}|(?P<set>[dDwWsS])|(?P<escaped>.))"
    r"|(?P<void>\[\^?\])|(?P<open>\[\^?)|(?P<close>\])|(?P<name>\(\?<(?=[A-Za-z_]))|(?P<end>\$)|(?P<plain>.)",
    re.DOTALL,
)


class BadPattern(ValueError):
    """A pattern that Python cannot be made to read."""


def translated(pattern: str) -> str:
    """The pattern for `re.search`: ASCII classes, `$` at the very end only, Unicode properties as ranges.

    Raises:
        BadPattern: a property that is unknown, or syntax that `re` does not have.
    """
    out: list[str] = []
    inside = False
    for match in _TOKEN.finditer(pattern):
        kind, token = match.lastgroup, match.group()
        if kind == "category":
            out.append(_property(match["category"], negated=match["property"] == "P", inside=inside))
        elif kind == "set":
            out.append(_set(match["set"], inside=inside))
        elif kind == "control":
            out.append(re.escape(chr(ord(match["control"]) % 32)))
        elif kind == "code":
            out.append(re.escape(chr(int(match["code"], 16) % 0x110000)))
        elif kind == "back":
            out.append(f"(?P={match['back']})")
        elif kind == "escaped":
            out.append(token if match["escaped"].isascii() and not match["escaped"].isspace() else match["escaped"])
        elif kind == "void":
            # `[]` matches nothing and `[^]` everything, except inside brackets, which they close.
            out.append(rf"\{token}" if inside else "(?!)" if token == "[]" else r"[\s\S]")
            inside = False
        elif kind == "open":
            # `[` inside a class is a letter in ECMA; Python warns of a set difference to come.
            out.append(rf"\{token}" if inside else token)
            inside = True
        elif kind == "close":
            out.append("]" if inside else r"\]")
            inside = False
        elif kind == "name":
            out.append("(?P<")
        else:
            out.append(r"\Z" if kind == "end" and not inside else token)
    text = "".join(out)
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(str(error)) from None
    return text


def with_patterns(schema: Any) -> Any:
    """The schema with every pattern in it translated; what has none in it is given back as it is.

    Raises:
        BadPattern: a pattern that cannot be; its message names pattern and place.
    """
    return _walk(schema, "#")


def _walk(schema: Any, path: str) -> Any:
    if not isinstance(schema, dict):
        return schema
    out = dict(schema)
    if isinstance(out.get("pattern"), str):
        out["pattern"] = _one(out["pattern"], f"`pattern` at {path}")
    for key in _NAMED:
        if isinstance(out.get(key), dict):
            patterns = key == "patternProperties"
            out[key] = {
                _one(name, f"`patternProperties` at {path}") if patterns else name: _walk(inner, f"{path}/{key}/{name}")
                for name, inner in out[key].items()
            }
    for key in _ONE:
        if isinstance(out.get(key), dict):
            out[key] = _walk(out[key], f"{path}/{key}")
    for key in _SEVERAL:
        if isinstance(out.get(key), list):
            out[key] = [_walk(inner, f"{path}/{key}/{number}") for number, inner in enumerate(out[key])]
    return out


def _one(pattern: str, where: str) -> str:
    try:
        return translated(pattern)
    except BadPattern as error:
        raise BadPattern(f"{where}: {pattern!r}: {error}") from None


def _set(letter: str, *, inside: bool) -> str:
    chosen = _CLASSES[letter.lower()]
    if letter.islower():
        return chosen if inside else f"[{chosen}]"
    if not inside:
        return f"[^{chosen}]"
    # A negated set inside a class: what is left of Unicode, in ranges.
    member = re.compile(f"[{chosen}]")
    return _ranges(tuple(code for code in range(0x3100) if not member.match(chr(code)))) + "\u3100-\U0010ffff"


def _property(name: str, *, negated: bool, inside: bool) -> str:
    short = name.rpartition("=")[2]
    ranges = _category(_CATEGORIES.get(short, short))
    if not ranges:
        raise BadPattern(f"unknown Unicode property {name!r}")
    if not inside:
        return f"[{'^' if negated else ''}{ranges}]"
    if negated:
        raise BadPattern(f"a negated Unicode property {name!r} inside brackets")
    return ranges


@lru_cache(maxsize=64)
def _category(short: str) -> str:
    wanted = ("Lu", "Ll", "Lt") if short == "LC" else (short,)
    return _ranges(
        tuple(code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith(wanted))
    )


def _ranges(codes: tuple[int, ...]) -> str:
    out = []
    start = previous = None
    for code in (*codes, None):
        if start is not None and (code is None or previous is None or code != previous + 1):
            out.append(f"{_letter(start)}-{_letter(previous)}" if previous != start else _letter(start))
            start = code
        elif start is None:
            start = code
        previous = code
    return "".join(out)


def _letter(code: int | None) -> str:
    return f"\\U{code:08x}"
