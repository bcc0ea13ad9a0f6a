"""Test your own flows without spending: a pytest fixture with a Gemini server on this machine.

The plugin is installed with the package. A test that asks for `gemini` gets a server of its own:

    from prefect_gemini.testing import json_reply

    def test_my_flow(gemini):
        gemini.script([json_reply({"total": "12.50"})])
        ...
        gemini.assert_sent(contains="receipt", times=1)

While the test runs it is the local backend of this process, credentials are out of the environment,
and google-genai finds it through its own variables, so that code under test needs no change. A
script that runs dry fails the test. Faults, quotas, pace and cassettes come with the marker:

    @pytest.mark.gemini(faults=[error(429, retry_after=1), reset()], rpm=60)
    def test_my_flow_gets_through(gemini): ...

Outside pytest, `with local_gemini(faults=…) as gemini:` does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from prefect_gemini.local.sample.engine import SampleEngine
    from prefect_gemini.local.wire.control.faults import Fault
    from prefect_gemini.local.wire.control.pace import INSTANT, USUAL, Pace
    from prefect_gemini.local.wire.generating.replies import (
        Reply,
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
    "INSTANT",
    "USUAL",
    "Fault",
    "LocalGemini",
    "Pace",
    "SampleEngine",
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
    "local_gemini",
    "parts",
    "raw",
    "reset",
    "slow_stream",
    "stall",
    "text",
    "truncated_json",
]


_WIRE = "prefect_gemini.local.wire"
_HOME = {
    "LocalGemini": f"{_WIRE}.server",
    "Fault": f"{_WIRE}.control.faults",
    "INSTANT": f"{_WIRE}.control.pace",
    "Pace": f"{_WIRE}.control.pace",
    "SampleEngine": "prefect_gemini.local.sample.engine",
    "USUAL": f"{_WIRE}.control.pace",
}
_CREDENTIALS = (
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_GENAI_USE_ENTERPRISE",
    "GOOGLE_GENAI_USE_VERTEXAI",
)


def __getattr__(name: str) -> Any:
    # Loaded on first use: pytest imports every installed plugin, in every project.
    if name in __all__:
        return getattr(import_module(_HOME.get(name, f"{_WIRE}.generating.replies")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@contextmanager
def local_gemini(
    replies: Sequence[Reply] | Reply = (),
    *,
    faults: Sequence[Reply | Fault] = (),
    rpm: int | None = None,
    tpm: int | None = None,
    pace: Pace | None = None,
    **server: Any,
) -> Iterator[LocalGemini]:
    """A Gemini server that code in this process finds by itself, for as long as the block lasts.

    Args:
        replies: scripted answers, served in order; the reader answers where there are none.
        faults: what goes wrong: a reply strikes once, in order; a `Fault` as its rule says.
        rpm: requests a minute for each model; more get 429.
        tpm: prompt tokens a minute for each model.
        pace: how fast answers come; `USUAL` is 300 ms to the first token, then 120 tokens a second.
        server: further arguments of `LocalGemini`, as `state`, `replay` and `engine`.

    Raises:
        AssertionError: on leaving the block, when a call found the script empty or was not on the cassette.
    """
    from prefect_gemini.local.wire.control.faults import Fault as Rule
    from prefect_gemini.local.wire.server import LocalGemini as Server
    from prefect_gemini.local.wire.server import as_shared

    with pytest.MonkeyPatch.context() as patch, Server(**server) as running, as_shared(running):
        # A run with credentials goes to Google. Here there are none.
        for name in _CREDENTIALS:
            patch.delenv(name, raising=False)
        for name in ("GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL", "STORAGE_EMULATOR_HOST"):
            patch.setenv(name, running.base_url)
        if replies:
            running.script(replies)
        for fault in faults:
            running.faults.put(fault if isinstance(fault, Rule) else Rule(fault, times=1))
        running.quota.set(rpm=rpm, tpm=tpm)
        if pace is not None:
            running.pace = pace
        yield running


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "gemini(**arguments): how the `gemini` fixture's server behaves; see local_gemini"
    )


@pytest.fixture
def gemini(request: pytest.FixtureRequest) -> Iterator[LocalGemini]:
    """A Gemini server of this test's own; fails the test when a call found the script empty."""
    marker = request.node.get_closest_marker("gemini")
    with local_gemini(**(marker.kwargs if marker else {})) as server:
        yield server
