"""A context cache: made where it pays, shared, extended, rebuilt once, deleted whatever happens."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from typing import Any

import pytest
from prefect.transactions import atransaction, transaction

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.costs.report import cost_report, usual_output
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import BudgetExceeded
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.tasks import context_cache
from prefect_gemini.tasks.context_cache import acontext_cache
from prefect_gemini.testing import LocalGemini, text

LONG = Document.text("The parties agree as follows. " * 6000)
SHORT = Document.text("The parties agree.")


@pytest.fixture(autouse=True)
def _nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_cache, "_learnt", {})


def model_of(gemini: LocalGemini, name: str = "flash", **options: Any) -> GeminiModel:
    return GeminiModel(model=name, credentials=GeminiCredentials(service="local", base_url=gemini.base_url), **options)


async def ask_all(model: GeminiModel, *, document: Document = LONG, count: int = 6, **options: Any) -> Any:
    async with acontext_cache(document, model=model, questions=count, **options) as cache:
        replies = await asyncio.gather(*(cache.ask(f"Question {number}?") for number in range(count)))
    return cache, replies


def calls(gemini: LocalGemini, verb: str) -> list[Any]:
    """What was asked of caches: POST, PATCH, DELETE."""
    return [one for one in gemini.journal if "cachedContents" in one.path and one.method == verb]


async def test_one_cache_serves_all_questions_and_is_deleted(gemini):
    """Six questions fill one cache; none of them sends the document again; nothing is left behind."""
    gemini.script(text("yes"), times=None)
    cache, replies = await ask_all(model_of(gemini))
    assert len(calls(gemini, "POST")) == len(calls(gemini, "DELETE")) == 1
    asked = gemini.journal.generate_calls
    assert len(asked) == len(replies) == 6
    assert all("parties" not in str(one.body) and one.body["cachedContent"] for one in asked)
    assert all(reply.usage.cached > 30_000 for reply in replies)
    assert cache.bill.saved > 0


async def test_the_saving_is_what_the_bill_without_it_would_have_been(gemini):
    """Discount less filling less storage, at the model's own prices."""
    gemini.script(text("yes"), times=None)
    cache, replies = await ask_all(model_of(gemini))
    bill = cache.bill
    assert bill.cached == sum(reply.usage.cached for reply in replies)
    assert bill.tokens * 6 == bill.cached
    assert bill.discount > bill.filling > 0
    assert bill.storage >= 0
    assert bill.saved == bill.discount - bill.filling - bill.storage


async def test_the_service_says_what_is_too_little_and_is_asked_once(gemini):
    """The minimum is learnt from the refusal; the next run on as little does not try."""
    gemini.script(text("yes"), times=None)
    model = model_of(gemini)
    cache, _ = await ask_all(model, document=SHORT, policy="always")
    assert cache.bill.tokens == 0
    minimum = int(re.sub(r"\D", "", cache.bill.reason.split("tokens")[0]))
    assert minimum in (1024, 2048, 4096)
    again, _ = await ask_all(model, document=Document.text("Other parties agree."), count=40)
    assert len(calls(gemini, "POST")) == 1
    assert f"{minimum:,}" in again.bill.reason


@pytest.mark.parametrize(("count", "why"), [(1, "one question"), (6, "")])
async def test_a_cache_is_made_only_where_it_pays(gemini, count, why):
    """One question never fills a cache."""
    gemini.script(text("yes"), times=None)
    cache, _ = await ask_all(model_of(gemini), count=count)
    assert bool(cache.bill.tokens) is not bool(why)
    assert why in cache.bill.reason


async def test_a_model_that_caches_by_itself_gets_its_first_question_alone(gemini):
    """Gemini 4 has no explicit caches: the first question warms its own, the others follow."""
    gemini.script(text("yes"), times=None)
    cache, _ = await ask_all(model_of(gemini, "pro"))
    assert calls(gemini, "POST") == []
    assert "caches by itself" in cache.bill.reason
    first, second = gemini.journal.generate_calls[:2]
    assert first.ended <= second.started


async def test_what_the_ledger_knows_needs_no_cache(gemini):
    """The same questions again cost nothing: no cache is filled, and no call is made."""
    gemini.script(text("yes"), times=None)
    model = model_of(gemini)
    await ask_all(model)
    made = len(gemini.journal)
    cache, replies = await ask_all(model)
    assert all(reply.from_ledger for reply in replies)
    assert len(gemini.journal) == made
    assert cache.bill.questions == 0


async def test_an_expired_cache_is_made_anew_once(gemini):
    """A cache that vanished is filled a second time; when that vanishes too, questions go without."""
    gemini.script(text("yes"), times=None)
    async with acontext_cache(LONG, model=model_of(gemini), questions=8) as cache:
        await cache.ask("one")
        await lose(cache)
        await cache.ask("two")
        assert len(calls(gemini, "POST")) == 2
        await lose(cache)
        await cache.ask("three")
    assert len(calls(gemini, "POST")) == 2
    assert "cachedContent" not in gemini.journal.generate_calls[-1].body


async def lose(cache: Any) -> None:
    """Delete the cache behind the back of whoever uses it."""
    from prefect_gemini.gemini.calls.caches import delete_cache

    await delete_cache(cache.client, cache.cache.name)


async def test_it_is_deleted_when_the_work_fails(gemini):
    """An exception inside ends the cache as well."""
    gemini.script(text("yes"), times=None)

    async def work() -> None:
        async with acontext_cache(LONG, model=model_of(gemini), questions=8, keep_s=3600) as cache:
            await cache.ask("one")
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        await work()
    assert len(calls(gemini, "DELETE")) == 1


async def test_it_is_deleted_when_the_run_is_cancelled(gemini):
    """Cancelling does not leave something that is paid by the hour."""
    gemini.script(text("yes"), times=None)

    asked = asyncio.Event()

    async def work() -> None:
        async with acontext_cache(LONG, model=model_of(gemini), questions=8) as cache:
            await cache.ask("one")
            asked.set()
            await asyncio.sleep(60)

    running = asyncio.create_task(work())
    await asked.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(calls(gemini, "DELETE")) == 1


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_rolled_back_transaction_deletes_a_kept_cache(gemini, kind):
    """A cache kept for other runs goes when the transaction that made it is rolled back."""
    gemini.script(text("yes"), times=None)

    async def work() -> None:
        await ask_all(model_of(gemini), keep_s=3600)
        assert calls(gemini, "DELETE") == []
        raise RuntimeError("undo")

    async def run() -> None:
        if kind == "async":
            async with atransaction():
                await work()
        else:
            with transaction():
                await work()

    with pytest.raises(RuntimeError, match="undo"):
        await run()
    assert len(calls(gemini, "DELETE")) == 1


async def test_a_kept_cache_serves_the_next_run_on_the_same_bytes(gemini):
    """Kept on purpose, it is found again and not filled a second time."""
    gemini.script(text("yes"), times=None)
    model = model_of(gemini)
    await ask_all(model, keep_s=3600)
    async with acontext_cache(LONG, model=model, questions=8) as cache:
        await cache.ask("something new")
    assert len(calls(gemini, "POST")) == 1
    assert "shared" in cache.bill.reason
    assert cache.bill.filling == 0
    assert not calls(gemini, "DELETE")  # it was kept for an hour, and not by the run that found it


async def test_filling_and_keeping_are_in_the_ledger_and_count_as_spent(gemini, monkeypatch, tmp_path):
    """What the ledger says was spent is the questions and the cache; no row of the cache is taken for an answer."""
    gemini.script(text("yes"), times=None)
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{tmp_path / 'l.db'}")
    cache, replies = await ask_all(model_of(gemini))
    bill = cache.bill
    (line,) = cost_report(Ledger.open(tmp_path / "l.db"), by="day")
    assert bill.filling > bill.storage > 0
    assert abs(line.usd - sum(reply.cost for reply in replies) - bill.filling - bill.storage) < Decimal("1e-9")
    assert (line.calls, line.wasted) == (6 + 2, 0)
    assert usual_output(Ledger.open(tmp_path / "l.db"), replies[0].model)[1] == 6


async def test_a_cache_that_would_break_the_budget_is_not_filled(gemini):
    """The questions are asked without it, each held against the budget by itself."""
    gemini.script(text("yes"), times=None)
    model = model_of(gemini, budget=Budget(per_call=0.03))
    async with acontext_cache(LONG, model=model, questions=60) as cache:
        with pytest.raises(BudgetExceeded):
            await cache.ask("What?")
    assert not calls(gemini, "POST")
    assert "budget" in cache.bill.reason
