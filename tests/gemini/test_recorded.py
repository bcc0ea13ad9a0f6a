"""Real recorded traffic, read through the client."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.shared
def test_every_recorded_exchange_is_read_faithfully(shared_data: Path, tmp_path: Path) -> None:
    """Same text, calls, signatures and usage for every success; our error for every error."""
    path = shared_data.parent / "recorded" / "gemini.jsonl"
    if not path.is_file():
        pytest.skip("the recorded traffic is not beside this checkout")
    # In a process of its own: the benchmark makes the recorded models known to the catalogue.
    command = [sys.executable, "-m", "benchmarks.recorded", "--data", str(path), "--json", str(tmp_path / "out.json")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["cases"] == []
    assert result["figures"]["faithful"] == result["figures"]["exchanges"] > 0
