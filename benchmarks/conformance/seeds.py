"""What the suite expects to find in Google's own project, read from its sources and put in beforehand.

About ninety tests name a job, a cache, a file or a model that somebody made when the suite was recorded.
Those names are nowhere in the server: they are found here as strings of the test's own file.
"""

from __future__ import annotations

import ast
import base64
import json
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = "local-project"
_RULES: tuple[tuple[str, str, str], ...] = (
    # where, what a string looks like, the resource it names
    ("developer", r"(?:https://generativelanguage\.googleapis\.com/v1beta/)?(files/[a-z0-9]{10,})", r"\1"),
    ("developer", r"(batches/[a-z0-9]{20,})", r"\1"),
    ("developer", r"(cachedContents/[a-z][a-z0-9]{20,})", r"\1"),
    ("developer", r"(tunedModels/[a-z0-9-]+)", r"\1"),
    ("vertex", r"(?:\S*/)?(cachedContents|tuningJobs|endpoints|models|datasets)/(\d{16,})", r"\1/\2"),
    ("vertex", r"(gs://\S+\.\w+)", r"\1"),
)
# Where a string is the bare number, the folder says of what.
_OF_FOLDER = {"batches": "batchPredictionJobs", "operations": "operations", "models": "cachedContents"}
_PROJECT = re.compile(r"projects/([^/{]+)/locations/([^/{]+)/")


@cache
def recorded_ids(test: Path, surface: str) -> list[str]:
    """Resource names in a test file, and in the constants beside it."""
    sources = [test, test.with_name("constants.py")]
    strings = [text for source in sources if source.exists() for text in _strings(source)]
    places = sorted({(PROJECT, "us-central1")} | {match for text in strings for match in _PROJECT.findall(text)})
    names: set[str] = set()
    for text in strings:
        for where, pattern, found in _RULES:
            if where == surface and (match := re.fullmatch(pattern, text)):
                names.add(match.expand(found))
        if surface == "vertex" and re.fullmatch(r"\d{16,}", text) and test.parent.name in _OF_FOLDER:
            names.add(f"{_OF_FOLDER[test.parent.name]}/{text}")
    return sorted({full for name in names for full in _full(name, surface, places)})


def _strings(source: Path) -> list[str]:
    tree = ast.parse(source.read_text())
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _full(name: str, surface: str, places: list[tuple[str, str]]) -> list[str]:
    """Google takes a project's number for its id; here each name is put in under both."""
    if surface == "developer" or name.startswith("gs://"):
        return [name]
    return [f"projects/{project}/locations/{location}/{name}" for project, location in places]


def resource(name: str, surface: str) -> dict[str, Any]:
    """A finished, ordinary resource of that name, as the admin plane takes it."""
    made = {"createTime": "2026-01-01T00:00:00Z", "updateTime": "2026-01-01T00:00:00Z"}
    kind = "objects" if name.startswith("gs://") else name.split("/")[-2]
    model = "gemini-2.5-flash" if surface == "developer" else "publishers/google/models/gemini-2.5-flash"
    parent = name.rpartition(f"/{kind}/")[0]
    shown: dict[str, Any] = {
        "files": {"mimeType": "text/plain", "state": "ACTIVE", "source": "UPLOADED", "sizeBytes": "5"},
        "objects": {"contentType": mimetypes.guess_type(name)[0] or "application/octet-stream"},
        "cachedContents": {
            "model": f"{parent}/{model}" if parent else f"models/{model}",
            "expireTime": "2036-01-01T00:00:00Z",
            "usageMetadata": {"totalTokenCount": 5000},
        },
        "batches": {"model": f"models/{model}", "state": "BATCH_STATE_RUNNING", "displayName": "recorded"},
        "batchPredictionJobs": {"model": model, "state": "JOB_STATE_RUNNING", "displayName": "recorded"},
        "tuningJobs": {
            "baseModel": "gemini-2.5-flash",
            "state": "JOB_STATE_SUCCEEDED",
            "supervisedTuningSpec": {"trainingDatasetUri": "gs://recorded/tuning.jsonl"},
            "tunedModel": {"model": f"{parent}/models/1@1", "endpoint": f"{parent}/endpoints/1"},
        },
        "models": {"displayName": "recorded", "versionId": "1", "labels": {"tune-type": "sft"}},
        "endpoints": {"displayName": "recorded"},
        "datasets": {"displayName": "recorded"},
        "tunedModels": {"baseModel": f"models/{model}", "state": "ACTIVE", "displayName": "recorded"},
        "operations": {"done": True},
    }[kind]
    content = {"content": base64.b64encode(_stand_in(name)).decode()} if kind in ("files", "objects") else {}
    return {"kind": kind, "name": name, "shown": {"name": name, **made, **shown}} | content


def _stand_in(name: str) -> bytes:
    """Bytes in place of a public object: rows of a data set where rows are due, else a few words."""
    if name.endswith(".jsonl"):
        turns = [{"role": role, "parts": [{"text": f"a {role}'s words"}]} for role in ("user", "model")]
        return b"\n".join(json.dumps({"contents": turns}).encode() for _ in range(20))
    return b"words"
