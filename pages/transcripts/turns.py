"""Transcripts written as text: `Name: words`, and what Zoom, Teams and Meet export."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from prefect_gemini.pages.transcripts.clock import CLOCK, clock, seconds
from prefect_gemini.pages.transcripts.names import NAME, may_be_name, prefixed
from prefect_gemini.pages.transcripts.transcript import Cue, NoCues, Transcript, TranscriptError, in_order

LONG_LINE = 5000
"""A line longer than this is parted at the names in it: an export that lost its line breaks."""

LATE = 2 * 3600.0
"""Seconds: a text whose first word comes later than this has times of day."""

# Each pattern reads a whole line; `name`, `time`, `text` are what it may say.
_LINES = tuple(
    re.compile(pattern)
    for pattern in (
        # [00:12:34] Ann: words / [12] Ann: words / 00:12:34 Ann: words / 00:12:34<tab>Ann:<tab>words
        rf"[\[(]?(?P<time>{CLOCK})[\])]?\s*[-–]?\s*(?:From\s+)?(?P<name>{NAME})\s*(?:to Everyone)?\s*:\s+(?P<text>\S.*)",
        rf"\[\d+\]\s*(?P<name>{NAME})\s*:\s+(?P<text>\S.*)",
        # **Ann** (via chat): words / **Ann** - words / __Ann__: words
        rf"(?:[-*]\s+)?(?:\*\*|__)(?P<name>{NAME}):?(?:\*\*|__)\s*(?:\([^)\n]*\))?\s*[-–—:]?\s*(?P<text>\S.*)",
        # Ann (00:12:34): words
        rf"(?P<name>{NAME})\s*[\[(](?P<time>{CLOCK})[\])]\s*:?\s*(?P<text>.*)",
        # Zoom: [Ann Smith] 10:01:02
        rf"\[(?P<name>{NAME})\]\s*(?P<time>{CLOCK})(?P<text>)",
        # Teams: Ann Smith   0:03
        rf"(?P<name>{NAME})(?:\s{{2,}}|\t)(?P<time>{CLOCK})(?P<text>)",
        # the same with one blank, where it can only be a name
        rf"(?P<name>[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){{1,3}})\s(?P<time>{CLOCK})(?P<text>)",
        # 00:00:03 --> 00:00:06 over a line with the name
        rf"(?P<time>{CLOCK})\s*-->\s*(?P<end>{CLOCK})(?P<name>)(?P<text>)",
        # [00:12:34] words
        rf"\[(?P<time>{CLOCK})\]\s*(?P<name>)(?P<text>\S.*)",
        # Meet: a time alone
        rf"[\[(]?(?P<time>{CLOCK})[\])]?(?P<name>)(?P<text>)",
    )
)
_NOISE = re.compile(
    r"(transcript|attendees|transcription (ended|started)\b.*|.* (started|stopped) transcription"
    r"|this editable transcript was computer generated.*|\d+h?\s*\d*m?\s*\d+s|#+ .*|-{3,}|={3,})",
    re.IGNORECASE,
)
_HEAD = re.compile(r"(?P<title>.+?)\s*\((?P<held>\d{4}-\d\d-\d\d[^)]*)\)\s*-\s*Transcript", re.IGNORECASE)
_HELD = re.compile(
    r"(?:date|held|when)\s*:\s*(.+)|((?:\w+day,?\s+)?\w+ \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b.*)|(\d{4}-\d\d-\d\d\b.*)",
    re.IGNORECASE,
)


@dataclass
class _Turns:
    """Cues as they are gathered line by line."""

    cues: list[Cue] = field(default_factory=list)
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    words: list[str] = field(default_factory=list)
    awaits_name: bool = False

    def close(self) -> None:
        text = " ".join(" ".join(self.words).split())
        if text:
            self.cues.append(Cue(self.speaker, text, self.start, self.end))
        self.words.clear()

    def open(self, name: str, start: float | None, end: float | None, text: str) -> None:
        self.close()
        self.speaker, self.start, self.end = name, start, end
        self.words.append(text)


def parse_turns(text: str) -> Transcript:
    """Read a transcript written as text.

    Names stand before the words with a colon or dash, or on a line of their own with a time; paragraphs
    without a name go on with the speaker before. Times that only stand now and then, as Meet writes them,
    hold for the turns that follow.

    Raises:
        TranscriptError: nobody is named and no line has a time.
        NoCues: there are no words.
    """
    bare = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not bare.strip():
        raise NoCues("nothing but white space.")
    turns, title, held = _Turns(), "", ""
    lines = [piece for line in bare.split("\n") for piece in _parted(line)]
    for line in lines:
        row = line.strip().replace("\u200b", "")
        if not row:
            continue
        found, name, said = _read(row)
        started = bool(turns.cues or turns.words or turns.speaker or turns.start is not None)
        if found is not None:
            moment = seconds(found["time"]) if found.groupdict().get("time") else None
            end = seconds(found["end"]) if found.groupdict().get("end") else None
            if not name and not said:
                turns.open("", moment, end, "")
                turns.awaits_name = True
                continue
            turns.open(name, turns.start if moment is None else moment, end, said)
            turns.awaits_name = False
        elif not started:
            title, held = _head(row, title, held)
        elif _NOISE.fullmatch(row):
            continue
        elif turns.awaits_name and not turns.words[1:] and turns.end is not None and may_be_name(row):
            turns.speaker, turns.awaits_name = row, False
        else:
            turns.words.append(row)
    turns.close()
    if not any(cue.speaker or cue.start is not None for cue in turns.cues):
        raise TranscriptError(
            "nobody is named in it, and no line has a time: it is not a transcript.",
            hint="Write each turn as `Name: words`, or export it as WebVTT.",
        )
    # Only captions saved by Zoom, `[Ann Smith] 10:01:02`, may have the time of day.
    saved = any(re.match(r"\s*\[[^\W\d_]", line) for line in lines)
    counted, wall = _from_the_first(turns.cues) if saved else (turns.cues, ())
    ordered, notes = in_order(_same_start(counted))
    return Transcript(ordered, "text", (*wall, *notes), title, held)


def _from_the_first(cues: list[Cue]) -> tuple[list[Cue], tuple[str, ...]]:
    """Captions that Zoom saves have the time of day; they are counted from the first."""
    first = next((cue.start for cue in cues if cue.start is not None), 0.0)
    if first < LATE:
        return cues, ()
    counted = [
        Cue(
            cue.speaker,
            cue.text,
            None if cue.start is None else max(0.0, cue.start - first),
            None if cue.end is None else max(0.0, cue.end - first),
        )
        for cue in cues
    ]
    return counted, (f"times begin at {clock(first)}: taken for times of day and counted from there",)


def _read(row: str) -> tuple[re.Match[str] | None, str, str]:
    for pattern in _LINES:
        found = pattern.fullmatch(row)
        if found is not None and (not found["name"] or may_be_name(found["name"])):
            return found, " ".join(found["name"].replace("*", "").split()), found["text"].strip()
    name, said = prefixed(row)
    if name:
        found = re.fullmatch(r"(?P<name>.*?):\s+(?P<text>.*)", row)
        return found, name, said
    return None, "", row


def _head(row: str, title: str, held: str) -> tuple[str, str]:
    """What the lines above the first turn say: the meeting's name and day."""
    named = _HEAD.fullmatch(row)
    if named:
        return named["title"].strip(), named["held"].strip()
    dated = _HELD.fullmatch(row)
    if dated and not held:
        return title, next(part for part in dated.groups() if part).strip()
    if not title and not _NOISE.fullmatch(row):
        return row.lstrip("# "), held
    return title, held


def _parted(line: str) -> list[str]:
    if len(line) <= LONG_LINE:
        return [line]
    return re.split(rf"(?<=[.!?…])\s+(?={NAME}:\s)", line)


def _same_start(cues: list[Cue]) -> list[Cue]:
    """Times that hold for several turns, spread so that each cue has a length: by its share of the words."""
    if not any(cue.start is not None for cue in cues):
        return cues
    spread: list[Cue] = []
    index = 0
    while index < len(cues):
        start = cues[index].start
        group = [cue for cue in cues[index:] if cue.start == start]
        count = next((n for n, cue in enumerate(cues[index:]) if cue.start != start), len(cues) - index)
        group = cues[index : index + count]
        following = cues[index + count].start if index + count < len(cues) else None
        if count == 1 or start is None or following is None or following <= start:
            spread += [Cue(cue.speaker, cue.text, 0.0 if cue.start is None else cue.start, cue.end) for cue in group]
        else:
            letters = sum(len(cue.text) for cue in group)
            at = 0
            for cue in group:
                begin = start + (following - start) * at / letters
                at += len(cue.text)
                end = start + (following - start) * at / letters
                spread.append(Cue(cue.speaker, cue.text, round(begin, 3), round(end, 3)))
        index += count
    return spread
