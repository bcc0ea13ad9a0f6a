"""Speaks the sample recording `meetings/stand-up-2026-03-10.wav` with espeak-ng, two voices, one a turn.

apt-get install espeak-ng && python examples/make_recording.py
"""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import numpy as np

from prefect_gemini.pages.sound import RATE, as_wav, mono

TURNS = (
    ("en-us+f3", "Good morning. The new label printer is broken again."),
    ("en-gb+m3", "I will call the repair shop today."),
    ("en-us+f3", "Great. Please send me the bill by Friday."),
)
PAUSE_S = 0.6
TARGET = Path(__file__).parent / "meetings" / "stand-up-2026-03-10.wav"


def spoken(voice: str, words: str) -> bytes:
    """The samples of one turn, 16 kHz, one channel."""
    said = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "140", "--stdout", words], check=True, capture_output=True
    ).stdout
    with wave.open(io.BytesIO(said)) as sound:
        # espeak-ng writes to a pipe and so cannot put the length into the header.
        frames = sound.readframes(len(said))
        rate = sound.getframerate()
    out = io.BytesIO()
    with wave.open(out, "wb") as whole:
        whole.setnchannels(1)
        whole.setsampwidth(2)
        whole.setframerate(rate)
        whole.writeframes(frames)
    return mono(out.getvalue()).tobytes()


def main() -> None:
    """Write the recording."""
    pause = bytes(2 * int(PAUSE_S * RATE))
    sound = pause.join(spoken(voice, words) for voice, words in TURNS)
    TARGET.write_bytes(as_wav(np.frombuffer(sound, "<i2")))
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
