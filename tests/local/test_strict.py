"""What Google refuses, refused in its words: status, error.status, and google.rpc details where it sends them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from prefect_gemini.local import LocalGemini

MODEL = "gemini-3.8-flash"
ROOTS = {
    "developer": "/v1beta/models/",
    "vertex": "/v1beta1/projects/p/locations/us-central1/publishers/google/models/",
}
HELLO = [{"role": "user", "parts": [{"text": "hello"}]}]


def post(server: LocalGemini, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of one POST."""
    request = urllib.request.Request(
        server.base_url + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "x-goog-api-key": "k"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


def generate(server: LocalGemini, surface: str, body: dict[str, Any], model: str = MODEL) -> tuple[int, dict[str, Any]]:
    return post(server, f"{ROOTS[surface]}{model}:generateContent", {"contents": HELLO} | body)


def config(**values: Any) -> dict[str, Any]:
    return {"generationConfig": values}


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"temperature": 1}, "", 'Unknown name "temperature": Cannot find field.'),
        (config(temprature=1), "generation_config", "Unknown name \"temprature\" at 'generation_config'"),
        ({"contents": [{"parts": [{"txt": "x"}]}]}, "contents[0].parts[0]", "at 'contents[0].parts[0]'"),
        ({"contents": [{"parts": [{"text": 5}]}]}, "contents[0].parts[0].text", "(TYPE_STRING), 5"),
        (config(temperature="hot"), "generation_config.temperature", "(TYPE_FLOAT)"),
        (config(maxOutputTokens=1.5), "generation_config.max_output_tokens", "(TYPE_INT32)"),
        (config(responseModalities=["SMELL"]), "generation_config.response_modalities[0]", '"SMELL"'),
        (
            {"safetySettings": [{"category": "HARM_CATEGORY_RUDE", "threshold": "OFF"}]},
            "safety_settings[0].category",
            "HARM_CATEGORY_RUDE",
        ),
        (
            {"contents": [{"parts": [{"text": "x", "inlineData": {"mimeType": "image/png", "data": "eA=="}}]}]},
            "contents[0].parts[0]",
            "oneof field 'data' is already set",
        ),
        (
            {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "%%"}}]}]},
            "contents[0].parts[0].inline_data.data",
            "Base64 decoding failed",
        ),
        ({"systemInstruction": [1]}, "system_instruction", "not repeating"),
    ],
)
def test_malformed_fields_are_named(
    server: LocalGemini, surface: str, body: dict[str, Any], field: str, words: str
) -> None:
    """A field that is unknown or ill-typed is a 400 with a BadRequest that names it."""
    status, reply = generate(server, surface, body)
    error = reply["error"]
    assert (status, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert words in error["message"]
    (detail,) = error["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    (violation,) = detail["fieldViolations"]
    assert violation.get("field", "") == field
    assert violation["description"] in error["message"]


def test_every_wrong_field_is_named_at_once(server: LocalGemini, surface: str) -> None:
    """Two mistakes are told in one reply."""
    _, reply = generate(server, surface, {"a": 1, "b": 2})
    assert len(reply["error"]["details"][0]["fieldViolations"]) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}, "valid role"),
        ({"contents": [{"role": "user", "parts": []}]}, "parts"),
        ({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png"}}]}]}, "data"),
        (config(temperature=2.1), "2"),
        (config(temperature=-0.1), "0"),
        (config(topP=1.1), "1"),
        (config(topK=0), "topk"),
        (config(candidateCount=9), "8"),
        (config(maxOutputTokens=0), "maxoutputtokens"),
        (config(presencePenalty=2), "2"),
        (config(logprobs=3), "ogprobs"),
        (config(stopSequences=list("abcdef")), "stop sequences"),
        (config(responseMimeType="text/html"), "text/html"),
        (config(responseSchema={"type": "OBJECT"}), "response_mime_type"),
        (
            config(responseMimeType="application/json", responseSchema={"type": "STRING"}, responseJsonSchema={}),
            "Only one",
        ),
        (config(responseMimeType="text/x.enum", responseSchema={"type": "ARRAY"}), "enum"),
        (config(thinkingConfig={"thinkingBudget": 1, "thinkingLevel": "LOW"}), "only one of thinking"),
        (config(thinkingConfig={"thinkingLevel": "MINIMAL"}), "MINIMAL"),
        (config(speechConfig={"voiceConfig": {"voice": "a"}, "multiSpeakerVoiceConfig": {}}), "mutually exclusive"),
        ({"tools": [{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}]}, "Duplicate"),
        ({"tools": [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}]}, "search"),
        (
            {
                "tools": [{"functionDeclarations": [{"name": "f"}]}],
                "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}},
            },
            "'g'",
        ),
        ({"continuationToken": "bm90aGluZw=="}, "continuation token"),
        ({"cachedContent": "caches/1"}, "CachedContent"),
    ],
)
def test_what_makes_no_sense_is_refused(server: LocalGemini, surface: str, body: dict[str, Any], words: str) -> None:
    """Values out of range and settings that exclude each other are a 400 that says which."""
    status, reply = generate(server, surface, body)
    assert status == 400, reply
    assert reply["error"]["status"] == "INVALID_ARGUMENT"
    # The surfaces spell fields in either casing.
    message = reply["error"]["message"]
    assert words.lower() in message.lower() or words.lower() in message.lower().replace("_", "")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"temperature": 0}, "the lower end"),
        ({"temperature": 2}, "the upper end"),
        ({"topK": 40.0}, "topK comes as a float"),
        ({"candidateCount": 8}, "the upper end"),
        ({"presencePenalty": -2}, "the lower end"),
        ({"thinkingConfig": {"thinking_level": "low"}}, "either casing"),
        ({"response_mime_type": "application/json", "response_schema": {"type": "string"}}, "either casing"),
        ({"maxOutputTokens": "12"}, "numbers may be strings"),
    ],
)
def test_what_is_allowed_is_not_refused(server: LocalGemini, surface: str, values: dict[str, Any], why: str) -> None:
    """Strictness ends where Google's ends."""
    status, reply = generate(server, surface, config(**values))
    assert status == 200, (why, reply)


@pytest.mark.parametrize(
    ("surface", "field", "own"),
    [
        ("developer", {"store": True}, True),
        ("vertex", {"store": True}, False),
        ("developer", {"modelArmorConfig": {}}, False),
        ("vertex", {"modelArmorConfig": {}}, True),
        ("developer", {"serviceTier": "flex"}, True),
        ("vertex", {"serviceTier": "flex"}, False),
        ("developer", {"generationConfig": {"audioTimestamp": True}}, False),
        ("vertex", {"generationConfig": {"audioTimestamp": True}}, True),
    ],
)
def test_each_surface_knows_its_own_fields(server: LocalGemini, surface: str, field: Any, own: bool) -> None:
    """A field of the other surface is unknown."""
    assert generate(server, surface, field)[0] == (200 if own else 400)


@pytest.mark.parametrize(
    ("surface", "model", "words"),
    [
        ("developer", "gemini-99", "is not found for API version v1beta"),
        ("vertex", "gemini-99", "was not found or your project does not have access"),
        ("developer", "gemini-1.5-pro-002", "ListModels"),
        ("vertex", "gemini-1.5-pro-002", "model-versions"),
        ("developer", "gemini-embedding-001", "not supported for generateContent"),
        ("vertex", "imagen-4.0-generate-001", "Publisher Model"),
    ],
)
def test_unknown_and_retired_models_are_404(server: LocalGemini, surface: str, model: str, words: str) -> None:
    """A model that is not there, no longer there, or of another kind."""
    status, reply = generate(server, surface, {}, model)
    assert (status, reply["error"]["status"]) == (404, "NOT_FOUND")
    assert words in reply["error"]["message"]


@pytest.mark.parametrize(
    ("path", "code", "status"),
    [
        ("/v1beta/cachedContents/none", 403, "PERMISSION_DENIED"),
        ("/v1beta1/projects/p/locations/l/cachedContents/1", 404, "NOT_FOUND"),
        ("/v1beta/files/none", 403, "PERMISSION_DENIED"),
        ("/v1beta/batches/none", 404, "NOT_FOUND"),
        ("/v1beta/tunedModels/none", 404, "NOT_FOUND"),
        ("/v1beta1/projects/p/locations/l/batchPredictionJobs/1", 404, "NOT_FOUND"),
        ("/v1beta1/projects/p/locations/l/tuningJobs/1", 404, "NOT_FOUND"),
        ("/v1beta1/projects/p/locations/l/models/1", 404, "NOT_FOUND"),
        ("/v1beta1/projects/p/locations/l/endpoints/1", 404, "NOT_FOUND"),
        ("/v1beta1/projects/p/locations/l/operations/1", 404, "NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_told_as_google_tells_it(server: LocalGemini, path: str, code: int, status: str) -> None:
    """The Developer API denies permission to caches and files; everything else is not found."""
    request = urllib.request.Request(server.base_url + path, headers={"x-goog-api-key": "k"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as reply:
        assert reply.code == code
        assert json.loads(reply.read())["error"]["status"] == status


def test_path_that_is_none_is_a_page(server: LocalGemini) -> None:
    """Google answers an unknown path in HTML, and clients must bear it."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.base_url}/v1beta/model/{MODEL}?key=k", timeout=10)
    with refused.value as reply:
        assert reply.code == 404
        assert reply.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("path", "code"), [("/v1beta/models", 403), ("/v1beta1/publishers/google/models", 401)])
def test_no_credential_is_refused(server: LocalGemini, path: str, code: int) -> None:
    """403 without a key, 401 without a token."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.base_url + path, timeout=10)
    with refused.value as reply:
        assert reply.code == code
