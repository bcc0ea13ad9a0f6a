"""The data set of a tuning job: read, checked line by line, and counted."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.messages import TABLE
from prefect_gemini.local.wire.protocol.proto import read
from prefect_gemini.local.wire.resources.batch_rows import read_lines

Example = dict[str, Any]
# Limits of the public pages on preparing tuning data, 2026.
LONGEST_EXAMPLE = 131_072
MOST_VALIDATION_EXAMPLES = 5_000


def read_examples(blob: bytes, *, kind: str, uri: str) -> list[Example]:
    """The examples of a data set.

    Args:
        blob: JSONL.
        kind: "supervised", "preference" or "distillation".
        uri: where it lies, for the words of a refusal.

    Raises:
        GoogleError: 400 naming the first lines that are no example, and why.
    """
    problems, examples = [], []
    for number, row in enumerate(read_lines(blob), 1):
        try:
            example = read(row, "TuningExample", table=TABLE, surface="vertex")
            _CHECKS[kind](example)
            if (size := _size(example)) > LONGEST_EXAMPLE:
                raise invalid(f"the example has {size} tokens, the limit is {LONGEST_EXAMPLE}")
            examples.append(example)
        except GoogleError as error:
            problems.append(f"line {number}: {error.message}")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise invalid(f"Dataset {uri} is not valid for tuning: {'; '.join(problems[:5])}{more}.")
    return examples


def check_validation(examples: list[Example], training: list[Example]) -> None:
    """A validation set must be small enough.

    Raises:
        GoogleError: 400 INVALID_ARGUMENT.
    """
    most = MOST_VALIDATION_EXAMPLES
    if len(examples) > most:
        raise invalid(f"The validation dataset has {len(examples)} examples; at most {most} are allowed.")
    if len(examples) > 1_000 and len(examples) > 0.3 * len(training):
        raise invalid("The validation dataset has more than 1,000 examples and more than 30% of the training dataset.")


def data_stats(examples: list[Example], *, kind: str, epochs: int) -> dict[str, Any]:
    """`tuningDataStats` of a job."""
    inputs = [_count([turn for turn in one["contents"] if turn.get("role") != "model"]) for one in examples]
    outputs = [_count([turn for turn in _turns(one) if turn.get("role") == "model"]) for one in examples]
    letters = sum(len(part.get("text", "")) for one in examples for turn in _turns(one) for part in turn["parts"])
    billed = sum(_size(one) for one in examples)
    stats = {
        "tuningDatasetExampleCount": str(len(examples)),
        "totalTuningCharacterCount": str(letters),
        "totalBillableTokenCount": str(billed),
        "tuningStepCount": str(steps(len(examples), epochs)),
        "userInputTokenDistribution": _distribution(inputs),
        "userOutputTokenDistribution": _distribution(outputs),
        "userMessagePerExampleDistribution": _distribution([len(one["contents"]) for one in examples]),
        "userDatasetExamples": [{"role": turn["role"], "parts": turn["parts"]} for turn in examples[0]["contents"]],
    }
    match kind:
        case "preference":
            counted = ("tuningDatasetExampleCount", "totalBillableTokenCount", "tuningStepCount")
            return {"preferenceOptimizationDataStats": {key: stats[key] for key in counted}}
        case "distillation":
            counted = ("tuningDatasetExampleCount", "userInputTokenDistribution", "userDatasetExamples")
            return {"distillationDataStats": {"trainingDatasetStats": {key: stats[key] for key in counted}}}
    return {"supervisedTuningDataStats": stats}


def steps(examples: int, epochs: int) -> int:
    """Steps of a training in batches of at most 16."""
    return max(1, -(-examples // min(16, max(1, examples))) * epochs)


def _supervised(example: Example) -> None:
    _turns_alternate(example)
    if example["contents"][-1].get("role") != "model":
        raise invalid("the last turn must be the model's")


def _preference(example: Example) -> None:
    _turns_alternate(example)
    if example["contents"][-1].get("role") != "user":
        raise invalid("contents must end with the user's turn")
    scores = sorted(one.get("score", 0.0) for one in example.get("completions", []))
    if scores != [0.0, 1.0]:
        raise invalid("completions must be one with score 1 and one with score 0")
    for one in example["completions"]:
        if not any("text" in part for part in one.get("completion", {}).get("parts", [])):
            raise invalid("a completion must have text")


def _distillation(example: Example) -> None:
    _turns_alternate(example)


_CHECKS: dict[str, Callable[[Example], None]] = {
    "supervised": _supervised,
    "preference": _preference,
    "distillation": _distillation,
}


def _turns_alternate(example: Example) -> None:
    turns = example.get("contents", [])
    if not turns:
        raise invalid("contents is missing")
    if turns[0].get("role") != "user":
        raise invalid("the first turn must be the user's")
    for before, after in pairwise(turns):
        if after.get("role") not in ("user", "model", "function") or before.get("role") == after.get("role"):
            raise invalid("user and model must take turns")
    for turn in turns:
        if not turn.get("parts") or any(not part.get("text", "x") for part in turn["parts"]):
            raise invalid("a turn must have parts, and no text may be empty")


def _turns(example: Example) -> list[dict[str, Any]]:
    chosen = [one["completion"] | {"role": "model"} for one in example.get("completions", [])]
    return [*example["contents"], *chosen]


def _count(turns: list[dict[str, Any]]) -> int:
    return tokens.total(tokens.count_contents(turns, generation=3))


def _size(example: Example) -> int:
    system = example.get("systemInstruction")
    return _count([*_turns(example), *([system] if system else [])])


def _distribution(values: list[int]) -> dict[str, Any]:
    cuts = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else [values[0]] * 19
    return {
        "sum": str(sum(values)),
        "min": min(values),
        "max": max(values),
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "p5": cuts[0],
        "p95": cuts[-1],
    }
