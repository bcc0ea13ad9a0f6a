"""Crashes: a run killed with SIGKILL in the middle, and run again, by the server's own journal.

A process reads 1,000 documents and is killed while answers are on their way; so is the next one, and the
one after; the last may finish. A document is finished when its answer stands in the ledger. It is paid
twice when the server was asked for it again after that; lost when it has no answer in the end. What the
server had answered and the killed process had not yet written is asked for again: no client can know it.

figures: documents, kills, finished (before the last kill), paid_twice, lost, on_the_way (answered by the
server when the process died, not written, and so answered twice).
"""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.control.pace import Pace
from prefect_gemini.testing import json_reply

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = 1000
KILLS = 3
ANSWER_S = 0.05
PATIENCE_S = 120.0


def crash(
    folder: Path, *, documents: int = DOCUMENTS, kills: int = KILLS, answer_s: float = ANSWER_S
) -> dict[str, Any]:
    """Read documents in processes that are killed, and see what the server was asked.

    Args:
        folder: for the ledger.
        documents: how many.
        kills: how often the reader is killed before it may finish, evenly spread.
        answer_s: seconds the server takes for an answer.
    """
    ledger = folder / "killed.db"
    finished: dict[str, int] = {}  # document: requests on the journal when it was first seen in the ledger
    with LocalGemini(authentication=False) as server:
        server.script(json_reply({"number": 1}), times=None)
        server.pace = Pace(first_token_s=answer_s)
        command = [sys.executable, "-m", "benchmarks._killed_reader", server.base_url, str(ledger), str(documents)]
        for kill in range(1, kills + 1):
            reader = subprocess.Popen(command, cwd=ROOT)
            _wait(lambda target=documents * kill // (kills + 1): _written(ledger) >= target, reader)
            reader.send_signal(signal.SIGKILL)
            reader.wait()
            asked = len(server.journal)
            for document in _documents(ledger):
                finished.setdefault(document, asked)
        before_last = len(finished)
        subprocess.run(command, cwd=ROOT, check=True, timeout=PATIENCE_S)
        entries = server.journal.generate_calls
    again = [entry for entry in entries if entry.number > finished.get(_document(entry), len(entries))]
    answered = Counter(_document(entry) for entry in entries if entry.whole)
    return {
        "documents": documents,
        "kills": kills,
        "finished": before_last,
        "requests": len(entries),
        "paid_twice": len({_document(entry) for entry in again}),
        "lost": documents - _written(ledger),
        "on_the_way": sum(times - 1 for times in answered.values()),
    }


def _wait(until: Any, reader: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not until():
        if reader.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the reader ended with {reader.poll()} before it was killed")
        time.sleep(0.005)


def _documents(ledger: Path) -> set[str]:
    if not ledger.exists():
        return set()
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as database:
        try:
            return {row[0] for row in database.execute("select document from gemini_calls where serves")}
        except sqlite3.OperationalError:  # the tables are being made
            return set()


def _written(ledger: Path) -> int:
    return len(_documents(ledger))


def _document(entry: Any) -> str:
    found = re.search(r"document (\d+);", str(entry.body))
    return found[1] if found else ""


def measure(arguments: Arguments) -> Result:
    """Entry point."""
    with tempfile.TemporaryDirectory() as folder:
        found = crash(Path(folder), documents=arguments.limit or DOCUMENTS)
    return Result(found, [found], backend="local server, scripted")


if __name__ == "__main__":
    benchmark(measure)
