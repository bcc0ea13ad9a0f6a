"""`prefect-gemini meeting` as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("prefect")


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an environment without credentials."""
    return subprocess.run(
        [sys.executable, "-c", "from prefect_gemini.cli import main; main()", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PREFECT_HOME": str(home), "COLUMNS": "200"},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_a_transcript_and_a_broken_file(tmp_path, examples):
    """Tasks with their owner, day and second on the screen; the broken one explained; status 1."""
    (tmp_path / "broken.vtt").write_text("nothing")
    sample = examples / "meetings" / "product-sync-2026-03-02.vtt"
    ran = run(tmp_path, "meeting", str(sample), "broken.vtt", "--output", "out")
    assert ran.returncode == 1, ran.stderr
    for said in ("Tomasz Nowak", "2026-03-06", "00:00:56", "broken.vtt", "local reader (no Gemini was called)"):
        assert said in ran.stdout
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name at least one folder"),
        (("/no/such.vtt",), "no/such.vtt"),
        ((".", "--timezone", "Berlin"), "Europe/Berlin"),
        (("--done", "0123456789abcdef"), "no open item"),
    ],
)
def test_a_run_that_cannot_start_says_why_in_one_line(tmp_path, arguments, said):
    """Mistakes are answered with what to do, without a traceback and without success."""
    (tmp_path / "meeting.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nAnna: Hello.\n")
    ran = run(tmp_path, "meeting", *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr
