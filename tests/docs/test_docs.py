"""What the documentation shows works: every Python block runs, every command exists."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prefect_gemini.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

TEST = re.compile(r"^(async )?def test_", re.MULTILINE)


def blocks(language: str) -> list[Any]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for block in re.finditer(rf"^( *)```{language}\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE):
            line = text[: block.start()].count("\n") + 1
            code = "\n".join(row.removeprefix(block[1]) for row in block[2].splitlines())
            found.append(pytest.param(code, id=f"{page.relative_to(ROOT)}:{line}"))
    return found


def programs(*, readme: bool) -> list[Any]:
    """The Python blocks of the README, or of the other pages, that are no test files."""
    found = [one for one in blocks("python") if not TEST.search(one.values[0])]
    return [one for one in found if one.id.startswith("README") == readme]


def run(how: list[str], home: Path) -> None:
    """Run Python in the checkout as somebody who has nothing but it."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    ran = subprocess.run([sys.executable, *how], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:] + ran.stdout[-3000:]


@pytest.mark.parametrize("code", programs(readme=True))
def test_the_readme_runs_on_a_fresh_machine(code, tmp_path):
    """Each Python block is a whole program that runs in a process of its own, on the local reader."""
    run(["-c", code], tmp_path)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
@pytest.mark.parametrize("code", programs(readme=False))
def test_python_blocks_run(code, tmp_path, monkeypatch):
    """Each Python block of the other pages is a whole program too; Prefect and its server are there already."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HOME", str(tmp_path))
    program = tmp_path / "program.py"
    program.write_text(code)
    runpy.run_path(str(program), run_name="__main__")


def test_test_files_pass(tmp_path):
    """Python blocks that are test files pass with nothing but the package's own plugin."""
    files = [one for one in blocks("python") if TEST.search(one.values[0])]
    for number, one in enumerate(files):
        (tmp_path / f"test_page_{number}.py").write_text(one.values[0])
    run(
        ["-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:cacheprovider", str(tmp_path)],
        tmp_path,
    )
    assert len(files) >= 3


@pytest.mark.parametrize("script", blocks("bash"))
def test_commands_exist(script):
    """Each `prefect-gemini` line parses, and each `make` target is in the Makefile."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words[:1] == ["make"]:
            assert words[1] in targets
        if words[:1] == ["prefect-gemini"]:
            app.parse_args(words[1:], exit_on_error=False, print_error=False)


def test_every_command_is_documented():
    """A command that no page names does not exist for a newcomer."""
    text = "\n".join(page.read_text() for page in PAGES)
    for name in app:
        if not name.startswith("-"):
            assert f"prefect-gemini {name}" in text, name
