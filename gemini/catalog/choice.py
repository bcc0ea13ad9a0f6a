"""Which model for which work: the decision framework of the 1.5 generation, kept for every later one.

Flash-Lite (then Flash-8B) for simple work in volume, Flash for most production work, Pro where reasoning
or quality decides or the prompt is too long for Flash. The shares below are how much of Pro's quality
Flash was said to reach a task, in William Spurlock's article on Gemini 1.5 of 24 September 2024; nobody
has measured them for today's models, so they order the choice and promise nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.resolve import FAMILIES, all_models, resolve
from prefect_gemini.gemini.costs.prices import Tokens, cost_of
from prefect_gemini.gemini.errors import BudgetExceeded, InvalidOption

__all__ = ["FLASH_SHARE", "Choice", "Task", "choose_model", "line_up"]

Task = Literal[
    "classification",
    "extraction",
    "question_answering",
    "summarization",
    "generation",
    "code",
    "reasoning",
    "multi_hop",
]
Latency = Literal["realtime", "interactive", "batch"]
Quality = Literal["modest", "balanced", "best"]

FLASH_SHARE: Mapping[str, tuple[int, int]] = {
    "extraction": (95, 98),
    "classification": (92, 96),
    "summarization": (90, 95),
    "question_answering": (90, 95),
    "generation": (85, 90),
    "code": (80, 85),
    "reasoning": (75, 80),
    "multi_hop": (70, 75),
}
"""Per cent of Pro's quality that Flash reaches. Questions and free text are not in the article's table:
they are given its summarization row and its overall 85 to 90 per cent."""

SIMPLE = frozenset({"classification", "extraction", "question_answering"})
HARD = frozenset({"reasoning", "multi_hop"})
ORDER = ("flash-lite", "flash", "pro")


@dataclass(frozen=True, slots=True)
class Choice:
    """A model chosen, and why.

    Attributes:
        model: The model.
        tier: The service tier that goes with the latency: "standard" or "batch".
        cost: USD a call at list price, None where no price is known.
        reasons: Why this one, one sentence each.
        passed_over: Why not each of the others, by id.
    """

    model: ModelInfo
    tier: Literal["standard", "batch"]
    cost: Decimal | None
    reasons: tuple[str, ...]
    passed_over: Mapping[str, str]


def line_up(day: date) -> dict[str, ModelInfo]:
    """List the stable model of each family on a day.

    Args:
        day: Today gives `catalog.FAMILIES`; an earlier day the newest one released and not yet retired.
    """
    if day >= resolve(FAMILIES["pro"], warn=False, on=day).released_or(date.max):
        return {family: resolve(name, warn=False) for family, name in FAMILIES.items()}
    found: dict[str, ModelInfo] = {}
    for model in sorted(all_models(), key=lambda model: model.released_or(date.max)):
        if model.preview or model.released_or(date.max) > day:
            continue
        if model.lifecycle_on(day) != "retired":
            found[model.family] = model
    return {family: found[family] for family in ORDER if family in found}


def choose_model(
    task: Task,
    tokens: Tokens | int,
    *,
    latency: Latency = "interactive",
    budget: Decimal | float | None = None,
    quality: Quality = "balanced",
    on: date | None = None,
) -> Choice:
    """Choose a model.

    Args:
        task: What the model is to do.
        tokens: What a call takes; a bare number is its prompt.
        latency: "realtime" (somebody waits for every word), "interactive", or "batch" (within a day).
        budget: USD a call may cost.
        quality: "modest" (good enough), "balanced", or "best".
        on: The day to choose for; today if left out.

    Raises:
        InvalidOption: The task is unknown, or the prompt is longer than any model reads.
        BudgetExceeded: No model that could do it is cheap enough.
    """
    if task not in FLASH_SHARE:
        raise InvalidOption(f"There is no task {task!r}.", hint=f"Use one of {', '.join(sorted(FLASH_SHARE))}.")
    counts = Tokens(prompt=tokens) if isinstance(tokens, int) else tokens
    day = on or datetime.now(UTC).date()
    tier: Literal["standard", "batch"] = "batch" if latency == "batch" else "standard"
    models, passed = line_up(day), dict[str, str]()
    wanted, reasons = _wanted(task, latency, quality)
    fitting = [family for family in ORDER if family in models and _fits(models[family], counts, passed)]
    if not fitting:
        raise InvalidOption(
            f"No model reads {counts.prompt:,} tokens at once.",
            hint="Split the document, or summarise its parts first.",
        )
    for family in (family for family in _preference(wanted) if family in fitting):
        model = models[family]
        price = cost_of(model.id, counts, at=day, tier=tier).usd
        if budget is not None and (price is None or price > Decimal(str(budget))):
            passed[model.id] = (
                f"costs ${price:.6f} a call, over ${budget}" if price is not None else "its price is unknown"
            )
            continue
        if family != wanted:
            reasons.append(_instead(family, wanted, passed, models))
        for other in fitting:
            passed.setdefault(models[other].id, _why_not(other, family))
        passed.pop(model.id, None)
        return Choice(model, tier, price, tuple(reasons), passed)
    raise BudgetExceeded(
        f"No model does {task} on {counts.prompt:,} tokens for ${budget} a call.",
        scope="call",
        limit=budget,
        hint="Raise the budget, shorten the prompt, or use latency='batch' at half the price.",
    )


def _wanted(task: str, latency: str, quality: str) -> tuple[str, list[str]]:
    """Apply the framework: the family that suits the work, before limits and money are looked at."""
    low, high = FLASH_SHARE[task]
    if quality == "best":
        return "pro", ["The best quality is asked for."]
    if task in HARD and quality == "balanced" and latency != "realtime":
        return "pro", [f"On {task} Flash was said to reach {low} to {high} % of Pro."]
    if quality == "modest" and task in SIMPLE:
        return "flash-lite", [f"{task} is simple work, and good enough is good enough."]
    if latency == "realtime" and task in SIMPLE:
        return "flash-lite", [f"{task} is simple work, and somebody is waiting."]
    return "flash", [f"On {task} Flash was said to reach {low} to {high} % of Pro, at a fraction of its price."]


def _fits(model: ModelInfo, counts: Tokens, passed: dict[str, str]) -> bool:
    """Check a prompt (and answer, where they share it) against a model's window."""
    needed = counts.prompt + counts.tool + (counts.output if model.shared_window else 0)
    if needed <= model.window:
        return True
    passed[model.id] = f"reads {model.window:,} tokens at once, {needed:,} are needed"
    return False


def _preference(wanted: str) -> tuple[str, ...]:
    """Order the families: the one wanted, then stronger ones, then weaker ones."""
    place = ORDER.index(wanted)
    return (wanted, *ORDER[place + 1 :], *reversed(ORDER[:place]))


def _instead(family: str, wanted: str, passed: Mapping[str, str], models: Mapping[str, ModelInfo]) -> str:
    why = passed.get(models[wanted].id, "not available") if wanted in models else "not available on that day"
    return f"{wanted} would suit better: {why}."


def _why_not(family: str, chosen: str) -> str:
    return (
        "stronger and dearer than needed"
        if ORDER.index(family) > ORDER.index(chosen)
        else "cheaper, and weaker than the work needs"
    )
