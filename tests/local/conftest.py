"""Clients of every mode on one server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google import genai
from google.oauth2.credentials import Credentials

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.engine import EngineAnswer, GenerateCall

MODEL = "gemini-3.8-flash"


class EchoEngine:
    """Says what it was asked, so that tests see what reaches an engine without loading the reader."""

    def __init__(self) -> None:
        self.calls: list[GenerateCall] = []

    def generate(self, call: GenerateCall) -> EngineAnswer:
        self.calls.append(call)
        said = " ".join(part["text"] for content in call.contents for part in content["parts"] if "text" in part)
        return EngineAnswer(({"text": f"You said: {said}"},), model_version="echo-1")

    def count_tokens(self, contents: tuple[dict[str, object], ...]) -> dict[str, int]:
        return {"TEXT": len(contents)}


@pytest.fixture
def engine() -> EchoEngine:
    return EchoEngine()


@pytest.fixture
def server(engine: EchoEngine) -> Iterator[LocalGemini]:
    """A server whose engine echoes."""
    local = LocalGemini(engine=lambda: engine).start()
    yield local
    local.stop()


def developer_client(server: LocalGemini, **options: object) -> genai.Client:
    return genai.Client(api_key="k", http_options={"base_url": server.base_url, **options})


def vertex_client(server: LocalGemini, **options: object) -> genai.Client:
    return genai.Client(
        vertexai=True,
        project="p",
        location="us-central1",
        credentials=Credentials(token="t"),
        http_options={"base_url": server.base_url, **options},
    )


def express_client(server: LocalGemini, **options: object) -> genai.Client:
    return genai.Client(vertexai=True, api_key="k", http_options={"base_url": server.base_url, **options})


CLIENTS = {"developer": developer_client, "vertex": vertex_client, "express": express_client}


@pytest.fixture(params=sorted(CLIENTS))
def client(request: pytest.FixtureRequest, server: LocalGemini) -> genai.Client:
    """google-genai, unchanged, in each of its modes."""
    return CLIENTS[request.param](server)


@pytest.fixture(params=["developer", "vertex"])
def surface(request: pytest.FixtureRequest) -> str:
    """Each surface's name."""
    name: str = request.param
    return name
