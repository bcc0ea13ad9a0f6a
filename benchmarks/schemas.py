"""Schemas in the wild and the JSON Schema Test Suite: is each translated or refused by name, and each verdict right?

`schemas`, `handled`, `wrong` are over real schemas with instances: handled means translated for Gemini, or
refused with the keyword named; wrong counts instances whose verdict is not theirs. The suite's cases go
through the same validator: `suite_*` is its required part, `optional_*` the rest, formats asserted where the
suite says so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema_specifications import REGISTRY
from referencing.jsonschema import DRAFT202012

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.errors import InvalidOption, InvalidOutput
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.gemini.schemas.validation import problems, validator


def measure(arguments: Arguments) -> Result:
    cases: list[dict[str, Any]] = []
    rows = _lines(arguments.data / "jsonschemabench_300")
    handled = wrong = instances = translated = loosened = 0
    for row in arguments.take(rows, label=lambda row: str(row["id"])):
        case = _real(row)
        cases.append(case)
        handled += case["outcome"] != "failed"
        translated += case["outcome"] == "translated"
        loosened += bool(case["loosened"])
        instances += case["instances"]
        wrong += len(case["wrong"])
    verdicts = suite(arguments.data / "jsonschema_suite")
    cases += [case for case in verdicts if not case["right"]]
    required = [case for case in verdicts if not case["optional"]]
    optional = [case for case in verdicts if case["optional"]]
    for case in cases:
        if case.get("wrong") or case.get("outcome") == "failed" or case.get("optional") is False:
            print(json.dumps(case)[:300])
    return Result(
        {
            "schemas": len(rows[: arguments.limit]),
            "handled": handled,
            "wrong": wrong,
            "translated": translated,
            "loosened": loosened,
            "instances": instances,
            "suite_cases": len(required),
            "suite_wrong": sum(not case["right"] for case in required),
            "optional_cases": len(optional),
            "optional_wrong": sum(not case["right"] for case in optional),
        },
        cases,
        backend="none: schemas are translated and checked before any call",
    )


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text().splitlines()
        if line.strip()
    ]


def _real(row: dict[str, Any]) -> dict[str, Any]:
    case: dict[str, Any] = {"id": row["id"], "wrong": [], "loosened": 0, "instances": len(row["instances"])}
    try:
        output = Output.of(row["schema"])
        case |= {"outcome": "translated", "loosened": len(output.loosened)}
        for number, instance in enumerate(row["instances"]):
            try:
                # As an answer arrives: as text.
                output.check(json.loads(json.dumps(instance["data"])))
                accepted = True
            except InvalidOutput:
                accepted = False
            if accepted is not instance["valid"]:
                case["wrong"].append(number)
    except InvalidOption as refused:
        case |= {"outcome": "refused" if "`" in refused.message else "failed", "why": refused.message}
    except Exception as error:
        case |= {"outcome": "failed", "why": repr(error)}
    return case


def suite(folder: Path) -> list[dict[str, Any]]:
    """The verdict on every case of the JSON Schema Test Suite."""
    tests = folder / "tests" / "draft2020-12"
    remotes = REGISTRY.with_resources(
        (f"http://localhost:1234/{file.relative_to(folder / 'remotes')}", DRAFT202012.create_resource(content))
        for file in sorted((folder / "remotes").rglob("*.json"))
        if isinstance(content := json.loads(file.read_text()), (dict, bool))
    )
    out = []
    for file in sorted(tests.rglob("*.json")):
        name = str(file.relative_to(tests).with_suffix(""))
        for group in json.loads(file.read_text()):
            for test in group["tests"]:
                case = {"file": name, "group": group["description"], "test": test["description"]}
                try:
                    checker = validator(group["schema"], formats="format/" in name, remotes=remotes)
                    verdict: Any = not problems(checker, test["data"])
                except InvalidOption as refused:
                    verdict = refused.message
                except Exception as error:
                    verdict = repr(error)
                right = verdict is test["valid"]
                out.append(case | {"optional": name.startswith("optional"), "verdict": verdict, "right": right})
    return out


if __name__ == "__main__":
    benchmark(measure)
