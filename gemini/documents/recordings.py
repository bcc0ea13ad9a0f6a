"""Cutting long recordings where nobody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from prefect_gemini.gemini.errors import DocumentTooLarge
from prefect_gemini.pages.sound import RATE, Samples, as_wav, mono, wav_seconds

LONGEST_S = 8.4 * 3600
"""Gemini takes one sound file of about 8.4 hours a prompt (Vertex AI, audio understanding)."""

FRAME_S = 0.05
"""Length of the frames whose loudness is compared."""

LATEST = 0.25
"""The last share of a piece in which its end is looked for."""


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
