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

from benchmarks.conformance.suite import MP4

PROJECT = "local-project"
MODEL = "gemini-2.5-flash"
_SHOWN: dict[str, dict[str, Any]] = {
    "files": {"mimeType": "text/plain", "state": "ACTIVE", "source": "UPLOADED", "sizeBytes": "28000"},
    "cachedContents": {"expireTime": "2036-01-01T00:00:00Z", "usageMetadata": {"totalTokenCount": 5000}},
    "batches": {
        "state": "BATCH_STATE_SUCCEEDED",
        "displayName": "recorded",
        "output": {
            "responsesFile": "files/recorded",
            "inlinedEmbedContentResponses": {"inlinedResponses": [{"response": {"embedding": {"values": [1.0]}}}]},
        },
    },
    "batchPredictionJobs": {"state": "JOB_STATE_SUCCEEDED", "displayName": "recorded"},
    "tuningJobs": {
        "baseModel": MODEL,
        "state": "JOB_STATE_SUCCEEDED",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://recorded/tuning.jsonl"},
        "gcsMetricsUri": "gs://recorded/metrics",
    },
    "datasets": {"displayName": "recorded"},
    "tunedModels": {"baseModel": f"models/{MODEL}", "state": "ACTIVE", "displayName": "recorded"},
    "operations": {"done": True},
    "fileSearchStores": {"displayName": "recorded"},
}
_RULES: tuple[tuple[str, str, str], ...] = (
    # where, what a string looks like, the resource it names
    ("developer", r"(?:https://generativelanguage\.googleapis\.com/v1beta/)?(files/[a-z0-9]{10,})", r"\1"),
    ("developer", r"(?:cachedContents/)?([a-z][a-z0-9]{39})", r"cachedContents/\1"),
    ("developer", r"(batches/[a-z0-9]{20,})", r"\1"),
    ("developer", r"(fileSearchStores/\d[a-z0-9-]+)", r"\1"),
    ("developer", r"(tunedModels/[a-z0-9-]+)", r"\1"),
    ("vertex", r"(?:\S*/)?(cachedContents|tuningJobs|endpoints|models|datasets)/(\d{16,})", r"\1/\2"),
)
# Where a string is the bare number, the folder says of what.
_OF_FOLDER = {"batches": "batchPredictionJobs", "operations": "operations", "models": "cachedContents"}
# Some tests take any file the service has made.
GENERATED: dict[str, Any] = {
    "name": "files/generated",
    "shown": {
        "mimeType": "video/mp4",
        "state": "ACTIVE",
        "source": "GENERATED",
        "sizeBytes": "5",
        "uri": "https://generativelanguage.googleapis.com/v1beta/files/generated",
        "downloadUri": "https://generativelanguage.googleapis.com/v1beta/files/generated:download?alt=media",
    },
    "content": base64.b64encode(MP4).decode(),
}
_PUBLIC = re.compile(r"(?:gs|https)://\S+\.(?:jsonl|pdf|png|jpg|jpeg|mp3|mp4|wav|txt)")
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


@cache
def public_data(test: Path) -> list[str]:
    """Addresses of files on the network in a test file: pictures, papers, recordings, data sets."""
    return sorted({text for text in _strings(test) if _PUBLIC.fullmatch(text)})


def _strings(source: Path) -> list[str]:
    tree = ast.parse(source.read_text())
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _full(name: str, surface: str, places: list[tuple[str, str]]) -> list[str]:
    """Google takes a project's number for its id; here each name is put in under both."""
    if surface == "developer":
        return [name]
    return [f"projects/{project}/locations/{location}/{name}" for project, location in places]


def resource(name: str, surface: str, *, running: bool = False) -> dict[str, Any]:
    """An ordinary resource of that name, as the admin plane takes it.

    Args:
        running: whether a job should not have ended yet, so that it can be cancelled.
    """
    if "://" in name:
        shown = {"contentType": mimetypes.guess_type(name)[0] or "application/octet-stream"}
        return {"name": name, "shown": shown, "content": _stand_in(name)}
    kind = name.split("/")[-2]
    if kind in ("models", "endpoints"):
        return {"name": name, "base": MODEL}
    parent = name.rpartition(f"/{kind}/")[0]
    model = f"models/{MODEL}" if surface == "developer" else f"publishers/google/models/{MODEL}"
    shown = {"createTime": "2026-01-01T00:00:00Z", "updateTime": "2026-01-01T00:00:00Z"} | _SHOWN[kind]
    if kind in ("batches", "batchPredictionJobs", "cachedContents"):
        shown["model"] = f"{parent}/{model}" if parent and kind == "cachedContents" else model
    if running and "state" in shown:
        shown["state"] = shown["state"].replace("SUCCEEDED", "RUNNING")
    if kind == "batchPredictionJobs":
        shown["outputInfo"] = {"vertexMultimodalDatasetName": f"{parent}/datasets/1"}
    if kind == "tuningJobs":
        shown["tunedModel"] = {"model": f"{parent}/models/1@1", "endpoint": f"{parent}/endpoints/1"}
    row: dict[str, Any] = {"name": name, "shown": shown}
    if kind == "files":
        row["content"] = _stand_in(name)
    if kind == "cachedContents":
        row["hidden"] = {"model": MODEL, "counts": {"TEXT": 5000}}
    if kind == "batches":
        row["hidden"] = {"embed": False}
    return row


def _stand_in(name: str) -> str:
    """Bytes in place of what Google's project holds: rows of a data set where rows are due, else words enough
    for a cache."""
    if name.endswith(".jsonl"):
        turns = [{"role": role, "parts": [{"text": f"a {role}'s words"}]} for role in ("user", "model")]
        return base64.b64encode(b"\n".join([json.dumps({"contents": turns}).encode()] * 20)).decode()
    return base64.b64encode(b"%PDF-1.4\n" + b"<</Type /Page>> of words and words, " * 500).decode()
