"""Quota: how much of a service's requests a minute the client uses, and how it follows a change.

The local server allows 2,000 requests a minute, counted in a sliding window of fifteen seconds
(stricter than a minute's: a burst cannot be saved up, and a run is short), and answers 429 above it.
After a while the quota is halved, and later restored. The client knows the ceiling of 2,000, not that
it changes; with `--unknown` the same is run once more with a client that knows no ceiling at all.

figures: quota_used (of what the full quota allowed before the change), refused_share (429s of all
requests over the whole run, change included), recovery_s (from the restoration until a second in which
95 % of the quota was served), halved_used (of the halved quota, once the window has passed), and the same with
`unknown_` for the client without a ceiling.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini import Backend, GeminiClient, Limits, Request, RetryPolicy
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.control.pace import Pace
from prefect_gemini.testing import text

RPM = 2000
WINDOW_S = 15.0
CALLERS = 64
LATENCY_S = 0.2
STEADY_S, HALVED_S, RESTORED_S = 45.0, 25.0, 12.0
GOOD_ENOUGH = 0.95


@dataclass
class Traffic:
    """When calls were served, and what the server saw."""

    served: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def between(self, begin: float, end: float) -> int:
        """Calls served in a stretch of time."""
        return sum(begin <= moment < end for moment in self.served)


async def drive(limits: Limits, scale: float) -> dict[str, float]:
    """Keep the client busy while the quota is full, halved and restored."""
    traffic = Traffic()
    numbers = count()
    stop = asyncio.Event()
    with LocalGemini(authentication=False) as server:
        server.script(text("ok"), times=None)
        server.pace = Pace(first_token_s=LATENCY_S)
        per_window = round(RPM * WINDOW_S / 60)
        server.quota.set(rpm=per_window, window_s=WINDOW_S)
        client = GeminiClient(
            Backend.local(server.base_url), limits=limits, retries=RetryPolicy(max_attempts=20, deadline_s=300)
        )

        async def caller() -> None:
            while not stop.is_set():
                try:
                    await client.generate(Request(model="flash", contents=f"call {next(numbers)}"))
                    traffic.served.append(time.monotonic())
                except GeminiError as error:
                    traffic.lost.append(type(error).__name__)

        await client.check()  # google-genai takes seconds to import, and uses no quota
        begun = time.monotonic()
        callers = [asyncio.create_task(caller()) for _ in range(CALLERS)]
        await asyncio.sleep(STEADY_S * scale)
        halved = time.monotonic()
        server.quota.set(rpm=per_window // 2, window_s=WINDOW_S)
        await asyncio.sleep(HALVED_S * scale)
        restored = time.monotonic()
        server.quota.set(rpm=per_window, window_s=WINDOW_S)
        await asyncio.sleep(RESTORED_S * scale)
        ended = time.monotonic()
        statuses = [entry.status for entry in server.journal.generate_calls]
        stop.set()
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        await client.aclose()
    rate = RPM / 60
    # A second at the beginning is for connections; the window is not full until it has passed once.
    steady = traffic.between(begun + 1, halved) / (rate * (halved - begun - 1))
    after = halved + WINDOW_S
    return {
        "quota_used": steady,
        "refused_share": statuses.count(429) / len(statuses),
        "recovery_s": recovery(traffic, restored, ended, rate),
        "halved_used": traffic.between(after, restored) / (rate / 2 * (restored - after)),
        "requests": len(statuses),
        "refused": statuses.count(429),
        "lost": len(traffic.lost),
    }


def recovery(traffic: Traffic, restored: float, ended: float, rate: float) -> float:
    """Seconds until the first second that is served at the full rate; the whole stretch if none is."""
    moment = restored
    while moment + 1 <= ended:
        if traffic.between(moment, moment + 1) >= GOOD_ENOUGH * rate:
            return moment + 1 - restored
        moment += 0.05
    return ended - restored


def measure(arguments: Arguments) -> Result:
    """Entry point."""
    figures: dict[str, float | int] = {}
    runs = [("", Limits(requests_per_minute=RPM))]
    if arguments.extra.unknown:
        runs.append(("unknown_", Limits()))
    for prefix, limits in runs:
        print(f"{'with' if not prefix else 'without'} a ceiling …", file=sys.stderr)
        found: dict[str, Any] = asyncio.run(drive(limits, arguments.extra.scale))
        figures |= {f"{prefix}{name}": value for name, value in found.items()}
    return Result(figures, backend="local server, scripted")


def options(parser: argparse.ArgumentParser) -> None:
    """How long each stretch lasts, and whether an unknown quota is tried too."""
    parser.add_argument("--unknown", action="store_true", help="run once more with a client that knows no ceiling")
    parser.add_argument("--scale", type=float, default=1.0, help="stretch (or shrink) all phases")


if __name__ == "__main__":
    benchmark(measure, options=options)
