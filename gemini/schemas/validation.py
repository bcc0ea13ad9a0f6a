"""Checking a value against the JSON Schema its author wrote, offline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

import jsonschema
from jsonschema.exceptions import SchemaError, UndefinedTypeCheck, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.schemas.formats import FORMATS
from prefect_gemini.gemini.schemas.patterns import BadPattern, with_patterns

MAX_PROBLEMS = 20


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
        schema = with_patterns(schema)
        kind.check_schema(cast("dict[str, Any]", schema))
    except SchemaError as error:
        keyword = next((str(part) for part in reversed(error.absolute_path) if isinstance(part, str)), "schema")
        place = "/".join(map(str, error.absolute_path))
        raise InvalidOption(
            f"not a valid JSON Schema: `{keyword}` at #/{place}: {error.message[:200]}",
            hint=f"Correct it; the schema is read as {kind.__name__.removesuffix('Validator')}.",
        ) from None
    except BadPattern as error:
        raise InvalidOption(
            f"the schema cannot be used: {error}", hint="Write the pattern without what is named."
        ) from None
    except RecursionError:
        raise InvalidOption("not a usable JSON Schema: nested too deep", hint="Flatten the schema.") from None
    # Without a registry of its own jsonschema fetches a remote `$ref` over the network.
    return kind(cast("dict[str, Any]", schema), registry=remotes, format_checker=FORMATS if formats else None)


def problems(checker: Validator, value: Any) -> tuple[tuple[str, str], ...]:
    """What is wrong with a value: (path, message) pairs in document order, at most twenty; empty if nothing is.

    Raises:
        InvalidOption: the schema cannot be applied (a reference that leads nowhere or in circles).
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
                branches.setdefault(inner.schema_path[0] if inner.schema_path else "", []).append(inner)
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
