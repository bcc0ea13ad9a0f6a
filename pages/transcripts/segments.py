"""Transcripts as JSON: a list of segments, whatever its writer calls their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from prefect_gemini.pages.transcripts.clock import seconds
from prefect_gemini.pages.transcripts.transcript import Cue, NoCues, Transcript, TranscriptError, in_order

_LISTS = (
    "segments", "utterances", "cues", "entries", "monologues", "sentences", "turns", "items", "meeting_transcripts",
    "recognizedPhrases", "transcript", "transcripts", "transcription", "results", "data", "captions",
)  # fmt: skip
_TEXT = ("text", "content", "transcript", "words", "caption", "sentence", "display", "utterance", "line", "value")
_SPEAKER = (
    "speaker", "speaker_name", "speakerName", "speakerDisplayName", "speaker_label", "speakerLabel", "speakerId",
    "name", "user", "username", "participant", "who", "role", "author",
)  # fmt: skip
_START = ("start", "start_time", "startTime", "startOffset", "begin", "from", "offset", "timestamp", "ts", "time", "startMs", "start_ms")  # fmt: skip
_END = ("end", "end_time", "endTime", "endOffset", "to", "stop", "endMs", "end_ms")

SLOWEST = 1 / 60
"""Words a second under which nobody holds a meeting."""

LONGEST = 24 * 3600
"""Seconds: a recording is not longer than a day, so whole numbers beyond it are milliseconds."""


def parse_segments(text: str) -> Transcript:
    """Read a transcript from JSON: a list of segments, or an object that holds one under a usual name.

    Raises:
        TranscriptError: not JSON, or no list of segments with text in it.
        NoCues: the list is empty.
    """
    try:
        root = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise TranscriptError(f"the JSON does not parse: {str(error)[:120]}.") from None
    segments = _segments(root, 0)
    if segments is None:
        raise TranscriptError(
            "the JSON holds no list of segments with a text each.",
            hint='Write `[{"speaker": "Ann", "start": 12.5, "text": "…"}]`.',
        )
    raw = [
        (_named(_first(one, _SPEAKER)), _said(_first(one, _TEXT)), _moment(one, _START), _moment(one, _END, one))
        for one in segments
    ]
    silent = sum(not said for _, said, _, _ in raw)
    ends = [moment for _, _, start, end in raw for moment in (start, end) if moment is not None]
    milliseconds = bool(ends) and _are_milliseconds(ends, sum(len(said.split()) for _, said, _, _ in raw))
    scale = 1000.0 if milliseconds else 1.0
    cues = [
        Cue(name, said, None if start is None else start / scale, None if end is None else end / scale)
        for name, said, start, end in raw
        if said
    ]
    if not cues:
        raise NoCues("the transcript has no cues.")
    ordered, notes = in_order(cues)
    odd = [f"{silent} {'cue' if silent == 1 else 'cues'} without text"] if silent else []
    if milliseconds:
        odd.append("times read as milliseconds")
    title = str(_first(root, ("title", "topic", "subject")) or "") if isinstance(root, dict) else ""
    held = str(_first(root, ("date", "held", "start_date", "meeting_date")) or "") if isinstance(root, dict) else ""
    return Transcript(ordered, "json", (*odd, *notes), title, held)


def _are_milliseconds(moments: list[float], words: int) -> bool:
    """Whether whole numbers are too large to be seconds: longer than a day, or hardly a word a minute."""
    last = max(moments)
    whole = all(moment == int(moment) for moment in moments)
    return last > LONGEST or (whole and last >= 1000 and words < last * SLOWEST)


def _segments(value: Any, depth: int) -> list[Mapping[str, Any]] | None:
    if depth > 4:
        return None
    if isinstance(value, list):
        rows: list[Mapping[str, Any]] = [one for one in value if isinstance(one, dict)]
        if (rows and any(_said(_first(one, _TEXT)) for one in rows)) or not value:
            return rows
        return next((found for one in rows if (found := _segments(one, depth + 1))), None)
    if isinstance(value, dict):
        inner = [value[name] for name in _LISTS if isinstance(value.get(name), list | dict)]
        return next((found for one in inner if (found := _segments(one, depth + 1)) is not None), None)
    return None


def _first(one: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((one[name] for name in names if one.get(name) is not None), None)


def _said(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return " ".join(
            filter(
                None, (_said(_first(one, ("text", "word", "value")) if isinstance(one, dict) else one) for one in value)
            )
        )
    return ""


def _named(value: Any) -> str:
    if isinstance(value, dict):
        value = _first(value, ("name", "displayName", "id", "label"))
    if isinstance(value, bool) or value is None:
        return ""
    return f"Speaker {value}" if isinstance(value, int) else " ".join(str(value).split())


def _moment(one: Mapping[str, Any], names: tuple[str, ...], whole: Mapping[str, Any] | None = None) -> float | None:
    """A time of a segment in the unit it is written in; where only a duration stands, the end that follows."""
    for name in names:
        if name in one and one[name] is not None:
            found = _number(one[name])
            if found is not None:
                return found / 1000.0 if name.lower().endswith("ms") else found
    if whole is not None:
        start, length = _moment(one, _START), _number(one.get("duration"))
        return None if start is None or length is None else start + length
    for inner in _inner(one):
        return inner
    return None


def _inner(one: Mapping[str, Any]) -> Iterator[float]:
    words = one.get("words")
    if isinstance(words, list) and words and isinstance(words[0], dict):
        found = _moment({name: value for name, value in words[0].items() if name != "words"}, _START)
        if found is not None:
            yield found


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if value >= 0 else None
    try:
        return seconds(str(value))
    except ValueError:
        return None
