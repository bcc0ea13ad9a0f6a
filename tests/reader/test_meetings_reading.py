"""The local reader on meetings: it quotes promises, decisions, questions and topics, and says when words do not tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prefect_gemini.local.engine import GenerateCall
from prefect_gemini.local.reader.engine import ReaderEngine
from prefect_gemini.local.reader.meetings.commitments import commitments
from prefect_gemini.local.reader.meetings.decisions import decisions
from prefect_gemini.local.reader.meetings.minutes import asks_for_minutes, field_named, list_of
from prefect_gemini.local.reader.meetings.people import People
from prefect_gemini.local.reader.meetings.questions import open_questions
from prefect_gemini.local.reader.meetings.ranking import choose
from prefect_gemini.local.reader.meetings.sentences import said_in
from prefect_gemini.local.reader.meetings.sentiment import sentiment_of
from prefect_gemini.local.reader.meetings.topics import topics
from prefect_gemini.pages.transcripts import Cue, Transcript, parse_transcript

ENGINE = ReaderEngine()
MEETING = """[00:00:02] Ann Smith: Good morning. The printer in the hall is broken again.
[00:00:09] Bob: I'll call the repair shop and order a new cable by Friday.
[00:00:15] Ann Smith: Bob, can you also send the bill to Carla?
[00:00:21] Bob: Yes, will do.
[00:00:25] Carla: Okay, so we agreed to buy a second printer for the office in April.
[00:00:33] Ann Smith: Sounds good.
[00:00:36] Carla: Who pays for the paper, the office or the shop?
[00:00:41] Bob: I don't know, we need to find out.
"""


def said(text: str, speaker: str = "Ann Smith") -> list:
    return said_in(Transcript((Cue(speaker, text), Cue("Bob", "Hm, the weather is nice outside.")), "text"))


def read(
    schema: dict[str, Any], text: str = MEETING, prompt: str = "Write the minutes."
) -> tuple[Any, tuple[dict, ...]]:
    parts = [{"text": prompt}, {"inlineData": {"mimeType": "text/plain", "data": text.encode()}}]
    call = GenerateCall(
        "gemini-3.8-flash",
        ({"role": "user", "parts": parts},),
        response_schema=schema,
        response_mime_type="application/json",
    )
    answer = ENGINE.generate(call)
    return json.loads(answer.parts[0]["text"]), answer.provenance


def item(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": list(properties)}}


TEXT, MAYBE = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_minutes_are_filled_from_what_was_said():
    """Owners, due words, quotes and times come from the sentence itself; the provenance quotes it."""
    schema = {
        "type": "object",
        "properties": {
            "action_items": item(task=TEXT, owner=MAYBE, due=MAYBE, quote=TEXT, speaker=MAYBE, time=MAYBE),
            "decisions": item(decision=TEXT, timestamp={"type": "number"}),
            "open_questions": {"type": "array", "items": TEXT},
            "participants": {"type": "array", "items": TEXT},
        },
        "required": ["action_items", "decisions", "open_questions", "participants"],
    }
    value, provenance = read(schema)
    assert value["action_items"][0] == {
        "task": "I'll call the repair shop and order a new cable by Friday.",
        "owner": "Bob",
        "due": "by Friday",
        "quote": "I'll call the repair shop and order a new cable by Friday.",
        "speaker": "Bob",
        "time": "00:00:09",
    }
    assert value["action_items"][1]["owner"] == "Bob"
    assert value["decisions"] == [
        {"decision": "We agreed to buy a second printer for the office in April.", "timestamp": 25}
    ]
    assert value["open_questions"][0] == "Who pays for the paper, the office or the shop?"
    assert value["participants"] == ["Ann Smith", "Bob", "Carla"]
    assert all(one["quote"] in MEETING for one in provenance)


def test_an_item_that_lacks_what_is_required_is_left_out():
    """Nobody is made an owner to please a schema."""
    text = MEETING + "[00:00:50] Ann Smith: Somebody should please update the list of shops by Monday.\n"
    all_of_it, _ = read({"type": "object", "properties": {"tasks": item(task=TEXT, owner=MAYBE)}}, text)
    owned, _ = read({"type": "object", "properties": {"tasks": item(task=TEXT, owner=TEXT)}}, text)
    assert [one["task"] for one in all_of_it["tasks"] if one["owner"]] == [one["task"] for one in owned["tasks"]]
    assert len(owned["tasks"]) < len(all_of_it["tasks"])


@pytest.mark.parametrize(
    ("sentence", "owner"),
    [
        ("I will merge the pull request after the call.", "Ann Smith"),
        ("I'm planning to publish the notes by the end of the week.", "Ann Smith"),
        ("Bob, can you update the change log before Friday?", "Bob"),
        ("So Bob will prepare the order for twenty scanners.", "Bob"),
        ("Please send the report to the shops by Monday, Bob.", "Bob"),
        ("We need to fix the broken scanner in the warehouse by tomorrow.", ""),
    ],
)
def test_promises_and_requests_are_tasks(sentence, owner):
    """First person, by name, or everybody's."""
    (found,) = commitments(said(sentence), People(["Ann Smith", "Bob"]))
    assert (found.owner, found.said.quote) == (owner, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I'll share my screen so that you can see the slides.",
        "Can you hear me now, or is the microphone off?",
        "I will say that this was a good quarter for all of us.",
        "If we had more time we might have fixed the scanner.",
        "They shipped the new scanner to the warehouse last week.",
        "Let's move on to the next topic on the agenda.",
    ],
)
def test_talk_is_no_task(sentence):
    """What people say to run the meeting binds nobody."""
    assert commitments(said(sentence), People(["Ann Smith", "Bob"])) == []


def test_agreement_makes_a_decision_plainer():
    """The same words settle more when somebody else says yes."""
    text = "Ann: Let's keep the old price for the big customers.\nBob: {}\nAnn: The weather is nice.\n"
    agreed = decisions(said_in(parse_transcript(text.format("Sounds good."))))
    alone = decisions(said_in(parse_transcript(text.format("The coffee is cold today."))))
    assert agreed[0].weight > (alone[0].weight if alone else 0.0)


def test_an_answered_question_is_not_open():
    """Only one that nobody answers, or whose answer is that nobody knows."""
    text = "Ann: Which of the two printers should we buy for the hall?\nBob: {}\n"
    assert open_questions(said_in(parse_transcript(text.format("The large one, it prints faster.") * 1))) == []
    assert len(open_questions(said_in(parse_transcript(text.format("Good question, I don't know."))))) == 1


def test_a_sentence_over_several_cues_begins_in_the_first():
    """Captions break anywhere; another speaker or a long pause ends a sentence."""
    cues = (
        Cue("Ann", "I will send", 0.0, 1.0),
        Cue("Ann", "the report. Then", 1.0, 2.0),
        Cue("Ann", "we meet again.", 60.0, 61.0),
        Cue("Bob", "Fine.", 61.0, 62.0),
    )
    found = said_in(Transcript(cues, "webvtt"))
    assert [(one.cue, one.speaker, one.quote) for one in found] == [
        (0, "Ann", "I will send the report."),
        (1, "Ann", "Then"),
        (2, "Ann", "we meet again."),
        (3, "Bob", "Fine."),
    ]


def test_fillers_are_left_out_of_the_text_and_kept_in_the_quote():
    """The quote has to be found in the transcript; the text is for reading."""
    (one, _) = said("Um, so I , uh , I will {vocalsound} call the the shop .")
    assert one.quote == "Um, so I , uh , I will {vocalsound} call the the shop ."
    assert one.text == "So I will call the shop."


def test_a_question_is_answered_by_the_sentences_about_it():
    """Words of the question and of its neighbourhood count, and the speaker who is named."""
    told = said_in(parse_transcript(MEETING))
    assert "paper" in choose(told, "Who pays for the paper?", words=8)[0].text
    assert choose(told, "What did Carla say about the printer?", words=12)[0].speaker == "Carla"


def test_topics_part_where_the_words_change():
    """Two stretches about different things are two topics, titled by their own words."""
    first = [Cue("Ann", f"The printer needs toner and the printer prints page {n}.") for n in range(25)]
    second = [Cue("Bob", f"The invoice of the customer is open and the invoice has number {n}.") for n in range(25)]
    found = topics(said_in(Transcript((*first, *second), "text")))
    assert len(found) >= 2
    assert "printer" in found[0].title
    assert "invoice" in found[-1].title


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("Great progress, the shops are happy and everything works well.", "positive"),
        ("There is a problem, it is broken and we are worried.", "negative"),
        ("It is not bad and not a problem, we are happy.", "positive"),
        ("Good progress, but a problem and a delay, which is great news too.", "mixed"),
        ("The meeting is on Monday in the large room.", None),
    ],
)
def test_sentiment_is_told_only_where_words_tell(text, sounds):
    """None is an answer: too few words say how it sounded."""
    assert sentiment_of(tuple(said(text)[:1])) == sounds


@pytest.mark.parametrize(("name", "kind"), [("actionItems", "actions"), ("next_steps", "actions"), ("keyDecisions", "decisions"), ("topics", "topics"), ("line_items", None), ("total", None)])  # fmt: skip
def test_lists_are_known_by_their_names(name, kind):
    """Whatever case and synonym a schema uses."""
    assert list_of(name) == kind


def test_fields_are_known_by_their_names():
    """The field of a row."""
    assert [field_named(name) for name in ("assignee", "dueDate", "said_by", "timestamp", "verbatim")] == [
        "owner",
        "due",
        "speaker",
        "start",
        "quote",
    ]
    assert not asks_for_minutes({"properties": {"total": {}, "participants": {}}})


def test_other_texts_with_tasks_in_the_schema_are_read_as_before():
    """A schema that asks for tasks makes no meeting of a receipt."""
    value, _ = read(
        {"type": "object", "properties": {"tasks": {"type": "array", "items": TEXT}}},
        "Corner Cafe\nTotal 10.00\nCash 20.00\n",
    )
    assert value == {"tasks": []}
