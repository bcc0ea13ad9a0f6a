"""Labels chosen by shared words, examples, marks and meaning; what fits none goes to the label for the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.local.engine import EngineRefusal, GenerateCall
from prefect_gemini.local.reader.engine import ReaderEngine
from prefect_gemini.tasks.classify import labels_shown


def chosen(text: str, labels: Any, examples: dict[str, list[str]] | None = None) -> Any:
    """The label the engine chooses, asked as `classify` asks."""
    shown = labels_shown(labels, examples or {})
    parts = [
        {"text": "Choose the one label that fits this document best."},
        {"inlineData": {"mimeType": "text/plain", "data": text.encode()}},
    ]
    output = Output.labels(list(shown))
    call = GenerateCall(
        model="gemini-3.8-flash",
        contents=({"role": "user", "parts": parts},),
        response_schema=output.wire.json_schema,
        response_mime_type="application/json",
    )
    answer = ReaderEngine().generate(call).parts[0]["text"]
    return list(shown.values())[json.loads(answer)["index"]]


INTENTS = ["cancel_order", "change_address", "refund", "opening_hours"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Please cancel the order I placed yesterday.", "cancel_order"),
        ("I have moved, the address must be changed.", "change_address"),
        ("When will you reimburse me?", "refund"),
        ("Cancelling orders: how?", "cancel_order"),
    ],
)
def test_a_name_is_matched_by_its_words_their_forms_and_what_means_the_same(text, label):
    """Underscores, endings and synonyms do not stand in the way."""
    assert chosen(text, INTENTS) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("WINNER!! Claim your £500 prize now, txt CLAIM to 85555", "spam"),
        ("ok see you at home later, love you", "ham"),
    ],
)
def test_common_labels_are_known_by_how_their_texts_sound(text, label):
    """Spam is recognised by prizes and short numbers, not by the word spam."""
    assert chosen(text, ["spam", "ham"]) == label


def test_examples_teach_labels_that_say_nothing():
    """A label called A is what its examples are like."""
    examples = {"A": ["The printer is out of toner."], "B": ["My salary has not been paid."]}
    assert chosen("There is no toner in the printer.", ["A", "B"], examples) == "A"
    assert chosen("Was my salary paid?", ["A", "B"], examples) == "B"


@pytest.mark.parametrize("other", ["other", "out_of_scope", {"clean": "none of these: ordinary talk"}])
def test_what_fits_no_label_goes_to_the_one_for_the_rest(other):
    """Without a shared word the label for everything else is right, where there is one."""
    labels = dict.fromkeys(INTENTS, "") | (other if isinstance(other, dict) else {other: ""})
    assert chosen("Does the moon have an atmosphere?", labels) == list(labels)[-1]


def test_without_such_a_label_a_guess_is_refused():
    """Nothing in common with any label is an error, not the first label."""
    with pytest.raises(EngineRefusal, match="No label shares a word"):
        chosen("xyzzy", INTENTS)
