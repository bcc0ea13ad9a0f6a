"""What every benchmark shares: arguments, progress, and a JSON file that says how it came about."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

PACKAGES = ("prefect-gemini", "prefect", "google-genai", "rapidocr", "onnxruntime", "pypdfium2")


@dataclass
class Result:
    """What a benchmark found.

    Args:
        figures: flat numbers, the ones to quote.
        cases: one dict per document or trial, enough to see why a figure is what it is.
        backend: who answered.
    """

    figures: dict[str, float | int]
    cases: list[dict[str, Any]] = field(default_factory=list)
    backend: str = "local reader"


@dataclass(frozen=True)
class Arguments:
    data: Path
    limit: int | None
    extra: argparse.Namespace

    def take(self, items: Iterable[T], *, label: Callable[[T], str] = str) -> Iterable[T]:
        """The first `limit` items, with progress on standard error."""
        rows = list(items)[: self.limit]
        for number, item in enumerate(rows, 1):
            print(f"\r{number}/{len(rows)} {label(item)[:60]:<60}", end="", file=sys.stderr, flush=True)
            yield item
        print(file=sys.stderr)


def benchmark(
    measure: Callable[[Arguments], Result],
    *,
    options: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """Run `measure` from the command line, print its figures and write the JSON file if asked."""
    module = sys.modules[measure.__module__]
    parser = argparse.ArgumentParser(description=(module.__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of data sets")
    parser.add_argument("--limit", type=int, default=None, help="measure only the first N cases")
    parser.add_argument("--json", type=Path, default=None, help="write figures and cases to this file")
    if options:
        options(parser)
    parsed = parser.parse_args()
    result = measure(Arguments(parsed.data, parsed.limit, parsed))
    for name, figure in result.figures.items():
        print(f"{name:<28} {figure:.3f}" if isinstance(figure, float) else f"{name:<28} {figure}")
    if parsed.json:
        parsed.json.write_text(
            json.dumps(
                {
                    "figures": result.figures,
                    "cases": result.cases,
                    "backend": result.backend,
                    "command": "python -m "
                    + " ".join([module.__spec__.name if module.__spec__ else "", *sys.argv[1:]]),
                    "date": datetime.now(UTC).isoformat(timespec="seconds"),
                    "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
                },
                indent=1,
                default=str,
                ensure_ascii=False,
            )
            + "\n"
        )
