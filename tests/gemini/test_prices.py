"""What calls cost, on which day, in which tier."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prefect_gemini.gemini.costs.bill import bill
from prefect_gemini.gemini.costs.price_table import price_table
from prefect_gemini.gemini.costs.prices import Tokens, cost, cost_of, rates_of, storage_cost
from prefect_gemini.gemini.costs.september_2024 import article_sums, monthly, pipeline
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.reply import Usage

MILLION = 1_000_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "day", "tier", "usd_in", "usd_out", "cached"),
    [
        ("gemini-4-argon", "2026-11-30", "standard", "2", "10", "0.1"),
        ("gemini-4-argon", "2026-12-01", "standard", "4", "20", "0.2"),
        ("gemini-4-carbon", "2026-11-30", "standard", "2", "10", "0.1"),
        ("gemini-4-carbon", "2026-12-01", "standard", "4", "20", "0.2"),
        ("gemini-3.8-flash", "2026-12-31", "standard", "0.75", "3.75", "0.075"),
        ("gemini-3.8-flash", "2027-01-01", "standard", "1.5", "7.5", "0.15"),
        ("gemini-3.8-flash", "2026-11-24", "batch", "0.375", "1.875", "0.0375"),
        ("gemini-3.5-flash", "2026-11-24", "batch", "0.75", "4.5", "0.15"),
        ("gemini-3.5-flash", "2026-11-24", "flex", "0.75", "4.5", "0.15"),
        ("gemini-3.5-flash", "2026-11-24", "priority", "2.7", "16.2", "0.27"),
        ("gemini-3.5-flash-lite", "2026-11-24", "priority", "0.54", "4.5", "0.054"),
        ("gemini-1.5-flash-002", "2024-09-24", "standard", "0.075", "0.3", "0.01875"),
        ("gemini-1.5-flash-8b", "2024-09-24", "standard", "0.0375", "0.15", "0.01"),
        ("gemini-1.5-pro-002", "2024-10-06", "standard", "3.5", "10.5", "0.875"),
        ("gemini-1.5-pro-002", "2024-10-07", "standard", "1.25", "5", "0.3125"),
    ],
)
def test_rates_of_a_day(model: str, day: str, tier: str, usd_in: str, usd_out: str, cached: str) -> None:
    """Each model has the rates of its day and tier."""
    rates = rates_of(model, at=date.fromisoformat(day), tier=tier)
    assert rates is not None
    assert (rates.input, rates.output, rates.cached) == (Decimal(usd_in), Decimal(usd_out), Decimal(cached))


def test_the_day_is_utc() -> None:
    """A price changes at midnight UTC, wherever the caller is."""
    evening = datetime.fromisoformat("2026-11-30T23:30:00-05:00")
    assert cost("gemini-4-argon", Tokens(prompt=MILLION), at=evening) == 4


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(prompt=MILLION), "0.30"),
        (Usage(output=MILLION), "2.50"),
        (Usage(thoughts=MILLION), "2.50"),
        (Usage(tool=MILLION), "0.30"),
        (Usage(prompt=MILLION, cached=MILLION), "0.03"),
        (Usage(prompt=MILLION, cached=400_000), "0.192"),
        (Usage(prompt=MILLION, prompt_by={"AUDIO": MILLION}), "1.00"),
        (Usage(prompt=MILLION, prompt_by={"AUDIO": 500_000, "TEXT": 500_000}), "0.65"),
        (Usage(prompt=MILLION, cached=MILLION, prompt_by={"AUDIO": MILLION}, cached_by={"AUDIO": MILLION}), "0.10"),
    ],
)
def test_every_kind_of_token_has_its_price(usage: Usage, usd: str) -> None:
    """Thoughts are output, tool results input, cached and sound their own (Gemini 2.5 Flash)."""
    assert cost("gemini-2.5-flash", usage, at=NOW) == Decimal(usd)


@pytest.mark.parametrize(("prompt", "rate"), [(200_000, "1.25"), (200_001, "2.50")])
def test_a_long_prompt_pays_the_long_rate_for_every_token(prompt: int, rate: str) -> None:
    """The step is a cliff, not a slope."""
    assert cost("gemini-2.5-pro", Tokens(prompt=prompt), at=NOW) == prompt * Decimal(rate) / MILLION


def test_batch_halves_and_does_not_discount_cached_input_further() -> None:
    """The cache's discount takes precedence where no batch price for it is listed."""
    half = cost_of("gemini-2.5-pro", Tokens(prompt=100, output=100), at=NOW, tier="batch")
    full = cost_of("gemini-2.5-pro", Tokens(prompt=100, output=100), at=NOW)
    assert half.usd is not None
    assert full.usd == half.usd * 2
    assert cost("gemini-2.5-pro", Tokens(prompt=100, cached=100), at=NOW, batch=True) == Decimal("0.0000125")


def test_a_region_costs_more_where_google_says_so() -> None:
    """Three models cost ten per cent more away from the global endpoint; the others do not."""
    tokens = Tokens(prompt=MILLION)
    assert cost("gemini-3.5-flash", tokens, at=NOW, location="europe-west4") == Decimal("1.65")
    assert cost("gemini-3.8-flash", tokens, at=NOW, location="europe-west4") == Decimal("0.75")


def test_an_unknown_price_is_said_and_not_guessed() -> None:
    """None comes with a note, never alone."""
    unknown = cost_of("projects/p/locations/us/endpoints/1", Tokens(prompt=1), at=NOW)
    assert unknown.usd is None
    assert "No price is known" in (unknown.note or "")


def test_an_unknown_tier_is_refused() -> None:
    """A misspelt tier must not be priced as standard."""
    with pytest.raises(InvalidOption, match="flexx"):
        cost("flash", Tokens(prompt=1), at=NOW, tier="flexx")


def test_a_cache_is_paid_by_the_hour() -> None:
    """Storage is tokens times hours; Gemini 4 has no explicit cache to pay for."""
    assert storage_cost("gemini-2.5-pro", 2 * MILLION, hours=1.5) == Decimal("13.5")
    with pytest.raises(InvalidOption, match="gemini-4-argon"):
        storage_cost("pro", MILLION, hours=1)


def test_the_list_of_september_2024() -> None:
    """The list of that day has that day's models, and announces the cut of 7 October."""
    rows = {row.model.id: row for row in price_table(date(2024, 9, 24))}
    assert {"gemini-1.5-flash-002", "gemini-1.5-flash-8b", "gemini-1.5-pro-002"} <= set(rows)
    assert not any(name.startswith(("gemini-2", "gemini-3", "gemini-4")) for name in rows)
    pro = rows["gemini-1.5-pro-002"]
    assert pro.changes_on == date(2024, 10, 7)
    assert pro.then is not None
    assert pro.then.input == Decimal("1.25")


def test_todays_list_announces_the_ends_of_the_introductory_prices() -> None:
    """Prices that end within weeks say so."""
    changes = {row.model.id: row.changes_on for row in price_table(date(2026, 11, 24))}
    assert changes["gemini-4-argon"] == date(2026, 12, 1)
    assert changes["gemini-3.8-flash"] == date(2027, 1, 1)
    assert "gemini-1.5-flash-002" not in changes


def test_the_pipeline_of_a_million_documents() -> None:
    """$450 one by one and $225 in batch, on Flash-002."""
    day = date(2024, 9, 24)
    assert pipeline("gemini-1.5-flash-002", at=day).usd == 450
    assert pipeline("gemini-1.5-flash-002", at=day, tier="batch").usd == 225
    assert monthly("gemini-1.5-flash-002", at=day).usd == Decimal("11.25")
    assert monthly("gemini-1.5-pro-002", at=date(2024, 10, 7)).usd == Decimal("187.5")


def test_the_article_is_off_where_we_say_it_is() -> None:
    """Every figure that is off says why; the headline figures agree."""
    sums = article_sums()
    assert all(one.remark for one in sums if not one.agrees)
    assert {one.what for one in sums if not one.agrees} == {
        "1.5 Flash-002, million tokens from a cache",
        "1.5 Pro-002 to 6 October, million tokens from a cache",
        "1.5 Pro-002 from 7 October, million tokens from a cache",
        "1.5 Flash input, August",
        "1.5 Flash output, August",
        "Flash's share of Pro's price",
        "1.5 Pro-002 from 7 October",
        "GPT-4o mini, output",
        "GPT-4o mini, both",
        "Flash-001 before August, input",
        "Flash-001 before August, output",
        "Flash-001 before August, both",
    }


def test_a_bill_of_many_calls() -> None:
    """Each way of making the calls has its price; the first call fills the cache."""
    calls = [Tokens(prompt=10_000, output=1_000)] * 10
    offer = bill("gemini-2.5-flash", calls, shared_prefix=8_000, at=NOW)
    assert (offer.calls, offer.prompt, offer.output) == (10, 100_000, 10_000)
    assert offer.standard == Decimal("0.055")
    assert offer.batch == offer.flex == Decimal("0.0275")
    assert offer.cached == Decimal("0.055") - 9 * 8_000 * (Decimal("0.30") - Decimal("0.03")) / MILLION


def test_a_long_prompt_is_priced_apart_in_a_bill() -> None:
    """A hundred short prompts are not one long one."""
    short = bill("gemini-2.5-pro", [Tokens(prompt=150_000)] * 2, at=NOW)
    assert short.standard == 300_000 * Decimal("1.25") / MILLION
