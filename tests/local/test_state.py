"""What clients stored: nothing is found after it was deleted, names are unique, and a killed server forgets nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.sample.engine import SampleEngine
from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.resources.jobs import ENDED, NEXT, Jobs, Outcome, state_of
from prefect_gemini.local.wire.resources.store import Record, Store

MODEL = "gemini-3.5-flash"
BIG = {"role": "user", "parts": [{"text": "a long paper " * 2_000}]}


def ask(base: str, verb: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """One request to the Developer API: status and body."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-goog-api-key": "k", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{base}/v1beta/{path}", data=data, headers=headers, method=verb)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


class Resources(RuleBasedStateMachine):
    """Caches, files and batches made, used, expired and deleted in any order, against a plain set of names."""

    caches = Bundle("caches")
    files = Bundle("files")
    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self.server = LocalGemini(engine=SampleEngine, keep=5).start()
        self.alive: dict[str, float] = {}
        self.ever: set[str] = set()

    def teardown(self) -> None:
        """Stop the server."""
        self.server.stop()

    def made(self, name: str, ttl_s: float) -> str:
        """Note a new name, which must never have been given before."""
        assert name not in self.ever
        self.ever.add(name)
        self.alive[name] = self.server.clock.seconds() + ttl_s
        return name

    def lives(self, name: str) -> bool:
        """Whether the server must still know the name."""
        return self.alive.get(name, 0.0) > self.server.clock.seconds()

    @rule(target=caches, ttl=st.integers(60, 7200))
    def make_cache(self, ttl: int) -> str:
        """Create a cache."""
        body = {"model": f"models/{MODEL}", "contents": [BIG], "ttl": f"{ttl}s"}
        status, reply = ask(self.server.base_url, "POST", "cachedContents", body)
        assert status == 200
        return self.made(reply["name"], ttl)

    @rule(target=files)
    def make_file(self) -> str:
        """Upload a file in one piece."""
        request = urllib.request.Request(
            f"{self.server.base_url}/upload/v1beta/files?uploadType=media&key=k",
            data=b"words",
            headers={"Content-Type": "text/plain"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return self.made(json.loads(reply.read())["file"]["name"], 48 * 3600)

    @rule(target=batches, count=st.integers(1, 3))
    def make_batch(self, count: int) -> str:
        """Start a batch."""
        rows = [{"request": {"contents": [{"parts": [{"text": "hello"}]}]}} for _ in range(count)]
        body = {"batch": {"inputConfig": {"requests": {"requests": rows}}}}
        status, reply = ask(self.server.base_url, "POST", f"models/{MODEL}:batchGenerateContent", body)
        assert status == 200
        return self.made(reply["name"], 1e9)

    @rule(name=st.one_of(caches, files, batches))
    def look(self, name: str) -> None:
        """What lives is shown, what was deleted or has expired is not."""
        status, reply = ask(self.server.base_url, "GET", name)
        assert (status == 200) is self.lives(name), (name, status)
        assert status == 200 or reply["error"]["status"] in ("NOT_FOUND", "PERMISSION_DENIED")

    @rule(name=caches, ttl=st.integers(60, 7200))
    def move_expiry(self, name: str, ttl: int) -> None:
        """Only a living cache can be given more time."""
        status, _ = ask(self.server.base_url, "PATCH", name, {"ttl": f"{ttl}s"})
        assert (status == 200) is self.lives(name)
        if status == 200:
            self.alive[name] = self.server.clock.seconds() + ttl

    @rule(name=caches)
    def use_cache(self, name: str) -> None:
        """Only a living cache can be used, and its tokens are counted as cached."""
        body = {"cachedContent": name, "contents": [{"parts": [{"text": "why"}]}]}
        status, reply = ask(self.server.base_url, "POST", f"models/{MODEL}:generateContent", body)
        assert (status == 200) is self.lives(name)
        if status == 200:
            usage = reply["usageMetadata"]
            assert 0 < usage["cachedContentTokenCount"] < usage["promptTokenCount"]

    @rule(name=files)
    def use_file(self, name: str) -> None:
        """Only a living file can be read."""
        part = {"fileData": {"fileUri": f"https://generativelanguage.googleapis.com/v1beta/{name}"}}
        body = {"contents": [{"parts": [part, {"text": "why"}]}]}
        status, _ = ask(self.server.base_url, "POST", f"models/{MODEL}:generateContent", body)
        assert (status == 200) is self.lives(name)

    @rule(name=st.one_of(consumes(caches), consumes(files), consumes(batches)))
    def delete(self, name: str) -> None:
        """A second deletion finds nothing."""
        status, _ = ask(self.server.base_url, "DELETE", name)
        assert (status == 200) is self.lives(name)
        self.alive.pop(name, None)
        assert ask(self.server.base_url, "DELETE", name)[0] in (403, 404)
        assert ask(self.server.base_url, "GET", name)[0] in (403, 404)

    @rule(seconds=st.sampled_from([30, 1800, 5000, 50 * 3600]))
    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.server.clock.move(seconds)

    @invariant()
    def lists_show_what_lives(self) -> None:
        """Each list has exactly the living names of its kind."""
        for kind, key in (("cachedContents", "cachedContents"), ("files", "files"), ("batches", "operations")):
            _, reply = ask(self.server.base_url, "GET", f"{kind}?pageSize=1000")
            listed = [row["name"] for row in reply.get(key, [])]
            assert sorted(listed) == sorted(name for name in self.alive if name.startswith(kind) and self.lives(name))


Resources.TestCase.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestResources = Resources.TestCase


class JobStates(RuleBasedStateMachine):
    """Any sequence of moves: a job's state only ever goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Jobs(Store(), Clock())
        self.store = self.jobs._store
        self.store.add(Record("batches", "batches/1", {"state": "BATCH_STATE_PENDING"}))
        self.seen = ["PENDING"]

    @rule(state=st.sampled_from(["PENDING", "RUNNING", *sorted(ENDED)]))
    def move(self, state: str) -> None:
        """A move the table allows happens; every other is refused and changes nothing."""
        allowed = state in NEXT.get(self.seen[-1], ())
        with nullcontext() if allowed else pytest.raises(GoogleError, match="cannot become"):
            self.jobs.move("batches", "batches/1", Outcome(state))
        if allowed:
            self.seen.append(state)

    @invariant()
    def shows_the_last_state(self) -> None:
        """The store has the state of the last move, and an end is the end."""
        record = self.store.find("batches", "batches/1", at=0)
        assert record is not None
        assert state_of(record) == self.seen[-1]
        assert not any(state in ENDED for state in self.seen[:-1])


JobStates.TestCase.settings = settings(max_examples=60, deadline=None)
TestJobStates = JobStates.TestCase

_SERVER = """
import sys
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.sample.engine import SampleEngine
server = LocalGemini(state=sys.argv[1], engine=SampleEngine)
server.wire.jobs.take_s = float(sys.argv[2])
server.start()
print(server.base_url, flush=True)
server.wait()
"""


def start(state: Path, *, take_s: float) -> tuple[subprocess.Popen[str], str]:
    """A server process over a state file, and its address."""
    command = [sys.executable, "-c", _SERVER, str(state), str(take_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"NO_COLOR": "1"})
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    """End a server as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_killed_server_forgets_nothing_and_takes_up_its_jobs(tmp_path: Path) -> None:
    """After kill -9 a new server has the cache, the file, and finishes the batch that was under way."""
    state = tmp_path / "state.db"
    process, base = start(state, take_s=3600)
    try:
        body = {"model": f"models/{MODEL}", "contents": [BIG]}
        cache = ask(base, "POST", "cachedContents", body)[1]["name"]
        rows = [{"request": {"contents": [{"parts": [{"text": "hello"}]}]}}]
        body = {"batch": {"inputConfig": {"requests": {"requests": rows}}}}
        batch = ask(base, "POST", f"models/{MODEL}:batchGenerateContent", body)[1]["name"]
        while ask(base, "GET", batch)[1]["metadata"]["state"] == "BATCH_STATE_PENDING":
            time.sleep(0.02)
        assert ask(base, "GET", batch)[1]["metadata"]["state"] == "BATCH_STATE_RUNNING"
    finally:
        kill(process)
    process, base = start(state, take_s=0)
    try:
        assert ask(base, "GET", cache)[1]["name"] == cache
        assert ask(base, "GET", batch)[1]["metadata"]["state"] == "BATCH_STATE_RUNNING"
        move = urllib.request.Request(
            f"{base}/__gemini/clock", data=b'{"move_s": 3600}', headers={"Content-Type": "application/json"}
        )
        urllib.request.urlopen(move, timeout=10).close()
        for _ in range(3000):
            shown = ask(base, "GET", batch)[1]
            if shown.get("done"):
                break
            time.sleep(0.02)
        assert shown["metadata"]["state"] == "BATCH_STATE_SUCCEEDED"
        assert shown["metadata"]["batchStats"]["successfulRequestCount"] == "1"
    finally:
        kill(process)
