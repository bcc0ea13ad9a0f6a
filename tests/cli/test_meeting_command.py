"""`prefect-gemini meeting` as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def test_a_transcript_and_a_broken_file(tmp_path, examples):
    """Tasks with their owner, day and second on the screen; the broken one explained; status 1."""
    (tmp_path / "broken.vtt").write_text("nothing")
    sample = examples / "meetings" / "product-sync-2026-03-02.vtt"
    command = [sys.executable, "-c", "from prefect_gemini.cli import main; main()", "meeting"]
    ran = subprocess.run(
        [*command, str(sample), "broken.vtt", "--output", "out"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path), "COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 1, ran.stderr
    for said in ("Tomasz Nowak", "2026-03-06", "00:00:56", "broken.vtt", "local reader (no Gemini was called)"):
        assert said in ran.stdout
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name at least one folder"),
        (("/no/such.vtt",), "no/such.vtt"),
        ((".", "--timezone", "Berlin"), "Europe/Berlin"),
        (("--done", "0123456789abcdef"), "no open item"),
    ],
)
def test_a_run_that_cannot_start_says_why_in_one_line(leave, tmp_path, arguments, said):
    """Mistakes are answered with what to do, without a traceback and without success."""
    (tmp_path / "meeting.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nAnna: Hello.\n")
    status, told = leave("meeting", *arguments)
    assert status == 2
    assert said in told
