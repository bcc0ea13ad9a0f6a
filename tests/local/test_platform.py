"""Google's platform clients, unchanged: prompts, the model registry, endpoints, tokens, operations."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google import genai
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.cloud import aiplatform
from google.genai import errors, types
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.resources.endpoints import add_tuned

MODEL = "gemini-3.8-flash"
PARENT = "projects/p/locations/us-central1"


def vertex(server: LocalGemini, *, project: str = "p", credentials: Any = None) -> genai.Client:
    return genai.Client(
        vertexai=True,
        project=project,
        location="us-central1",
        credentials=credentials or Credentials(token="t"),
        http_options={"base_url": server.base_url},
    )


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients sleep seconds between polls; what they poll for is real."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def prompts(server: LocalGemini, no_sleep: None) -> Any:
    """The prompts of agentplatform.Client."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import agentplatform

        client = agentplatform.Client(
            project="p",
            location="us-central1",
            credentials=Credentials(token="t"),
            http_options=types.HttpOptions(base_url=server.base_url),
        )
    # A client is closed when it is collected.
    client.prompts.keep = client
    return client.prompts


def greeting(text: str) -> dict[str, Any]:
    data = {"contents": [{"parts": [{"text": text}]}], "model": MODEL, "variables": [{"name": {"text": "Bob"}}]}
    return {"prompt_data": data}


def said(prompt: Any) -> str:
    text: str = prompt.prompt_data.contents[0].parts[0].text
    return text


def test_prompts_are_versioned(prompts: Any) -> None:
    """Made, changed, listed, restored: each version keeps its own words."""
    made = prompts.create_version(
        prompt=greeting("Hello {name}"), config={"prompt_display_name": "greeting", "version_display_name": "first"}
    )
    assert (made.prompt_id, made.version_id, said(made)) == (made.prompt_id, "1", "Hello {name}")
    changed = prompts.update(prompt_id=made.prompt_id, prompt=greeting("Good day {name}"))
    assert (changed.prompt_id, changed.version_id) == (made.prompt_id, "2")
    assert said(prompts.get(prompt_id=made.prompt_id)) == "Good day {name}"
    # What get_version shows as the prompt is the dataset's present words; the version's own are beside it.
    first = prompts.get_version(prompt_id=made.prompt_id, version_id="1").dataset_version.metadata
    message = first.prompt_api_schema.multimodal_prompt.prompt_message
    assert message.contents[0].parts[0].text == "Hello {name}"
    assert [one.version_id for one in prompts.list_versions(prompt_id=made.prompt_id)] == ["2", "1"]
    prompts.restore_version(prompt_id=made.prompt_id, version_id="1")
    back = prompts.get(prompt_id=made.prompt_id)
    assert said(back) == "Hello {name}"
    assert back.prompt_data.variables[0]["name"].text == "Bob"
    assert [(one.prompt_id, one.model) for one in prompts.list()] == [(made.prompt_id, MODEL)]


def test_deleted_prompts_are_gone(prompts: Any) -> None:
    """A version first, then the whole; numbers are not given again."""
    made = prompts.create_version(prompt=greeting("Hello {name}"))
    prompts.update(prompt_id=made.prompt_id, prompt=greeting("Good day {name}"))
    prompts.delete_version(prompt_id=made.prompt_id, version_id="2")
    assert prompts.update(prompt_id=made.prompt_id, prompt=greeting("Bye {name}")).version_id == "3"
    with pytest.raises(errors.ClientError, match="was not found"):
        prompts.get_version(prompt_id=made.prompt_id, version_id="2")
    prompts.delete(prompt_id=made.prompt_id)
    with pytest.raises(errors.ClientError, match="was not found"):
        prompts.get(prompt_id=made.prompt_id)
    assert list(prompts.list()) == []


def test_prompts_are_read_strictly(prompts: Any, server: LocalGemini) -> None:
    """A dataset that holds no prompt is refused."""
    with pytest.raises(errors.ClientError, match="prompt_api_schema is missing"):
        prompts._api_client.request(
            "post",
            "datasets",
            {
                "displayName": "d",
                "metadataSchemaUri": "gs://google-cloud-aiplatform/schema/dataset/metadata/text_prompt_1.0.0.yaml",
                "metadata": {"has_prompt_variable": True},
            },
        )


@pytest.fixture
def platform(server: LocalGemini, no_sleep: None) -> Iterator[Any]:
    """google-cloud-aiplatform over REST, in the project that copies."""
    aiplatform.init(
        project="dest",
        location="us-central1",
        api_endpoint=server.base_url,
        api_transport="rest",
        credentials=AnonymousCredentials(),
    )
    server.wire.authentication = False
    yield aiplatform
    aiplatform.initializer.global_config.__init__()


def test_tuned_model_is_copied_deployed_called_and_taken_down(server: LocalGemini, platform: Any) -> None:
    """From another project's registry to an endpoint of one's own that google-genai can call."""
    tuned = add_tuned(server.wire, "projects/src/locations/us-central1", base="gemini-2.5-flash", display_name="mine")
    source = platform.Model(tuned["model"])
    copied = source.copy(destination_location="us-central1", destination_model_id="receipts")
    assert copied.resource_name == "projects/dest/locations/us-central1/models/receipts"
    assert (copied.version_id, copied.display_name, copied.labels["tune-type"]) == ("1", "mine", "sft")
    again = source.copy(destination_location="us-central1", destination_parent_model="receipts")
    assert again.version_id == "2"
    assert [one.resource_name for one in platform.Model.list(filter='display_name="mine"')] == [copied.resource_name]
    assert platform.Model.list(filter='display_name="other"') == []

    endpoint = platform.Endpoint.create(display_name="receipts")
    client = vertex(server, project="dest")
    with pytest.raises(errors.ClientError, match="traffic-receiving"):
        client.models.generate_content(model=endpoint.resource_name, contents="hi")
    endpoint.deploy(copied)
    assert client.models.generate_content(model=endpoint.resource_name, contents="hi").text == "You said: hi"
    assert server.journal.last.model == f"endpoints/{endpoint.name}"
    assert client.models.count_tokens(model=endpoint.resource_name, contents="hi").total_tokens

    with pytest.raises(Exception, match="undeploy it first"):
        copied.delete()
    endpoint.undeploy_all()
    endpoint.delete()
    copied.delete()
    assert platform.Model.list() == []
    assert platform.Endpoint.list() == []


def test_tuned_models_are_listed_and_called_by_google_genai(server: LocalGemini) -> None:
    """The filter google-genai sends finds tuned models only; both names of one can be called."""
    tuned = add_tuned(server.wire, PARENT, base="gemini-2.5-flash", display_name="mine")
    client = vertex(server)
    listed = list(client.models.list(config={"query_base": False}))
    assert [one.display_name for one in listed] == ["mine"]
    for name in tuned.values():
        chunks = client.models.generate_content_stream(model=name, contents="hi")
        assert "".join(chunk.text for chunk in chunks) == "You said: hi"
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model=f"{PARENT}/endpoints/1", contents="hi")
    assert raised.value.code == 404


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def account(server: LocalGemini, private_key: str) -> service_account.Credentials:
    info = {
        "type": "service_account",
        "client_email": "robot@p.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": private_key,
        "token_uri": f"{server.base_url}/token",
    }
    return service_account.Credentials.from_service_account_info(
        info, scopes=["https://www.googleapis.com/auth/cloud-platform"]
    )


def test_service_accounts_get_their_token_here(server: LocalGemini, private_key: str) -> None:
    """A key file whose token_uri is this server works unchanged; no secret reaches the journal."""
    client = vertex(server, credentials=account(server, private_key))
    assert client.models.generate_content(model=MODEL, contents="hi").text == "You said: hi"
    asked, called = server.journal.entries
    assert (asked.kind, asked.body, called.credential) == ("token", None, "bearer")
    assert "ya29" not in json.dumps([entry.as_json() for entry in server.journal])


def test_stale_assertions_are_refused(server: LocalGemini, private_key: str) -> None:
    """An hour later by the server's clock, the signed claim is worth nothing."""
    server.clock.move(2 * 3600)
    with pytest.raises(RefreshError, match="short-lived token"):
        account(server, private_key).refresh(Request())
