"""Classification on four sets: banking intents, intents with out-of-scope ones, SMS spam, moderation.

`banking77`, `clinc`, `spam`, `moderation`: share right with label names (and, for spam and moderation, a line that
says what each label means), nothing learnt. `clinc_oos_recall`: out-of-scope requests recognised as such.
`*_examples`: the same with up to two other items of the set as examples of each label. `*_majority`: always the
commonest label. `*_keyword`: the first label whose name's words the text holds most of, else the commonest.
Moderation counts whether a text is flagged, not for what.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks._fields import Reader
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.tasks.classify import labels_shown

SETS = {"banking77": "banking77", "clinc": "clinc_oos", "spam": "sms_spam", "moderation": "moderation_openai"}
OUT_OF_SCOPE = "out_of_scope"
CLEAN = "clean"
MEANING: Mapping[str, Mapping[str, str]] = {
    "spam": {
        "spam": "unwanted advertising: prizes, offers, premium-rate numbers, subscriptions",
        "ham": "a personal message between people who know each other",
    },
    "moderation": {
        "hate": "hatred of people for their religion, origin, colour, sex or orientation",
        "harassment": "insults or threatens a person",
        "violence": "killing, wounding, weapons, blood",
        "self-harm": "suicide, cutting oneself, eating disorders",
        "sexual": "sexual acts or bodies",
        CLEAN: "none of these: ordinary talk",
    },
}
EXAMPLES = 2
PROMPT = "Choose the one label that fits this document best."


def measure(arguments: Arguments) -> Result:
    reader = Reader()
    told: dict[str, list[bool]] = defaultdict(list)
    cases: list[dict[str, Any]] = []
    for name, stem in SETS.items():
        rows, labels = load(arguments.data / "classification", stem, name)
        commonest = Counter(row["label"] for row in rows).most_common(1)[0][0]
        for row in arguments.take(rows, label=lambda row: f"{row['set']} {row['id']}"):
            zero = ask(reader, row["text"], labels, {})
            near = ask(reader, row["text"], labels, examples(rows, row))
            case = {"id": row["id"], "set": name, "label": row["label"], "read": zero, "with_examples": near}
            cases.append(case)
            if name == "clinc" and row["label"] == OUT_OF_SCOPE:
                told["clinc_oos_recall"].append(zero == OUT_OF_SCOPE)
                told["clinc_oos_recall_examples"].append(near == OUT_OF_SCOPE)
            told[name].append(right(name, zero, row["label"]))
            told[f"{name}_examples"].append(right(name, near, row["label"]))
            told[f"{name}_majority"].append(right(name, commonest, row["label"]))
            told[f"{name}_keyword"].append(right(name, keyword(row["text"], labels, commonest), row["label"]))
    figures = {key: sum(hits) / len(hits) for key, hits in told.items()}
    order = [key for key in (*SETS, "clinc_oos_recall") if key in figures]
    ordered = {key: figures[key] for key in (*order, *sorted(set(figures) - set(order)))}
    return Result(ordered | {"items": len(cases)}, cases, backend=reader.backend.label)


def load(folder: Path, stem: str, name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The items of one set, each with one label, and the labels with their meaning."""
    files = sorted(folder.glob(f"{stem}.*.jsonl"))
    if not files:
        raise SystemExit(f"there is no {stem}.*.jsonl in {folder}; name the folder of data sets with --data")
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines() if line.strip()]
    listed = folder / f"{stem}.labels.json"
    meaning = MEANING.get(name, {})
    names = list(meaning) or (
        json.loads(listed.read_text()) if listed.exists() else sorted({row["label"] for row in rows})
    )
    for row in rows:
        row["set"] = name
        if "label" not in row:
            kinds = [kind.partition("/")[0] for kind, value in row["labels"].items() if value == 1]
            row["label"] = kinds[0] if row["flagged"] and kinds else CLEAN
    return rows, {one: meaning.get(one, "") for one in names}


def examples(rows: list[dict[str, Any]], tested: dict[str, Any]) -> dict[str, list[str]]:
    """Up to two other items of each label."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["id"] != tested["id"] and row["text"] != tested["text"] and len(found[row["label"]]) < EXAMPLES:
            found[row["label"]].append(row["text"])
    return dict(found)


def ask(reader: Reader, text: str, labels: Mapping[str, str], shown: Mapping[str, list[str]]) -> str:
    """The label, or "" where the reader refuses to guess."""
    offered = labels_shown(labels, shown)
    try:
        return str(offered[reader.ask(Document.text(text), list(offered), prompt=PROMPT).value])
    except GeminiError:
        return ""


def right(name: str, read: str, label: str) -> bool:
    if name == "moderation":
        return bool(read) and (read == CLEAN) is (label == CLEAN)
    return read == label


def keyword(text: str, labels: Mapping[str, str], commonest: str) -> str:
    """The label most of whose name's words stand in the text."""
    said = set(re.findall(r"[a-z0-9]+", text.lower()))
    best, share = commonest, 0.0
    for label in labels:
        words = re.findall(r"[a-z0-9]+", label.lower())
        found = sum(word in said for word in words) / len(words)
        if found > share:
            best, share = label, found
    return best


if __name__ == "__main__":
    benchmark(measure)
