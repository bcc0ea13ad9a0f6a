"""estimate: the bill before anything is sent."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.dry_run import dry_run
from prefect_gemini.gemini.errors import NotSent, UnknownModel
from prefect_gemini.gemini.request import Generation
from prefect_gemini.tasks import acall_functions, aclassify, aextract, agenerate, node
from prefect_gemini.tasks.estimate import aestimate, dry_run_state, estimate
from prefect_gemini.tasks.functions.tool import tool
from prefect_gemini.testing import error, function_call, json_reply, text

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def numbered(count: int, *, words: str = "") -> list[Document]:
    return [Document.text(f"{words}document {number:03}") for number in range(count)]


async def test_a_dry_run_sends_nothing_and_counts_everything(gemini, model):
    """The server counted three documents and generated nothing; batch costs half."""
    found = await aestimate(aextract, numbered(3), schema=SCHEMA, model=model)
    assert not gemini.journal.generate_calls
    assert (found.documents, found.calls, found.in_ledger, found.unread) == (3, 3, 0, ())
    (bill,) = found.bills
    assert bill.model == "gemini-3.8-flash"
    assert bill.batch == bill.standard / 2 == bill.flex
    assert found.usd == bill.standard > 0
    assert "3 calls for 3 documents" in found.sentence


async def test_the_estimate_counts_what_the_run_then_uses(gemini, model):
    """Input tokens of the estimate are those of the calls, give or take the schema, which nobody counts beforehand."""
    documents = numbered(5, words="ten words of a document that is not very short ")
    found = await aestimate(aextract, documents, schema=SCHEMA, model=model)
    gemini.script([json_reply({"n": 1})], times=None)
    replies = [await aextract.fn(document, SCHEMA, model=model) for document in documents]
    assert found.bills[0].prompt == pytest.approx(sum(reply.usage.prompt for reply in replies), rel=0.1)


async def test_answers_are_taken_to_be_as_long_as_earlier_ones(gemini, model):
    """Where a request sets no limit, the ledger knows better than a round number; where it does, the limit counts."""
    documents = numbered(3)
    assert (await aestimate(aextract, documents, schema=SCHEMA, model=model)).bills[0].output == 3 * 1024
    gemini.script([json_reply({"n": 1})], times=None)
    replies = [await aextract.fn(document, SCHEMA, model=model) for document in documents[:2]]
    usual = round(sum(reply.usage.output + reply.usage.thoughts for reply in replies) / 2)
    found = await aestimate(aextract, documents, schema=SCHEMA, model=model)
    assert (found.calls, found.bills[0].output) == (1, usual)
    assert any(f"the mean of 2 earlier calls, {usual}" in note for note in found.notes)
    tight = model.model_copy(update={"generation": Generation(max_output_tokens=50)})
    assert (await aestimate(aextract, documents, schema=SCHEMA, model=tight)).bills[0].output == 3 * 50


async def test_what_the_ledger_has_costs_nothing(gemini, model):
    """An answer that is paid for is not in the bill, and a node goes on with it."""
    gemini.script([json_reply({"n": 7})])
    paid, new = numbered(2)
    await aextract.fn(paid, SCHEMA, model=model)
    seen = []

    @node(category="reading")
    async def atwice(document: Document) -> None:
        reply = await aextract.fn(document, SCHEMA, model=model)
        seen.append(reply.value)
        await agenerate.fn(f"double {reply.value['n']}", model=model)

    found = await aestimate(atwice, [paid, new])
    assert seen == [{"n": 7}]
    assert (found.calls, found.in_ledger) == (2, 1)
    assert len(gemini.journal.generate_calls) == 1


async def test_equal_documents_are_paid_for_once(gemini, model):
    """The same question twice is one call, and the estimate says so."""
    found = await aestimate(aextract, [Document.text("x"), Document.text("x")], schema=SCHEMA, model=model)
    assert (found.calls, found.repeated) == (1, 1)
    assert "1 the same as another" in found.sentence


async def test_calls_made_at_once_are_all_counted(gemini, model):
    """The first call that is not made does not hide its siblings."""

    @node(category="reading")
    async def athree(document: Document) -> None:
        await asyncio.gather(*(agenerate.fn(f"{n}", documents=[document], model=model) for n in range(3)))

    assert (await aestimate(athree, numbered(2))).calls == 6


async def test_a_document_that_cannot_be_sent_is_named(gemini, model, tmp_path):
    """The others are priced; the bad one is listed with its reason, as the run would."""
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    found = await aestimate(aextract, [*numbered(1), tmp_path / "broken.pdf"], schema=SCHEMA, model=model)
    assert found.calls == 1
    ((name, why),) = found.unread
    assert name == "broken.pdf"
    assert why
    assert "1 cannot be sent" in found.sentence


async def test_a_mistake_of_the_run_ends_the_estimate(gemini, model):
    """A misspelt model is one error, not one a document."""
    with pytest.raises(UnknownModel, match="flash"):
        await aestimate(aextract, numbered(3), schema=SCHEMA, model=model.model_copy(update={"model": "flahs"}))


async def test_of_many_documents_a_sample_stands_for_all(gemini, model):
    """Ten documents are counted, the bill is for a thousand."""
    found = await aestimate(aextract, numbered(1000), schema=SCHEMA, model=model, sample=10)
    whole = await aestimate(aextract, numbered(10), schema=SCHEMA, model=model)
    assert found.calls == 1000
    assert found.usd == whole.usd * 100
    assert any("every 100th" in note for note in found.notes)


async def test_a_cache_saves_what_prompts_have_in_common(gemini, model):
    """A long beginning is read from the cache by every call but the first; a short one is not cached."""
    prompt = "the house rules " * 2000
    found = await aestimate(aextract, numbered(4), schema=SCHEMA, model=model, prompt=prompt)
    (bill,) = found.bills
    assert bill.cached < bill.standard
    assert bill.cache_reads >= 3 * 4096
    short = await aestimate(aextract, numbered(4), schema=SCHEMA, model=model)
    assert short.bills[0].cached == short.bills[0].standard
    assert any("a cache saves nothing" in note for note in short.notes)


async def test_steps_add_up(gemini, model):
    """Two steps over the same documents are one bill."""
    documents = numbered(2)
    both = await aestimate(aextract, documents, schema=SCHEMA, model=model) + await aestimate(
        aclassify, documents, labels=["a", "b"], model=model
    )
    assert (both.documents, both.calls) == (2, 4)
    assert both.usd == sum(one.standard for one in both.bills)
    assert Estimate().usd == Decimal(0)


async def test_nothing_is_sent_in_a_stream_either(gemini, model):
    """A dry run has no back door."""
    pieces = []
    with dry_run() as dry, pytest.raises(NotSent):
        await agenerate.fn("say it", model=model, on_text=pieces.append)
    assert not pieces
    assert not gemini.journal.generate_calls
    assert len(dry.quotes) == 1


async def test_no_function_with_side_effects_is_called(gemini, model):
    """Even where the ledger knows what the model wants called, a dry run changes nothing."""
    paid = []

    @tool(side_effects=True)
    def pay(amount: int) -> str:
        """Pay an amount."""
        paid.append(amount)
        return "done"

    @node(category="acting")
    async def asettle(document: Document) -> None:
        await acall_functions.fn("Settle it.", [pay], documents=[document], model=model, approve=lambda call: True)

    gemini.script([function_call("pay", {"amount": 5}), text("Settled.")])
    await asettle.fn(Document.text("invoice"))
    assert paid == [5]
    found = await aestimate(asettle, [Document.text("invoice")])
    assert (paid, found.in_ledger) == ([5], 1)


def test_the_sync_twin_counts_too(gemini, model):
    """The dry run travels with the caller to the background loop."""
    assert estimate(aextract, numbered(2), schema=SCHEMA, model=model).calls == 2
    assert not gemini.journal.generate_calls


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_a_flow_ends_in_a_dry_run_with_its_bill(gemini, model):
    """The state is named, carries the estimate, and the bill is an artifact."""
    gemini.script([error(500)], times=None)

    @flow
    async def read(dry_run: bool):
        if dry_run:
            return await dry_run_state(await aestimate(aextract, numbered(3), schema=SCHEMA, model=model))
        raise AssertionError("not a dry run")

    state = await read(dry_run=True, return_state=True)
    assert state.name == "Dry run"
    found = await state.result()
    assert found.calls == 3
    async with get_client() as client:
        artifacts = await client.read_artifacts(limit=200)
    mine = {one.key: one for one in artifacts if str(one.flow_run_id) == found.flow_run_id}
    assert "Nothing was sent" in str(mine["dry-run"].data)
    assert "gemini-3.8-flash" in str(mine["dry-run-bill"].data)


@pytest.mark.parametrize(("mode", "in_batch"), [("interactive", False), ("batch", True), ("auto", False)])
async def test_the_sentence_is_at_the_price_of_the_mode(gemini, model, mode, in_batch):
    """A dry run of a batch says what the batch costs; `auto` of a few documents is one by one."""
    documents = [Document.text(f"document {number}") for number in range(3)]
    found = await aestimate(aextract, documents, schema=SCHEMA, model=model, mode=mode)
    (bill,) = found.bills
    assert found.usd == (bill.standard / 2 if in_batch else bill.standard)
    assert ("in a batch" in found.sentence) is in_batch
