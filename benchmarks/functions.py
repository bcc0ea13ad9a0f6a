"""Function choice and arguments on BFCL: is the right function called, with what was said, and nothing otherwise?

`choice`: the function (in the parallel categories: all of them, as often as wanted) is the right one. `exact`: a
whole call with accepted arguments (simple, multiple, live_simple). `parallel_exact`: all calls of a parallel prompt.
`abstain`: no call where none fits (irrelevance). `call_when_relevant`: a call where one fits, arguments not looked
at. `invented`: argument values that stand neither in the prompt nor in the declaration, over all calls. Strings are
compared as BFCL does: without case, blanks and punctuation.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._fields import Reader
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.gemini.reply import FunctionCall
from prefect_gemini.gemini.request import Request, Tool

TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
SINGLE = ("simple_python", "multiple", "live_simple")
PARALLEL = ("parallel", "parallel_multiple")
NONE = ("irrelevance", "live_irrelevance")
RELEVANT = ("live_relevance",)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Every item of the set."""
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        raise SystemExit(f"there is no .jsonl in {folder}; name the folder of data sets with --data")
    return [json.loads(line) for path in found for line in path.read_text().splitlines() if line.strip()]


def declared(function: dict[str, Any]) -> Tool:
    """A BFCL function as a tool; dots in names are allowed by both."""
    return Tool(function["name"], function.get("description", ""), _schema(function["parameters"]))


def _schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    changed = {key: value for key, value in schema.items() if key not in ("optional",)}
    if isinstance(changed.get("type"), str):
        changed["type"] = TYPES.get(changed["type"], changed["type"])
    if isinstance(changed.get("properties"), dict):
        changed["properties"] = {key: _schema(value) for key, value in changed["properties"].items()}
    if "items" in changed:
        changed["items"] = _schema(changed["items"])
    return changed


def measure(arguments: Arguments) -> Result:
    reader = Reader()
    told: dict[str, list[bool]] = defaultdict(list)
    cases, invented = [], 0
    items = rows(arguments.data / "function_calling_bfcl")
    for row in arguments.take(items, label=lambda item: str(item["id"])):
        tools = tuple(declared(one) for one in row["functions"])
        prompt = "\n".join(turn["content"] for turns in row["messages"] for turn in turns if turn["role"] == "user")
        calls, error = ask(reader, prompt, tools)
        right = judged(row, calls)
        for name, hit in right.items():
            told[name].append(hit)
            told[f"{row['category']}_{name}"].append(hit)
        strange = [value for call in calls for value in foreign(call.args, prompt, tools)]
        invented += len(strange)
        cases.append(
            {
                "id": row["id"],
                "category": row["category"],
                "prompt": prompt,
                "calls": [{one.name: one.args} for one in calls],
                "truth": row["ground_truth"],
                "invented": strange,
                "error": error,
                **right,
            }
        )
    order = ("choice", "exact", "parallel_exact", "abstain", "call_when_relevant")
    names = sorted(told, key=lambda name: (order.index(name) if name in order else len(order), name))
    figures: dict[str, float | int] = {name: sum(told[name]) / len(told[name]) for name in names}
    return Result(figures | {"invented": invented, "items": len(cases)}, cases, backend=reader.backend.label)


def ask(reader: Reader, prompt: str, tools: tuple[Tool, ...]) -> tuple[tuple[FunctionCall, ...], str]:
    """The calls, or none and the refusal that says why."""
    try:
        reply = reader.reply_to(Request(model="flash", contents=(prompt,), tools=tools))
    except GeminiError as error:
        return (), f"{type(error).__name__}: {error.message}"
    return reply.function_calls, ""


def judged(row: dict[str, Any], calls: tuple[FunctionCall, ...]) -> dict[str, bool]:
    """Which of the figures this item counts in, and whether it was right."""
    if row["category"] in NONE:
        return {"abstain": not calls}
    if row["category"] in RELEVANT:
        return {"call_when_relevant": bool(calls)}
    wanted = row["ground_truth"]
    names = sorted(next(iter(one)) for one in wanted)
    choice = sorted(one.name for one in calls) == names
    exact = choice and _matched(list(calls), list(wanted))
    return {"choice": choice, "exact" if row["category"] in SINGLE else "parallel_exact": exact}


def _matched(calls: list[FunctionCall], wanted: list[dict[str, Any]]) -> bool:
    """Whether each call satisfies one of the wanted ones; their order does not matter."""
    if not wanted:
        return not calls
    for call in calls:
        (name, accepted), *_ = wanted[0].items()
        if call.name == name and _accepted(call.args, accepted):
            return _matched([one for one in calls if one is not call], wanted[1:])
    return False


def _accepted(args: dict[str, Any], accepted: dict[str, list[Any]]) -> bool:
    if set(args) - set(accepted):
        return False
    for name, values in accepted.items():
        if name not in args:
            if "" not in values:
                return False
        elif not any(same(args[name], value) for value in values):
            return False
    return True


def same(value: Any, wanted: Any) -> bool:
    """Whether a value is the one wanted, as BFCL compares; a wanted dict lists accepted values by key."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        return _accepted(value, {key: one if isinstance(one, list) else [one] for key, one in wanted.items()})
    if isinstance(wanted, list) and isinstance(value, list):
        return len(value) == len(wanted) and all(map(same, value, wanted))
    if isinstance(wanted, str) and isinstance(value, str):
        return standard(value) == standard(wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    return bool(value == wanted)


def standard(text: str) -> str:
    """A string as BFCL's checker standardizes it."""
    return re.sub(r"[ ,./\-_*^]", "", text).lower().replace("'", '"')


def foreign(value: Any, prompt: str, tools: tuple[Tool, ...]) -> Iterator[Any]:
    """Values of a call that stand neither in the prompt nor in the declaration."""
    if isinstance(value, dict):
        for one in value.values():
            yield from foreign(one, prompt, tools)
    elif isinstance(value, list):
        for one in value:
            yield from foreign(one, prompt, tools)
    elif isinstance(value, str):
        said = standard(prompt) + standard(json.dumps([[one.description, one.parameters] for one in tools]))
        # A date that is written the ISO way is the date that was said.
        dated = re.match(r"(\d{4})-\d\d-(\d\d)(?:T[\d:]+Z?)?$", value)
        if dated and dated[1] in prompt and re.search(rf"\b0?{int(dated[2])}\D", prompt):
            return
        if not set(re.findall(r"\w+", value.lower())) <= set(re.findall(r"\w+", prompt.lower())) and (
            standard(value) not in said
        ):
            yield value
    elif isinstance(value, int | float) and not isinstance(value, bool) and not _said(value, prompt):
        yield value


WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def _said(number: float, prompt: str) -> bool:
    printed = {float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", prompt) if one.strip(",")}
    printed |= {float(place) for place, word in enumerate(WORDS) if re.search(rf"\b{word}\b", prompt, re.IGNORECASE)}
    return any(abs(abs(number) * scale - one) < 1e-9 * max(1.0, one) for one in printed for scale in (1, 100))


if __name__ == "__main__":
    benchmark(measure)
