"""Batch mode: the same outcomes, at half the price, whatever happens on the way."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from prefect import flow

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks import Batch, acall_functions, aeach, aextract, asummarize, node, tool
from prefect_gemini.tasks.bulk.batching import AUTO_FROM, batch_of
from prefect_gemini.tasks.collect_batch import acollect_batch
from prefect_gemini.tasks.submit_batch import asubmit_batch
from prefect_gemini.tasks.wait_for_batch import await_for_batch
from prefect_gemini.testing import error, finish, function_call, json_reply, text

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
QUICK = Batch(poll_seconds=0.05)


def answer(payload: dict) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": int(payload["contents"][0]["parts"][-1]["text"].split()[-1])})


def numbered(first: int, count: int) -> list[Document]:
    return [Document.text(f"document {number}", name=f"d{number}") for number in range(first, first + count)]


async def test_outcomes_are_the_same_as_one_by_one(gemini, model, tmp_path):
    """Values, order, evidence and failures are those of the interactive mode; only the price is half."""
    gemini.script([answer], times=None)
    (alone,) = await aeach(aextract, numbered(7, 1), schema=SCHEMA, model=model)
    documents = [*numbered(0, 5), tmp_path / "no.pdf"]
    outcomes = await aeach(aextract, documents, schema=SCHEMA, model=model, mode=QUICK)
    assert [outcome.value["n"] for outcome in outcomes[:5]] == [0, 1, 2, 3, 4]
    assert outcomes[5].failure.kind == "DocumentNotFound"
    assert outcomes[0].reply.cost == alone.reply.cost / 2
    assert not outcomes[0].reply.from_ledger
    assert len(outcomes[3].reply.evidence) == len(alone.reply.evidence)
    assert len(gemini.journal.generate_calls) == 1
    again = await aeach(aextract, documents, schema=SCHEMA, model=model, mode=QUICK)
    assert all(outcome.reply.from_ledger for outcome in again[:5])
    assert len(gemini.journal.of("batches.create")) == 1


async def test_failed_rows_are_outcomes_and_can_be_sent_again_alone(gemini, model):
    """An error, a cut answer and one beyond repair are typed failures; run again, only they are asked."""
    gemini.script([error(503)], when=lambda call: "document 1" in call.body.decode(), times=1)
    gemini.script([finish("MAX_TOKENS", "{")], when=lambda call: "document 2" in call.body.decode(), times=1)
    gemini.script([json_reply({"m": 1})], when=lambda call: "document 3" in call.body.decode(), times=2)
    gemini.script([answer], times=None)
    outcomes = await aeach(aextract, numbered(0, 5), schema=SCHEMA, model=model, mode=QUICK)
    kinds = [outcome.failure.kind if outcome.failure else "done" for outcome in outcomes]
    assert kinds == ["done", "ServerError", "Truncated", "InvalidOutput", "done"]
    again = await aeach(aextract, numbered(0, 5), schema=SCHEMA, model=model)
    assert [outcome.value["n"] for outcome in again] == [0, 1, 2, 3, 4]
    assert len(gemini.journal.generate_calls) == 3


async def test_a_node_that_asks_twice_takes_two_batches(gemini, model):
    """The second question is asked when the first answer is there."""
    gemini.script([text("42")], times=None)

    @node(category="reading")
    async def atwice(document: Document, *, model: Any) -> Reply[Any]:
        """Ask about the answer to the first question."""
        first = await asummarize.fn(document, model=model)
        return await asummarize.fn(Document.text(f"{first.value} of {document.content}"), model=model)

    outcomes = await aeach(atwice, numbered(0, 3), model=model, mode=QUICK)
    assert [outcome.value for outcome in outcomes] == ["42", "42", "42"]
    assert not gemini.journal.generate_calls
    assert len(list(gemini.wire.store.all("batches", at=gemini.clock.seconds()))) == 2


async def test_the_steps_can_be_taken_apart(gemini, model):
    """Submitted, waited for and collected one by one; `each` then pays for nothing."""
    gemini.script([answer], times=None)
    jobs = await asubmit_batch.fn(aextract, numbered(0, 3), schema=SCHEMA, model=model)
    assert [job.rows for job in jobs] == [3]
    (same,) = await asubmit_batch.fn(aextract, numbered(0, 3), schema=SCHEMA, model=model)
    assert same.reattached
    (report,) = await acollect_batch.fn(await await_for_batch.fn(jobs, model=model, poll_seconds=0.05), model=model)
    assert (report.done, report.cost > Decimal(0)) == (3, True)
    outcomes = await aeach(aextract, numbered(0, 3), schema=SCHEMA, model=model)
    assert all(outcome.reply.from_ledger for outcome in outcomes)
    assert await asubmit_batch.fn(aextract, numbered(0, 3), schema=SCHEMA, model=model) == []


async def test_a_document_on_its_way_in_another_job_is_waited_for(gemini, model):
    """A run with one document more, begun while the first batch is under way, pays for the new document only."""
    gemini.script([answer], times=None)
    gemini.wire.jobs.take_s = 1.0
    (first,) = await asubmit_batch.fn(aextract, numbered(40, 3), schema=SCHEMA, model=model)
    joined, rest = await asubmit_batch.fn(aextract, numbered(40, 4), schema=SCHEMA, model=model)
    assert (joined.name, rest.rows) == (first.name, 1)
    outcomes = await aeach(aextract, numbered(40, 5), schema=SCHEMA, model=model, mode=QUICK)
    assert [outcome.value["n"] for outcome in outcomes] == [40, 41, 42, 43, 44]
    made = list(gemini.wire.store.all("batches", at=gemini.clock.seconds()))
    assert len(made) == 3
    assert await asubmit_batch.fn(aextract, numbered(40, 5), schema=SCHEMA, model=model) == []


async def test_the_same_document_twice_is_one_row_also_across_full_jobs(gemini, model):
    """A document that comes again after its job is full is not asked in the next one as well."""
    gemini.script([answer], times=None)
    documents = [*numbered(50, 3), *numbered(50, 1)]
    jobs = await asubmit_batch.fn(aextract, documents, schema=SCHEMA, model=model, rows_per_job=2)
    assert [job.rows for job in jobs] == [2, 1]


async def test_a_run_that_cannot_be_suspended_waits(gemini, model):
    """A flow without a deployment, and a flow inside another, wait for their jobs as if nothing had been said."""
    gemini.script([answer], times=None)

    @flow
    async def inner(first: int) -> list[Any]:
        mode = Batch(suspend=True, poll_seconds=0.05)
        return [one.value for one in await aeach(aextract, numbered(first, 1), schema=SCHEMA, model=model, mode=mode)]

    @flow
    async def outer() -> list[Any]:
        return await inner(71)

    assert await inner(70) == [{"n": 70}]
    assert await outer() == [{"n": 71}]


def ends_as(gemini: Any, state: str, *, answered: int) -> None:
    """The newest job ends in this state, with the first of its answers only."""
    record = gemini.wire.store.all("batches", at=gemini.clock.seconds())[0]
    shown = record.shown | {"state": f"BATCH_STATE_{state}"}
    if "output" in shown:
        rows = shown["output"]["inlinedResponses"]["inlinedResponses"]
        shown |= {"output": {"inlinedResponses": {"inlinedResponses": rows[:answered]}}}
    gemini.wire.store.replace(replace(record, shown=shown))


def created(gemini: Any, count: int) -> None:
    """Wait for so many jobs."""
    while len(gemini.journal.of("batches.create")) < count:
        time.sleep(0.05)


@pytest.mark.parametrize("state", ["CANCELLED", "EXPIRED", "FAILED", "CANCELLING"])
async def test_after_a_job_that_came_to_nothing_a_rerun_just_works(gemini, model, state):
    """What the job of an earlier run had answered is kept; the rest is asked in a new job of the same run, once."""
    gemini.script([answer], times=None)
    (job,) = await asubmit_batch.fn(aextract, numbered(60, 3), schema=SCHEMA, model=model)
    await await_for_batch.fn([job], model=model, poll_seconds=0.05)
    ends_as(gemini, state, answered=2)
    running = asyncio.create_task(aeach(aextract, numbered(60, 3), schema=SCHEMA, model=model, mode=QUICK))
    if state == "CANCELLING":
        await asyncio.sleep(0.5)
        assert len(gemini.journal.of("batches.create")) == 1  # what it has answered may still come
        ends_as(gemini, "CANCELLED", answered=2)
    assert [outcome.value["n"] for outcome in await running] == [60, 61, 62]
    asked = [
        row["request"]["contents"][0]["parts"][-1]["text"]
        for entry in gemini.journal.of("batches.create")
        for row in entry.body["batch"]["inputConfig"]["requests"]["requests"]
    ]
    assert asked == ["document 60", "document 61", "document 62", "document 62"]
    assert not gemini.journal.generate_calls


async def test_what_comes_to_nothing_in_a_runs_own_job_is_an_outcome(gemini, model):
    """The job of an earlier run was cancelled, and then its own is too: the rows are failures, not asked for ever."""
    gemini.wire.jobs.take_s = 3600
    await asubmit_batch.fn(aextract, numbered(70, 2), schema=SCHEMA, model=model)
    ends_as(gemini, "CANCELLING", answered=0)
    running = asyncio.create_task(aeach(aextract, numbered(70, 2), schema=SCHEMA, model=model, mode=QUICK))
    for count in (1, 2):
        await asyncio.to_thread(created, gemini, count)
        await asyncio.sleep(0.3)
        ends_as(gemini, "CANCELLED", answered=0)
    assert [outcome.failure.kind for outcome in await running] == ["BatchFailed", "BatchFailed"]
    assert len(gemini.journal.of("batches.create")) == 2


async def test_a_node_with_side_effects_is_refused_and_left_out_of_auto(gemini, model):
    """A batch runs a node again for each answer: what it did would be done again. Nothing is sent."""
    done: list[str] = []

    @node(category="acting", side_effects=True)
    async def abook(document: Document, *, model: Any) -> Reply[Any]:
        """Write it down."""
        done.append(document.name)
        return Reply[Any](value=document.name)

    with pytest.raises(InvalidOption, match="side effects"):
        await aeach(abook, numbered(0, 3), model=model, mode="batch")
    with pytest.raises(InvalidOption, match="side effects"):
        await asubmit_batch.fn(abook, numbered(0, 3), model=model)
    assert not done
    await aeach(abook, [Document.text(f"d {number}") for number in range(AUTO_FROM)], model=model, mode="auto")
    assert len(done) == AUTO_FROM


async def test_functions_with_side_effects_are_not_called_while_a_batch_is_gathered(gemini, model):
    """A node of one's own that calls functions inside a batch gets an error instead of calling them twice."""
    called: list[int] = []

    @tool(side_effects=True)
    def book(amount: int) -> str:
        """Book an amount."""
        called.append(amount)
        return "booked"

    @node(category="reading")
    async def aclerk(document: Document, *, model: Any) -> Reply[Any]:
        """Let the model book what the document says."""
        return await acall_functions.fn(
            "Book it.", [book], documents=[document], model=model, approve=lambda call: True
        )

    gemini.script([function_call("book", {"amount": 3})], times=None)
    (outcome,) = await aeach(aclerk, numbered(0, 1), model=model, mode=QUICK)
    assert (outcome.failure.kind, called) == ("InvalidOption", [])


@pytest.mark.parametrize(
    ("mode", "total", "batch"),
    [
        ("interactive", 10**6, False),
        ("interactive", None, False),
        ("batch", 1, True),
        ("auto", 499, False),
        ("auto", 500, True),
        ("auto", None, True),
        (Batch(within=timedelta(hours=3)), 10**6, False),
        (Batch(within=timedelta(hours=24)), 1, True),
        (Batch(within=timedelta(hours=23, minutes=59)), None, False),
        (Batch(at_least=10), 9, False),
        (Batch(at_least=10), None, True),
        (Batch(within=timedelta(days=2), at_least=10), 10, True),
    ],
)
def test_size_and_deadline_choose(mode, total, batch):
    """Few documents and short deadlines are asked one by one; an unknown number is taken for many."""
    assert (batch_of(mode, total) is not None) is batch


def test_a_mode_that_is_none_is_refused():
    """A misspelt mode is one error with the modes there are."""
    with pytest.raises(ValueError, match="'auto'"):
        batch_of("bach", 1)  # type: ignore[arg-type]
