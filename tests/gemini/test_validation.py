"""Patterns and formats as JSON Schema means them, offline."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.schemas.patterns import BadPattern, translated
from prefect_gemini.gemini.schemas.validation import json_path, problems, validator


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^\p{L}+$", "Größe", True),
        (r"^\p{Letter}+$", "a1", False),
        (r"^[\p{Lu}\d]+$", "Ä7", True),
        (r"^\P{L}$", "1", True),
        (r"^\d$", "٣", False),
        (r"^\w+$", "é", False),
        (r"^[\w-]+$", "a-b", True),
        (r"\s", "\ufeff", True),
        (r"^a$", "a\n", False),
        (r"^(?<y>\d)\k<y>$", "11", True),
        (r"^\u{1F600}$", "\U0001f600", True),
        (r"^[[]$", "[", True),
        (r"^\/a\-b$", "/a-b", True),
        (r"^[^\S]$", " ", True),
    ],
)
def test_ecma_patterns(pattern: str, text: str, matches: bool) -> None:
    """The pattern means what it means in JavaScript."""
    assert bool(re.search(translated(pattern), text)) is matches


@pytest.mark.parametrize("pattern", ["(", r"\p{Klingon}", r"(?<=a+)b", "a{2,1}"])
def test_patterns_that_cannot_be_read(pattern: str) -> None:
    """A typed refusal, not `re.error` in the middle of an answer."""
    with pytest.raises(BadPattern):
        translated(pattern)


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00Z"),
        ("time", "23:59:60Z", "10:00:60Z"),
        ("duration", "P1DT2H", "P1D2H"),
        ("email", "a.b@example.com", "a@b@c"),
        ("hostname", "a-b.example", "-a.example"),
        ("uri", "https://example.com/a?b#c", "/relative"),
        ("uri-reference", "../a", "a b"),
        ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("json-pointer", "/a~1b", "/a~2"),
        ("regex", "^a$", "("),
    ],
)
def test_formats(form: str, good: str, bad: str) -> None:
    """Formats are checked where the author wrote a JSON Schema."""
    checker = validator({"format": form})
    assert problems(checker, good) == ()
    assert problems(checker, bad)


def test_nothing_is_fetched() -> None:
    """A remote reference is refused, not followed."""
    checker = validator({"properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}})
    with pytest.raises(InvalidOption, match="nothing is fetched"):
        problems(checker, {"a": 1})


def test_the_nearest_alternative_is_explained() -> None:
    """Of a failed choice, the messages are those of the alternative the value tried to be."""
    choice = {"anyOf": [{"type": "null"}, {"properties": {"a": {"properties": {"b": {"type": "integer"}}}}}]}
    assert problems(validator(choice), {"a": {"b": "x"}}) == (("a.b", "'x' is not of type 'integer'"),)
    assert problems(validator({"anyOf": [False, False]}), 1)


@pytest.mark.parametrize(
    ("parts", "path"),
    [((), ""), (("items", 0, "amount"), "items[0].amount"), (("a b", "c"), "['a b'].c"), ((1,), "[1]")],
)
def test_paths(parts: tuple[Any, ...], path: str) -> None:
    """Paths read like Python."""
    assert json_path(parts) == path


@pytest.mark.shared
def test_the_json_schema_test_suite(shared_data: Any) -> None:
    """The required part of draft 2020-12; what fails needs a metaschema without the validation vocabulary."""
    from benchmarks.schemas import suite

    wrong = [case for case in suite(shared_data / "jsonschema_suite") if not case["right"] and not case["optional"]]
    assert {case["file"] for case in wrong} <= {"vocabulary"}
