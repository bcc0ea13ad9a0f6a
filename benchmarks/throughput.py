"""Throughput: documents a second, side by side with whoever else does the same job.

Every contender (`benchmarks/contenders`) reads the same documents from the same local server, which runs
in a process of its own, takes 300 ms an answer and gives all of them the same. Each runs in a process and
an environment of its own, one after the other; a peer is skipped where its environment is absent
(`--install` makes them in `--venvs`). Prefect contenders get a fresh Prefect server each.

figures: ratio_to_raw (our documents a second by those of a bare google-genai loop, our ledger on),
ratio_to_map_async and ratio_to_map_sync (by Prefect's own `.map`), ratio_to_PEER; quota_used (of 2,000
requests a minute, over twice the documents, start and end included); cpu_s_per_document; memory_growth_mb
(resident memory from the 1,000th document to the last of `--most`) and cpu_late_to_early (CPU a document
there and here); lost_ours (answers paid again after kill -9 at half-time). Cases: for each contender
documents/s, CPU-seconds and requests a document, peak memory, and what is lost on a kill -9 at half-time.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._run import Arguments, Result, benchmark

HERE = Path(__file__).parent / "contenders"
DOCUMENTS, IN_FLIGHT, RPM, KILLED = 2000, 32, 2000, 200
PEERS = {
    "pydantic_ai": ["pydantic-ai-slim[google,prefect]", "fastapi<0.151"],
    # marvin 3.2.7 names no newest pydantic-ai; from 1.95 on it fails at its first call.
    "marvin": ["marvin==3.2.7", "pydantic-ai>=1.90,<1.95", "mcp<2"],
    "langextract": ["langextract"],
    "instructor": ["instructor[google-genai]"],
}
PREFECT = ("ours", "ours_long", "ours_on_dask", "map_async", "map_sync", "with_pydantic_ai")
SLOW = {"map_async": 300, "with_marvin": 300}
"""Contenders that are given fewer documents: at a few a second their speed is known after as many."""
PATIENCE_S = 1200.0


@dataclass
class Server:
    """The local server in its own process."""

    process: subprocess.Popen[str]
    url: str

    def requests(self) -> int:
        """How many requests it has had."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def serving(rpm: int = 0, latency_s: float = 0.3) -> Iterator[Server]:
    """A local server for the block."""
    command = [sys.executable, "-m", "benchmarks.contenders.server", str(rpm), str(latency_s)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Server(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()


@contextmanager
def environment(name: str, home: Path) -> Iterator[dict[str, str]]:
    """What a contender finds: a home of its own and, if it uses Prefect, a Prefect server of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "GOOGLE_", "GEMINI_"))}
    env |= {"PREFECT_HOME": str(home), "HOME": str(home), "PREFECT_LOGGING_LEVEL": "CRITICAL", "DO_NOT_TRACK": "1"}
    env |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    if name not in PREFECT:
        yield env
        return
    port = 4700 + os.getpid() % 200
    # On a loaded machine with a slow disk SQLite's own patience is too short for a first boot.
    command = [str(Path(sys.executable).parent / "prefect"), "server", "start", "--port", str(port)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    server = subprocess.Popen(command, env=env | {"PREFECT_HOME": str(home / "server")}, **quiet)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        time.sleep(2)  # its services start behind the first answer
        yield env | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def command(name: str, venvs: Path, *arguments: object) -> list[str]:
    """How a contender is started."""
    peer = name.removeprefix("with_")
    python = venvs / peer / "bin" / "python" if name.startswith("with_") else Path(sys.executable)
    return [str(python), str(HERE / f"{name}.py"), *map(str, arguments)]


def run(name: str, server: Server, venvs: Path, count: int, *more: object) -> dict[str, Any]:
    """Let a contender read `count` documents; what it took, or its error."""
    with tempfile.TemporaryDirectory() as home, environment(name, Path(home)) as env:
        return run_in(env, name, server, venvs, count, *more)


def run_in(
    env: dict[str, str],
    name: str,
    server: Server,
    venvs: Path,
    count: int,
    *more: object,
    in_flight: int = IN_FLIGHT,
) -> dict[str, Any]:
    """As `run`, in an environment that is there."""
    before = server.requests()
    try:
        ran = subprocess.run(
            command(name, venvs, server.url, count, in_flight, *more),
            env=env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return {"contender": name, "error": f"not done after {PATIENCE_S:.0f} s"}
    said = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    if not said:
        return {"contender": name, "error": ran.stderr[-800:]}
    case = {"contender": name, **json.loads(said[-1].removeprefix("RESULT "))}
    case["per_second"] = case["done"] / case["seconds"]
    case["cpu_s_per_document"] = case["cpu_s"] / count
    case["requests_per_document"] = (server.requests() - before) / count
    return case


def lost(name: str, server: Server, venvs: Path, count: int) -> int:
    """Answers paid for twice, when a contender is killed at half-time and started again."""
    before = server.requests()
    with tempfile.TemporaryDirectory() as home, environment(name, Path(home)) as env:
        started = command(name, venvs, server.url, count, IN_FLIGHT)
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        first = subprocess.Popen(started, env=env, **quiet)
        until = time.monotonic() + 180
        while server.requests() - before < count // 2 and time.monotonic() < until and first.poll() is None:
            time.sleep(0.02)
        first.kill()
        first.wait()
        subprocess.run(started, env=env, timeout=PATIENCE_S, check=False, **quiet)
    return server.requests() - before - count


def install(venvs: Path) -> None:
    """Make the peers' environments."""
    for peer, packages in PEERS.items():
        if not (venvs / peer / "bin" / "python").exists():
            print(f"installing {peer}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", venvs / peer], check=True)
            subprocess.run([venvs / peer / "bin" / "pip", "install", "-q", *packages], check=False)


def measure(arguments: Arguments) -> Result:
    """Run all contenders."""
    venvs, count = arguments.extra.venvs, arguments.limit or DOCUMENTS
    if arguments.extra.install:
        install(venvs)
    names = ["raw_loop", "ours", "map_async", "map_sync", *(f"with_{peer}" for peer in PEERS)]
    names = [name for name in names if not name.startswith("with_") or (venvs / name[5:] / "bin" / "python").exists()]
    if arguments.extra.only:
        names = [name for name in names if name in arguments.extra.only.split(",")]
    cases: list[dict[str, Any]] = []
    with serving() as server:
        for name in names:
            print(f"{name}: {count} documents", file=sys.stderr)
            case = run(name, server, venvs, min(count, SLOW.get(name, count)))
            if "error" not in case and not arguments.extra.no_kill:
                case["lost_on_kill"] = lost(name, server, venvs, min(KILLED, count))
            print("  ", {key: value for key, value in case.items() if key != "contender"}, file=sys.stderr)
            cases.append(case)
    figures: dict[str, float | int] = {}
    speed = {case["contender"]: case["per_second"] for case in cases if "per_second" in case}
    for name, value in speed.items():
        if name != "ours" and "ours" in speed:
            figures[f"ratio_to_{name.removeprefix('with_').replace('raw_loop', 'raw')}"] = speed["ours"] / value
    for case in cases:
        if case["contender"] == "ours" and "cpu_s_per_document" in case:
            figures["cpu_s_per_document"] = case["cpu_s_per_document"]
            figures["lost_ours"] = case.get("lost_on_kill", -1)
    with serving(rpm=RPM) as server:
        # Twice the documents: of a run of one minute start and end are two hundredths.
        case = run("ours", server, venvs, 2 * count, RPM) | {"contender": "ours at a quota"}
        cases.append(case)
        if "seconds" in case:
            figures["quota_used"] = case["done"] / (RPM / 60 * case["seconds"])
    with serving(latency_s=0.0) as server:
        case = run("ours_long", server, venvs, arguments.extra.most)
        cases.append(case)
        if "growth_mb" in case:
            figures["memory_growth_mb"] = case["growth_mb"]
            figures["cpu_late_to_early"] = case["cpu_late"] / case["cpu_early"]
    if arguments.extra.plot:
        from benchmarks._plot import bars

        bars(arguments.extra.plot, speed, title=f"Documents a second: {count:,} documents, {IN_FLIGHT} in flight")
    return Result(figures, cases, backend="local server, 300 ms an answer")


def options(parser: argparse.ArgumentParser) -> None:
    """Where the peers are, and how much is measured."""
    parser.add_argument("--venvs", type=Path, default=Path("out/venvs"), help="folder of the peers' environments")
    parser.add_argument("--install", action="store_true", help="make the peers' environments first")
    parser.add_argument("--only", default="", help="contenders to run, separated by commas")
    parser.add_argument("--no-kill", action="store_true", help="leave out kill -9 at half-time")
    parser.add_argument("--most", type=int, default=100_000, help="documents of the run for memory")
    parser.add_argument("--plot", type=Path, default=None, help="write a plot to this .svg file")


if __name__ == "__main__":
    benchmark(measure, options=options)
