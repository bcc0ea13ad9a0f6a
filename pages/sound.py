"""Sound as samples: WAV files in, 16 kHz of one channel out."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second; speech models listen to no more, Gemini too (its audio documentation: 16 kHz, one channel)."""

Samples = NDArray[np.int16]


def wav_seconds(data: bytes) -> float | None:
    """How long a WAV file is; None where it is not plain PCM, which is not looked into."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            # A recorder that was cut off leaves a header that promises more than there is.
            there: int = min(sound.getnframes(), len(data) // max(1, sound.getsampwidth() * sound.getnchannels()))
            return float(there / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


def mono(data: bytes, rate: int = RATE) -> Samples:
    """The samples of a PCM WAV file, its channels joined, at `rate` a second.

    Raises:
        wave.Error: it is not plain PCM.
    """
    with wave.open(io.BytesIO(data)) as sound:
        width, channels, own = sound.getsampwidth(), sound.getnchannels(), sound.getframerate()
        raw = sound.readframes(sound.getnframes())
    raw = raw[: len(raw) // (width * channels) * width * channels]
    values: NDArray[Any]
    if width == 1:
        values = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128.0) * 256.0
    elif width == 3:
        bytes_ = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        values = ((bytes_[:, 2].astype(np.int8).astype(np.int32) << 8) + bytes_[:, 1]).astype(np.float32)
    elif width == 4:
        values = np.frombuffer(raw, "<i4").astype(np.float32) / 65536.0
    else:
        values = np.frombuffer(raw, "<i2").astype(np.float32)
    values = values.reshape(-1, channels).mean(axis=1)
    if own != rate and len(values):
        # Averaging over the new step keeps what is above half the new rate from folding back.
        step = max(1, round(own / rate))
        if step > 1:
            values = np.convolve(values, np.ones(step, np.float32) / step, "same")
        places = np.arange(int(len(values) * rate / own)) * (own / rate)
        values = np.interp(places, np.arange(len(values)), values)
    samples: Samples = np.clip(values, -32768, 32767).astype(np.int16)
    return samples


def as_wav(samples: Samples, rate: int = RATE) -> bytes:
    """Samples as a WAV file of one channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()
