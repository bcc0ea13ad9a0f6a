"""pytest plugin: google-genai's suite in its `api` mode, with the service's address replaced by the server's.

The suite builds its client itself and heeds no variable for the address, so the client's class is patched:
every URL of googleapis.com becomes one of the server, and each request that goes out is counted.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import ssl
import time
import urllib.request
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from benchmarks.conformance.seeds import GENERATED, public_data, recorded_ids, resource

URL = os.environ["CONFORMANCE_URL"]
SURFACE = os.environ["CONFORMANCE_SURFACE"]
REPORT = Path(os.environ["CONFORMANCE_REPORT"])
SEEDED = bool(os.environ["CONFORMANCE_SEEDED"])
LONGEST_SLEEP_S = 0.01
# Moments the tests call the future are past by now.
WRITTEN = datetime(2025, 12, 1, tzinfo=UTC)
_MODELS = [
    {"id": "test-model1", "like": "gemini-4-argon", "developer": False},
    {"id": "test-model2", "like": "gemini-4-argon", "vertex": False},
    {"id": "llama-3.2-90b-vision-instruct-maas", "like": "gemini-2.5-flash", "developer": False},
    {"id": "multilingual-e5-large-instruct-maas", "like": "gemini-embedding-2", "developer": False},
    {"id": "gemini-2.5-flash-preview-tts-voice-replication-rev22-2025-10-28", "like": "gemini-2.5-flash-preview-tts"},
]

_sent = 0
_bound_elsewhere: set[tuple[str, str]] = set()
_rows: dict[str, dict[str, Any]] = {}


def _here(url: str) -> str:
    parts, server = urlsplit(url), urlsplit(URL)
    if parts.hostname and parts.hostname.endswith("googleapis.com"):
        return urlunsplit((server.scheme, server.netloc, parts.path, parts.query, parts.fragment))
    return url


def _redirect() -> None:
    from google.genai import _replay_api_client, types
    from google.oauth2.credentials import Credentials

    client = _replay_api_client.ReplayApiClient
    old_init, old_build = client.__init__, client._build_request

    def init(self: Any, *args: Any, http_options: Any = None, vertexai: bool = False, **options: Any) -> None:
        if isinstance(http_options, dict):
            http_options = types.HttpOptions.model_validate(http_options)
        http_options = (http_options or types.HttpOptions()).model_copy()
        http_options.base_url = _here(http_options.base_url) if http_options.base_url else URL
        if vertexai:
            # With an address of one's own, the client takes these from its arguments alone.
            options["project"] = options.get("project") or os.environ["GOOGLE_CLOUD_PROJECT"]
            options["location"] = options.get("location") or os.environ["GOOGLE_CLOUD_LOCATION"]
            options["credentials"] = options.get("credentials") or Credentials(token="local")  # type: ignore[no-untyped-call]
        old_init(self, *args, http_options=http_options, vertexai=vertexai, **options)

    def build(self: Any, *args: Any, **options: Any) -> Any:
        request = old_build(self, *args, **options)
        request.url = _here(request.url)
        return request

    client.__init__, client._build_request = init, build  # type: ignore[method-assign]
    for name in ("_request", "_async_request", "upload_file", "async_upload_file", "download_file"):
        setattr(client, name, _counted(getattr(client, name)))


def _counted(method: Any) -> Any:
    @functools.wraps(method)
    def counted(self: Any, *args: Any, **options: Any) -> Any:
        global _sent
        _sent += 1
        return method(self, *args, **options)

    return counted


def _hurry() -> None:
    """The suite polls jobs with sleeps of up to five minutes, and reads all certificates thrice for each client."""
    sleep, pause = time.sleep, asyncio.sleep
    time.sleep = lambda seconds: sleep(min(seconds, LONGEST_SLEEP_S))
    asyncio.sleep = lambda seconds, *rest, **named: pause(min(seconds, LONGEST_SLEEP_S), *rest, **named)  # type: ignore[assignment]

    ssl.create_default_context = functools.cache(ssl.create_default_context)


def pytest_configure() -> None:
    """Patch before the first test module is imported."""
    _redirect()
    _hurry()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that use a client, of one surface; learn which are marked as bound to ids recorded elsewhere."""
    _admin("clock", {"move_s": WRITTEN.timestamp() - time.time()})
    # The suite was written while these models lived, and for a project that could use some more.
    _admin("models", {"retirement": False, "add": _MODELS})
    wanted = SURFACE == "vertex"
    kept = [
        item
        for item in items
        if "client" in getattr(item, "fixturenames", ()) and _params(item).get("use_vertex") is wanted
    ]
    kept = kept[: int(os.environ["CONFORMANCE_LIMIT"] or len(kept))]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept
    replays = Path(os.environ["GOOGLE_GENAI_REPLAYS_DIRECTORY"]) / "tests"
    for table in replays.rglob("_test_table.json"):
        for row in json.loads(table.read_text()).get("testTable", []):
            if row.get("skipInApiMode"):
                _bound_elsewhere.add((str(table.parent.relative_to(replays)), row["name"]))


def _params(item: pytest.Item) -> dict[str, Any]:
    params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return params


def _row_of(item: pytest.Item) -> dict[str, Any]:
    if item.nodeid not in _rows:
        file, _, name = item.nodeid.partition("::")
        name = name.partition("[")[0]
        area = file.removeprefix("tests/").removesuffix(".py").replace("/test_", "/").removeprefix("test_")
        _rows[item.nodeid] = {
            "test": f"{area}::{name}",
            "file": file.rpartition("tests/")[2],
            "group": area.rpartition("/")[0],
            "surface": SURFACE,
            "bound": (area, name) in _bound_elsewhere,
            "seeded": False,
            "outcome": "",
            "http": 0,
            "message": "",
        }
    return _rows[item.nodeid]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put in what the test expects to find in Google's own project."""
    row, file = _row_of(item), Path(item.path)
    ids = recorded_ids(file, SURFACE) if SEEDED else []
    running = "cancel" in file.name
    rows = [resource(name, SURFACE, running=running) for name in [*public_data(file), *ids]]
    if SEEDED and SURFACE == "developer" and "download_uri" in file.read_text():
        rows.append(GENERATED)
    row["seeded"] = bool(ids) or GENERATED in rows
    if rows:
        _admin("resources", {"put": rows})


def _admin(what: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{URL}/__gemini/{what}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=10).close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count the requests of the test proper."""
    global _sent
    _sent = 0
    try:
        return (yield)
    finally:
        _row_of(item)["http"] = _sent


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note each outcome, and write the line when the test is over."""
    row = _rows.get(report.nodeid)
    if row is None:
        return
    if report.when == "call" or report.outcome != "passed":
        row["outcome"] = "failed" if row["outcome"] == "failed" else report.outcome
        if report.outcome != "passed":
            crash = getattr(report.longrepr, "reprcrash", None)
            row["message"] = (crash.message if crash else str(report.longrepr))[:500]
    row["seconds"] = round(row.get("seconds", 0) + report.duration, 3)
    if report.when == "teardown":
        with REPORT.open("a") as lines:
            lines.write(json.dumps(row) + "\n")
