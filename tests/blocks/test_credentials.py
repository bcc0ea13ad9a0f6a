"""Who is called, and what is refused before anybody is."""

from __future__ import annotations

import json
from functools import cache

import google.auth
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2.credentials import Credentials
from pydantic import SecretStr, ValidationError

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.errors import NoCredentials
from prefect_gemini.tasks import agenerate
from prefect_gemini.testing import text

CANARY = "canary-3f1c9a"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"service": "vertex"}, "needs `project`"),
        ({"service": "developer"}, "needs `api_key`"),
        ({"service": "local", "api_key": CANARY}, "`api_key` is for service 'developer'"),
        ({"service": "vertex", "project": "p", "account": "us"}, "`account` is for service 'developer'"),
        ({"service": "developer", "api_key": "k", "impersonate": "a@b"}, "`impersonate` is for service 'vertex'"),
        ({"service": "vertex", "project": "p", "api_key": CANARY}, "`api_key` is for service 'developer'"),
        (
            {"service": "vertex", "project": "p", "gcp_credentials": "x", "service_account_info": {"a": CANARY}},
            "not both",
        ),
        ({"service": "local", "retry_options": {}}, "Extra inputs are not permitted"),
    ],
)
def test_contradicting_fields_are_refused(fields, complaint):
    """A block that could not work is refused when it is filled in, without quoting its secrets."""
    with pytest.raises(ValidationError, match=complaint) as refused:
        GeminiCredentials(**fields)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, "local"),
        ({"GOOGLE_API_KEY": "k"}, "developer"),
        ({"GEMINI_API_KEY": "k"}, "developer"),
        ({"GOOGLE_API_KEY": ""}, "local"),
    ],
)
def test_environment_decides_who_is_called(environment, kind):
    """A key means the Developer API; nothing means the local reader."""
    assert Backend.from_environment(environment).kind == kind


def test_project_without_credentials_never_falls_back_to_the_local_reader(monkeypatch, tmp_path):
    """Whoever names a project wants Gemini; a local answer in its place would be a lie."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(NoCredentials, match="gcloud auth application-default login"):
        Backend.from_environment({"GOOGLE_CLOUD_PROJECT": "p"})


async def test_broken_service_account_is_reported_without_its_contents():
    """A key that does not load is named by its error's kind, never quoted."""
    block = GeminiCredentials(service="vertex", project="p", service_account_info={"private_key": CANARY})
    with pytest.raises(NoCredentials) as refused:
        await block.backend()
    assert CANARY not in repr(refused.value) + str(refused.value.__cause__)


async def test_gcp_block_without_the_extra_says_how_to_get_it(monkeypatch):
    """prefect-gcp is optional; its absence is an instruction, not an ImportError."""
    import sys

    monkeypatch.setitem(sys.modules, "prefect_gcp", None)
    block = GeminiCredentials(service="vertex", project="p", gcp_credentials="mine")
    with pytest.raises(NoCredentials, match=r"prefect-gemini\[gcp\]"):
        await block.backend()


def test_secrets_are_masked_wherever_a_block_is_shown():
    """repr, str and JSON of a block show no key."""
    block = GeminiCredentials(service="developer", api_key=CANARY)
    shown = repr(block) + str(block) + json.dumps(block.model_dump(mode="json")) + repr(GeminiModel(credentials=block))
    assert CANARY not in shown


def test_the_block_makes_the_smallest_real_call(gemini):
    """`test` reaches the server once and says who answered."""
    block = GeminiCredentials(service="local", base_url=gemini.base_url)
    assert "local" in block.test()
    assert len(gemini.journal.of("count")) == 1


async def test_one_account_is_one_object_and_one_client(monkeypatch):
    """Credentials are made once: each new object would fetch a token, and open connections, for every call."""
    made: list[int] = []

    def default(**_: object) -> tuple[Credentials, str]:
        made.append(1)
        return Credentials(token="t"), "p"

    monkeypatch.setattr(google.auth, "default", default)
    model = GeminiModel(credentials=GeminiCredentials(service="vertex", project="p", location="global"))
    assert await model.client() is await model.client()
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    assert await GeminiModel().client() is await GeminiModel().client()
    assert len(made) == 1


@cache
def private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


def account(key_id: str) -> dict[str, str]:
    """A service account's file."""
    where = {"client_email": "a@b", "token_uri": "https://x", "project_id": "p"}
    return {"type": "service_account", "private_key": private_key(), "private_key_id": key_id, **where}


async def test_another_key_of_an_account_is_another_object():
    """A rotated key is used at once."""
    first, second, again = [
        await GeminiCredentials(service="vertex", project="p", service_account_info=account(key)).backend()
        for key in ("one", "two", "one")
    ]
    assert first.credentials is again.credentials is not second.credentials


async def test_a_new_key_of_a_named_account_pays_for_nothing_twice(gemini, monkeypatch):
    """The name, not the key, tells the ledger who asked: in a block and in the environment alike."""
    gemini.script(text("yes"), times=None)

    async def ask(key: str, account: str | None) -> bool:
        block = GeminiCredentials(service="developer", api_key=key, account=account, base_url=gemini.base_url)
        return (await agenerate.fn("Well?", model=GeminiModel(credentials=block))).from_ledger

    assert [await ask("old", "us"), await ask("new", "us"), await ask("new", "them"), await ask("new", None)] == [
        False,
        True,
        False,
        False,
    ]
    monkeypatch.setenv("GOOGLE_API_KEY", "old")
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_ACCOUNT", "us")
    assert (await GeminiModel(model="flash").backend()).identity == Backend(
        kind="developer", api_key=SecretStr("new"), account="us"
    ).identity
