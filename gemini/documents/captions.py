"""Subtitle files (WebVTT, SubRip) that do not keep their own format."""

from __future__ import annotations

import re

from prefect_gemini.gemini.errors import CorruptDocument, EmptyDocument

_CLOCK = r"(?:\d{1,3}:)?[0-5]?\d:[0-5]\d"
_CUES = {
    "vtt": re.compile(rf"^\s*({_CLOCK}\.\d{{3}})\s+-->\s+({_CLOCK}\.\d{{3}})(?:\s|$)"),
    "srt": re.compile(rf"^\s*({_CLOCK}[,.]\d{{1,3}})\s*-->\s*({_CLOCK}[,.]\d{{1,3}})(?:\s|$)"),
}


def check_captions(text: str, kind: str) -> tuple[str, ...]:
    """Look at every cue of a transcript.

    Args:
        text: the whole file.
        kind: "vtt" or "srt".

    Returns:
        Notes on cues without a time line or text, that run backwards, or that overlap.

    Raises:
        CorruptDocument: WebVTT that does not begin with WEBVTT, or not one cue has a time line.
        EmptyDocument: no cues.
    """
    bare = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if kind == "vtt" and not re.match(r"WEBVTT(\s|$)", bare):
        raise CorruptDocument(
            "named .vtt, and it does not begin with WEBVTT.",
            hint="Put a line WEBVTT and an empty line at its top, or name it .txt.",
        )
    blocks = re.split(r"\n[ \t]*\n", bare.strip())
    if kind == "vtt":
        header, *rest = blocks
        # Some writers leave out the empty line behind the header.
        blocks = [header, *rest] if "-->" in header else rest
    blocks = [block for block in blocks if block.strip() and not re.match(r"(NOTE|STYLE|REGION)(\s|$)", block.lstrip())]
    if not blocks:
        raise EmptyDocument("the transcript has no cues.")
    found = untimed = backwards = silent = 0
    last, overlap = 0.0, False
    for block in blocks:
        lines = block.split("\n")
        timed = next((n for n, line in enumerate(lines) if "-->" in line), None)
        cue = None if timed is None else _CUES[kind].match(lines[timed])
        if cue is None or timed is None:
            untimed += 1
            continue
        found += 1
        silent += not any(line.strip() for line in lines[timed + 1 :])
        start, end = _seconds(cue[1]), _seconds(cue[2])
        backwards += end <= start
        overlap |= start < last
        last = end
    if not found:
        raise CorruptDocument("no cue of the transcript has a time line that can be read.")
    notes = [
        (untimed, "without a time line that can be read"),
        (silent, "without text"),
        (backwards, "that ends before it starts"),
    ]
    out = [f"{count} {'cue' if count == 1 else 'cues'} {what}" for count, what in notes if count]
    return (*out, "cues that overlap") if overlap else tuple(out)


def _seconds(stamp: str) -> float:
    out = 0.0
    for part in stamp.replace(",", ".").split(":"):
        out = out * 60 + float(part)
    return out
