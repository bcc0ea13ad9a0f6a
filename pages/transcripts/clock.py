"""Times in a recording: as they are written, and as seconds."""

from __future__ import annotations

import re

CLOCK = r"(?:\d{1,3}:)?[0-5]?\d:[0-5]\d(?:[.,]\d{1,6})?"
"""1:02:03.500, 02:03, 00:02:03,500."""

_SPOKEN = re.compile(r"(?:(\d+)\s*h\w*)?\s*(?:(\d+)\s*m\w*)?\s*(?:(\d+(?:\.\d+)?)\s*s\w*)?", re.IGNORECASE)


def seconds(stamp: str) -> float:
    """The seconds of a written time: `1:02:03.5`, `02:03,5`, `62.5`, `62.5s`, `1h 2m 3s`, `PT1M2S`.

    Raises:
        ValueError: it is none of these.
    """
    text = stamp.strip().strip("[]()").removeprefix("PT")
    if re.fullmatch(CLOCK, text):
        total = 0.0
        for part in text.replace(",", ".").split(":"):
            total = total * 60 + float(part)
        return round(total, 3)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return round(float(text), 3)
    spoken = _SPOKEN.fullmatch(text)
    if spoken and any(spoken.groups()):
        hours, minutes, rest = (float(part or 0) for part in spoken.groups())
        return round(3600 * hours + 60 * minutes + rest, 3)
    raise ValueError(f"{stamp!r} is not a time in a recording such as 00:12:34")


def clock(moment: float) -> str:
    """Seconds as a person reads them, 00:12:34; fractions are cut, so that it never lies behind the moment."""
    whole = int(moment)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
