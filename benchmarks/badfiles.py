"""Files with something wrong: is each opened, opened with a warning, or refused as it should be, without a crash?

Every file is opened as a Document, turned into the parts that would be sent, and its first pages are read,
in a process of its own with a memory limit and a deadline, so that a crash is a figure and not the end.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks._run import Arguments, Result, benchmark

MEMORY_BYTES = 3_000_000_000
DEADLINE_S = 60.0
PAGES_READ = 3


def allowed(expect: str) -> set[str]:
    """What an expectation in the truth file allows: "opened", "warned", "refused".

    `open` allows a warning beside; `warn` wants one. What stands behind the first colon or semicolon
    explains or concerns values, not opening.
    """
    clause = re.split(r"[:;]", expect, maxsplit=1)[0].lower()
    out: set[str] = set()
    if re.search(r"\breject", clause):
        out.add("refused")
    if re.search(r"\bwarn", clause):
        out.add("warned")
    if re.search(r"\b(open|convert|bound memory|accept|send)", clause):
        out |= {"opened", "warned"}
    return out


def measure(arguments: Arguments) -> Result:
    folder = arguments.data / "badfiles"
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines() if line.strip()]
    cases: list[dict[str, Any]] = []
    worker = Worker()
    for row in arguments.take(rows, label=lambda row: str(row["id"])):
        outcomes = [(worker.ask(folder / row["file"], None), allowed(row["expect"]))]
        if row.get("password") and "open with it" in row["expect"]:
            outcomes.append((worker.ask(folder / row["file"], row["password"]), {"opened", "warned"}))
        cases += [
            {"id": row["id"], "kind": row["kind"], "expect": row["expect"], "as_expected": found["outcome"] in wanted}
            | found
            for found, wanted in outcomes
        ]
    worker.close()
    bad = {case["id"] for case in cases if not case["as_expected"]}
    seen = {case["id"] for case in cases}
    figures: dict[str, float | int] = {
        "files": len(seen),
        "as_expected": len(seen - bad),
        "crashed": sum(case["outcome"] == "crashed" for case in cases),
        "untyped": sum(case["outcome"] == "untyped" for case in cases),
        "slowest_s": max((case["seconds"] for case in cases), default=0.0),
    }
    for case in cases:
        if not case["as_expected"]:
            print(f"{case['id']}: wanted {case['expect']!r}, {case['outcome']}: {case['detail'][:200]}")
    return Result(figures, cases, backend="none: documents are checked before any call")


class Worker:
    """A process that opens files. It is started again after a crash, and killed when it takes too long."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, path: Path, password: str | None) -> dict[str, Any]:
        """What came of one file: outcome, detail and seconds."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.badfiles", "--worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
            )
            assert process.stdout is not None
            process.stdout.readline()
        assert process.stdin is not None
        assert process.stdout is not None
        began = time.monotonic()
        process.stdin.write(json.dumps([str(path), password]) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], DEADLINE_S)
        line = process.stdout.readline() if ready else ""
        seconds = round(time.monotonic() - began, 3)
        if line:
            found: dict[str, Any] = json.loads(line)
            return found | {"seconds": seconds}
        process.kill()
        why = f"exit status {process.wait()}" if ready else f"no answer in {DEADLINE_S:.0f} s"
        return {"outcome": "crashed", "detail": why, "seconds": seconds}

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()


def serve() -> None:
    """Open the files named on standard input, one a line, and say on standard output what came of each."""
    from prefect_gemini.gemini.documents.document import Document
    from prefect_gemini.gemini.errors import DocumentError
    from prefect_gemini.pages.read import PageError, read_pages

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answers = sys.stdout
    sys.stdout = sys.stderr
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        path, password = json.loads(line)
        try:
            document = Document.of(path, password=password)
            parts = document.parts()
            words = None
            if not document.is_text and document.media_type.startswith(("image/", "application/pdf")):
                words = sum(
                    len(page.words) for page in read_pages(document.data, document.media_type, max_pages=PAGES_READ)
                )
            found = {
                "outcome": "warned" if document.notes else "opened",
                "detail": "; ".join(document.notes) or str(document),
                "parts": len(parts),
                "words": words,
            }
        except (DocumentError, PageError) as refused:
            hint = getattr(refused, "hint", "")
            found = {"outcome": "refused" if hint else "untyped", "detail": f"{type(refused).__name__}: {refused}"}
        except Exception as error:
            found = {"outcome": "untyped", "detail": repr(error)}
        print(json.dumps(found), file=answers, flush=True)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)


if __name__ == "__main__":
    if "--worker" in sys.argv:
        serve()
    else:
        benchmark(measure, options=_options)
