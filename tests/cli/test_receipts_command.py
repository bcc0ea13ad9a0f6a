"""`prefect-gemini receipts` as a person runs it: a process of its own, its output and its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One PREFECT_HOME for the module: its database is made once."""
    return tmp_path_factory.mktemp("home")


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an environment without credentials."""
    return subprocess.run(
        [sys.executable, "-c", "from prefect_gemini.cli import main; main()", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PREFECT_HOME": str(home), "COLUMNS": "200", **environment},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_one_bad_file_among_good_ones_sets_the_exit_status(home, examples, tmp_path):
    """The good one is booked, the bad one explained, and a script can tell by status 1."""
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "09.pdf").write_bytes((examples / "receipts" / "09-kantoor-utrecht.pdf").read_bytes())
    ran = run(home, "receipts", str(tmp_path), "--output", str(tmp_path / "out"))
    assert ran.returncode == 1, ran.stderr
    assert "Kantoorhuis De Singel" in ran.stdout
    assert "87.36 EUR" in ran.stdout
    assert "broken.pdf" in ran.stdout
    assert "local reader (no Gemini was called)" in ran.stdout
    assert (tmp_path / "out" / "report.html").exists()


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
def test_a_run_that_cannot_start_says_why_in_one_line(home, examples, tmp_path, arguments, said):
    """Mistakes are answered with what to do, without a traceback and without success."""
    (tmp_path / "sound.bin").write_bytes(b"no document")
    folders = {"EXAMPLES": str(examples / "receipts"), "EMPTY": str(tmp_path)}
    ran = run(home, "receipts", *(folders.get(one, one) for one in arguments))
    assert ran.returncode == 2
    assert said in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_project_without_credentials_is_refused_not_read_locally(home, examples):
    """Whoever names a project wants Gemini; the local reader never answers in its place."""
    ran = run(home, "doctor", GOOGLE_CLOUD_PROJECT="p", GOOGLE_APPLICATION_CREDENTIALS=str(home / "missing.json"))
    assert ran.returncode == 2
    assert "gcloud auth application-default login" in ran.stderr


def test_doctor_says_who_would_be_called(home):
    """Without credentials it is the local reader, and it answers."""
    ran = run(home, "doctor")
    assert ran.returncode == 0, ran.stderr
    assert "local reader" in ran.stdout
