"""The engine: schemas filled from text, functions called, labels chosen, sentences quoted, the rest refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_gemini.local.engine import EngineRefusal, FunctionDeclaration, GenerateCall
from prefect_gemini.local.reader.engine import ReaderEngine

RECEIPT = """Corner Cafe Ltd
12 High Street
London
Date: 03/04/2024 14:05
Cashier: Ann
Coffee 4.20
Cake 5.80
Total £10.00
Cash 20.00
Change 10.00
Thank you"""

ENGINE = ReaderEngine()


def call(prompt: str, *texts: str, **rest: Any) -> GenerateCall:
    parts = [{"text": prompt}, *({"inlineData": {"mimeType": "text/plain", "data": text.encode()}} for text in texts)]
    return GenerateCall(model="gemini-3.8-flash", contents=({"role": "user", "parts": parts},), **rest)


def filled(properties: dict[str, Any], *, required: tuple[str, ...] = (), text: str = RECEIPT) -> Any:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    answer = ENGINE.generate(call("Read it.", text, response_schema=schema, response_mime_type="application/json"))
    return json.loads(answer.parts[0]["text"])


def test_a_schema_is_filled_with_values_of_its_types():
    """Numbers, decimal strings, ISO dates and choices come as the schema asks."""
    value = filled(
        {
            "store": {"type": "string"},
            "total": {"type": "number"},
            "grand_total": {"type": "string"},
            "date": {"type": "string", "format": "date"},
            "currency": {"enum": ["EUR", "GBP"]},
            "payment_method": {"type": "string", "enum": ["card", "cash"]},
            "cashier": {"type": "string"},
        }
    )
    assert value == {
        "store": "Corner Cafe Ltd",
        "total": 10,
        "grand_total": "10.00",
        "date": "2024-04-03",
        "currency": "GBP",
        "payment_method": "cash",
        "cashier": "Ann",
    }


def test_what_is_not_printed_is_null_or_left_out():
    """Null where the schema takes it and wants the key; no key where it need not be there."""
    assert filled({"tip": {"type": ["number", "null"]}, "iban": {"type": "string"}}, required=("tip",)) == {"tip": None}


def test_a_required_value_that_is_not_printed_is_refused():
    """No value is made up to satisfy a schema; the refusal names the place."""
    with pytest.raises(EngineRefusal, match="`iban`"):
        filled({"iban": {"type": "string"}}, required=("iban",))


def test_a_choice_that_is_not_in_the_list_is_not_bent_into_one():
    """A currency outside the list is null, not the nearest."""
    assert filled({"currency": {"enum": ["USD", "JPY", None]}}, required=("currency",)) == {"currency": None}


def test_references_unions_and_nested_parties_are_followed():
    """`$ref`, `anyOf` with null, and an object about the seller."""
    schema = {
        "$defs": {"Party": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
        "type": "object",
        "properties": {
            "seller": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]},
            "buyer": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]},
        },
        "required": ["seller", "buyer"],
    }
    answer = ENGINE.generate(call("Read it.", RECEIPT, response_schema=schema))
    assert json.loads(answer.parts[0]["text"]) == {"seller": {"name": "Corner Cafe Ltd"}, "buyer": None}


def test_every_value_comes_with_its_place():
    """Provenance has path, page, box and quote."""
    schema = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
    answer = ENGINE.generate(call("Read it.", RECEIPT, response_schema=schema))
    (entry,) = answer.provenance
    assert entry["path"] == "total"
    assert entry["page"] == 1
    assert "10.00" in entry["quote"]
    assert all(0 <= edge <= 1000 for edge in entry["box"])
    assert answer.model_version == "local-extractive-1"


def function(name: str, description: str, **properties: str) -> FunctionDeclaration:
    parameters = {"type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()}}
    return FunctionDeclaration(name, description, parameters)


def test_the_function_that_the_words_speak_of_is_called_with_what_is_printed():
    """Of several functions the fitting one is called; its arguments are read."""
    functions = (
        function("send_mail", "Send an e-mail to a customer", to="string"),
        function("record_expense", "Record an expense from a receipt", merchant="string", total="number"),
    )
    answer = ENGINE.generate(call("Record this expense receipt.", RECEIPT, functions=functions, function_mode="ANY"))
    assert answer.parts == (
        {"functionCall": {"name": "record_expense", "args": {"merchant": "Corner Cafe Ltd", "total": 10}}},
    )


def test_only_allowed_functions_are_called():
    """In ANY mode with a list, the others do not exist."""
    functions = (function("a", "Record an expense", total="number"), function("b", "Anything", total="number"))
    answer = ENGINE.generate(
        call("Record an expense.", RECEIPT, functions=functions, function_mode="ANY", allowed_functions=("b",))
    )
    assert answer.parts[0]["functionCall"]["name"] == "b"


LABELS = {
    "type": "object",
    "properties": {
        "index": {"type": "integer", "description": "The number:\n0: billing and refunds\n1: login trouble"}
    },
    "required": ["index"],
}


@pytest.mark.parametrize(
    ("text", "index"), [("I want a refund for the last bill.", 0), ("I cannot log in, the login page is broken.", 1)]
)
def test_a_label_is_chosen_by_shared_words(text: str, index: int):
    """The number of the label that the text shares its words with."""
    answer = ENGINE.generate(call("Choose.", text, response_schema=LABELS))
    assert json.loads(answer.parts[0]["text"]) == {"index": index}


def test_a_label_without_a_shared_word_is_refused():
    """No guess where words tell nothing."""
    with pytest.raises(EngineRefusal, match="No label shares a word"):
        ENGINE.generate(call("Choose.", "Zebras graze.", response_schema=LABELS))


def test_a_summary_quotes_sentences_in_their_order():
    """Every line of a summary is a sentence of the text, and there are no more words than asked for."""
    text = (
        "The committee met on Monday to discuss the new bridge. The bridge will cost ten million. "
        "Lunch was served at noon. The committee decided to build the bridge next year."
    )
    answer = ENGINE.generate(call("Summarize this document. Use at most 25 words.", text))
    lines = answer.parts[0]["text"].split("\n")
    places = [text.index(line) for line in lines]
    assert places == sorted(places)
    assert sum(len(line.split()) for line in lines) <= 25


@pytest.mark.parametrize(("prompt", "answer"), [("ping", "ping"), ("Reply with OK", "OK"), ("Say 'ready'.", "ready")])
def test_a_check_of_health_is_answered_by_repeating(prompt: str, answer: str):
    """A prompt that quotes its own answer gets it."""
    assert ENGINE.generate(call(prompt)).parts[0]["text"] == answer


@pytest.mark.parametrize(
    "prompt", ["Write a poem about cows.", "Translate 'good morning' to French.", "Is this legal?"]
)
def test_writing_is_refused_with_a_way_out(prompt: str):
    """What needs a language model says so and names how to get one."""
    with pytest.raises(EngineRefusal, match="GOOGLE_API_KEY") as refusal:
        ENGINE.generate(call(prompt))
    assert refusal.value.status in ("FAILED_PRECONDITION", "UNIMPLEMENTED")


def test_audio_and_broken_files_are_refused_as_what_they_are():
    """Sound needs another reader; a broken image is the caller's mistake."""
    for kind, status in (("audio/mpeg", "FAILED_PRECONDITION"), ("image/png", "INVALID_ARGUMENT")):
        parts = [{"text": "Read it."}, {"inlineData": {"mimeType": kind, "data": b"not a file"}}]
        with pytest.raises(EngineRefusal) as refusal:
            ENGINE.generate(GenerateCall(model="m", contents=({"role": "user", "parts": parts},)))
        assert refusal.value.status == status


def test_tokens_are_estimated_by_modality():
    """Text by its length, a picture 1,120, whatever its bytes."""
    parts = [{"text": "Four words of text"}, {"inlineData": {"mimeType": "image/png", "data": b""}}]
    counted = ENGINE.count_tokens(({"role": "user", "parts": parts},))
    assert counted == {"TEXT": 4, "IMAGE": 1120}
