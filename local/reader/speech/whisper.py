"""Hearing a recording: half a minute at a time, from where the last sentence ended."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np

from prefect_gemini.local.reader.speech.mel import SAMPLES, SECONDS, log_mel
from prefect_gemini.local.reader.speech.weights import name_of, weights
from prefect_gemini.pages.sound import RATE, Samples, mono
from prefect_gemini.pages.transcripts import Cue, Transcript
from prefect_gemini.pages.transcripts.transcript import in_order

QUIET = 60.0
"""Loudness (root mean square of 16-bit samples) under which half a minute holds no speech."""

NO_SPEECH, DOUBTFUL = 0.6, -1.0
"""As in Whisper: text is dropped where silence is likelier than this and the text less likely than that."""

REPEATING = 2.4
"""As in Whisper: text that shrinks more than this when packed repeats itself and was not said."""

_STAMP = re.compile(r"<\|(\d+\.\d\d)\|>")


@dataclass(frozen=True)
class _Stretch:
    start: float
    end: float
    text: str


def hear(data: bytes) -> Transcript:
    """What is said in a WAV file, with times; nobody is told apart.

    Args:
        data: a PCM WAV file.

    Raises:
        NoWeights: speech to text is not installed.
        wave.Error: it is not plain PCM.
    """
    samples = mono(data)
    length = len(samples) / RATE
    cues: list[Cue] = []
    dropped = 0
    at = 0.0
    while at < length - 0.1:
        window = samples[int(at * RATE) : int(at * RATE) + SAMPLES]
        stretches, moved, lost = _half_minute(window)
        dropped += lost
        cues += [
            Cue("", one.text, round(at + one.start, 2), round(min(length, at + one.end), 2))
            for one in stretches
            if one.text
        ]
        at += moved
    ordered, _ = in_order(cues)
    notes = [f"heard by {name_of(weights())} on this machine, which makes mistakes and does not tell speakers apart"]
    if dropped:
        notes.append(f"{dropped} stretches without clear speech were left out")
    return Transcript(ordered, "speech", tuple(notes))


_one_at_a_time = Lock()


def _half_minute(samples: Samples) -> tuple[list[_Stretch], float, int]:
    """The sentences of a window, by how much to move on, and how many were dropped."""
    if not len(samples) or float(np.sqrt((samples.astype(np.float64) ** 2).mean())) < QUIET:
        return [], float(SECONDS), 0
    import ctranslate2

    model, start = _model()
    with _one_at_a_time:
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(log_mel(samples)[None]))
        prompt = [*start, *_language(model, features)]
        (result,) = model.generate(
            features, [prompt], beam_size=5, return_scores=True, return_no_speech_prob=True, max_length=448
        )
    if result.no_speech_prob > NO_SPEECH and result.scores[0] < DOUBTFUL:
        return [], float(SECONDS), 1
    stretches, end = _parted(result.sequences[0], len(samples) / RATE)
    kept = [one for one in stretches if not _repeats(one.text)]
    # A last sentence that was cut off by the window is heard again from its beginning.
    return kept, max(1.0, end), len(stretches) - len(kept)


def _parted(tokens: list[str], length: float) -> tuple[list[_Stretch], float]:
    """Text between time stamps, and where the last whole sentence ends."""
    found: list[_Stretch] = []
    words: list[str] = []
    start, end = 0.0, length
    for token in tokens:
        stamp = _STAMP.fullmatch(token)
        if stamp is None:
            if not token.startswith("<|"):
                words.append(token)
            continue
        moment = float(stamp[1])
        if words:
            found.append(_Stretch(start, moment, _text(words)))
            words, end = [], moment
        start = moment
    if words:
        found.append(_Stretch(start, length, _text(words)))
        end = length
    full = length >= SECONDS - 0.1
    return found, end if full and found and found[-1].end < length else float(SECONDS)


def _text(tokens: list[str]) -> str:
    raw = bytes(_bytes()[letter] for letter in "".join(tokens) if letter in _bytes())
    return " ".join(raw.decode("utf-8", "replace").split())


def _repeats(text: str) -> bool:
    raw = text.encode()
    return len(raw) > 60 and len(raw) / len(zlib.compress(raw)) > REPEATING


@cache
def _bytes() -> dict[str, int]:
    """GPT-2's letters for bytes: printable ones stand for themselves, the others for letters from U+0100 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(value): value for value in plain}
    others = [value for value in range(256) if value not in plain]
    return table | {chr(256 + number): value for number, value in enumerate(others)}


@cache
def _model() -> tuple[Any, list[str]]:
    import ctranslate2

    model = ctranslate2.models.Whisper(str(weights()), device="cpu", compute_type="int8", inter_threads=1)
    return model, ["<|startoftranscript|>"]


def _language(model: Any, features: Any) -> list[str]:
    """The language of a window, for weights that know several."""
    if not model.is_multilingual:
        return []
    ((likeliest, _), *_others) = model.detect_language(features)[0]
    return [likeliest, "<|transcribe|>"]
