"""Telling the name of a speaker from the beginning of a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from prefect_gemini.pages.transcripts.transcript import Cue

NAME = r"[^\W_][^:\n<>\[\]{}*]{0,59}?"
"""What may stand before the colon: Ann Smith, Karim T. (matkt), Grad B, kev."""

_PREFIX = re.compile(rf"({NAME})\s*:\s+(?=\S)")
_NO_NAMES = frozenset(
    [
        "note",
        "notes",
        "question",
        "questions",
        "answer",
        "warning",
        "example",
        "agenda",
        "action",
        "actions",
        "decision",
        "decisions",
        "summary",
        "topic",
        "date",
        "time",
        "title",
        "subject",
        "attendees",
        "participants",
        "present",
        "todo",
        "so",
        "and",
        "but",
        "like",
        "is",
        "was",
        "http",
        "https",
        "ps",
        "update",
        "transcript",
        "recording",
        "meeting",
        "duration",
        "location",
    ]
)
MOST_WORDS = 6
"""A name has no more; what is longer is the beginning of a sentence."""


def prefixed(text: str) -> tuple[str, str]:
    """A text parted into what may be a speaker's name and what they said; the name is "" where there is none."""
    found = _PREFIX.match(text)
    if found is None or not may_be_name(found[1]):
        return "", text
    return found[1].strip(), text[found.end() :].strip()


def may_be_name(text: str) -> bool:
    """Whether a text has the form of a speaker's name."""
    words = text.strip().split()
    return (
        0 < len(words) <= MOST_WORDS
        and words[0].lower() not in _NO_NAMES
        and not re.search(r"[.!?,;](\s|$)(?<!\b\w\.\s)", re.sub(r"\b\w{1,3}\.", "", text))
    )


def with_speakers(cues: Sequence[Cue]) -> list[Cue]:
    """Captions whose speakers stand before the text, as Zoom writes them, with the speakers taken off.

    Where fewer than half of the cues begin with a name, only names that come twice are taken for names.
    """
    parted = [(cue, *prefixed(cue.text)) if not cue.speaker else (cue, "", cue.text) for cue in cues]
    names = Counter(name for _, name, _ in parted if name)
    most = 2 * sum(names.values()) >= len(parted)
    return [
        Cue(name, text, cue.start, cue.end) if name and (most or names[name] > 1) else cue for cue, name, text in parted
    ]
