"""`prefect-gemini run`: a flow by its name, and one line for each mistake."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from prefect_gemini.cli.run import run

pytestmark = pytest.mark.xdist_group("prefect")


def test_a_flow_runs_and_shows_what_it_found(tmp_path):
    """Without a model: the outline of a tree, its file, and where the run is."""
    (tmp_path / "tool.py").write_text('"""Turns bolts."""\n')
    command = ["run", "repository", str(tmp_path), "--no-prose", "--output", "out"]
    ran = subprocess.run(
        [sys.executable, "-c", "from prefect_gemini.cli import main; main()", *command],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Turns bolts." in ran.stdout
    assert "`tool.py`: Turns bolts." in (tmp_path / "out" / "repository.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("ask",), {"about": "x"}, "name a folder"),
        (("ask", "docs"), {}, "--about"),
        (("reason",), {}, "--about"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments, options, said, capsys):
    """Before Prefect is started."""
    with pytest.raises(SystemExit) as stopped:
        run(*arguments, **options)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
