"""A key goes to the service and nowhere else: not to Prefect's database, a result, a log, an artifact or the ledger."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prefect_gemini.testing import LocalGemini, blocked, error, html, json_reply, reset

pytestmark = pytest.mark.xdist_group("secrets")

CANARY = "AIzaSyCANARY-9c41f7e2b85d03a6914e7c2fb0d8"
PRIVATE = "canary-private-key-5b1e93d7a0"

SCRIPT = """
import asyncio, sys
from prefect import flow, get_run_logger, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect_gemini import Document, GeminiCredentials, GeminiModel, aeach, aextract, extract
from prefect_gemini.gemini.costs.budget import Budget

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
CANARY, PRIVATE, BASE = sys.argv[1:]

@task(persist_result=True, log_prints=True)
async def careless(model: GeminiModel, reply):
    print(model, model.credentials, repr(model))
    return {"model": model.model_dump(mode="json"), "reply": reply}

@flow(persist_result=True, log_prints=True)
async def read(model: GeminiModel, documents: list[str]):
    opened = [Document.text(document) for document in documents]
    outcomes = await aeach(aextract, opened, schema=SCHEMA, model=model, trace=True)
    get_run_logger().info("outcomes: %s", outcomes)
    await careless(model, outcomes[0].reply)
    await acreate_table_artifact([outcome.as_row() for outcome in outcomes], key="outcomes")
    await acreate_markdown_artifact(f"{model!r} {outcomes!r}", key="all-of-it")
    return outcomes

@flow(persist_result=True)
async def fail(model: GeminiModel, document: str):
    return await aextract(Document.text(document), SCHEMA, model=model)

async def main():
    credentials = GeminiCredentials(service="developer", api_key=CANARY, base_url=BASE)
    await credentials.asave("canary", overwrite=True)
    model = GeminiModel(credentials=await GeminiCredentials.aload("canary"))
    await model.asave("canary-model", overwrite=True)
    account = {"type": "service_account", "project_id": "p", "private_key": PRIVATE, "client_email": "a@b", "token_uri": "x"}
    vertex = GeminiModel(credentials=GeminiCredentials(service="vertex", project="p", service_account_info=account))
    kinds = ["good", "refused", "echoed", "html", "blocked", "reset"]
    outcomes = await read(await GeminiModel.aload("canary-model"), kinds)
    print([outcome.failure.kind if outcome.failure else "good" for outcome in outcomes])
    for failing, document in [(model, "echoed again"), (vertex, "no account")]:
        state = await fail(failing, document, return_state=True)
        print(state.type.value, state.message)

asyncio.run(main())
"""


def forms(secret: str) -> list[bytes]:
    """The secret as it may be written: plain, or within base64 text at each of its three alignments."""
    found = [secret.encode()]
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + secret.encode())
        found.append(coded[4 if shift else 0 : len(coded) // 4 * 4 - 4])
    return found


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Everything that a run leaves: its files, its output, and what the server was asked."""
    home = tmp_path_factory.mktemp("home")
    with LocalGemini() as server:
        server.script(json_reply({"n": 1}), when=lambda call: "good" in str(call.payload), times=None)
        server.script(error(403), when=lambda call: "refused" in str(call.payload), times=None)
        server.script(
            error(400, f"API key {CANARY} not valid."), when=lambda call: "echoed" in str(call.payload), times=None
        )
        server.script(html(200), when=lambda call: "html" in str(call.payload), times=None)
        server.script(blocked(), when=lambda call: "blocked" in str(call.payload), times=None)
        server.script(reset(), times=None)
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT, CANARY, PRIVATE, server.base_url],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "PREFECT_HOME": str(home),
                "PREFECT_LOGGING_LEVEL": "DEBUG",
                "PREFECT_LOGGING_EXTRA_LOGGERS": "prefect_gemini,google_genai,httpx",
                "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
                "PREFECT_INTEGRATIONS_GEMINI_MAX_ATTEMPTS": "1",
            },
            cwd=home,
            capture_output=True,
            timeout=280,
        )
        assert ran.returncode == 0, ran.stderr.decode()[-3000:]
        left = {str(file.relative_to(home)): file.read_bytes() for file in home.rglob("*") if file.is_file()}
        left |= {"stdout": ran.stdout, "stderr": ran.stderr, "journal": repr(server.journal.entries).encode()}
    return left


def test_the_run_was_what_it_should_be(traces):
    """Each kind of failure happened, so that what follows looks at something."""
    said = traces["stdout"].decode()
    assert (
        "['good', 'PermissionDenied', 'InvalidRequest', 'MalformedResponse', 'PromptBlocked', 'TransportError']" in said
    )
    assert said.count("FAILED") == 2
    assert any(name.endswith("prefect.db") for name in traces)
    assert any("storage" in name for name in traces)
    assert any("ledger.db" in name for name in traces)
    assert b"canary-model" in traces["prefect.db"]


@pytest.mark.parametrize("secret", [CANARY, PRIVATE])
def test_no_secret_is_left_anywhere(traces, secret):
    """Neither key stands in any file, log line, result, artifact, ledger row or journal entry."""
    assert [name for name, content in traces.items() if any(form in content for form in forms(secret))] == []
