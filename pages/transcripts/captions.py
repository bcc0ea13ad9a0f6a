"""WebVTT and SubRip: cues under time lines.

Read here and not by a library: those at hand skip what they do not understand without a word, and a cue of a
meeting that vanishes may be the one with the promise in it. Here what is skipped is counted in the notes.
"""

from __future__ import annotations

import html
import re
from typing import Literal

from prefect_gemini.pages.transcripts.clock import CLOCK, seconds
from prefect_gemini.pages.transcripts.names import with_speakers
from prefect_gemini.pages.transcripts.transcript import Cue, NoCues, Transcript, TranscriptError, in_order

_TIMES = re.compile(rf"^\s*\[?({CLOCK})\s*-->\s*({CLOCK})\]?(?:\s|$)")
_ARROW = re.compile(r"-->")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)*\s+([^>]+)>")


def parse_captions(text: str, kind: Literal["webvtt", "subrip"]) -> Transcript:
    """Read a WebVTT or SubRip file.

    Args:
        text: the whole file, decoded.
        kind: which of the two it is named or looks like.

    Raises:
        TranscriptError: WebVTT that does not begin with WEBVTT, or not one cue has a time line.
        NoCues: there are no cues.
    """
    bare = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if kind == "webvtt" and not re.match(r"WEBVTT(\s|$)", bare):
        raise TranscriptError(
            "named .vtt, and it does not begin with WEBVTT.",
            hint="Put a line WEBVTT and an empty line at its top, or name it .txt.",
        )
    blocks = re.split(r"\n[ \t]*\n", bare.strip())
    if kind == "webvtt":
        header, *rest = blocks
        # Some writers leave out the empty line behind the header.
        blocks = [header, *rest] if _ARROW.search(header) else rest
    blocks = [block for block in blocks if block.strip() and not re.match(r"(NOTE|STYLE|REGION)(\s|$)", block.lstrip())]
    if not blocks:
        raise NoCues("the transcript has no cues.")
    cues: list[Cue] = []
    untimed = silent = timed = 0
    for block in blocks:
        lines = block.split("\n")
        places = [number for number, line in enumerate(lines) if _TIMES.match(line)]
        untimed += not places
        # The blank line before a time line may be missing; a number or an identifier may stand there instead.
        for place, following in zip(places, [*places[1:], len(lines)], strict=True) if places else ():
            timed += 1
            said = lines[place + 1 : following]
            if following < len(lines) and said and re.fullmatch(r"\s*(\d+|[\w-]{16,}\S*)\s*", said[-1]):
                said.pop()
            spoken = _spoken(lines[place], " ".join(said))
            silent += not spoken
            cues += spoken
    if not timed:
        raise TranscriptError("no cue of the transcript has a time line that can be read.")
    odd = [
        f"{count} {'cue' if count == 1 else 'cues'} {what}"
        for count, what in ((untimed, "without a time line that can be read"), (silent, "without text"))
        if count
    ]
    ordered, notes = in_order(with_speakers(cues))
    return Transcript(ordered, kind, (*odd, *notes))


def _spoken(times: str, text: str) -> list[Cue]:
    """The cues under one time line: one, or one a voice where several speak in it."""
    found = _TIMES.match(times)
    assert found is not None  # only time lines come here
    start, end = seconds(found[1]), seconds(found[2])
    pieces = _VOICE.split(text)
    voices = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    return [Cue(html.unescape(voice.strip()), said, start, end) for voice, words in voices if (said := _plain(words))]


def _plain(text: str) -> str:
    bare = re.sub(r"<\d[\d:.]*>|</?(?:c|i|b|u|v|ruby|rt|lang|font)\b[^<>]*>|\{\\an\d\}", "", text)
    return " ".join(html.unescape(bare).split())
