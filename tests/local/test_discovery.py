"""Google's discovery document as judge: what Vertex AI's methods take and give, as far as the server has them.

Skipped where google-api-python-client, which ships the document, is not installed.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks._discovery import Document, find_document
from benchmarks.coverage import RESOURCES, count, implemented
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.protocol.messages import TABLE
from prefect_gemini.local.wire.resources.endpoints import add_tuned
from prefect_gemini.testing import text

FOUND = find_document("aiplatform.v1beta1")
PACKAGE = "GoogleCloudAiplatformV1beta1"
X = "/v1beta1/projects/p/locations/us-central1"
MODEL = f"{X}/publishers/google/models"

pytestmark = pytest.mark.skipif(FOUND is None, reason="google-api-python-client is not installed")

# Fields the server takes that the document of 2026-11 does not have, and why.
KNOWN_DELTAS = {
    "Part.toolCall": "google-genai sends it",
    "Part.toolResponse": "google-genai sends it",
    "PartMediaResolution.numTokens": "google-genai sends it",
    "ToolConfig.includeServerSideToolInvocations": "google-genai sends it",
    "GenerateContentRequest.model": "the path says it; batch rows repeat it",
    "TuningJob.evaluationConfig": "google-genai sends it",
    "CreateFileRequest.file": "the Developer API's alone",
}


@pytest.fixture
def document() -> Document:
    assert FOUND is not None
    return FOUND


def test_every_field_that_is_read_is_in_the_document() -> None:
    """Names are Google's; each exception is listed with its reason."""
    assert FOUND is not None
    strange = set()
    for message, fields in TABLE.messages.items():
        schema = FOUND.schemas.get(PACKAGE + message)
        for field in fields.values():
            if schema and message != "TunedModel" and field.surface != "developer":
                name = f"{message}.{field.name}"
                if field.name not in schema["properties"]:
                    strange.add(name)
    assert strange <= KNOWN_DELTAS.keys()


@pytest.fixture
def ask(server: LocalGemini, document: Document) -> Callable[..., Any]:
    """Sends a request that the document allows, and holds the reply against it."""

    def send(verb: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        method = document.method(verb, path)
        assert method, f"{verb} {path} is not in the document"
        if body is not None:
            assert document.problems(body, method.request) == []
        request = urllib.request.Request(
            server.base_url + path,
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer x", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as reply:
                code, said = reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            code, said = error.code, json.load(error)
        assert code == status, said
        if code == 200:
            for one in said if isinstance(said, list) else [said]:
                assert document.problems(one, method.response) == [], f"{verb} {path}"
        return said

    return send


def test_generating_methods_give_what_the_document_says(ask: Callable[..., Any], server: LocalGemini) -> None:
    """Answers, streams, counts, tokens, embeddings: every field, type and enum."""
    server.script(text("an answer", thoughts="hm"), times=None)
    turn = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    config = {"generationConfig": {"temperature": 0.5, "topK": 3, "maxOutputTokens": 99}}
    model = f"{MODEL}/gemini-3.8-flash"
    assert ask("POST", f"{model}:generateContent", turn | config)["candidates"]
    assert ask("POST", f"{model}:streamGenerateContent", turn)[-1]["usageMetadata"]
    assert ask("POST", f"{model}:countTokens", turn)["totalTokens"]
    assert ask("POST", f"{model}:computeTokens", turn)["tokensInfo"]
    assert ask("POST", f"{MODEL}/gemini-embedding-001:predict", {"instances": [{"content": "a"}]})["predictions"]
    assert ask("GET", "/v1beta1/publishers/google/models/gemini-3.8-flash")["name"]
    assert ask("GET", "/v1beta1/publishers/google/models")["publisherModels"]


def test_caches_give_what_the_document_says(ask: Callable[..., Any]) -> None:
    """Made, shown, listed, moved, deleted."""
    words = {"role": "user", "parts": [{"text": "a long page " * 4_000}]}
    body = {"model": f"{MODEL}/gemini-3.8-flash".removeprefix("/v1beta1/"), "ttl": "600s", "contents": [words]}
    made = ask("POST", f"{X}/cachedContents", body)
    path = f"/v1beta1/{made['name']}"
    ask("GET", path)
    assert ask("GET", f"{X}/cachedContents")["cachedContents"]
    ask("PATCH", path, {"ttl": "900s"})
    ask("DELETE", path)
    ask("GET", path, status=404)


def test_prompts_give_what_the_document_says(ask: Callable[..., Any]) -> None:
    """Datasets, versions and their operations."""
    body = {
        "displayName": "d",
        "metadataSchemaUri": "gs://google-cloud-aiplatform/schema/dataset/metadata/text_prompt_1.0.0.yaml",
        "metadata": {"prompt_api_schema": {}},
        "modelReference": "gemini-3.8-flash",
    }
    waiting = ask("POST", f"{X}/datasets", body)
    dataset = f"/v1beta1/{ask('GET', '/v1beta1/' + waiting['name'])['response']['name']}"
    ask("PATCH", dataset, {"displayName": "e"})
    for _ in range(2):
        ask("POST", f"{dataset}/datasetVersions", {"displayName": "v"})
    assert len(ask("GET", f"{dataset}/datasetVersions")["datasetVersions"]) == 2
    ask("GET", f"{dataset}/datasetVersions/1")
    ask("PATCH", f"{dataset}/datasetVersions/1", {"displayName": "w"})
    ask("GET", f"{dataset}/datasetVersions/1:restore")
    ask("DELETE", f"{dataset}/datasetVersions/2")
    assert ask("GET", f"{dataset}/operations")["operations"]
    ask("GET", f"{X}/datasets")
    gone = ask("DELETE", dataset)
    assert ask("GET", f"/v1beta1/{gone['name']}")["done"]
    ask("DELETE", f"/v1beta1/{gone['name']}")


def test_models_and_endpoints_give_what_the_document_says(ask: Callable[..., Any], server: LocalGemini) -> None:
    """Copied, labelled, deployed, called, undeployed, deleted."""
    tuned = add_tuned(server.wire, X.removeprefix("/v1beta1/"), base="gemini-2.5-flash", display_name="mine")
    copied = ask("POST", f"{X}/models:copy", {"sourceModel": tuned["model"], "modelId": "mine"})
    model = f"/v1beta1/{ask('GET', '/v1beta1/' + copied['name'])['response']['model']}"
    ask("GET", model)
    ask("PATCH", model, {"description": "for receipts"})
    ask("POST", f"{model}:mergeVersionAliases", {"versionAliases": ["best"]})
    ask("GET", f"{model}:listVersions")
    ask("GET", f"{model}:listCheckpoints")
    ask("GET", f"{X}/models")
    made = ask("POST", f"{X}/endpoints", {"displayName": "mine"})
    endpoint = f"/v1beta1/{ask('GET', '/v1beta1/' + made['name'])['response']['name']}"
    deployed = {"model": model.removeprefix("/v1beta1/") + "@best", "displayName": "mine"}
    done = ask("POST", f"{endpoint}:deployModel", {"deployedModel": deployed, "trafficSplit": {"0": 100}})
    number = ask("GET", f"/v1beta1/{done['name']}")["response"]["deployedModel"]["id"]
    ask("GET", endpoint)
    ask("GET", f"{X}/endpoints")
    turn = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    ask("POST", f"{endpoint}:generateContent", turn)
    ask("POST", f"{endpoint}:countTokens", turn)
    ask("DELETE", endpoint, status=400)
    ask("POST", f"{endpoint}:undeployModel", {"deployedModelId": number})
    ask("DELETE", endpoint)
    ask("DELETE", model)


def test_jobs_give_what_the_document_says(ask: Callable[..., Any], server: LocalGemini) -> None:
    """Batch and tuning jobs: made, shown, listed, cancelled, deleted."""
    turn = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    server.storage.write("gs://rows/in.jsonl", json.dumps({"request": turn}) + "\n")
    batch = {
        "displayName": "d",
        "model": "publishers/google/models/gemini-3.8-flash",
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": ["gs://rows/in.jsonl"]}},
        "outputConfig": {"predictionsFormat": "jsonl", "gcsDestination": {"outputUriPrefix": "gs://rows/out"}},
    }
    job = f"/v1beta1/{ask('POST', f'{X}/batchPredictionJobs', batch)['name']}"
    for _ in range(3000):
        if ask("GET", job)["state"] == "JOB_STATE_SUCCEEDED":
            break
        time.sleep(0.02)
    ask("GET", f"{X}/batchPredictionJobs")
    example = {"contents": [*turn["contents"], {"role": "model", "parts": [{"text": "hi"}]}]}
    server.storage.write("gs://rows/train.jsonl", (json.dumps(example) + "\n") * 20)
    tuning = {
        "baseModel": "gemini-3.1-flash-lite",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://rows/train.jsonl"},
    }
    tuned = f"/v1beta1/{ask('POST', f'{X}/tuningJobs', tuning)['name']}"
    ask("GET", tuned)
    ask("GET", f"{X}/tuningJobs")
    ask("DELETE", job)


def _bodies() -> list[Any]:
    if FOUND is None:
        return []
    methods = [one for rows in count(FOUND, RESOURCES).values() for one in rows]
    return [pytest.param(one, id=one.name) for one in methods if one.request and implemented(one)]


@pytest.mark.parametrize("method", _bodies())
def test_unknown_fields_are_refused_everywhere(server: LocalGemini, method: Any) -> None:
    """Every method with a body says 400 or, where the resource is looked up first, 404; never 200 or 500."""
    code, said = _post(server, method.verb, method.example, {"noSuchField": 1})
    assert code in (400, 404), said
    assert said["error"]["code"] == code


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=8), deeper, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_body_breaks_the_server(server: LocalGemini, data: st.DataObject) -> None:
    """Fields of the document with values of any kind get an answer or an error in Google's shape, never a 500."""
    assert FOUND is not None
    method = data.draw(st.sampled_from([one.values[0] for one in _bodies()]))
    schema = FOUND.schemas[method.request]
    fields = sorted(schema.get("properties", {})) or ["x"]
    body = data.draw(st.dictionaries(st.sampled_from(fields), ANYTHING, max_size=4))
    path = method.example.replace("models/x1", "models/gemini-3.8-flash")
    code, said = _post(server, method.verb, path, body)
    assert code < 500, (method.name, body, said)
    assert code == 200 or said["error"]["message"]


def _post(server: LocalGemini, verb: str, path: str, body: Any) -> tuple[int, Any]:
    request = urllib.request.Request(
        server.base_url + path,
        method=verb,
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer x", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
