"""google-genai's own tests against the local server: how many pass, on each surface, in each group.

The suite comes in google-genai's wheel and runs in its `api` mode, as against the service itself. Only tests
that send a request say anything about a server. Those that name something made when the suite was recorded
find it put in beforehand, and are counted apart. What answers is `SampleEngine`: the wire is judged, not wit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks._run import Arguments, Result, benchmark
from benchmarks.conformance import page, suite
from benchmarks.conformance.reasons import reason
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.sample.engine import SampleEngine
from prefect_gemini.local.wire.control.journal import Entry
from prefect_gemini.local.wire.wire import EngineMaker, reader_engine

ENGINES: dict[str, EngineMaker] = {"sample": SampleEngine, "reader": reader_engine}
Requests = Counter[tuple[str, str, str]]
SURFACES = ("developer", "vertex")


def options(parser: argparse.ArgumentParser) -> None:
    """What this benchmark takes beside the usual."""
    parser.add_argument("--areas", default=" ".join(suite.AREAS), help="folders of the suite, or files in them")
    parser.add_argument("--only", default="", help="as pytest's -k")
    parser.add_argument("--page", type=Path, default=None, help="write the page that explains every failure here")
    parser.add_argument("--answers", choices=sorted(ENGINES), default="sample", help="what is behind the wire")
    parser.add_argument("--seeded-only", action="store_true", help="leave out the second run, with nothing put in")


def run(
    paths: list[str],
    *,
    only: str = "",
    seeded: bool = True,
    engine: EngineMaker = SampleEngine,
    limit: int | None = None,
    seen: Requests | None = None,
) -> list[dict[str, Any]]:
    """Run both halves at once, each against a fresh server; one row for each test.

    Args:
        seen: gets the requests by surface, method, and whether they were answered or refused.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        halves = [
            _Half(Path(folder) / surface, surface, paths, only=only, seeded=seeded, engine=engine, limit=limit)
            for surface in SURFACES
        ]
        shown = -1
        while any(half.process.poll() is None for half in halves):
            done = sum(len(suite.read_report(half.report)) for half in halves)
            if done != shown:
                print(f"\r{done} tests", end="", file=sys.stderr, flush=True)
            shown = done
            time.sleep(0.5)
        print(file=sys.stderr)
        rows = [row for half in halves for row in half.rows()]
        for half in halves:
            (seen if seen is not None else Counter()).update(half.seen)
        return rows


class _Half:
    """One surface of the suite under way."""

    def __init__(
        self,
        folder: Path,
        surface: str,
        paths: list[str],
        *,
        only: str,
        seeded: bool,
        engine: EngineMaker,
        limit: int | None,
    ) -> None:
        self.report = folder / "report.jsonl"
        folder.mkdir()
        self.seen: Requests = Counter()
        self.server = LocalGemini(engine=engine, keep=10, listener=self._note).start()
        self.output = folder / "output.txt"
        self.process = suite.start(
            suite.lay_out(folder),
            surface=surface,
            base_url=self.server.base_url,
            report=self.report,
            output=self.output,
            seeded=seeded,
            paths=paths,
            only=only,
            limit=limit,
        )

    def _note(self, entry: Entry) -> None:
        self.seen[entry.surface, entry.kind, "answered" if entry.status == 200 else "refused"] += 1

    def rows(self) -> list[dict[str, Any]]:
        """What came of it.

        Raises:
            RuntimeError: when pytest did not run at all.
        """
        self.server.stop()
        rows = suite.read_report(self.report)
        if not rows and self.process.returncode not in (0, 5):
            raise RuntimeError(self.output.read_text()[-2000:])
        return rows


def figures(rows: list[dict[str, Any]]) -> dict[str, float | int]:
    """The flat numbers of a run: tests run and passed, in all and by surface, group, and whether they send."""
    counts: Counter[str] = Counter()
    for row in rows:
        kinds = ["", f"{row['surface']}_", f"{row['group'].partition('/')[0]}_"]
        if row["http"]:
            kinds += ["http_", f"http_{row['surface']}_"]
            kinds += ["seeded_"] if row["bound"] else []
        for kind in kinds:
            counts[f"{kind}run"] += 1
            counts[f"{kind}passed"] += row["outcome"] == "passed"
    counts["unexplained"] = sum(row["outcome"] != "passed" and not reason(row) for row in rows)
    return dict(counts)


def unseeded(rows: list[dict[str, Any]], *, only: str, engine: EngineMaker) -> int:
    """How many tests that send a request pass with nothing put in: those seeded are run again without."""
    files = sorted({row["file"] for row in rows if row["seeded"]})
    again = {
        (row["surface"], row["test"]): row["outcome"] for row in run(files, only=only, seeded=False, engine=engine)
    }
    last = [again.get((row["surface"], row["test"]), row["outcome"]) for row in rows if row["http"]]
    return last.count("passed")


def measure(arguments: Arguments) -> Result:
    """Run the suite and count."""
    chosen = arguments.extra
    engine = ENGINES[chosen.answers]
    seen: Requests = Counter()
    rows = run(chosen.areas.split(), only=chosen.only, engine=engine, limit=arguments.limit, seen=seen)
    found = figures(rows)
    if not chosen.seeded_only:
        found["http_unseeded_passed"] = unseeded(rows, only=chosen.only, engine=engine)
    if chosen.page:
        chosen.page.write_text(page.render(rows, found, seen))
    return Result(found, rows, backend=f"local server, {chosen.answers} engine")


if __name__ == "__main__":
    benchmark(measure, options=options)
