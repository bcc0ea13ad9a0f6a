"""The sentences of a meeting, each with who said it and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from prefect_gemini.local.reader.words import terms
from prefect_gemini.pages import speaks_to_program
from prefect_gemini.pages.transcripts import Cue, Transcript

_FILLERS = re.compile(
    r"\{[^}]*\}|(?<![\w'])(?:um+|uh+|uhm|h+mm+|mm+|erm?|ah|oh|you know|I mean|sort of|kind of|basically)(?![\w'])[ ,]*",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<=[.?!…])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9{])|(?<=[.?!])\s+(?=[a-z{])|\s+(?=-\s[A-Z])")

GAP = 8.0
"""Seconds of silence after which a speaker's next cue begins a new sentence."""


@dataclass(frozen=True)
class Said:
    """One sentence.

    Args:
        cue: index of the cue it begins in.
        speaker: who said it.
        quote: as the transcript has it; it may run over several cues of one speaker.
    """

    cue: int
    speaker: str
    quote: str

    @cached_property
    def text(self) -> str:
        """The sentence without fillers, stutters and the marks of transcribers."""
        bare = re.sub(r"[*_]{1,3}|\[([^\]]*)\]\([^)]*\)", r"\1", self.quote)
        bare = _FILLERS.sub(" ", bare)
        bare = re.sub(r"\s+([,.?!;:])|\s+(?='\w)", r"\1", bare)
        bare = re.sub(r"\b(\w+(?: \w+)?)(?:[ ,…]+\1\b)+", r"\1", bare, flags=re.IGNORECASE)
        bare = " ".join(bare.split()).strip(" ,-–…")
        return bare[:1].upper() + bare[1:]

    @cached_property
    def words(self) -> int:
        return len(self.text.split())

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Its telling words."""
        return tuple(terms(self.text))


def said_in(transcript: Transcript) -> list[Said]:
    """Every sentence of a transcript in order; what one speaker says in neighbouring cues is read as one text."""
    found: list[Said] = []
    cues = transcript.cues
    index = 0
    while index < len(cues):
        stop = index + 1
        while (
            stop < len(cues)
            and cues[stop].speaker == cues[index].speaker
            and cues[stop].speaker
            and not _pause(cues, stop)
        ):
            stop += 1
        text, starts = "", []
        for cue in cues[index:stop]:
            starts.append(len(text))
            text += cue.text + " "
        at = 0
        for piece in _STOP.split(text):
            begin = text.index(piece, at) if piece else at
            at = begin + len(piece)
            quote = piece.strip()
            if quote:
                inside = sum(start <= begin for start in starts) - 1
                found.append(Said(index + max(0, inside), cues[index].speaker, quote))
        index = stop
    # A sentence that tells a program what to write is not part of the talk.
    return [said for said in found if not speaks_to_program(said.text)]


def _pause(cues: tuple[Cue, ...], stop: int) -> bool:
    before, after = cues[stop - 1].end, cues[stop].start
    return before is not None and after is not None and after - before > GAP
