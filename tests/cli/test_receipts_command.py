"""`prefect-gemini receipts` and `doctor` as a person runs them: their output and their exit status."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def test_one_bad_file_among_good_ones_sets_the_exit_status(examples, tmp_path):
    """In a process of its own: the good one is booked, the bad one explained, and a script can tell by status 1."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (inbox / "09.pdf").write_bytes((examples / "receipts" / "09-kantoor-utrecht.pdf").read_bytes())
    ran = subprocess.run(
        [sys.executable, "-c", "from prefect_gemini.cli import main; main()", "receipts", "inbox", "--output", "out"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path), "COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 1, ran.stderr
    assert "Kantoorhuis De Singel" in ran.stdout
    assert "87.36 EUR" in ran.stdout
    assert "broken.pdf" in ran.stdout
    assert "local reader (no Gemini was called)" in ran.stdout
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name at least one folder"),
        (("/no/such/folder",), "no/such/folder"),
        (("EXAMPLES", "--policy", "missing.yaml"), "missing.yaml"),
        (("EXAMPLES", "--model", "flahs"), "flash"),
        (("EMPTY",), "there is nothing to read in"),
    ],
)
def test_a_run_that_cannot_start_says_why_in_one_line(leave, examples, tmp_path, arguments, said):
    """Mistakes are answered with what to do, without a traceback and without success."""
    (tmp_path / "sound.bin").write_bytes(b"no document")
    folders = {"EXAMPLES": str(examples / "receipts"), "EMPTY": str(tmp_path)}
    status, told = leave("receipts", *(folders.get(one, one) for one in arguments))
    assert status == 2
    assert said in told


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
def test_a_project_without_credentials_is_refused_not_read_locally(leave, tmp_path, monkeypatch):
    """Whoever names a project wants Gemini; the local reader never answers in its place."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    status, told = leave("doctor")
    assert status == 2
    assert "gcloud auth application-default login" in told


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
def test_doctor_says_who_would_be_called(leave):
    """Without credentials it is the local reader, and it answers."""
    status, told = leave("doctor")
    assert status == 0
    assert "local reader" in told
