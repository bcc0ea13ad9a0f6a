"""transcribe: pieces are sent, and their times put back into the whole recording."""

from __future__ import annotations

import numpy as np
import pytest

from prefect_gemini.gemini.errors import EmptyDocument, InvalidRequest, UnsupportedMedia
from prefect_gemini.pages.sound import RATE, as_wav
from prefect_gemini.pages.transcripts import Cue
from prefect_gemini.tasks import transcribe
from prefect_gemini.tasks.transcribe import PIECE_S
from prefect_gemini.testing import json_reply


def cue(start: str, end: str, text: str, speaker: str | None = "Ann") -> dict:
    return {"speaker": speaker, "start": start, "end": end, "text": text}


def recording(seconds: float) -> bytes:
    """Sound of a length, quiet in its last tenth."""
    samples = (6000 * np.sin(np.arange(int(seconds * RATE)) * 0.1)).astype(np.int16)
    samples[int(0.9 * len(samples)) :] = 0
    return as_wav(samples)


def test_a_short_recording_is_one_call_with_the_bytes_in_it(gemini, model):
    """The sound goes inline, and what was heard comes back as cues."""
    gemini.script(
        [json_reply({"cues": [cue("00:00:01", "00:00:02", "Hello  all."), cue("00:00:02", "00:00:03", "Hi.", None)]})]
    )
    reply = transcribe.fn(recording(4), model=model)
    assert reply.value.cues == (Cue("Ann", "Hello all.", 1.0, 2.0), Cue("", "Hi.", 2.0, 3.0))
    (call,) = gemini.journal.generate_calls
    assert "inlineData" in str(call.body)


def test_times_of_later_pieces_are_put_back(gemini, model):
    """The second piece begins where the first ended, in the silence."""
    gemini.script([json_reply({"cues": [cue("00:00:00", "00:00:04", "One.")]})] * 2)
    reply = transcribe.fn(recording(PIECE_S + 30), model=model)
    first, second = reply.value.cues
    assert first.start == 0.0
    assert second.start == pytest.approx(PIECE_S - 30, abs=45)
    assert any("cut into 2 pieces" in note for note in reply.value.notes)
    assert len(gemini.journal.generate_calls) == 2


def test_times_outside_the_recording_are_replaced_and_noted(gemini, model):
    """No cue lies behind the end, whatever the model says."""
    gemini.script(
        [
            json_reply(
                {
                    "cues": [
                        cue("00:00:01", "00:00:09", "In."),
                        cue("01:00:00", "01:00:05", "Out."),
                        cue("later", "", "None."),
                    ]
                }
            )
        ]
    )
    reply = transcribe.fn(recording(4), model=model)
    assert all(0 <= one.start <= one.end <= 4 for one in reply.value.cues)
    assert sum("replaced" in note for note in reply.value.notes) == 2


def test_silence_is_an_error_and_not_an_empty_transcript(gemini, model):
    """Whoever sends a recording expects words in it."""
    gemini.script([json_reply({"cues": []})])
    with pytest.raises(EmptyDocument, match="nobody speaks"):
        transcribe.fn(recording(2), model=model)


def test_a_text_is_no_recording(gemini, model):
    """Refused before any call."""
    with pytest.raises(UnsupportedMedia, match="no recording"):
        transcribe.fn(b"Ann: hello", model=model)
    assert not gemini.journal.generate_calls


def test_the_local_reader_says_what_would_hear(gemini, model, monkeypatch):
    """Without speech to text on this machine the refusal names what does it."""
    monkeypatch.setattr("prefect_gemini.local.reader.intake.speech_installed", lambda: False)
    with pytest.raises(InvalidRequest, match="audio"):
        transcribe.fn(recording(2), model=model)
