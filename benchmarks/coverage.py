"""Which methods of Google's APIs the local server has, counted against Google's own discovery documents.

`--write docs/local-server.md` puts the table into the page.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from benchmarks._discovery import Document, Method, find_document
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.local.wire.routes import find_route

# What is round Gemini on Vertex AI; the rest of the document is classical machine learning, agents and search.
RESOURCES = (
    "publishers.models",
    "cachedContents",
    "batchPredictionJobs",
    "tuningJobs",
    "models",
    "endpoints",
    "datasets",
    "datasets.datasetVersions",
    "operations",
    "datasets.operations",
    "models.operations",
    "endpoints.operations",
    "tuningJobs.operations",
)
STORAGE = ("buckets", "objects")
MARKS = ("<!-- coverage begins -->", "<!-- coverage ends -->")


def implemented(method: Method) -> bool:
    """Whether the server has a route for it."""
    return find_route(method.verb, method.example) is not None


def count(document: Document, resources: tuple[str, ...]) -> dict[str, list[Method]]:
    """The methods of some resources, each path and verb once."""
    rows: dict[str, list[Method]] = {name: [] for name in resources}
    seen = set()
    for method in document.methods:
        # The same resources are listed a second time without a project, for express mode.
        short = not method.name.startswith("projects.") and "aiplatform" in document.name
        if (
            method.resource in rows
            and not (short and method.resource != "publishers.models")
            and (method.verb, method.path) not in seen
        ):
            seen.add((method.verb, method.path))
            rows[method.resource].append(method)
    return rows


def table(rows: dict[str, list[Method]]) -> str:
    """As Markdown."""
    lines = ["| resource | methods | what is not there |", "| --- | --- | --- |"]
    for resource, methods in rows.items():
        missing = sorted({method.name.rpartition(".")[2] for method in methods if not implemented(method)})
        done = sum(map(implemented, methods))
        lines.append(f"| {resource} | {done} of {len(methods)} | {', '.join(missing)} |")
    return "\n".join(lines)


def measure(arguments: Arguments) -> Result:
    """Count the methods."""
    vertex, storage = find_document("aiplatform.v1beta1"), find_document("storage.v1")
    if vertex is None or storage is None:
        sys.exit("pip install google-api-python-client, which ships the discovery documents")
    rows = count(vertex, RESOURCES) | count(storage, STORAGE)
    figures: dict[str, float | int] = {
        "methods": sum(map(len, rows.values())),
        "implemented": sum(implemented(method) for methods in rows.values() for method in methods),
    }
    for resource, methods in rows.items():
        name = resource.replace(".", "_")
        figures |= {f"{name}_methods": len(methods), f"{name}_implemented": sum(map(implemented, methods))}
    if page := arguments.extra.write:
        text = page.read_text()
        begin, end = map(re.escape, MARKS)
        shown = f"{MARKS[0]}\n\n{table(rows)}\n\n{MARKS[1]}"
        page.write_text(re.sub(f"{begin}.*{end}", lambda _: shown, text, flags=re.DOTALL))
    cases = [
        {"method": method.name, "verb": method.verb, "path": method.path, "implemented": implemented(method)}
        for methods in rows.values()
        for method in methods
    ]
    return Result(figures, cases, backend="local server")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", type=Path, default=None, help="the page whose table is renewed")


if __name__ == "__main__":
    benchmark(measure, options=_options)
