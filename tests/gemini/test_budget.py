"""Budgets stop a run before the call that would break them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.errors import BudgetExceeded
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall

CENT = Decimal("0.01")


@pytest.fixture(params=["file", "tally"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file, and the one in memory that budgets use without a file."""
    if request.param == "tally":
        yield Ledger.tally()
        return
    opened = Ledger.open(tmp_path / "ledger.db")
    yield opened
    opened.close()


@pytest.fixture
def identity() -> str:
    return f"tenant-{uuid4().hex}"


async def spend(
    ledger: Ledger,
    identity: str,
    budget: Budget,
    *,
    run: str | None = None,
    estimate: Decimal | None = CENT,
    actual: Decimal | None = None,
    takes_s: float = 0.0,
) -> None:
    """Make one call of a cent."""
    fingerprint = uuid4().hex
    async with ledger.claim(fingerprint, identity, run=run, budget=budget) as claim:
        await claim.hold(estimate)
        await asyncio.sleep(takes_s)
        await claim.record(
            PaidCall(
                fingerprint=fingerprint,
                identity=identity,
                backend="local",
                model="m",
                cost=estimate if actual is None else actual,
            )
        )


async def cut_off(ledger: Ledger, identity: str, budget: Budget) -> None:
    """Set a cent aside, and fail before spending it."""
    async with ledger.claim(uuid4().hex, identity, run="run", budget=budget) as claim:
        await claim.hold(CENT)
        raise OSError("cut")


@pytest.mark.parametrize(
    ("budget", "scope"),
    [(Budget(per_run=0.05), "run"), (Budget(per_day=0.05), "day"), (Budget(per_run=0.05, per_day=9), "run")],
)
async def test_tasks_at_once_spend_the_budget_and_not_a_cent_more(
    ledger: Ledger, identity: str, budget: Budget, scope: str
) -> None:
    """Of twenty calls of a cent, five fit into five cents; the others are never made."""
    outcomes = await asyncio.gather(
        *(spend(ledger, identity, budget, run="run", takes_s=0.01) for _ in range(20)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
    assert outcomes.count(None) == 5
    assert len(refused) == 15
    assert refused[0].scope == scope
    assert refused[0].spent == Decimal("0.05")
    assert "not made" in str(refused[0])


async def test_one_call_may_not_cost_more_than_its_limit(ledger: Ledger, identity: str) -> None:
    """`per_call` looks at the estimate."""
    with pytest.raises(BudgetExceeded) as caught:
        await spend(ledger, identity, Budget(per_call=0.005))
    assert (caught.value.scope, caught.value.wanted) == ("call", CENT)


async def test_runs_and_tenants_have_budgets_of_their_own(ledger: Ledger, identity: str) -> None:
    """One run's money is not another's, nor one account's another's."""
    budget = Budget(per_run=0.01)
    await spend(ledger, identity, budget, run="one")
    await spend(ledger, identity, budget, run="two")
    await spend(ledger, f"{identity}-b", budget, run="one")
    with pytest.raises(BudgetExceeded):
        await spend(ledger, identity, budget, run="one")


async def test_an_overestimate_only_waits(ledger: Ledger, identity: str) -> None:
    """Money set aside by calls under way is not spent: the next call waits for it, and is made."""
    budget = Budget(per_run=0.01)
    calls = [
        spend(ledger, identity, budget, run="run", estimate=CENT / 2, actual=CENT / 10, takes_s=0.02) for _ in range(5)
    ]
    assert await asyncio.gather(*calls, return_exceptions=True) == [None] * 5


async def test_a_failed_call_gives_its_money_back(ledger: Ledger, identity: str) -> None:
    """What was set aside and not spent is free again."""
    budget = Budget(per_run=0.01)
    with pytest.raises(OSError, match="cut"):
        await cut_off(ledger, identity, budget)
    await spend(ledger, identity, budget, run="run")


async def test_a_call_without_a_known_price_is_not_stopped(ledger: Ledger, identity: str) -> None:
    """A tuned model's price is unknown; its note says that no budget counts it."""
    await spend(ledger, identity, Budget(per_run=0.01), run="run", estimate=None)


WORKER = """
import asyncio, sys
from decimal import Decimal
from uuid import uuid4
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.errors import BudgetExceeded
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall

async def one(ledger):
    name = uuid4().hex
    async with ledger.claim(name, "me", run="run", budget=Budget(per_run=0.30)) as claim:
        await claim.hold(Decimal("0.01"))
        await claim.record(PaidCall(fingerprint=name, identity="me", backend="local", model="m", cost=Decimal("0.01")))

async def main():
    ledger = Ledger.open(sys.argv[1])
    done = await asyncio.gather(*(one(ledger) for _ in range(20)), return_exceptions=True)
    print(sum(outcome is None for outcome in done), sum(isinstance(outcome, BudgetExceeded) for outcome in done))
    ledger.close()

asyncio.run(main())
"""


def test_processes_share_a_budget(tmp_path: Path) -> None:
    """Two processes of twenty calls each spend thirty cents together, exactly."""
    command = [sys.executable, "-c", WORKER, f"sqlite:///{tmp_path / 'ledger.db'}"]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = [tuple(map(int, worker.communicate(timeout=60)[0].split())) for worker in workers]
    assert (sum(made for made, _ in counts), sum(refused for _, refused in counts)) == (30, 10)


@pytest.mark.parametrize("fields", [{"per_run": 0}, {"per_day": -1}, {"per_week": 1}, {"per_call": float("nan")}])
def test_a_budget_that_makes_no_sense_is_refused(fields: dict[str, float]) -> None:
    """Nothing, less than nothing, and misspelt limits are errors."""
    with pytest.raises(ValidationError):
        Budget(**fields)
