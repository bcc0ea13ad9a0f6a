"""Transcripts in every form they are exported in become one type, and nothing of them is lost in silence."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.pages.transcripts import (
    Cue,
    NoCues,
    Transcript,
    TranscriptError,
    is_transcript,
    parse_transcript,
)
from prefect_gemini.pages.transcripts.clock import clock, seconds

ANN, BOB = Cue("Ann Smith", "We ship on Friday.", 1.0, 3.0), Cue("Bob", "I will write the notes.", 3.5, 6.0)

EXPORTS = {
    "zoom.vtt": (
        "\ufeffWEBVTT\r\n\r\n1\r\n00:00:01.000 --> 00:00:03.000\r\nAnn Smith: We ship on Friday.\r\n\r\n"
        "2\r\n00:00:03.500 --> 00:00:06.000\r\nBob: I will write\r\nthe notes.\r\n"
    ),
    "teams.vtt": (
        "WEBVTT\n\n5f1c2d3e-0000/12-0\n00:00:01.000 --> 00:00:03.000\n<v Ann Smith>We ship on Friday.</v>\n\n"
        "5f1c2d3e-0000/13-0\n00:00:03.500 --> 00:00:06.000\n<v Bob>I will write the notes.</v>\n"
    ),
    "captions.srt": (
        "1\n00:00:01,000 --> 00:00:03,000\nAnn Smith: We ship on Friday.\n\n"
        "2\n00:00:03,500 --> 00:00:06,000\nBob: <i>I will</i> write the notes.\n"
    ),
    "header-without-blank.vtt": (
        "WEBVTT\n00:01.000 --> 00:03.000\n<v Ann Smith>We ship on Friday.\n00:03.500 --> 00:06.000\n<v Bob>I will write the notes."
    ),
    "segments.json": json.dumps(
        {
            "segments": [
                {"speaker": "Ann Smith", "start": 1.0, "end": 3.0, "text": "We ship on Friday."},
                {
                    "speaker": {"name": "Bob"},
                    "start_time": "00:00:03.5",
                    "end_time": "6s",
                    "text": "I will write the notes.",
                },
            ]
        }
    ),
    "milliseconds.json": json.dumps(
        [
            {"speakerName": "Ann Smith", "startMs": 1000, "endMs": 3000, "content": "We ship on Friday."},
            {
                "speakerName": "Bob",
                "startMs": 3500,
                "duration": None,
                "endMs": 6000,
                "content": "I will write the notes.",
            },
        ]
    ),
    "teams-old.txt": (
        "00:00:01.000 --> 00:00:03.000\nAnn Smith\nWe ship on Friday.\n00:00:03.500 --> 00:00:06.000\nBob\nI will write the notes.\n"
    ),
}

STARTS_ONLY = {
    "brackets.txt": "[00:00:01] Ann Smith: We ship on Friday.\n[00:00:03] Bob: I will write the notes.\n",
    "teams.txt": (
        "Weekly-20260302-Meeting Recording\nMarch 2, 2026, 8:00AM\n12m 13s\n\nAnn Smith   0:01\nWe ship on Friday.\n\n"
        "Bob   0:03\nI will write\nthe notes.\n"
    ),
    "teams-new.txt": "Ann Smith 0:01\nWe ship on Friday.\nBob Jones started transcription\n\nBob   0:03\nI will write\nthe notes.\n",
    "zoom.txt": "[Ann Smith] 00:00:01\nWe ship on Friday.\n\n[Bob] 00:00:03\nI will write the notes.\n",
    "behind.txt": "Ann Smith (0:01): We ship on Friday.\nBob (0:03): I will write the notes.\n",
}

NO_TIMES = {
    "plain.txt": "Ann Smith: We ship on Friday.\nBob: I will write the notes.\n",
    "notes.md": "**Ann Smith** (_via chat_): We ship on Friday.\n\n**Bob** - I will write\n\nthe notes.\n",
    "numbered.txt": "[0] Ann Smith: We ship on Friday.\n[1] Bob: I will write the notes.\n",
    "turns.json": '[{"speaker": "Ann Smith", "content": "We ship on Friday."}, {"speaker": "Bob", "content": "I will write the notes."}]',
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_with_times_are_read_whole(name):
    """Speaker, words, start and end of every cue, whatever program wrote them."""
    assert parse_transcript(EXPORTS[name], name=name).cues == (ANN, BOB)


@pytest.mark.parametrize("name", STARTS_ONLY)
def test_a_turn_without_an_end_lasts_until_the_next(name):
    """Text exports have starts only."""
    first, last = parse_transcript(STARTS_ONLY[name], name=name).cues
    assert first == Cue("Ann Smith", "We ship on Friday.", 1.0, 3.0)
    assert last == Cue("Bob", "I will write the notes.", 3.0, 3.0)


@pytest.mark.parametrize("name", NO_TIMES)
def test_a_transcript_without_times_has_none(name):
    """No time is made up where the source has none."""
    transcript = parse_transcript(NO_TIMES[name], name=name)
    assert transcript.cues == (Cue("Ann Smith", ANN.text), Cue("Bob", BOB.text))
    assert not transcript.timed
    assert transcript.spoken == {"Ann Smith": 4, "Bob": 5}


def test_meet_names_the_meeting_and_its_day():
    """A Meet export has the title and the day above the turns, and a time every few minutes."""
    transcript = parse_transcript(
        "Weekly sync (2026-03-02 10:00 GMT+1) - Transcript\nAttendees\nAnn Smith, Bob\nTranscript\n00:00:00\n \n"
        "Ann Smith: We ship.\nBob: I will write it.\n00:05:00\n\nAnn Smith: Bye.\nTranscription ended after 00:05:02\n"
    )
    assert (transcript.title, transcript.held) == ("Weekly sync", "2026-03-02 10:00 GMT+1")
    assert [(cue.speaker, cue.start) for cue in transcript.cues] == [
        ("Ann Smith", 0.0),
        ("Bob", 100.0),
        ("Ann Smith", 300.0),
    ]


@pytest.mark.parametrize(
    ("text", "name", "note"),
    [
        ("WEBVTT\n\n00:10.000 --> 00:05.000\nAlice: back", "a.vtt", "1 cue that ends before it starts"),
        ("WEBVTT\n\n00:01.000 --> 00:20.000\nA\n\n00:02.000 --> 00:03.000\nB", "a.vtt", "cues that overlap"),
        ("WEBVTT\n\n00:09.000 --> 00:10.000\nA\n\n00:02.000 --> 00:03.000\nB", "a.vtt", "cues out of order, sorted by their start"),
        ("WEBVTT\n\nlost words\n\n00:02.000 --> 00:03.000\nB", "a.vtt", "1 cue without a time line that can be read"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\nB", "a.vtt", "1 cue without text"),
        ('[{"text": "A", "start": 3600000}, {"text": "B", "start": 3601000}]', "a.json", "times read as milliseconds"),
    ],
)  # fmt: skip
def test_what_is_odd_is_noted(text, name, note):
    """A transcript with faults is read, and says which."""
    assert note in parse_transcript(text, name=name).notes


@pytest.mark.parametrize(
    ("text", "name", "error"),
    [
        ("00:01.000 --> 00:02.000\nHi", "a.vtt", TranscriptError),
        ("WEBVTT\n\nno times at all", "a.vtt", TranscriptError),
        ("WEBVTT\n", "a.vtt", NoCues),
        ("{", "a.json", TranscriptError),
        ('{"total": 3}', "a.json", TranscriptError),
        ("[]", "a.json", NoCues),
        ('[{"text": ""}, {"text": " "}]', "a.json", TranscriptError),
        ("Dear all, the meeting is moved.", "a.txt", TranscriptError),
        (" \n\t", "a.txt", NoCues),
    ],
)  # fmt: skip
def test_what_is_no_transcript_is_a_typed_error(text, name, error):
    """Broken files say what is wrong with them instead of giving an empty meeting."""
    with pytest.raises(error):
        parse_transcript(text, name=name)


def test_times_of_day_are_counted_from_the_first():
    """Zoom saves captions with the clock on the wall; a recording has no tenth hour before its first word."""
    transcript = parse_transcript("[Ann Smith] 10:01:02\nWe ship.\n[Bob] 10:01:32\nFine.\n")
    assert [cue.start for cue in transcript.cues] == [0.0, 30.0]
    assert "times of day" in transcript.notes[0]


def test_words_before_a_colon_are_not_speakers():
    """In captions without speakers a colon belongs to the sentence."""
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nOne thing is clear: it works.\n\n00:02.000 --> 00:03.000\nYes.\n\n00:03.000 --> 00:04.000\nGood."
    assert parse_transcript(text).speakers == ()


def test_milliseconds_of_a_short_recording_are_told_from_seconds():
    """A minute of talk in 60,000 of something is no sixteen hours; an hour with few words stays an hour."""
    words = "We ship the new register to all of the shops on Friday."
    short = [{"speaker": "A", "start": 15000 * n, "end": 15000 * n + 9000, "text": words} for n in range(4)]
    assert parse_transcript(json.dumps(short)).duration == 54.0
    slow = [{"speaker": "A", "start": 900 * n, "end": 900 * n + 9, "text": words * 3} for n in range(4)]
    assert parse_transcript(json.dumps(slow)).duration == 2709.0


def test_a_line_without_breaks_is_parted_at_its_names():
    """An export that lost its line breaks still has its turns."""
    transcript = parse_transcript("Alice: We ship on Friday. Bob: I will write it. " * 2000)
    assert len(transcript.cues) == 4000
    assert transcript.speakers == ("Alice", "Bob")


@pytest.mark.parametrize("name", [*EXPORTS, *STARTS_ONLY])
def test_a_transcript_is_recognised(name):
    """The local reader is sent text without a name and has to know what it is."""
    body = {**EXPORTS, **STARTS_ONLY}[name]
    assert is_transcript(parse_transcript(body, name=name).written() + "\n[00:00:07] Ann Smith: Fine.")


@pytest.mark.parametrize(
    "text",
    [
        "Total: 12.50\nCash: 20.00\nChange: 7.50\nDate: 2026-03-02",
        "Invoice\nSeller: Acme\nBuyer: Jones\nIBAN: DE00",
        "A contract of several pages.\n\n1. Term. The term is one year.\n\n2. Law. Swedish law governs.",
        "{}",
    ],
)
def test_other_texts_are_not_taken_for_transcripts(text):
    """Receipts and contracts have colons too."""
    assert not is_transcript(text)


words = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=8)
sentences = st.lists(words, min_size=1, max_size=6).map(" ".join)
cues = st.builds(Cue, st.sampled_from(["Ann Smith", "Bob", "Karim T. (matkt)"]), sentences)


@given(st.lists(cues, min_size=1, max_size=12), st.booleans())
def test_what_is_sent_is_read_back(said, timed):
    """The text a model is sent holds every cue with its speaker and its second."""
    listed = [Cue(cue.speaker, cue.text, 2.0 * n, 2.0 * n + 2) if timed else cue for n, cue in enumerate(said)]
    transcript = Transcript(tuple(listed), "text")
    again = parse_transcript(transcript.written())
    assert [(cue.speaker, cue.text, cue.start) for cue in again.cues] == [(c.speaker, c.text, c.start) for c in listed]


@given(st.text(max_size=300), st.sampled_from(["a.vtt", "a.srt", "a.json", "a.txt", ""]))
def test_any_text_is_read_or_refused(text, name):
    """Whatever comes, the parser gives a transcript with words or one of its own errors."""
    with contextlib.suppress(TranscriptError):
        assert parse_transcript(text, name=name).cues


@given(st.integers(0, 359_999))
def test_clocks_are_read_as_written(moment):
    """Every second up to a hundred hours."""
    assert seconds(clock(moment)) == moment


def test_offsets_lead_to_their_cue():
    """A quote found in the speech belongs to the cue it stands in."""
    transcript = Transcript((ANN, BOB), "text")
    assert transcript.cue_at(transcript.speech.index("write")) == 1
    assert transcript.at(2.0) == 0
    assert transcript.at(3.2) == 0
    assert transcript.at(99.0) == 1


@pytest.mark.shared
def test_real_exports_are_read(shared_data):
    """Every transcript of the data sets parses, with its speakers."""
    for path in sorted(shared_data.glob("meetings_*/*/*/*")):
        transcript = parse_transcript(path.read_text(), name=path.name)
        assert len(transcript.cues) > 20, path
        assert transcript.speakers, path
