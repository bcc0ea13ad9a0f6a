"""The same flow on more machines: a Dask cluster of two workers, one ledger, one budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from prefect import flow

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.tasks import Outcome, aeach, aextract
from prefect_gemini.testing import json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def answer(payload: dict) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": int(payload["contents"][0]["parts"][-1]["text"].split()[-1])})


@pytest.fixture(params=["dask", "ray"])
def runner(request) -> Any:
    """A task runner with a local cluster of two workers, where its extra is installed."""
    if request.param == "dask":
        dask = pytest.importorskip("prefect_dask")
        return dask.DaskTaskRunner(
            cluster_kwargs={"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        )
    ray = pytest.importorskip("prefect_ray")
    return ray.RayTaskRunner(init_kwargs={"num_cpus": 2, "include_dashboard": False})


async def test_shards_run_on_two_workers_and_nothing_is_paid_twice(gemini, runner, postgres, monkeypatch, tmp_path):
    """Outcomes keep their order, the ledger in PostgreSQL is shared, and the budget holds for all workers together."""
    gemini.script([answer], times=None)
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", postgres)
    credentials = GeminiCredentials(service="local", base_url=gemini.base_url)
    model = GeminiModel(model="flash", credentials=credentials)
    documents = [Document.text(f"document {number}", name=f"d{number}") for number in range(12)]

    @flow(task_runner=runner)
    async def run() -> tuple[list[Outcome[Any]], list[Outcome[Any]], list[Outcome[Any]]]:
        first = await aeach(aextract, [*documents, tmp_path / "no.pdf"], schema=SCHEMA, model=model, shard_size=3)
        again = await aeach(aextract, documents, schema=SCHEMA, model=model, shard_size=3)
        tight = model.model_copy(update={"budget": Budget(per_run=Decimal("0.0001"))})
        more = [Document.text(f"document {number}") for number in range(100, 104)]
        return first, again, await aeach(aextract, more, schema=SCHEMA, model=tight, shard_size=1)

    first, again, refused = await run()
    assert [outcome.value["n"] for outcome in first[:12]] == list(range(12))
    assert first[12].failure.kind == "DocumentNotFound"
    assert all(outcome.reply.from_ledger for outcome in again)
    assert len(gemini.journal.generate_calls) == 12
    assert {outcome.failure.kind for outcome in refused} == {"BudgetExceeded"}
