"""Checking a value against the JSON Schema its author wrote, offline."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlsplit

import jsonschema
from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError, UndefinedTypeCheck, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from prefect_gemini.gemini.errors import InvalidOption

MAX_PROBLEMS = 20

FORMATS = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "idn-email", "regex", "uuid"))


@FORMATS.checks("date-time")
def _date_time(value: object) -> bool:
    pattern = r"\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(pattern, value, re.ASCII)) and FORMATS.conforms(value[:10], "date")


@FORMATS.checks("time")
def _time(value: object) -> bool:
    pattern = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value, re.ASCII))


@FORMATS.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or (_is_reference(value) and bool(urlsplit(value).scheme))


@FORMATS.checks("uri-reference")
def _uri_reference(value: object) -> bool:
    return not isinstance(value, str) or _is_reference(value)


@FORMATS.checks("hostname")
def _hostname(value: object) -> bool:
    if not isinstance(value, str):
        return True
    label = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
    return 0 < len(value) <= 253 and all(label.fullmatch(part) for part in value.split("."))


def _is_reference(value: str) -> bool:
    if not re.fullmatch(r"[!#$&'()*+,/:;=?@\[\]A-Za-z0-9._~%-]*", value) or re.search(r"%(?![0-9A-Fa-f]{2})", value):
        return False
    try:
        host = urlsplit(value).netloc.rpartition("@")[2]
        if host.startswith("["):
            ipaddress.IPv6Address(host[1 : host.index("]")])
    except ValueError:
        return False
    return True


def validator(schema: dict[str, Any] | bool, *, formats: bool = True, remotes: Any = REGISTRY) -> Validator:
    """Build a validator that fetches nothing.

    Args:
        schema: in the draft its `$schema` names, 2020-12 where it names none.
        formats: whether `format` is checked (date, date-time, time, email, hostname, ip, uri, uuid, regex).
        remotes: a `referencing` registry of the schemas it may refer to besides itself.

    Raises:
        InvalidOption: not a valid schema; the message names the keyword and the place.
    """
    kind = validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(cast("dict[str, Any]", schema))
    except SchemaError as error:
        keyword = next((str(part) for part in reversed(error.absolute_path) if isinstance(part, str)), "schema")
        place = "/".join(map(str, error.absolute_path))
        raise InvalidOption(
            f"not a valid JSON Schema: `{keyword}` at #/{place}: {error.message[:200]}",
            hint=f"Correct it; the schema is read as {kind.__name__.removesuffix('Validator')}.",
        ) from None
    except RecursionError:
        raise InvalidOption("not a usable JSON Schema: nested too deep", hint="Flatten the schema.") from None
    # Without a registry of its own jsonschema fetches a remote `$ref` over the network.
    return kind(cast("dict[str, Any]", schema), registry=remotes, format_checker=FORMATS if formats else None)


def problems(checker: Validator, value: Any) -> tuple[tuple[str, str], ...]:
    """What is wrong with a value: (path, message) pairs in document order, at most twenty; empty if nothing is.

    Raises:
        InvalidOption: the schema cannot be applied (a reference that leads nowhere or in circles, a pattern
            Python does not read).
    """
    try:
        found = sorted(_leaves(checker.iter_errors(value)), key=lambda error: list(map(str, error.absolute_path)))
    except Unresolvable as error:
        raise InvalidOption(
            f"the schema cannot be used: `$ref` {getattr(error, 'ref', '')!r} leads to nothing in it",
            hint="Put what it refers to under `$defs`; nothing is fetched.",
        ) from None
    except RecursionError:
        raise InvalidOption(
            "the schema cannot be used: `$ref` goes in circles on this value", hint="Break the cycle in the schema."
        ) from None
    except re.error as error:
        raise InvalidOption(
            f"the schema cannot be used: `pattern` {error.pattern!r}: {error}",
            hint="Write the pattern so that Python's `re` reads it.",
        ) from None
    except ArithmeticError:
        return (("", "a number too large to check"),)
    except UndefinedTypeCheck as error:
        raise InvalidOption(
            f"the schema cannot be used: `type` {error.type!r} is unknown", hint="Correct it."
        ) from None
    return tuple((json_path(error.absolute_path), error.message[:300]) for error in found[:MAX_PROBLEMS])


def _leaves(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors themselves, those of a failed choice replaced by the errors of its nearest alternative."""
    out: list[ValidationError] = []
    for error in errors:
        if error.validator in ("anyOf", "oneOf") and error.context:
            branches: dict[Any, list[ValidationError]] = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            # The alternative whose errors lie deepest is the one the answer tried to be.
            out.extend(max(branches.values(), key=lambda group: min(len(inner.path) for inner in group)))
        else:
            out.append(error)
    return out


def json_path(parts: Iterable[str | int]) -> str:
    """`("items", 0, "amount")` as `items[0].amount`; the root is empty."""
    out = ""
    for part in parts:
        if isinstance(part, int):
            out += f"[{part}]"
        elif re.fullmatch(r"\w+", part):
            out += f".{part}" if out else part
        else:
            out += f"[{part!r}]"
    return out
