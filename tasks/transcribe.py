"""transcribe: what is said in a recording, by whom and when."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.media_kinds import RECORDINGS
from prefect_gemini.gemini.documents.recordings import cut
from prefect_gemini.gemini.errors import EmptyDocument, UnsupportedMedia
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.pages.transcripts import Cue, Transcript
from prefect_gemini.pages.transcripts.clock import clock, seconds
from prefect_gemini.pages.transcripts.transcript import in_order
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.call import READER, call
from prefect_gemini.tasks.parts.together import together

PIECE_S = 420.0
"""Seconds of a WAV file sent at once: 13 MB, which fit into one request, and an answer that is never cut short."""

PROMPT = (
    "Transcribe this recording word for word, one cue a sentence or two. Times are from the beginning of the recording, "
    "as HH:MM:SS. Name speakers as they are called in it, else Speaker 1, Speaker 2. No cue where nobody speaks."
)


class HeardCue(BaseModel):
    """One stretch of speech, as the model heard it."""

    speaker: str | None
    start: Annotated[str, Field(description="HH:MM:SS")]
    end: Annotated[str | None, Field(description="HH:MM:SS")]
    text: str


class Heard(BaseModel):
    """What the model heard in a recording."""

    cues: list[HeardCue]


@node(category="reading", costs="one call for each seven minutes of a WAV file, one for any other recording")
async def atranscribe(
    recording: str | Path | bytes | Document, *, model: str | GeminiModel = "flash", prompt: str = PROMPT
) -> Reply[Transcript]:
    """Transcribe a recording, with speakers and times.

    A WAV file is cut into pieces of seven minutes at most, where nobody speaks, and the times are put back;
    everything else is sent whole: through the Files API where it is large and the Developer API is called, a `gs://`
    recording by reference.

    Args:
        recording: sound or film: a path, a URL, bytes, or an open `Document`.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.
        prompt: how to transcribe, and which names to expect.

    Returns:
        A reply whose `value` is the transcript; its times lie inside the recording and in order.

    Raises:
        UnsupportedMedia: it is no recording.
        DocumentTooLarge: longer than Gemini takes.
        EmptyDocument: nobody speaks in it.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    opened = Document.of(recording)
    if opened.media_type not in RECORDINGS:
        raise UnsupportedMedia(f"{opened.name}: {opened.media_type} is no recording.", hint="Give sound or film.")
    parts: list[tuple[float, float | None, Document]] = [(0.0, None, opened)]
    if opened.media_type == "audio/wav" and not opened.is_reference:
        pieces = await asyncio.to_thread(cut, opened.data, longest=PIECE_S)
        if len(pieces) == 1:
            parts = [(0.0, pieces[0].end, opened)]
        elif pieces:
            parts = [(one.start, one.end, Document.of(one.data, name=opened.name)) for one in pieces]
    replies = await together(
        call(prompt, part, model=model, output=Heard, system_instruction=READER) for _, _, part in parts
    )
    cues: list[Cue] = []
    notes: list[str] = []
    for (start, end, _), reply in zip(parts, replies, strict=True):
        found, odd = _placed(reply.value, start, end)
        cues += found
        notes += odd
    if not cues:
        raise EmptyDocument(f"{opened.name}: nobody speaks in the recording.", hint="Listen to it.")
    if len(parts) > 1:
        notes.append(f"cut into {len(parts)} pieces; speakers without a name are counted anew in each")
    if replies[0].backend == "local":
        notes.append("heard by speech to text on this machine, which makes mistakes and does not tell speakers apart")
    ordered, more = in_order(cues)
    return _joined(replies, Transcript(ordered, "speech", (*dict.fromkeys(notes), *more)))


transcribe = atranscribe.sync


def _placed(heard: Heard, start: float, end: float | None) -> tuple[list[Cue], list[str]]:
    """The cues of a piece with their times in the whole recording."""
    cues: list[Cue] = []
    notes: list[str] = []
    length = None if end is None else end - start
    last = 0.0
    for one in heard.cues:
        text = " ".join(one.text.split())
        if not text:
            continue
        try:
            begins = seconds(one.start)
            ends = seconds(one.end) if one.end else begins
        except ValueError:
            begins = ends = last
            notes.append(f"a time that is none ({one.start!r}) was replaced by that of the cue before")
        if length is not None and begins > length:
            notes.append(f"a time outside the recording ({clock(begins)}) was replaced by that of the cue before")
            begins = last
        last = max(last, begins)
        ends = max(begins, ends if length is None else min(ends, length))
        cues.append(Cue((one.speaker or "").strip(), text, round(start + begins, 3), round(start + ends, 3)))
    return cues, notes


def _joined(replies: list[Reply[Heard]], transcript: Transcript) -> Reply[Transcript]:
    """One reply of several pieces."""
    last = replies[-1]
    costs = [reply.cost for reply in replies]
    fields = {name: getattr(last, name) for name in type(last).model_fields}
    return Reply[Transcript](
        **fields
        | {
            "value": transcript,
            "text": transcript.written(),
            "usage": sum((reply.usage for reply in replies), Usage()),
            "cost": None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
            "latency_s": max(reply.latency_s for reply in replies),
            "attempts": sum(reply.attempts for reply in replies),
            "from_ledger": all(reply.from_ledger for reply in replies),
            "notes": tuple(dict.fromkeys(note for reply in replies for note in reply.notes)),
        }
    )
