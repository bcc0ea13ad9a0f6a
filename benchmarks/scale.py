"""Scale: what a million and a billion documents need, on paper and by simulation.

The measured constants (CPU and memory a document from `benchmarks.throughput`, bytes a row from a ledger
filled here) go into closed formulas for hours, workers, database, dollars and batch jobs. A discrete
simulation of workers, quota and latency, with the same constants and a random latency, checks the hours.

figures: for 1e6 and 1e9 documents hours_…, workers_…, database_gb_…, usd_…, usd_batch_…, batch_jobs_…;
ledger_bytes_per_document (measured now); simulation_error (largest relative difference of the simulated
from the calculated documents a second, over workloads of 100,000 documents).
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import random
import sys
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.batches.spool import MOST_ROWS
from prefect_gemini.gemini.costs.prices import Tokens, cost_of
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.reply import Reply

CPU_S = 0.0054
"""CPU-seconds a document and worker process, measured by `benchmarks.throughput` (24 November 2026)."""
LATENCY_S = 2.0
"""A small Gemini model's answer to a page; the benchmark's 300 ms would flatter."""
IN_FLIGHT = 64
PROMPT_TOKENS, OUTPUT_TOKENS = 1500, 200
MODEL = "flash-lite"
BATCH_H = 24.0
JOBS_AT_ONCE = 100
"""Batch jobs that run side by side; an assumption, the services publish none."""


@dataclass(frozen=True)
class Plan:
    """How a workload is done.

    Args:
        documents: how many.
        rpm: requests a minute that the quota allows.
        workers: processes.
    """

    documents: int
    rpm: float
    workers: int

    @property
    def per_second(self) -> float:
        """The least of what CPU, requests in flight and quota allow."""
        return min(self.workers / CPU_S, self.workers * IN_FLIGHT / LATENCY_S, self.rpm / 60)

    @property
    def hours(self) -> float:
        return self.documents / self.per_second / 3600


def workers_for(rpm: float) -> int:
    """How many processes keep a quota busy."""
    each = min(1 / CPU_S, IN_FLIGHT / LATENCY_S)
    return max(1, -(-int(rpm / 60 * 1000) // int(each * 1000)))


def simulated(plan: Plan, documents: int, seed: int) -> float:
    """Documents a second of a simulated run: workers with one CPU, a latency that varies, an even quota."""
    chance = random.Random(seed)
    places = [(0.0, worker) for worker in range(plan.workers) for _ in range(IN_FLIGHT)]
    cpu_free = [0.0] * plan.workers
    slot, step, end = 0.0, 60.0 / plan.rpm, 0.0
    heapq.heapify(places)
    for _ in range(documents):
        free, worker = heapq.heappop(places)
        begin = max(free, cpu_free[worker])
        cpu_free[worker] = begin + CPU_S
        sent = max(begin + CPU_S, slot)
        slot = max(slot, sent - step) + step
        done = sent + chance.gammavariate(4.0, LATENCY_S / 4.0)
        end = max(end, done)
        heapq.heappush(places, (done, worker))
    return documents / end


def bytes_per_document(count: int) -> float:
    """What a document takes in the ledger's database, from a ledger filled with `count`."""
    reply = Reply[str](value="", text='{"merchant": "Cafe Nord", "total": 12.5}' + " " * 600, cost=Decimal("0.0001"))
    stored = reply.model_dump(mode="json")

    async def fill(ledger: Ledger) -> None:
        for number in range(count):
            async with ledger.claim(f"{number:064x}", "scale") as claim:
                call = PaidCall(
                    fingerprint=f"{number:064x}", identity="scale", backend="local", model="m", reply=stored
                )
                await claim.record(call)

    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(Path(folder) / "ledger.db")
        asyncio.run(fill(ledger))
        ledger.close()
        return sum(path.stat().st_size for path in Path(folder).iterdir()) / count


def measure(arguments: Arguments) -> Result:
    """Calculate, and check by simulation."""
    count = arguments.limit or 5000
    row = bytes_per_document(count)
    tokens = Tokens(prompt=PROMPT_TOKENS, output=OUTPUT_TOKENS)
    when = arguments.extra.at
    single, batch = (cost_of(MODEL, tokens, at=when, tier=tier).usd or Decimal(0) for tier in ("standard", "batch"))
    figures: dict[str, float | int] = {"ledger_bytes_per_document": row}
    for name, documents, rpm in (("1e6", 10**6, 2_000), ("1e9", 10**9, 30_000)):
        plan = Plan(documents, rpm, workers_for(rpm))
        jobs = -(-documents // MOST_ROWS)
        figures |= {
            f"rpm_{name}": rpm,
            f"workers_{name}": plan.workers,
            f"hours_{name}": plan.hours,
            f"database_gb_{name}": documents * row / 1e9,
            f"usd_{name}": float(single * documents),
            f"usd_batch_{name}": float(batch * documents),
            f"batch_jobs_{name}": jobs,
            f"batch_hours_{name}": -(-jobs // JOBS_AT_ONCE) * BATCH_H,
        }
    cases, worst = [], 0.0
    for number, plan in enumerate(
        [Plan(0, 2_000, 1), Plan(0, 2_000, 2), Plan(0, 30_000, 4), Plan(0, 30_000, 16), Plan(0, 600_000, 8)]
    ):
        print(f"\rsimulating {plan}", end="", file=sys.stderr)
        found = simulated(plan, 100_000, number)
        error = abs(found / plan.per_second - 1)
        worst = max(worst, error)
        cases.append({"rpm": plan.rpm, "workers": plan.workers, "calculated": plan.per_second, "simulated": found})
    print(file=sys.stderr)
    return Result(figures | {"simulation_error": worst}, cases, backend="none: formulas and a simulation")


def options(parser: argparse.ArgumentParser) -> None:
    """Which day's prices."""
    from datetime import date

    parser.add_argument("--at", type=date.fromisoformat, default=date.today(), help="day of the prices")  # noqa: DTZ011


if __name__ == "__main__":
    benchmark(measure, options=options)
