"""Reading one meeting: a recording is transcribed first, and both calls are on the bill."""

from __future__ import annotations

import pytest

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows.meetings import read_meeting
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import CorruptDocument
from prefect_gemini.testing import json_reply

NAME = "stand-up-2026-03-10.wav"
HEARD = {
    "cues": [
        {"speaker": "Ann", "start": "00:00:00", "end": "00:00:04", "text": "The new label printer is broken again."},
        {"speaker": "Bob", "start": "00:00:04", "end": "00:00:07", "text": "I will call the repair shop today."},
        {"speaker": "Ann", "start": "00:00:08", "end": "00:01:30", "text": "Great. Please send me the bill by Friday."},
    ]
}
MINUTES = {
    "summary": "The printer is broken; Bob has it repaired.",
    "decisions": [],
    "action_items": [
        {
            "task": "Send the bill to Ann.",
            "owner": "Bob",
            "due": "by Friday",
            "quote": "Please send me the bill by Friday",
            "speaker": "Bob",
            "time": "00:00:02",
        }
    ],
    "open_questions": [],
    "topics": [],
}


@pytest.fixture
def model(gemini) -> GeminiModel:
    """A model on the test's own server."""
    return GeminiModel(credentials=GeminiCredentials(service="local", base_url=gemini.base_url))


def test_a_recording_becomes_minutes_that_are_held_against_what_was_heard(gemini, model, examples):
    """The sound goes to the first call, its transcript to the second; times lie inside the recording."""
    gemini.script([json_reply(HEARD), json_reply(MINUTES)])
    reply = read_meeting.fn(examples / "meetings" / NAME, model=model)
    meeting = reply.value
    (item,) = meeting.items
    assert (item.start, item.speaker, item.owner, str(item.due)) == (8.0, "Ann", "Bob", "2026-03-13")
    assert (meeting.format, str(meeting.held)) == ("speech", "2026-03-10")
    assert meeting.duration < 12  # the model heard until 00:01:30
    heard, asked = gemini.journal.generate_calls
    assert "inlineData" in str(heard.body)
    assert "[00:00:04] Bob: I will call the repair shop today." in str(asked.body)
    assert reply.usage.total == sum(call.usage["totalTokenCount"] for call in (heard, asked))


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"Dear all, the meeting is moved to Monday.", "mail.txt", CorruptDocument),
        (b"00:01.000 --> 00:02.000\nHi", "a.vtt", CorruptDocument),
    ],
)
def test_what_is_no_meeting_is_refused_before_any_call(gemini, model, tmp_path, data, name, error):
    """Nothing is paid for a mail or a broken file."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error):
        read_meeting.fn(tmp_path / name, model=model)
    assert not gemini.journal.generate_calls


def test_a_day_given_counts_before_the_name(gemini, model):
    """Dates are computed from it."""
    gemini.script([json_reply(MINUTES)])
    text = "[00:00:08] Ann: Great. Please send me the bill by Friday."
    meeting = read_meeting.fn(Document.text(text, name="2026-01-01.txt"), model=model, held="2026-03-02").value
    assert str(meeting.items[0].due) == "2026-03-06"
