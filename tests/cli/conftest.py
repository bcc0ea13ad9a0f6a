"""The command in this process: what a mistake is answered with does not need another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prefect_gemini.cli import main


@pytest.fixture
def leave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs a command line in the test's own folder: its exit status, and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["prefect-gemini", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        return int(left.value.code or 0), " ".join((told.out + told.err).split())

    return run
