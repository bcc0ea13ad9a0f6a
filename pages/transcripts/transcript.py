"""A transcript: cues in order, each with who speaks and when, as far as the source says it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from prefect_gemini.pages.errors import PageError
from prefect_gemini.pages.transcripts.clock import clock

Format = Literal["webvtt", "subrip", "json", "text", "speech"]


class TranscriptError(PageError):
    """The text is not a transcript that can be read."""


class NoCues(TranscriptError):
    """It has the form of a transcript and nothing was said."""


@dataclass(frozen=True)
class Cue:
    """One stretch of speech.

    Args:
        speaker: as the source names them; "" where it does not say.
        text: what was said, in one line.
        start, end: seconds from the beginning of the recording; None where the source has no times.
    """

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Transcript:
    """Everything that was said.

    Args:
        cues: in the order of their start.
        format: how the source was written.
        notes: what is odd about it: cues without a time, that overlap, that run backwards.
        title: what the meeting is called, where the source says it.
        held: when the meeting was held as the source writes it, "" where it does not.
    """

    cues: tuple[Cue, ...]
    format: Format
    notes: tuple[str, ...] = ()
    title: str = ""
    held: str = ""

    @property
    def timed(self) -> bool:
        """Whether the cues have times."""
        return any(cue.start is not None for cue in self.cues)

    @cached_property
    def duration(self) -> float:
        """Seconds to the end of the last cue; 0 where there are no times."""
        return max((cue.end or cue.start or 0.0 for cue in self.cues), default=0.0)

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Every speaker, in the order they first speak."""
        return tuple(dict.fromkeys(cue.speaker for cue in self.cues if cue.speaker))

    @cached_property
    def spoken(self) -> dict[str, float]:
        """How long each spoke in seconds; where there are no times, how many words."""
        shares: dict[str, float] = dict.fromkeys(self.speakers, 0.0)
        for cue in self.cues:
            if cue.speaker:
                length = (cue.end or 0.0) - (cue.start or 0.0) if self.timed else len(cue.text.split())
                shares[cue.speaker] += max(0.0, length)
        return {speaker: round(length, 1) for speaker, length in shares.items()}

    @cached_property
    def speech(self) -> str:
        """What was said alone, a line a cue: what quotes are looked for in."""
        return "\n".join(cue.text for cue in self.cues)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for cue in self.cues:
            starts.append(at)
            at += len(cue.text) + 1
        return starts

    def cue_at(self, offset: int) -> int:
        """The index of the cue that `speech[offset]` belongs to."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def at(self, moment: float) -> int:
        """The index of the cue that is spoken at a moment; of the last before it where nobody speaks then."""
        started = [index for index, cue in enumerate(self.cues) if cue.start is not None and cue.start <= moment + 1e-6]
        holding = [index for index in started if moment < (self.cues[index].end or 0.0)]
        return (holding or started or [0])[-1]

    def turns(self) -> tuple[Cue, ...]:
        """Neighbouring cues of one speaker joined."""
        joined: list[Cue] = []
        for cue in self.cues:
            if joined and joined[-1].speaker == cue.speaker and cue.speaker:
                last = joined[-1]
                joined[-1] = Cue(last.speaker, f"{last.text} {cue.text}", last.start, cue.end)
            else:
                joined.append(cue)
        return tuple(joined)

    def written(self) -> str:
        """The transcript as it is sent to a model: a line a cue, `[00:12:34] Ann: text`; `parse_transcript` reads it."""
        return "\n".join(_line(cue) for cue in self.cues)


def _line(cue: Cue) -> str:
    said = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
    return said if cue.start is None else f"[{clock(cue.start)}] {said}"


def in_order(cues: Iterable[Cue]) -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """The cues by their start, with notes on what had to be put right or is odd.

    A cue that ends before it starts ends where it starts; a cue without an end lasts until the next.
    """
    listed = list(cues)
    notes: list[str] = []
    backwards = sum(cue.start is not None and cue.end is not None and cue.end < cue.start for cue in listed)
    if backwards:
        notes.append(f"{_count(backwards)} that ends before it starts")
    ordered = (
        sorted(listed, key=lambda cue: cue.start if cue.start is not None else -1.0) if _all_timed(listed) else listed
    )
    if ordered != listed:
        notes.append("cues out of order, sorted by their start")
    overlap = False
    ended: list[Cue] = []
    for index, cue in enumerate(ordered):
        if cue.start is not None:
            following = ordered[index + 1].start if index + 1 < len(ordered) else None
            end = cue.end if cue.end is not None else following if following is not None else cue.start
            overlap |= bool(ended) and cue.end is not None and cue.start < (ended[-1].end or 0.0) - 0.001
            cue = Cue(cue.speaker, cue.text, cue.start, max(cue.start, end))
        ended.append(cue)
    if overlap:
        notes.append("cues that overlap")
    return tuple(ended), tuple(notes)


def _all_timed(cues: list[Cue]) -> bool:
    return all(cue.start is not None for cue in cues)


def _count(number: int) -> str:
    return f"{number} {'cue' if number == 1 else 'cues'}"
