"""Google's own client generates, streams, counts and lists on every surface."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request

from google import genai
from google.genai import types
from pydantic import BaseModel

from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import function_call, json_reply, text

MODEL = "gemini-3.8-flash"


class Bill(BaseModel):
    total: float
    note: str | None = None


def test_engine_answers_where_nothing_is_scripted(client: genai.Client, server: LocalGemini) -> None:
    """The engine's words, its version, usage and a response id come back."""
    reply = client.models.generate_content(model=MODEL, contents="good morning")
    assert reply.text == "You said: good morning"
    assert reply.model_version == "echo-1"
    usage = reply.usage_metadata
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count
    assert reply.response_id == server.journal.last.response_id
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP


async def test_async_client_is_served_alike(client: genai.Client) -> None:
    """The async half of the client sees the same."""
    reply = await client.aio.models.generate_content(model=MODEL, contents="good evening")
    assert reply.text == "You said: good evening"
    chunks = [chunk async for chunk in await client.aio.models.generate_content_stream(model=MODEL, contents="again")]
    assert "".join(chunk.text for chunk in chunks) == "You said: again"


def test_stream_ends_with_the_only_finish_reason(client: genai.Client) -> None:
    """Chunks carry pieces and growing usage; the last one says why it stopped."""
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="a longer sentence to be cut up"))
    assert len(chunks) > 1
    assert "".join(chunk.text for chunk in chunks) == "You said: a longer sentence to be cut up"
    assert [chunk.candidates[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    counts = [chunk.usage_metadata.candidates_token_count for chunk in chunks]
    assert counts == sorted(counts)
    assert len({chunk.response_id for chunk in chunks}) == 1


def test_stream_without_sse_is_a_json_array(server: LocalGemini) -> None:
    """Without `alt=sse` the chunks are elements of one array."""
    request = urllib.request.Request(
        f"{server.base_url}/v1beta/models/{MODEL}:streamGenerateContent?key=k",
        data=json.dumps({"contents": [{"parts": [{"text": "some words to be told apart"}]}]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        chunks = json.load(reply)
    assert isinstance(chunks, list)
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_structured_output_reaches_the_engine_as_plain_json_schema(
    server: LocalGemini, client: genai.Client, engine: object
) -> None:
    """The OpenAPI dialect is translated: lower-case types, nullable as a null type."""
    client.models.generate_content(
        model=MODEL, contents="x", config={"response_mime_type": "application/json", "response_schema": Bill}
    )
    call = engine.calls[-1]  # type: ignore[attr-defined]
    assert call.response_mime_type == "application/json"
    assert call.response_schema["type"] == "object"
    assert call.response_schema["properties"]["total"]["type"] == "number"
    assert call.response_schema["properties"]["note"]["type"] == ["string", "null"]


def test_scripted_json_parses_into_the_callers_model(server: LocalGemini, client: genai.Client) -> None:
    """A scripted value arrives as the pydantic model that was asked for."""
    server.script([json_reply({"total": 12.5, "note": None})])
    reply = client.models.generate_content(
        model=MODEL, contents="x", config={"response_mime_type": "application/json", "response_schema": Bill}
    )
    assert reply.parsed == Bill(total=12.5)


def test_functions_and_their_arguments_keep_their_names(
    server: LocalGemini, client: genai.Client, engine: object
) -> None:
    """Parameter names with underscores and capitals survive both ways; the tool's schema is plain."""
    tool = types.Tool(
        function_declarations=[
            types.FunctionDeclaration(
                name="record_expense",
                description="d",
                parameters=types.Schema(
                    type=types.Type.OBJECT,
                    properties={"unit_price": types.Schema(type=types.Type.NUMBER), "dueDate": {"type": "STRING"}},
                    required=["unit_price"],
                ),
            )
        ]
    )
    config = types.GenerateContentConfig(
        tools=[tool],
        tool_config={"function_calling_config": {"mode": "ANY", "allowed_function_names": ["record_expense"]}},
    )
    client.models.generate_content(model=MODEL, contents="x", config=config)
    call = engine.calls[-1]  # type: ignore[attr-defined]
    assert call.function_mode == "ANY"
    assert call.allowed_functions == ("record_expense",)
    assert call.functions[0].parameters["properties"] == {
        "unit_price": {"type": "number"},
        "dueDate": {"type": "string"},
    }
    server.script([function_call("record_expense", {"unit_price": 2, "dueDate": "2026-01-02"})])
    reply = client.models.generate_content(model=MODEL, contents="x", config=config)
    assert reply.function_calls[0].args == {"unit_price": 2, "dueDate": "2026-01-02"}
    assert reply.candidates[0].content.parts[0].thought_signature


def test_inline_bytes_reach_the_engine_as_bytes(client: genai.Client, engine: object) -> None:
    """`inlineData` is decoded; snake_case keys of the client are read."""
    client.models.generate_content(
        model=MODEL, contents=[types.Part.from_bytes(data=b"\x89PNG rest", mime_type="image/png"), "what is it?"]
    )
    blob = engine.calls[-1].contents[0]["parts"][0]["inlineData"]  # type: ignore[attr-defined]
    assert blob == {"data": b"\x89PNG rest", "mimeType": "image/png"}


def test_token_limits_and_stop_sequences_end_an_answer(client: genai.Client) -> None:
    """The engine's answer is cut where generationConfig says so, and says why."""
    short = client.models.generate_content(model=MODEL, contents="one two three", config={"max_output_tokens": 2})
    assert short.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    assert short.usage_metadata.candidates_token_count <= 2
    stopped = client.models.generate_content(model=MODEL, contents="one two three", config={"stop_sequences": [" two"]})
    assert stopped.text == "You said: one"


def test_candidates_are_counted(client: genai.Client) -> None:
    """Several candidates come when asked for."""
    reply = client.models.generate_content(model=MODEL, contents="x", config={"candidate_count": 2})
    assert len(reply.candidates) == 2


def test_count_tokens_agrees_with_the_usage_of_the_same_request(client: genai.Client) -> None:
    """What is counted before a call is what the call reports."""
    contents = [types.Part.from_bytes(data=b"x" * 50, mime_type="image/jpeg"), "a caption, please"]
    counted = client.models.count_tokens(model=MODEL, contents=contents)
    used = client.models.generate_content(model=MODEL, contents=contents).usage_metadata
    assert counted.total_tokens == used.prompt_token_count
    assert {row.modality.value for row in used.prompt_tokens_details} == {"TEXT", "IMAGE"}


def test_models_are_listed_in_pages_and_found_by_name(client: genai.Client) -> None:
    """Listing pages through all living models; retired ones are gone."""
    names = [model.name.rpartition("/")[2] for model in client.models.list(config={"page_size": 3})]
    assert MODEL in names
    assert len(names) == len(set(names)) > 10
    assert "gemini-1.5-flash-002" not in names
    assert client.models.get(model=MODEL).name.endswith(MODEL)


def test_curl_may_write_either_casing_and_single_values_for_lists(server: LocalGemini, engine: object) -> None:
    """proto3 JSON: snake_case is read, and one turn where a list of turns is due."""
    body = {
        "contents": {"parts": {"inline_data": {"mime_type": "text/plain", "data": base64.b64encode(b"hi").decode()}}},
        "system_instruction": {"parts": [{"text": "be brief"}]},
        "generation_config": {"top_k": 3, "response_mime_type": "text/plain"},
    }
    request = urllib.request.Request(
        f"{server.base_url}/v1/models/{MODEL}:generateContent",
        data=json.dumps(body).encode(),
        headers={"x-goog-api-key": "k"},
    )
    with urllib.request.urlopen(request) as reply:
        assert reply.status == 200
    call = engine.calls[-1]  # type: ignore[attr-defined]
    assert call.system_instruction == "be brief"
    assert call.contents[0]["parts"][0]["inlineData"]["data"] == b"hi"
    assert call.generation_config == {"topK": 3.0}


def test_each_surface_has_all_its_versions_and_no_others(server: LocalGemini) -> None:
    """A client whose default version moves finds the server still; a version of the other surface is a page's 404."""
    server.script(text("here"), times=None)
    project = "/projects/p/locations/global/publishers/google"
    served = {"v1": ("", project, "/publishers/google"), "v1beta": ("",), "v1alpha": ("",)}
    served["v1beta1"] = (project, "/publishers/google")
    for version, places in served.items():
        for place in ("", project, "/publishers/google"):
            request = urllib.request.Request(
                f"{server.base_url}/{version}{place}/models/{MODEL}:generateContent?key=k",
                data=b'{"contents":[{"role":"user","parts":[{"text":"x"}]}]}',
            )
            try:
                with urllib.request.urlopen(request) as reply:
                    status = reply.status
            except urllib.error.HTTPError as error:
                status = error.code
            assert status == (200 if place in places else 404), f"{version}{place}"
