"""Cascade: the cheapest model first, a stronger one where its answer is not good enough, and what that saved."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from prefect_gemini.blocks import GeminiModel
from prefect_gemini.flows.receipts import aread_receipt
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import AnswerBlocked, InvalidOption, InvalidOutput
from prefect_gemini.tasks import acall_functions, aclassify, aextract, agenerate
from prefect_gemini.testing import blocked_answer, function_call, json_reply, raw, text

LITE, FLASH = "gemini-3.5-flash-lite", "gemini-3.8-flash"
BILL = Document.text("ACME Trading Ltd\nTotal due EUR 1.234,50\n")
GOOD = json_reply({"seller": "ACME Trading Ltd", "total": 1234.5})
INVENTED = json_reply({"seller": "Emca Holding", "total": 1234.5})


class Bill(BaseModel):
    """What is booked."""

    seller: str
    total: float


@pytest.fixture
def several(model: GeminiModel) -> GeminiModel:
    """flash-lite, then flash, on the test's own server."""
    return model.model_copy(update={"model": "flash-lite", "escalate_to": ["flash"]})


def asked(gemini) -> list[str]:
    return [entry.model for entry in gemini.journal.generate_calls]


async def test_a_good_answer_of_the_cheap_model_is_enough(gemini, several):
    """One call, to the cheapest; the reply says what the strongest would have cost more."""
    gemini.script([GOOD])
    reply = await aextract.fn(BILL, Bill, model=several)
    assert (asked(gemini), reply.model, reply.value.seller) == ([LITE], LITE, "ACME Trading Ltd")
    assert reply.saved > 0
    assert f"{FLASH} would have cost about ${reply.saved:.6f} more" in reply.notes[-1]


async def test_a_value_that_is_not_in_the_document_is_asked_of_a_stronger_model(gemini, several):
    """The invention does not stand; the notes say why, and that asking twice cost more."""
    gemini.script([INVENTED, GOOD])
    reply = await aextract.fn(BILL, Bill, model=several)
    assert (asked(gemini), reply.model, reply.value.seller) == ([LITE, FLASH], FLASH, "ACME Trading Ltd")
    assert all(place.supported for place in reply.evidence)
    assert f"{LITE}: seller not found in the document." in reply.notes
    assert reply.saved < 0
    assert "alone would have cost" in reply.notes[-1]


async def test_an_answer_against_its_schema_is_asked_of_a_stronger_model(gemini, several):
    """After the cheap model's own repair round; what all three calls cost is the reply's cost."""
    gemini.script([json_reply({"seller": 1}), json_reply({"seller": 2}), GOOD])
    reply = await aextract.fn(BILL, Bill, model=several)
    assert asked(gemini) == [LITE, LITE, FLASH]
    assert reply.value.total == 1234.5
    assert any(note.startswith(f"{LITE}: InvalidOutput") for note in reply.notes)
    alone = (await aextract.fn(BILL, Bill, model=several.model_copy(update={"model": "flash", "escalate_to": []}))).cost
    assert reply.cost > alone
    assert reply.saved == alone - reply.cost
    assert reply.attempts == 3


async def test_an_unsure_answer_is_asked_of_a_stronger_model(gemini, several):
    """Where the service says how probable the answer was, a hesitant model is not taken at its word."""

    def says(index: int, average: float):
        part = {"content": {"role": "model", "parts": [{"text": f'{{"index": {index}}}'}]}, "finishReason": "STOP"}
        return raw({"candidates": [part | {"avgLogprobs": average}], "responseId": "r", "modelVersion": "m"})

    gemini.script([says(0, -0.7), says(1, -0.01)])
    reply = await aclassify.fn(BILL, ["letter", "bill"], model=several)
    assert (asked(gemini), reply.value) == ([LITE, FLASH], "bill")
    assert f"{LITE}: unsure, 50% an average token." in reply.notes


async def test_the_last_model_s_doubts_stay_visible(gemini, several):
    """When nobody finds the value it is still flagged, and not dropped."""
    gemini.script([INVENTED, INVENTED])
    reply = await aextract.fn(BILL, Bill, model=several)
    assert [place.path for place in reply.evidence if not place.supported] == ["seller"]


async def test_a_whole_answer_is_not_lost_to_a_stronger_model_that_fails(gemini, several):
    """The flagged answer is better than none, and was paid for."""
    gemini.script([INVENTED, json_reply([]), json_reply([])])
    reply = await aextract.fn(BILL, Bill, model=several)
    assert (reply.model, reply.value.seller) == (LITE, "Emca Holding")
    assert any(note.startswith(f"{FLASH}: InvalidOutput") for note in reply.notes)


async def test_where_nobody_answers_the_last_error_is_raised(gemini, several):
    """No value is better than half of one."""
    gemini.script([json_reply([])], times=None)
    with pytest.raises(InvalidOutput):
        await aextract.fn(BILL, Bill, model=several)
    assert asked(gemini) == [LITE, LITE, FLASH, FLASH]


async def test_a_block_is_not_asked_again(gemini, several):
    """What a filter stops, no stronger model should be paid for."""
    gemini.script([blocked_answer("SAFETY")])
    with pytest.raises(AnswerBlocked):
        await aextract.fn(BILL, Bill, model=several)
    assert asked(gemini) == [LITE]


async def test_a_second_run_costs_nothing_and_ends_alike(gemini, several):
    """Both answers stand in the ledger."""
    gemini.script([INVENTED, GOOD])
    first = await aextract.fn(BILL, Bill, model=several)
    again = await aextract.fn(BILL, Bill, model=several)
    assert (again.value, again.model, again.from_ledger) == (first.value, first.model, True)
    assert len(gemini.journal.generate_calls) == 2


async def test_receipts_are_read_in_a_cascade_too(gemini, several):
    """A total that is not on the receipt is asked of the stronger model."""
    receipt = Document.text("Corner Shop\n2026-11-02\nTotal 12.10 EUR\n")
    gemini.script(
        [function_call("record_expense", {"merchant": "Corner Shop", "total": total}) for total in (99.9, 12.1)]
    )
    reply = await aread_receipt.fn(receipt, model=several)
    assert asked(gemini) == [LITE, FLASH]
    assert str(reply.value.receipt.total) == "12.1"


async def test_where_a_cascade_cannot_work_it_is_refused(gemini, several):
    """Text that was handed out and functions that were called cannot be taken back."""
    with pytest.raises(InvalidOption, match="on_text"):
        await agenerate.fn("say it", model=several, on_text=print)

    def now() -> str:
        """The time."""
        return "12:00"

    with pytest.raises(InvalidOption, match="take back"):
        await acall_functions.fn("what time is it?", [now], model=several)
    assert not gemini.journal.generate_calls


@pytest.mark.parametrize("names", ["flash-lite, flash", ["flash-lite", "flash"], ("flash-lite", "flash")])
def test_several_names_are_a_cascade(names):
    """In code as a list, on a command line or form with commas."""
    chosen = GeminiModel.of(names)
    assert (chosen.model, chosen.escalate_to) == ("flash-lite", ["flash"])
    assert [step.model for step in chosen.cascade] == ["flash-lite", "flash"]
    with pytest.raises(ValidationError, match="exclude each other"):
        GeminiModel(model=names, escalate_to=["pro"])


async def test_one_model_has_nothing_saved(gemini, model):
    """Without a cascade the reply says nothing about one."""
    gemini.script([text("hello")])
    reply = await agenerate.fn("hi", model=model)
    assert (reply.saved, reply.notes) == (None, ())
