"""The sample engine: any schema filled, functions called with what the prompt names, and what hangs on long answers."""

from __future__ import annotations

import base64
import json
import urllib.request
from typing import Any

import jsonschema
import pytest
from google import genai
from google.genai import types
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.engine import FunctionDeclaration, GenerateCall
from prefect_gemini.local.sample.engine import SampleEngine
from prefect_gemini.local.sample.filler import Filler
from tests.local.conftest import EchoEngine, developer_client, vertex_client

_SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "enum": ["red", "green"]},
        {"type": "string", "minLength": 30},
        {"type": "string", "maxLength": 3},
        {"type": "integer", "minimum": 5},
        {"type": "number", "maximum": -1},
        {"type": "boolean"},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"const": 7},
    ]
)
SCHEMAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low}, inner, st.integers(0, 4)),
        st.builds(
            lambda fields: {"type": "object", "properties": fields, "required": sorted(fields)},
            st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(schema=SCHEMAS, text=st.text(max_size=60))
def test_whatever_the_schema_the_sample_fits(schema: dict[str, Any], text: str) -> None:
    """A filled schema validates, whatever the prompt says."""
    jsonschema.validate(Filler(text, schema).fill(), schema)


def test_schema_that_holds_itself_ends() -> None:
    """A recursive schema is filled to a depth and no further."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "name": {"type": "string"}}}
    value = Filler("", {"$defs": {"node": node}, "$ref": "#/$defs/node"}).fill()
    assert value["next"]["next"]["name"] == "sample name"


def call(prompt: str, mode: str = "AUTO") -> list[dict[str, Any]]:
    """What the engine calls, with two functions at hand."""
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    sum_of = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}
    asked = GenerateCall(
        model="m",
        contents=({"role": "user", "parts": [{"text": prompt}]},),
        functions=(
            FunctionDeclaration("get_weather", "Tells the weather in a city.", place),
            FunctionDeclaration("add", "Gives the total of two numbers.", sum_of),
        ),
        function_mode=mode,  # type: ignore[arg-type]
    )
    return [part["functionCall"] for part in SampleEngine().generate(asked).parts if "functionCall" in part]


@pytest.mark.parametrize(
    ("prompt", "mode", "calls"),
    [
        ("How is the weather in New York?", "AUTO", [("get_weather", {"city": "New York"})]),
        ("What is the total of 2 and 40.5?", "AUTO", [("add", {"a": 2.0, "b": 40.5})]),
        (
            "The total of 1 and 2? And the weather in Oslo?",
            "AUTO",
            [("add", {"a": 1.0, "b": 2.0}), ("get_weather", {"city": "Oslo"})],
        ),
        ("hello", "AUTO", []),
        ("How is the weather in Oslo?", "NONE", []),
    ],
)
def test_functions_are_called_for_what_the_prompt_says(prompt: str, mode: str, calls: list[Any]) -> None:
    """Those that share words with the prompt, in its order, with its names and numbers."""
    assert [(one["name"], one["args"]) for one in call(prompt, mode)] == calls


def test_any_mode_always_calls() -> None:
    """Where a function must be called, one is."""
    assert [one["name"] for one in call("hello", "ANY")] == ["get_weather", "add"]


def test_samples_say_that_they_are(server: LocalGemini) -> None:
    """No sample passes for an answer of Gemini's."""
    answer = SampleEngine().generate(GenerateCall(model="m", contents=({"parts": [{"text": "Why?"}]},)))
    assert answer.model_version == "local-sample-1"
    assert "without a model" in answer.parts[0]["text"]


def test_long_answer_of_gemini_4_is_fetched_in_pieces() -> None:
    """A reply ends with a token where its limit is; the client goes on by itself, or not, as it was told."""
    with LocalGemini(engine=SampleEngine) as server, developer_client(server) as client:
        prompt = "Write a book that is 40,000 tokens long."
        model = "gemini-4-argon"
        first = client.models.generate_content(
            model=model, contents=prompt, config=types.GenerateContentConfig(automatic_continuation=False)
        )
        assert first.candidates[0].finish_reason == types.FinishReason.CONTINUATION
        assert first.usage_metadata.candidates_token_count == 32_768
        whole = client.models.generate_content(model=model, contents=prompt)
        assert whole.candidates[0].finish_reason == types.FinishReason.STOP
        assert len(whole.text) == 160_000
        assert whole.text.startswith(first.text)


def test_pictures_come_from_engines_that_draw(server: LocalGemini) -> None:
    """The sample engine draws a grey square; an engine that cannot draw says so."""
    with LocalGemini(engine=SampleEngine) as drawing, vertex_client(drawing) as client:
        made = client.models.generate_images(
            model="imagen-4.0-generate-001", prompt="a ship", config={"number_of_images": 2}
        )
        assert [one.image.image_bytes[:4] for one in made.generated_images] == [b"\x89PNG"] * 2
    with vertex_client(server) as client, pytest.raises(genai.errors.ServerError, match="makes no pictures"):
        client.models.generate_images(model="imagen-4.0-generate-001", prompt="a ship")


def test_objects_are_registered_as_files(server: LocalGemini, engine: EchoEngine) -> None:
    """An object of Cloud Storage becomes a file the Developer API reads."""
    server.wire.storage.write("gs://pictures/ship.png", b"bytes", content_type="image/png")
    with developer_client(server) as client:
        (file,) = client.files._register_files(uris=["gs://pictures/ship.png"]).files
        client.models.generate_content(model="gemini-3.8-flash", contents=["What is it?", file])
    (sent,) = [part for part in engine.calls[-1].contents[0]["parts"] if "inlineData" in part]
    assert sent["inlineData"]["data"] == b"bytes"


def test_short_lived_keys_are_given_out(server: LocalGemini) -> None:
    """A token has a name of its own; one that would end in the past is refused."""
    with developer_client(server, api_version="v1alpha") as client:
        names = {client.auth_tokens.create(config={"uses": 1}).name for _ in range(2)}
        assert len(names) == 2
        assert all(name.startswith("auth_tokens/") for name in names)
        with pytest.raises(genai.errors.ClientError, match="future"):
            client.auth_tokens.create(config={"expire_time": "2020-01-01T00:00:00Z"})


def test_resources_are_put_in_through_the_admin_plane(server: LocalGemini) -> None:
    """A file, an object, a model and an endpoint are there as if a client had made them."""
    place = "projects/p/locations/us-central1"
    rows = [
        {"name": "gs://planted/a.txt", "content": base64.b64encode(b"words").decode()},
        {"name": f"{place}/models/77", "base": "gemini-2.5-flash"},
        {"name": f"{place}/endpoints/88", "base": "gemini-2.5-flash"},
        {"name": "files/planted", "shown": {"state": "ACTIVE", "mimeType": "text/plain"}, "content": "eA=="},
    ]
    request = urllib.request.Request(
        f"{server.base_url}/__gemini/resources",
        data=json.dumps({"put": rows}).encode(),
        headers={"Content-Type": "application/json"},
    )
    for _ in range(2):
        with urllib.request.urlopen(request) as reply:
            assert json.loads(reply.read()) == {"put": 4}
    assert server.wire.storage.read("gs://planted/a.txt") == b"words"
    with vertex_client(server) as client:
        assert client.models.get(model=f"{place}/models/77").name == f"{place}/models/77"
        assert client.models.generate_content(model=f"{place}/endpoints/88", contents="x").text == "You said: x"
    with developer_client(server) as client:
        assert client.files.get(name="files/planted").mime_type == "text/plain"
