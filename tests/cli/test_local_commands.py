"""`prefect-gemini local` and `record` as processes: what they print, and that Ctrl-C ends them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google import genai

from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import text

CLI = (sys.executable, "-c", "from prefect_gemini.cli import main; main()")
MODEL = "gemini-3.8-flash"


class Command:
    """A running command."""

    def __init__(self, *words: str) -> None:
        command = [*CLI, *words, "--port", "0"]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # In a background job of a shell Ctrl-C is ignored, and so it is by what a test starts there.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found, self.said
        self.address = found[0]

    def interrupt(self) -> str:
        """Ctrl-C; returns all it said."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=30)
        return self.said + rest


@pytest.fixture
def start() -> Iterator[Callable[..., Command]]:
    """Starts commands, and ends what a failed test left running."""
    running: list[Command] = []

    def begin(*words: str) -> Command:
        running.append(Command(*words))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait()


def test_a_recording_is_made_and_served(start: Callable[..., Command], tmp_path: Path) -> None:
    """Record in front of a server that stands in for Google, then serve the file: the same answer, each call a line."""
    cassette = tmp_path / "one.jsonl"
    with LocalGemini() as google:
        google.script(text("the real answer"))
        recorder = start("record", str(cassette), "--base-url", google.base_url)
        client = genai.Client(api_key="k", http_options={"base_url": recorder.address})
        assert client.models.generate_content(model=MODEL, contents="hello").text == "the real answer"
        said = recorder.interrupt()
    assert "real and is paid for" in said
    assert "200 POST" in said
    assert f"prefect-gemini local --replay {cassette}" in said.replace("\n", "")
    player = start("local", "--replay", str(cassette))
    client = genai.Client(api_key="k", http_options={"base_url": player.address})
    assert client.models.generate_content(model=MODEL, contents="hello").text == "the real answer"
    said = player.interrupt()
    assert re.search(rf"1  200  generate +{MODEL}", said)
    assert "1 requests answered" in said


def test_files_that_are_no_cassettes_are_one_line(leave: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Neither command shows a traceback."""
    wrong = tmp_path / "x.jsonl"
    wrong.write_text("hello")
    for words in (["record", str(wrong)], ["local", "--replay", str(wrong)]):
        status, told = leave(*words)
        assert status == 2
        assert "cannot be read as a cassette" in told


@pytest.mark.parametrize("file", ["missing/state.db", "no-database.txt"])
def test_a_state_that_cannot_be_kept_is_one_line(
    leave: Callable[..., tuple[int, str]], tmp_path: Path, file: str
) -> None:
    """A folder that is not there, and a file that is no database."""
    (tmp_path / "no-database.txt").write_text("hello, this is no database" * 10)
    state = str(tmp_path / file)
    status, told = leave("local", "--port", "0", "--state", state)
    assert status == 2
    assert state in told
