"""Long recordings are cut where nobody speaks, and nothing of them is lost."""

from __future__ import annotations

import io
import wave
from itertools import pairwise

import numpy as np
import pytest

from prefect_gemini.gemini.documents.recordings import LONGEST_S, cut
from prefect_gemini.gemini.errors import DocumentTooLarge
from prefect_gemini.pages.sound import RATE, as_wav, mono, wav_seconds


def tone(seconds: float, level: int = 8000) -> np.ndarray:
    """A hum at a level."""
    return (level * np.sin(np.arange(int(seconds * RATE)) * 0.2)).astype(np.int16)


def test_a_recording_is_cut_in_its_silences():
    """Each piece ends in a pause, none is too long, and together they are the whole."""
    talk = [tone(8), tone(1, 0), tone(8.5), tone(1, 0), tone(6)]
    whole = np.concatenate(talk)
    pieces = cut(as_wav(whole), longest=10)
    assert [round(piece.end, 1) for piece in pieces[:2]] == pytest.approx([8.5, 18.0], abs=0.5)
    assert all(piece.end - piece.start <= 10 for piece in pieces)
    assert np.array_equal(np.concatenate([mono(piece.data) for piece in pieces]), whole)
    assert all(one.end == other.start for one, other in pairwise(pieces))


def test_a_short_recording_is_one_piece():
    """Nothing to cut."""
    (piece,) = cut(as_wav(tone(3)), longest=10)
    assert (piece.start, piece.end) == (0.0, 3.0)


@pytest.mark.parametrize(("width", "channels", "rate"), [(1, 1, 8000), (2, 2, 44100), (3, 1, 48000), (4, 2, 16000)])
def test_every_plain_wav_is_brought_to_one_channel(width, channels, rate):
    """Widths, channels and rates of recorders become 16 bits, one channel, 16 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(bytes([128 if width == 1 else 0]) * width * channels * rate * 2)
    samples = mono(out.getvalue())
    assert len(samples) == pytest.approx(2 * RATE, abs=1)
    assert not samples.any()


def test_a_header_that_promises_too_much_is_not_believed():
    """A recorder that was cut off leaves one."""
    data = bytearray(as_wav(tone(2)))
    data[40:44] = (2**31).to_bytes(4, "little")
    assert wav_seconds(bytes(data)) == pytest.approx(2.0, abs=0.1)


def test_what_is_no_plain_wav_is_not_cut():
    """It is sent whole."""
    assert cut(b"RIFF\0\0\0\0WAVEnothing", longest=10) == ()


def test_a_recording_longer_than_gemini_takes_is_refused(monkeypatch):
    """Before anything is sent."""
    monkeypatch.setattr("prefect_gemini.gemini.documents.recordings.wav_seconds", lambda data: LONGEST_S + 60)
    with pytest.raises(DocumentTooLarge, match=r"8\.4 hours; Gemini takes 8\.4"):
        cut(b"", longest=600)
