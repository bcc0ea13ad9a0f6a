"""What the documentation shows works: every Python block runs, every command exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prefect_gemini.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

pytestmark = pytest.mark.xdist_group("prefect")


def blocks(language: str) -> list[pytest.param]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for block in re.finditer(rf"^( *)```{language}\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE):
            line = text[: block.start()].count("\n") + 1
            code = "\n".join(row.removeprefix(block[1]) for row in block[2].splitlines())
            found.append(pytest.param(code, id=f"{page.relative_to(ROOT)}:{line}"))
    return found


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code, tmp_path):
    """Each Python block is a whole program, or a test file, that runs in a fresh checkout, on the local reader."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    how = ["-c", code]
    if re.search(r"^(async )?def test_", code, re.MULTILINE):
        (tmp_path / "test_page.py").write_text(code)
        settings = ["-q", "-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
        how = ["-m", "pytest", *settings, str(tmp_path / "test_page.py")]
    ran = subprocess.run([sys.executable, *how], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:] + ran.stdout[-3000:]


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
