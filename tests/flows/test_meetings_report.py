"""The report and the e-mail: what was said is shown as text, and nothing that is not proven is in the draft."""

from __future__ import annotations

import datetime

import pytest

from prefect_gemini.flows.meetings.exports import write_actions
from prefect_gemini.flows.meetings.follow_up import follow_up
from prefect_gemini.flows.meetings.models import Item, Meeting, Said, Stretch, Voice
from prefect_gemini.flows.meetings.report import card, write_report
from prefect_gemini.flows.meetings.store import Record

ATTACK = "<script>alert(1)</script>=cmd|' /C calc'!A0"


def meeting(**given) -> Meeting:
    fields = {
        "title": ATTACK,
        "held": datetime.date(2026, 3, 2),
        "format": "webvtt",
        "duration": 100.0,
        "summary": ATTACK,
        "extractive": False,
        "items": (
            Item(
                kind="action",
                text=ATTACK,
                quote=ATTACK,
                support="found",
                cue=0,
                start=25.0,
                end=50.0,
                speaker=ATTACK,
                owner=ATTACK,
            ),
            Item(
                kind="decision",
                text="Buy it.",
                quote="we buy it",
                support="similar",
                cue=1,
                start=50.0,
                end=60.0,
                speaker="Ann",
            ),
            Item(kind="question", text="Lost.", quote="nowhere", support="unsupported"),
        ),
        "topics": (Stretch(title=ATTACK, cue=0, start=25.0, end=75.0),),
        "voices": (Voice(name=ATTACK, turns=1, words=2, seconds=3.0),),
        "cues": (
            Said(speaker=ATTACK, text=ATTACK, start=25.0, end=50.0),
            Said(speaker="Ann", text="we buy it", start=50.0, end=60.0),
        ),
    }
    return Meeting(**fields | given)


def record(**given) -> Record:
    return Record(ATTACK, "a" * 64, "series", meeting(**given))


def test_words_of_a_meeting_run_nowhere(tmp_path):
    """Whatever a transcript or a file name says is text in the report, and no formula in the sheet."""
    moment = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
    path = write_report(
        tmp_path / "r.html",
        [record()],
        carried={},
        failures=[],
        source=ATTACK,
        backend=ATTACK,
        bill=ATTACK,
        made_at=moment,
    )
    html = path.read_text()
    assert html.count("<script>") == 1
    assert "&lt;script&gt;" in html
    sheet = write_actions(tmp_path / "a.csv", [record(title="=1+1")]).read_text(encoding="utf-8-sig")
    assert "'=1+1" in sheet


def test_marks_stand_where_things_were_said():
    """In percent of the meeting."""
    shown = card(record(), "m1")
    assert [(mark.left, mark.cue) for mark in shown.marks] == [(25.0, 0), (50.0, 1)]
    assert [(topic.left, topic.width) for topic in shown.topics] == [(25.0, 50.0)]


def test_a_meeting_without_times_has_no_timeline():
    """And no time is invented for it."""
    items = tuple(item.model_copy(update={"start": None, "end": None}) for item in meeting().items)
    topics = (Stretch(title="A"),)
    assert not card(record(items=items, topics=topics, duration=0.0), "m1").timed


@pytest.mark.parametrize(("extractive", "there"), [(True, False), (False, True)])
def test_quoted_sentences_are_not_passed_off_as_a_summary(extractive, there):
    """The draft has a written summary or none."""
    draft = follow_up(meeting(summary="It went well.", extractive=extractive))
    assert ("It went well." in draft) is there
    assert "Buy it. [00:00:50]" in draft
    assert "Lost." not in draft


def test_a_meeting_without_results_says_so():
    """The draft claims nothing."""
    assert "Nothing was decided" in follow_up(meeting(items=(), extractive=True))
