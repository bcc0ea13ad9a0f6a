"""each: one outcome per document, in order, whatever happens."""

from __future__ import annotations

from decimal import Decimal

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import UnknownModel
from prefect_gemini.tasks import Outcome, aeach, aextract, each, node
from prefect_gemini.tasks.bulk.progress import Progress, watching
from prefect_gemini.testing import error, json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def answer(payload: dict) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": int(payload["contents"][0]["parts"][-1]["text"].split()[-1])})


def numbered(count: int) -> list[Document]:
    return [Document.text(f"document {number}") for number in range(count)]


async def test_outcomes_keep_the_order_of_the_documents(gemini, model):
    """Twenty documents over several shards come back in their places."""
    gemini.script([answer], times=None)

    @flow
    async def run() -> list[Outcome]:
        return await aeach(aextract, numbered(20), schema=SCHEMA, model=model, shard_size=6)

    outcomes = await run()
    assert [outcome.value["n"] for outcome in outcomes] == list(range(20))
    assert [outcome.index for outcome in outcomes] == list(range(20))


async def test_one_failure_does_not_keep_the_others_from_finishing(gemini, model, tmp_path):
    """A missing file and a refused call become outcomes with kind, message and hint."""
    gemini.script([error(403)], when=lambda call: "document 1" in str(call.body), times=None)
    gemini.script([answer], times=None)
    documents = [*numbered(3), str(tmp_path / "missing.pdf")]

    @flow
    async def run() -> list[Outcome]:
        return await aeach(aextract, documents, schema=SCHEMA, model=model)

    outcomes = await run()
    assert [outcome.ok for outcome in outcomes] == [True, False, True, False]
    assert [outcome.failure.kind for outcome in outcomes if outcome.failure] == ["PermissionDenied", "DocumentNotFound"]
    assert all(outcome.failure.hint for outcome in outcomes if outcome.failure)
    with pytest.raises(ValueError, match="failed"):
        _ = outcomes[1].value


@pytest.mark.parametrize("names", ["flahs", ["flash-lite", "flahs"]])
async def test_a_misspelt_model_is_one_error(gemini, names):
    """Not one a document, and before the first is read; the same for the last of a cascade."""
    with pytest.raises(UnknownModel, match="flash"):
        await aeach(aextract, numbered(3), schema=SCHEMA, model=names)
    assert not gemini.journal.generate_calls


async def test_what_was_paid_for_is_not_paid_for_again(gemini, model):
    """The same run again sends nothing; each reply says where it came from."""
    gemini.script([answer], times=None)

    @flow
    async def run() -> list[Outcome]:
        return await aeach(aextract, numbered(5), schema=SCHEMA, model=model)

    first, second = await run(), await run()
    assert len(gemini.journal.generate_calls) == 5
    assert [outcome.value for outcome in first] == [outcome.value for outcome in second]
    assert all(outcome.reply.from_ledger for outcome in second)


async def test_a_defect_is_told_apart_from_an_expected_failure(model):
    """An error of no type of ours does not stop the run, and says that it should be reported."""

    @node(category="reading")
    async def abroken(document: Document) -> int:
        """Divide by nothing."""
        return 1 // 0

    @flow
    async def run() -> list[Outcome]:
        return await aeach(abroken, numbered(1))

    (outcome,) = await run()
    assert outcome.failure.kind == "ZeroDivisionError"
    assert not outcome.failure.expected


def test_the_sync_twin_works_in_a_sync_flow(gemini, model):
    """A flow without `async` gets the same outcomes."""
    gemini.script([answer], times=None)

    @flow
    def run() -> list[Outcome]:
        return each(aextract, numbered(3), schema=SCHEMA, model=model)

    assert [outcome.value["n"] for outcome in run()] == [0, 1, 2]


@pytest.mark.parametrize(("trace", "runs"), [(False, 2), (True, 5)])
async def test_a_shard_is_one_task_run_and_a_trace_is_one_a_document(gemini, model, trace, runs):
    """Prefect records what it is asked to: five documents are two shards of at most three, or five runs."""
    gemini.script([answer], times=None)
    seen: dict[str, object] = {}

    @flow
    async def run() -> None:
        from prefect import runtime

        seen["run"] = runtime.flow_run.id
        await aeach(aextract, numbered(5), schema=SCHEMA, model=model, shard_size=3, trace=trace)

    await run()
    async with get_client() as client:
        artifacts = await client.read_artifacts()
    mine = [one for one in artifacts if str(one.flow_run_id) == seen["run"]]
    assert [one.type for one in mine] == ["progress"]
    assert mine[0].data == 100.0
    assert await task_runs(str(seen["run"]), expected=runs) == runs


async def test_too_many_traced_documents_are_refused():
    """A task run a document does not scale; the limit is said before anything starts."""
    with pytest.raises(ValueError, match="200 at most"):
        await aeach(aextract, ["x"] * 201, schema=SCHEMA, trace=True)


async def test_watchers_see_every_item(gemini, model):
    """A progress bar is fed after each document."""
    gemini.script([answer], times=None)
    counts: list[int] = []

    @flow
    async def run() -> None:
        await aeach(aextract, numbered(4), schema=SCHEMA, model=model)

    def watch(progress: Progress) -> None:
        counts.append(progress.finished)

    with watching(watch):
        await run()
    assert counts == [1, 2, 3, 4]


async def task_runs(flow_run_id: str, *, expected: int) -> int:
    """How many task runs the server has recorded, once it had time to write them."""
    import asyncio
    from uuid import UUID

    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    async with get_client() as client:
        for _ in range(600):
            found = await client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
            )
            if len(found) >= expected:
                break
            await asyncio.sleep(0.1)
    return len(found)


async def test_a_budget_of_the_run_stops_all_its_calls(gemini, model):
    """Calls that would break the run's budget are not made, and each document says so; the next run has its own."""
    gemini.script([answer], times=None)
    tight = model.model_copy(update={"budget": Budget(per_run=Decimal("0.0041"))})

    @flow
    async def run(first: int) -> list[Outcome]:
        documents = [Document.text(f"document {number}") for number in range(first, first + 8)]
        return await aeach(aextract, documents, schema=SCHEMA, model=tight, concurrency=1)

    outcomes = await run(0)
    kinds = [outcome.failure.kind if outcome.failure else "paid" for outcome in outcomes]
    assert set(kinds) == {"paid", "BudgetExceeded"}
    assert len(gemini.journal.generate_calls) == kinds.count("paid")
    assert (await run(100))[0].ok
