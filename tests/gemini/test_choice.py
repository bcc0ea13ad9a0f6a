"""Which model for which work."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prefect_gemini.gemini.catalog.choice import choose_model, line_up
from prefect_gemini.gemini.costs.prices import Tokens
from prefect_gemini.gemini.errors import BudgetExceeded, InvalidOption

THEN, TODAY = date(2024, 9, 24), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "models"),
    [
        (THEN, ["gemini-1.5-flash-8b", "gemini-1.5-flash-002", "gemini-1.5-pro-002"]),
        (TODAY, ["gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-4-argon"]),
        (date(2026, 1, 10), ["gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro"]),
    ],
)
def test_the_line_up_of_a_day(day: date, models: list[str]) -> None:
    """Each family has one model a day."""
    assert [model.id for model in line_up(day).values()] == models


@pytest.mark.parametrize(
    ("task", "tokens", "options", "then", "today"),
    [
        ("classification", 500, {"quality": "modest"}, "gemini-1.5-flash-8b", "gemini-3.5-flash-lite"),
        ("extraction", 2_000, {"latency": "realtime"}, "gemini-1.5-flash-8b", "gemini-3.5-flash-lite"),
        ("extraction", 2_000, {}, "gemini-1.5-flash-002", "gemini-3.8-flash"),
        ("summarization", 300_000, {}, "gemini-1.5-flash-002", "gemini-3.8-flash"),
        ("summarization", 2_000, {"quality": "modest"}, "gemini-1.5-flash-002", "gemini-3.8-flash"),
        ("code", 5_000, {"quality": "best"}, "gemini-1.5-pro-002", "gemini-4-argon"),
        ("reasoning", 5_000, {}, "gemini-1.5-pro-002", "gemini-4-argon"),
        ("multi_hop", 5_000, {"latency": "realtime"}, "gemini-1.5-flash-002", "gemini-3.8-flash"),
    ],
)
def test_the_framework(task: Any, tokens: int, options: dict[str, Any], then: str, today: str) -> None:
    """The same rules choose the same family, two years apart."""
    assert choose_model(task, tokens, on=THEN, **options).model.id == then
    assert choose_model(task, tokens, on=TODAY, **options).model.id == today


def test_a_prompt_too_long_for_flash_goes_to_pro() -> None:
    """In 2024 only Pro read two million tokens; the choice says so."""
    choice = choose_model("extraction", 1_500_000, on=THEN)
    assert choice.model.id == "gemini-1.5-pro-002"
    assert "1,500,000" in choice.passed_over["gemini-1.5-flash-002"]


def test_a_prompt_too_long_for_all_is_refused() -> None:
    """No model of today reads that much at once."""
    with pytest.raises(InvalidOption, match="1,500,000"):
        choose_model("extraction", 1_500_000, on=TODAY)


def test_the_answer_counts_where_it_shares_the_window() -> None:
    """Gemini 4 reads and writes in one window."""
    tokens = Tokens(prompt=1_040_000, output=20_000)
    assert "gemini-4-argon" in choose_model("extraction", tokens, on=TODAY).passed_over
    with pytest.raises(BudgetExceeded):
        choose_model("reasoning", tokens, on=TODAY, budget=0.01)


def test_the_budget_steps_down_and_says_what_is_lost() -> None:
    """What suits better is named, with its price."""
    choice = choose_model("reasoning", Tokens(prompt=10_000, output=1_000), on=TODAY, budget=0.02)
    assert choice.model.id == "gemini-3.8-flash"
    assert choice.cost is not None
    assert choice.cost <= Decimal("0.02")
    assert any("pro would suit better" in reason for reason in choice.reasons)


def test_work_that_can_wait_goes_by_batch_at_half_the_price() -> None:
    """Latency chooses the tier."""
    later, now = (choose_model("extraction", 10_000, on=TODAY, latency=latency) for latency in ("batch", "interactive"))
    assert later.tier == "batch"
    assert later.cost is not None
    assert now.cost == 2 * later.cost


def test_an_unknown_task_is_refused() -> None:
    """The tasks are listed in the error."""
    with pytest.raises(InvalidOption) as caught:
        choose_model("poetry", 10)  # type: ignore[arg-type]
    assert "summarization" in caught.value.hint
