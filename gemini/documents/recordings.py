"""Recordings: how long they are, and cutting long ones where nobody speaks."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prefect_gemini.gemini.errors import DocumentTooLarge

LONGEST_S = 8.4 * 3600
"""Gemini takes one sound file of about 8.4 hours a prompt (Vertex AI, audio understanding)."""

RATE = 16_000
"""Samples a second of a piece; Gemini itself listens to no more (its audio documentation: 16 kHz, one channel)."""

FRAME_S = 0.05
"""Length of the frames whose loudness is compared."""

LATEST = 0.25
"""The last share of a piece in which its end is looked for."""

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording.

    Args:
        start, end: seconds from the beginning of the recording.
        data: the stretch as a WAV file of its own, 16 kHz, one channel.
    """

    start: float
    end: float
    data: bytes


def wav_seconds(data: bytes) -> float | None:
    """How long a WAV file is; None where it is not plain PCM, which is not looked into."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            # A recorder that was cut off leaves a header that promises more than there is.
            there: int = min(sound.getnframes(), len(data) // max(1, sound.getsampwidth() * sound.getnchannels()))
            return float(there / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


def cut(data: bytes, *, longest: float) -> tuple[Piece, ...]:
    """Cut a WAV file into pieces, each ended where it is quietest.

    Args:
        data: a PCM WAV file.
        longest: seconds of a piece, at most.

    Returns:
        The pieces in order, without a gap; one, where it is short enough; none where it is not plain PCM.

    Raises:
        DocumentTooLarge: longer than `LONGEST_S`.
    """
    length = wav_seconds(data)
    if length is None:
        return ()
    if length > LONGEST_S:
        raise DocumentTooLarge(
            f"the recording has {length / 3600:.1f} hours; Gemini takes {LONGEST_S / 3600:.1f}.",
            hint="Split it into parts.",
        )
    samples = mono(data)
    size = int(longest * RATE)
    bounds = [0]
    while len(samples) - bounds[-1] > size:
        bounds.append(bounds[-1] + _quietest(samples[bounds[-1] : bounds[-1] + size]))
    bounds.append(len(samples))
    return tuple(Piece(start / RATE, end / RATE, as_wav(samples[start:end])) for start, end in pairwise(bounds))


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


def _quietest(samples: Samples) -> int:
    """The middle of the quietest half second in the last part of a piece."""
    frame = int(FRAME_S * RATE)
    first = int(len(samples) * (1 - LATEST)) // frame
    count = len(samples) // frame
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    loudness = np.sqrt((frames**2).mean(axis=1))
    width = 10
    smooth = np.convolve(loudness, np.ones(width) / width, "same")
    quiet = first + int(np.argmin(smooth[first:]))
    return max(frame, quiet * frame + frame // 2)
