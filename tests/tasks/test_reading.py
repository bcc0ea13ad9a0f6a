"""extract, classify, summarize, generate and call_functions against a server: what is sent, what comes back."""

from __future__ import annotations

from enum import StrEnum

import pytest
from pydantic import BaseModel

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption, InvalidOutput, Truncated
from prefect_gemini.gemini.request import Tool
from prefect_gemini.tasks import acall_functions, aclassify, aextract, agenerate, asummarize, extract
from prefect_gemini.testing import function_call, json_reply, text

BILL = "ACME Trading Ltd\nInvoice 2024-117\nDate 3 March 2024\nTotal due EUR 1.234,50\n"


class Bill(BaseModel):
    """What is booked."""

    seller: str
    total: float
    number: str | None = None


class Mood(StrEnum):
    """How a message sounds."""

    HAPPY = "happy"
    ANGRY = "angry"


async def test_extract_gives_the_typed_value_and_where_each_part_stands(gemini, model):
    """A value comes with the characters it rests on; a number is found as it is printed."""
    gemini.script([json_reply({"seller": "ACME Trading Ltd", "total": 1234.5, "number": "2024-117"})])
    reply = await aextract.fn(Document.text(BILL), Bill, model=model)
    assert reply.value == Bill(seller="ACME Trading Ltd", total=1234.5, number="2024-117")
    assert {place.path: BILL[place.start : place.end] for place in reply.evidence} == {
        "seller": "ACME Trading Ltd",
        "total": "1.234,50",
        "number": "2024-117",
    }


async def test_a_value_that_is_not_in_the_document_is_flagged(gemini, model):
    """A plausible invention does not pass as read."""
    gemini.script([json_reply({"seller": "Acme Trading Limited Company GmbH", "total": 9999.0})])
    reply = await aextract.fn(Document.text(BILL), Bill, model=model)
    assert {place.path for place in reply.evidence if place.match == "unsupported"} == {"seller", "total"}


async def test_the_document_is_sent_as_data_without_tools(gemini, model):
    """A reader gets the schema and the document, told apart from its instructions, and no tool."""
    gemini.script([json_reply({"seller": "ACME Trading Ltd", "total": 1234.5})])
    await aextract.fn(Document.text(BILL), Bill, model=model)
    sent = gemini.journal.generate_calls[0].body
    assert "never an instruction" in sent["systemInstruction"]["parts"][0]["text"]
    assert sent["contents"][0]["parts"][-1]["text"] == BILL
    assert set(sent["generationConfig"]["responseJsonSchema"]["properties"]) == {"seller", "total", "number"}
    assert "tools" not in sent


def test_the_sync_twin_reads_the_same(gemini, model):
    """`extract` outside an event loop gives what `aextract` gives inside one."""
    gemini.script([json_reply({"seller": "ACME Trading Ltd", "total": 1234.5})])
    assert extract.fn(Document.text(BILL), Bill, model=model).value.total == 1234.5


async def test_a_path_that_does_not_exist_is_never_taken_for_text(gemini, model):
    """A typing mistake in a path must not be read as a document of eight characters."""
    with pytest.raises(DocumentNotFound, match=r"Document\.text"):
        await aextract.fn("bill.txt", Bill, model=model)
    assert not gemini.journal.generate_calls


@pytest.mark.parametrize(
    ("labels", "value"),
    [
        (["refund", "complaint"], "complaint"),
        ({"refund": "wants money back", "complaint": "is unhappy"}, "complaint"),
        (Mood, Mood.ANGRY),
    ],
)
async def test_classify_answers_with_the_label_it_was_given(gemini, model, labels, value):
    """The model names a number; the label is the caller's own."""
    gemini.script([json_reply({"index": 1})])
    assert (await aclassify.fn(Document.text("It broke again!"), labels, model=model)).value == value


async def test_examples_are_shown_beside_their_label(gemini, model):
    """The model sees what each label's texts are like; an example of an unknown label is a mistake."""
    gemini.script([json_reply({"index": 0})])
    examples = {"refund": ["I want my\nmoney back."]}
    labels = {"refund": "wants money back", "complaint": ""}
    reply = await aclassify.fn(Document.text("Pay me back!"), labels, examples=examples, model=model)
    assert reply.value == "refund"
    schema = gemini.journal.generate_calls[0].body["generationConfig"]["responseJsonSchema"]
    assert '0: refund (wants money back)\n   for example: "I want my money back."\n1: complaint' in str(
        schema["properties"]["index"]["description"]
    )
    with pytest.raises(InvalidOption, match="praise"):
        await aclassify.fn(Document.text("Pay me back!"), labels, examples={"praise": ["Good."]}, model=model)


async def test_a_label_out_of_the_list_is_refused_after_one_repair(gemini, model):
    """Nothing is mapped to the nearest label: the schema is right or the call failed."""
    gemini.script([json_reply({"index": 7}), json_reply({"index": 8})])
    with pytest.raises(InvalidOutput):
        await aclassify.fn(Document.text("It broke again!"), ["a", "b"], model=model)
    assert len(gemini.journal.generate_calls) == 2


async def test_summarize_asks_for_a_length(gemini, model):
    """The number of words reaches the model."""
    gemini.script([text("An invoice over EUR 1.234,50.")])
    reply = await asummarize.fn(Document.text(BILL), words=30, model=model)
    assert reply.value == "An invoice over EUR 1.234,50."
    assert "at most 30 words" in gemini.journal.generate_calls[0].body["contents"][0]["parts"][0]["text"]


async def test_generate_streams_the_pieces_of_the_same_answer(gemini, model):
    """What arrives piece by piece adds up to the reply."""
    gemini.script([text("One two three four five six seven eight nine ten.")])
    pieces: list[str] = []
    reply = await agenerate.fn("Count to ten.", model=model, on_text=pieces.append)
    assert "".join(pieces) == reply.value == "One two three four five six seven eight nine ten."
    assert reply.first_token_s is not None


async def test_a_cut_answer_is_an_error_not_a_short_answer(gemini, model):
    """MAX_TOKENS never passes as success."""
    gemini.script([text("One two", finish_reason="MAX_TOKENS")])
    with pytest.raises(Truncated):
        await agenerate.fn("Count to ten.", model=model)


SEND = Tool(
    name="send_money",
    description="Send money.",
    parameters={
        "type": "object",
        "properties": {"to": {"type": "string"}, "amount": {"type": "number", "maximum": 100}},
        "required": ["to", "amount"],
    },
)


async def test_call_functions_returns_calls_whose_arguments_fit(gemini, model):
    """The caller gets name and arguments; nothing was executed."""
    gemini.script([function_call("send_money", {"to": "Ann", "amount": 5})])
    reply = await acall_functions.fn("Pay Ann 5.", [SEND], model=model)
    assert [(call.name, call.args) for call in reply.value] == [("send_money", {"to": "Ann", "amount": 5})]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("send_money", {"to": "Ann", "amount": 5000}), ("send_money", {"to": "Ann"}), ("delete_all", {})],
)
async def test_a_call_outside_the_declaration_is_refused(gemini, model, name, arguments):
    """Arguments are held against the schema, and names against the list, by code."""
    gemini.script([function_call(name, arguments)], times=2)
    with pytest.raises(InvalidOutput):
        await acall_functions.fn("Pay Ann.", [SEND], model=model)
