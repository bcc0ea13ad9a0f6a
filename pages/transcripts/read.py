"""One door to every form of transcript."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from prefect_gemini.pages.transcripts.captions import parse_captions
from prefect_gemini.pages.transcripts.clock import CLOCK
from prefect_gemini.pages.transcripts.segments import parse_segments
from prefect_gemini.pages.transcripts.transcript import Transcript, TranscriptError
from prefect_gemini.pages.transcripts.turns import parse_turns

_ARROW = re.compile(rf"^\s*\[?{CLOCK}\s*-->\s*{CLOCK}", re.MULTILINE)

LEAST_TURNS = 3
"""Fewer turns than this do not make a text a transcript by itself."""


def parse_transcript(text: str, *, name: str = "") -> Transcript:
    """Read a transcript: WebVTT, SubRip, JSON, or text with names or times in it.

    Args:
        text: the whole file, decoded.
        name: of the file; its suffix decides what the text is held against.

    Raises:
        TranscriptError: it is not what its name says, or no transcript at all.
        NoCues: it is one, and nothing was said.
    """
    text = text.replace("\0", " ")
    bare = text.lstrip("\ufeff \t\r\n")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".vtt" or re.match(r"WEBVTT(\s|$)", bare):
        return parse_captions(text, "webvtt")
    if suffix == ".srt" or re.match(rf"\d+\s*\r?\n\s*{CLOCK}\s*-->", bare):
        return parse_captions(text, "subrip")
    if suffix == ".json" or bare[:1] in ("[", "{"):
        try:
            return parse_segments(text)
        except TranscriptError:
            # `[00:12:34] Ann: …` begins like JSON and is not.
            if suffix == ".json" or not re.match(rf"\[(\d+|{CLOCK}|[^\]\n\"]+)\]", bare):
                raise
    return parse_turns(text)


def is_transcript(text: str) -> bool:
    """Whether a text is a transcript by its own form: several turns, and hardly anything else."""
    head = text if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") else text[:100_000]
    if re.match(r"\s*\ufeff?WEBVTT(\s|$)", head) or len(_ARROW.findall(head)) >= LEAST_TURNS:
        return True
    try:
        cues = parse_transcript(head).cues
    except TranscriptError:
        return False
    speakers = {cue.speaker for cue in cues if cue.speaker}
    lines = sum(bool(line.strip()) for line in head.splitlines())
    if not any(cue.start is not None for cue in cues) and (len(speakers) < 2 or len(cues) < 2 * len(speakers)):
        return False  # "Total: 12.50" and "Date: …" are labels, each there once
    return len(cues) >= LEAST_TURNS and (2 * len(cues) >= lines or sum(len(cue.text) for cue in cues) > 0.7 * len(head))
