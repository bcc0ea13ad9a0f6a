"""google-genai's own suite against the local server: nothing that passed may fail again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.conformance import suite
from benchmarks.conformance.__main__ import figures, run
from benchmarks.conformance.reasons import reason

FLOOR = Path(suite.__file__).with_name("floor.json")


@pytest.mark.timeout(600)
def test_googles_own_tests_believe_the_server() -> None:
    """As many pass as the stored floor says, and every one that does not is explained by name."""
    pytest.importorskip("aiohttp")
    pytest.importorskip("mcp")
    rows = run([*suite.AREAS])
    strange = [f"{row['test']} ({row['surface']}): {row['message']}" for row in rows if _is_strange(row)]
    assert not strange, "failed without a reason in benchmarks/conformance/reasons.py:\n" + "\n".join(strange)
    found = figures(rows)
    floor = json.loads(FLOOR.read_text())
    assert {name: found[name] for name in floor if found[name] < floor[name]} == {}


def _is_strange(row: dict[str, str]) -> bool:
    return row["outcome"] != "passed" and not reason(row)
