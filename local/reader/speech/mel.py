"""What Whisper hears: a log-mel spectrogram of half a minute (Radford et al. 2022, section 2.2), in numpy."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from prefect_gemini.pages.sound import RATE, Samples

WINDOW, HOP, BANDS = 400, 160, 80
SECONDS = 30
SAMPLES = SECONDS * RATE

Spectrum = NDArray[np.float32]


def log_mel(samples: Samples) -> Spectrum:
    """The features of at most half a minute, padded with silence.

    Args:
        samples: 16 kHz, one channel.

    Returns:
        80 bands by 3,000 frames of 10 ms.
    """
    sound = np.zeros(SAMPLES, np.float32)
    sound[: len(samples)] = samples[:SAMPLES].astype(np.float32) / 32768.0
    padded = np.pad(sound, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: SAMPLES // HOP]
    power = np.abs(np.fft.rfft(frames * _hann(), axis=1)) ** 2
    bands = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    loudest: Spectrum = ((np.maximum(bands, bands.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
    return loudest


@cache
def _hann() -> NDArray[np.float64]:
    window: NDArray[np.float64] = np.hanning(WINDOW + 1)[:-1]
    return window


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles on Slaney's mel scale (linear below 1 kHz, logarithmic above), each of the same area."""
    edges = _hertz(np.linspace(_mel(0.0), _mel(RATE / 2), BANDS + 2))
    places = np.fft.rfftfreq(WINDOW, 1 / RATE)
    rising = (places[None, :] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - places[None, :]) / np.diff(edges)[1:, None]
    triangles: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]


def _mel(hertz: float) -> float:
    return hertz * 3 / 200 if hertz < 1000 else 15 + np.log(hertz / 1000) * 27 / np.log(6.4)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    return result
