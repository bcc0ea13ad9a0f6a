"""When two requests are the same."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from dataclasses import replace
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.ledger.fingerprint import EXCLUDED, INCLUDED, canonical, fingerprint
from prefect_gemini.gemini.request import Generation, ModelArmor, Part, Request, SafetySettings, Tool, Turn

LOCAL = Backend(kind="local", base_url="http://127.0.0.1:1")
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
BASE = Request(
    model="gemini-3.8-flash",
    contents=("What does it say?", Document.text("the same text", name="one.txt")),
    output=SCHEMA,
    tools=(Tool("add", "Adds", {"type": "object", "properties": {"x": {"type": "number"}}}),),
    generation=Generation(temperature=0.5),
)


def test_every_field_of_a_request_is_classified() -> None:
    """A new field must be included, or excluded with a reason, before it ships."""
    fields = {each.name for each in dataclasses.fields(Request)}
    assert fields == INCLUDED | set(EXCLUDED)
    assert not INCLUDED & set(EXCLUDED)
    assert all(EXCLUDED.values())


CHANGES: list[dict[str, Any]] = [
    {"model": "gemini-3.5-flash-lite"},
    {"contents": ("What does it say!", BASE.contents[1])},
    {"contents": (BASE.contents[0], Document.text("the same text.", name="one.txt"))},
    {"contents": (BASE.contents[1], BASE.contents[0])},
    {"contents": (*BASE.contents, Part.of_bytes(b"1", "image/png"))},
    {"contents": (*BASE.contents, Turn("model", (Part.of_text("1"),)))},
    {"system_instruction": "Be brief."},
    {"output": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}},
    {"output": None},
    {"tools": ()},
    {"tools": (Tool("add", "Sums", BASE.tools[0].parameters),)},
    {"tool_mode": "any"},
    {"allowed_tools": ("add",)},
    {"generation": Generation(temperature=0.6)},
    {"generation": Generation(temperature=0.5, seed=1)},
    {"safety": SafetySettings(civic_integrity="BLOCK_NONE")},
    {"cached_content": "cachedContents/1"},
    {"model_armor": ModelArmor(prompt_template="projects/p/locations/l/templates/t")},
    {"fallbacks": ("gemini-3.5-flash",)},
    {"prompt_version": "receipts@2"},
]


def test_the_changes_below_cover_every_included_field() -> None:
    """No included field is left untested."""
    assert {name for change in CHANGES for name in change} == INCLUDED


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_what_can_change_the_answer_changes_the_fingerprint(change: dict[str, Any]) -> None:
    """Content, schema, model, settings, tools and prompt version all count."""
    assert fingerprint(replace(BASE, **change), LOCAL) != fingerprint(BASE, LOCAL)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {"flow_run_id": "1"}},
        {"origin": {"flow_run_id": "1", "document": "x"}},
        {"service_tier": "flex"},
        {"on_truncation": "more_room"},
        {"fresh": True},
        {"contents": ("What does it say?", Document.text("the same text", name="two.txt"))},
        {"output": {"properties": {"b": {"type": "number"}, "a": {"type": "string"}}, "type": "object"}},
        {"model": "flash"},
        {"model": "models/gemini-3.8-flash"},
    ],
)
def test_what_cannot_change_the_answer_does_not(change: dict[str, Any]) -> None:
    """Run ids, labels, tiers, file names, key order and other names of the model do not count."""
    assert fingerprint(replace(BASE, **change), LOCAL) == fingerprint(BASE, LOCAL)


@pytest.mark.parametrize(
    "other",
    [
        Backend(kind="developer", api_key=SecretStr("key-of-tenant-a")),
        Backend(kind="developer", api_key=SecretStr("key-of-tenant-b")),
        Backend(kind="vertex", project="p", location="us-central1"),
        Backend(kind="vertex", project="p", location="europe-west4"),
        Backend(kind="vertex", project="q", location="us-central1"),
        LOCAL,
    ],
)
def test_no_two_tenants_share_a_fingerprint(other: Backend) -> None:
    """Another key, project or place is another question."""
    backends = [
        Backend(kind="developer", api_key=SecretStr("key-of-tenant-a")),
        Backend(kind="developer", api_key=SecretStr("key-of-tenant-b")),
        Backend(kind="vertex", project="p", location="us-central1"),
        Backend(kind="vertex", project="p", location="europe-west4"),
        Backend(kind="vertex", project="q", location="us-central1"),
        LOCAL,
    ]
    same = [backend for backend in backends if fingerprint(BASE, backend) == fingerprint(BASE, other)]
    assert len(same) == 1


def test_the_schema_counts_by_content_not_by_name() -> None:
    """Two classes of one name and different fields are different; of one content they are the same."""

    def made(kind: Any) -> type[BaseModel]:
        class Receipt(BaseModel):
            total: kind

        return Receipt

    texts, numbers, again = made(str), made(float), made(str)
    assert fingerprint(replace(BASE, output=texts), LOCAL) != fingerprint(replace(BASE, output=numbers), LOCAL)
    assert fingerprint(replace(BASE, output=texts), LOCAL) == fingerprint(replace(BASE, output=again), LOCAL)
    assert fingerprint(replace(BASE, output=Literal["a", "b"]), LOCAL) != fingerprint(
        replace(BASE, output=Literal["a", "c"]), LOCAL
    )


def test_it_is_the_same_in_another_process_with_another_hash_seed() -> None:
    """Neither the process nor the order of sets shows."""
    program = (
        "from prefect_gemini.gemini.ledger.fingerprint import fingerprint\n"
        "from prefect_gemini.gemini.backend import Backend\n"
        "from prefect_gemini.gemini.request import Request\n"
        "request = Request(model='flash', contents=({'role': 'user', 'parts': [{'text': 'x'}], 'tags': {'b': 1, 'a': 2}},))\n"
        "print(fingerprint(request, Backend(kind='local', base_url='http://127.0.0.1:1')))\n"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def test_a_live_object_is_refused_with_its_place() -> None:
    """What has no stable content is an error now, not a silent miss later."""
    with pytest.raises(InvalidOption, match=r"contents\[0\]\.lock"):
        fingerprint(Request(model="flash", contents=({"lock": object()},)), LOCAL)


class Colour(Enum):
    RED = "red"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_the_projection_does_not_depend_on_the_order_of_keys(value: Any) -> None:
    """Equal content projects to equal JSON, however its dictionaries were filled."""

    def turned(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: turned(item[key]) for key in reversed(item)}
        return [turned(each) for each in item] if isinstance(item, list) else item

    assert canonical(value) == canonical(turned(value))


def test_values_of_other_kinds_are_told_apart() -> None:
    """A text is not the number, byte string or enum of the same spelling... an enum is its value."""
    assert canonical("1") != canonical(1)
    assert canonical("1") != canonical(b"1")
    assert canonical(Colour.RED) == canonical("red")
    assert canonical({"b", "a"}) == canonical({"a", "b"})
