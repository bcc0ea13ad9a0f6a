"""docs/conformance.md, written from a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from benchmarks.conformance.reasons import reason
from prefect_gemini.local.wire.routes import ROUTES

Row = dict[str, Any]


def render(rows: list[Row], figures: dict[str, float | int], seen: Counter[tuple[str, str, str]]) -> str:
    """The page: what was run, how much passed, every test that did not, and which methods were asked.

    Args:
        seen: requests by surface, method, and whether they were answered or refused.
    """
    return "\n".join(
        [
            "# Conformance",
            "",
            "<!-- Written by `python -m benchmarks.conformance --page docs/conformance.md`. Do not edit. -->",
            "",
            (
                f"google-genai {version('google-genai')} ships the tests its authors run against Gemini. This is what they "
                f"say of the local server, run on {datetime.now(UTC):%Y-%m-%d} in the suite's `api` mode:"
            ),
            "",
            *_table(rows),
            "",
            _how(figures),
            "",
            "## Every test that did not pass",
            "",
            *_failures(rows),
            "",
            "## Which methods the suite asks",
            "",
            (
                "Requests that were answered, and that were refused as the tests expect; what has none is tested by this "
                "project alone."
            ),
            "",
            *_methods(seen),
            "",
        ]
    )


def _table(rows: list[Row]) -> list[str]:
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: {"developer": [0, 0], "vertex": [0, 0]})
    for row in rows:
        if row["http"]:
            for group in (row["group"].partition("/")[0], "all"):
                counts[group][row["surface"]][0] += row["outcome"] == "passed"
                counts[group][row["surface"]][1] += 1
    lines = ["| group | Developer API | Vertex AI |", "| --- | ---: | ---: |"]
    for group in [*sorted(counts.keys() - {"all"}), "all"]:
        cells = [f"{passed} of {run}" if run else "" for passed, run in counts[group].values()]
        lines.append(f"| {group} | {' | '.join(cells)} |")
    return lines


def _how(figures: dict[str, float | int]) -> str:
    silent = figures["run"] - figures["http_run"]
    lines = [
        (
            f"Counted are the {figures['http_run']} tests that send a request. {silent} more "
            f"({figures['passed'] - figures['http_passed']} passed) are settled inside the client and say nothing of a "
            "server. Live sessions, video, file search and the units that use no server are not run."
        ),
        "",
        "How the suite is run (`benchmarks/conformance/`):",
        "",
        (
            "- The client's class is patched, so that every address of googleapis.com is the server's. Sleeps are cut "
            "short, and the server's clock stands where the suite was written."
        ),
        (
            "- The answers come from the sample engine (`local/sample/`), which fills any schema, calls functions with "
            "numbers and names of the prompt, and understands nothing. The wire is judged, not wit."
        ),
        (
            "- The wheel has no pictures, papers and recordings; small files of the right kind stand in for them, and for "
            "public objects on Cloud Storage."
        ),
        (
            f"- {figures.get('seeded_run', 0)} tests are marked by the suite as bound to jobs, caches, files and models in "
            "Google's own project. The benchmark finds the names in the tests' sources and puts ordinary resources of "
            f"those names in through the admin plane; {figures.get('seeded_passed', 0)} of them pass. The server holds no "
            "name of a test, no recorded id, and no prompt."
        ),
    ]
    if "http_unseeded_passed" in figures:
        lines.append(f"- With nothing put in, {figures['http_unseeded_passed']} of {figures['http_run']} pass.")
    return "\n".join(lines)


def _methods(seen: Counter[tuple[str, str, str]]) -> list[str]:
    lines = ["| method | Developer API | | Vertex AI | |", "| --- | ---: | ---: | ---: | ---: |"]
    lines.append("| | answered | refused | answered | refused |")
    served = {(route.surface, route.kind) for route in ROUTES}
    for kind in sorted({kind for _, kind in served if not kind.startswith("storage.")}):
        cells = [
            str(seen[surface, kind, end]) if (surface, kind) in served else ""
            for surface in ("developer", "vertex")
            for end in ("answered", "refused")
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def _failures(rows: list[Row]) -> list[str]:
    by_reason: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["outcome"] != "passed":
            by_reason[reason(row) or "NOT EXPLAINED"].add(f"`{row['test']}` ({row['surface']})")
    lines = []
    for why, tests in sorted(by_reason.items()):
        lines += [f"- {why[0].upper()}{why[1:]}:", *(f"  - {test}" for test in sorted(tests))]
    return lines or ["None."]
