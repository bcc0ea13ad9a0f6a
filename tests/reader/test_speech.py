"""Speech to text on this machine: what Whisper hears, and that it invents nothing."""

from __future__ import annotations

import numpy as np
import pytest

from prefect_gemini.local.reader.speech import weights as module
from prefect_gemini.local.reader.speech.mel import log_mel
from prefect_gemini.local.reader.speech.weights import NoWeights, installed, weights
from prefect_gemini.local.reader.speech.whisper import _bytes, _parted, _text, hear
from prefect_gemini.pages.sound import RATE, as_wav

needs_weights = pytest.mark.skipif(not installed(), reason="the extra `audio` is not installed")


def test_a_tone_lights_up_its_band():
    """A higher tone lies in a higher band, and silence in none."""
    peaks = []
    for hertz in (300, 1000, 3000):
        tone = (8000 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.int16)
        bands = log_mel(tone)
        assert bands.shape == (80, 3000)
        peaks.append(int(bands[:, 50].argmax()))
    assert peaks == sorted(set(peaks))
    assert np.ptp(log_mel(np.zeros(RATE, np.int16))) == 0


def test_text_between_stamps_becomes_stretches():
    """A last sentence without its end stamp ends with the window."""
    tokens = ["<|0.00|>", "ĠHello", "Ġall", ".", "<|2.50|>", "<|2.50|>", "ĠBye", "<|endoftext|>"]
    stretches, _ = _parted(tokens, 4.0)
    assert [(one.start, one.end, one.text) for one in stretches] == [(0.0, 2.5, "Hello all."), (2.5, 4.0, "Bye")]


def test_every_byte_has_its_letter():
    """Umlauts and emoji come back from their bytes."""
    letters = {value: letter for letter, value in _bytes().items()}
    assert len(letters) == 256
    assert _text(["".join(letters[byte] for byte in "Grüße 🙂".encode())]) == "Grüße 🙂"


def test_other_weights_under_the_same_name_are_not_loaded(tmp_path, monkeypatch):
    """A package can be replaced; its bytes are pinned."""
    (tmp_path / "model.bin").write_bytes(b"something else")
    monkeypatch.setattr(module, "_folder", lambda: tmp_path)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: object())
    weights.cache_clear()
    with pytest.raises(NoWeights, match="not those that were checked"):
        weights()
    weights.cache_clear()


@needs_weights
def test_silence_holds_no_words():
    """Whisper alone would make some up."""
    assert hear(as_wav(np.zeros(5 * RATE, np.int16))).cues == ()


@needs_weights
def test_the_sample_recording_is_heard(examples):
    """Three turns with their times, inside the recording and in order."""
    heard = hear((examples / "meetings" / "stand-up-2026-03-10.wav").read_bytes())
    said = " ".join(cue.text for cue in heard.cues).lower()
    assert "label printer is broken" in said
    assert "by friday" in said
    starts = [cue.start for cue in heard.cues]
    assert starts == sorted(starts)
    assert 0 <= starts[0] <= heard.duration <= 12
