"""Test your own flows without spending: a pytest fixture with a Gemini server on this machine.

The plugin is installed with the package. A test that asks for `gemini` gets a server of its own:

    from prefect_gemini.testing import json_reply

    def test_my_flow(gemini):
        gemini.script([json_reply({"total": "12.50"})])
        ...
        assert len(gemini.journal.generate_calls) == 1

While the test runs it is the local backend of this process, credentials are out of the environment,
and google-genai finds it through its own variables, so that code under test needs no change. A
script that runs dry fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from prefect_gemini.local.wire.generating.replies import (
        bad_chunk,
        blocked,
        blocked_answer,
        break_schema,
        cut_stream,
        error,
        finish,
        function_call,
        function_calls,
        html,
        json_reply,
        parts,
        raw,
        reset,
        slow_stream,
        stall,
        text,
        truncated_json,
    )
    from prefect_gemini.local.wire.server import LocalGemini

__all__ = [
    "LocalGemini",
    "bad_chunk",
    "blocked",
    "blocked_answer",
    "break_schema",
    "cut_stream",
    "error",
    "finish",
    "function_call",
    "function_calls",
    "gemini",
    "html",
    "json_reply",
    "parts",
    "raw",
    "reset",
    "slow_stream",
    "stall",
    "text",
    "truncated_json",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: pytest imports every installed plugin, in every project.
    if name == "LocalGemini":
        return import_module("prefect_gemini.local.wire.server").LocalGemini
    if name in __all__:
        return getattr(import_module("prefect_gemini.local.wire.generating.replies"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalGemini]:
    """A Gemini server of this test's own; fails the test when a call found the script empty."""
    from prefect_gemini.local.wire.server import LocalGemini as Server
    from prefect_gemini.local.wire.server import as_shared

    # A run with credentials goes to Google. Under test there are none.
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    with Server() as server, as_shared(server):
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.base_url)
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", server.base_url)
        yield server
