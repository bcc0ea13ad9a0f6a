"""What every contender is given, and how it says what it took. Standard library only: it runs in every environment."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

MODEL = "gemini-3.8-flash"
PROMPT = "Read merchant and total from this receipt."


def arguments() -> tuple[str, int, int]:
    """Address of the server, documents, requests in flight."""
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class Documents(Sequence):
    """Short receipts, each different, made when they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> str:
        if number >= self.count:
            raise IndexError(number)
        return f"Cafe Nord\nTable {number}\nTotal 12.50 EUR"


def documents(count: int) -> Sequence:
    """The documents of a run."""
    return Documents(count)


def rpm() -> int | None:
    """The quota in requests a minute, where there is one."""
    return int(sys.argv[4]) if len(sys.argv) > 4 else None


@contextmanager
def measured(count: int) -> Iterator[dict]:
    """Print wall time, CPU and memory of the block as JSON; `done` in the result is how many answers were right."""
    result: dict = {"documents": count, "done": 0}
    cpu, wall = time.process_time(), time.monotonic()
    yield result
    result |= {
        "seconds": time.monotonic() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print("RESULT " + json.dumps(result), flush=True)
