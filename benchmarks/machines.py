"""Machines: documents a second on one Dask worker and on two, that share a ledger in PostgreSQL.

Answers take a second and each worker has sixteen in flight, so that the wait for answers is the limit and
not this machine's CPU: what is measured is whether workers get in each other's way, in the ledger, at the
scheduler or for want of shards. Workers are started, and have read a few documents, before the clock runs.

figures: ratio_two_to_one (documents a second); share_of_ideal_two (of 2 × 16 documents a second).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._postgres import postgres_server
from benchmarks._run import Arguments, Result, benchmark
from benchmarks.throughput import Server, environment, run_in, serving

DOCUMENTS, LATENCY_S, IN_FLIGHT = 1280, 1.0, 16


def measure_on(workers: int, server: Server, count: int) -> dict[str, Any]:
    """Let so many workers read `count` documents, with a ledger that no other run has."""
    with (
        postgres_server() as ledger,
        tempfile.TemporaryDirectory() as home,
        environment("ours_on_dask", Path(home)) as env,
    ):
        if ledger is None:
            sys.exit("PostgreSQL is not installed.")
        env |= {"PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL": ledger}
        return run_in(env, "ours_on_dask", server, Path(), count, workers, in_flight=IN_FLIGHT * workers)


def measure(arguments: Arguments) -> Result:
    """Run with one worker and with two."""
    count, cases = arguments.limit or DOCUMENTS, []
    with serving(latency_s=LATENCY_S) as server:
        for workers in (1, 2):
            print(f"{workers} workers: {count} documents", file=sys.stderr)
            cases.append({"workers": workers, **measure_on(workers, server, count)})
            print("  ", cases[-1], file=sys.stderr)
    speed = [case["per_second"] for case in cases if "per_second" in case]
    figures: dict[str, float | int] = {}
    if len(speed) == len(cases):
        figures = {
            "ratio_two_to_one": speed[1] / speed[0],
            "share_of_ideal_two": speed[1] / (2 * IN_FLIGHT / LATENCY_S),
        }
    return Result(figures, cases, backend="local server, a second an answer")


if __name__ == "__main__":
    benchmark(measure)
