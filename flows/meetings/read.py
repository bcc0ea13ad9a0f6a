"""Reading one meeting: a transcript or a recording goes in, minutes come out that were held against it."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePath
from typing import Any

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.meetings.held import held_on, zone_of
from prefect_gemini.flows.meetings.models import Meeting, Minutes, Said, Voice
from prefect_gemini.flows.meetings.prove import Proof
from prefect_gemini.gemini.documents.captions import transcript_of
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.media_kinds import RECORDINGS
from prefect_gemini.gemini.errors import UnsupportedMedia
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.pages.instructions import speaks_to_program
from prefect_gemini.pages.transcripts import Transcript
from prefect_gemini.pages.transcripts.clock import clock
from prefect_gemini.tasks import atranscribe, node
from prefect_gemini.tasks.parts.call import READER, call

PROMPT = (
    "Write the minutes of this meeting. Each line of the transcript is `[time] speaker: words`. "
    "Quote word for word. Take only what was said; leave lists empty rather than guess. Summary: at most {words} words."
)


@node(category="reading", costs="one call a transcript; a recording is transcribed first")
async def aread_meeting(
    document: str | Path | bytes | Document,
    *,
    model: str | GeminiModel = "flash",
    held: str = "",
    timezone: str = "UTC",
    words: int = 120,
) -> Reply[Meeting]:
    """Read a meeting and check its minutes against what was said.

    Args:
        document: a transcript (WebVTT, SubRip, text with names, JSON, Word) or a recording.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.
        held: the day of the meeting, ISO 8601; "" takes it from the transcript or the file's name.
        timezone: IANA name of the zone the meeting was held in.
        words: how long the summary may be.

    Returns:
        A reply whose `value` is the meeting. Usage and cost are of all calls together.

    Raises:
        CorruptDocument: the document is no transcript.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    zone_of(timezone)
    opened = await asyncio.to_thread(_opened, document)
    heard: Reply[Transcript] | None = None
    if opened.is_text:
        transcript = await asyncio.to_thread(transcript_of, opened.content, opened.name)
    else:
        heard = await atranscribe.fn(opened, model=model)
        transcript = heard.value
    day = held_on(held, said=transcript.held, name=opened.name, timezone=timezone)
    reply = await call(
        PROMPT.format(words=words),
        Document.text(transcript.written(), name=f"{opened.name}.txt"),
        model=model,
        output=Minutes,
        system_instruction=READER,
    )
    meeting = await asyncio.to_thread(
        checked, reply.value, transcript, Proof(transcript, day), name=opened.name, extractive=reply.backend == "local"
    )
    notes = tuple(dict.fromkeys((*opened.notes, *meeting.notes)))
    return _together(heard, reply).model_copy(update={"value": meeting.model_copy(update={"notes": notes})})


read_meeting = aread_meeting.sync


def _opened(document: str | Path | bytes | Document) -> Document:
    """The document; a transcript in a bucket is fetched, because code has to see it, a recording stays where it is.

    Raises:
        UnsupportedMedia: it is neither text nor a recording.
    """
    opened = Document.of(document)
    if opened.is_reference and opened.media_type not in RECORDINGS:
        opened = Document.of(opened.data, name=opened.name)
    if not opened.is_text and opened.media_type not in RECORDINGS:
        raise UnsupportedMedia(
            f"{opened.name}: {opened.media_type} is neither a transcript nor a recording.",
            hint="Export the transcript as WebVTT, text or Word.",
        )
    return opened


def checked(minutes: Minutes, transcript: Transcript, proof: Proof, *, name: str, extractive: bool) -> Meeting:
    """Minutes as a meeting: every item proven or flagged, every time on its cue.

    Args:
        minutes: as the model wrote them.
        transcript: what was said.
        proof: what they are held against.
        name: of the document, for a meeting without a title.
        extractive: the summary is quoted, not written.
    """
    topics, dropped = proof.topics(minutes.topics)
    spoken_to = [
        clock(cue.start) if cue.start is not None else f"turn {n + 1}"
        for n, cue in enumerate(transcript.cues)
        if speaks_to_program(cue.text)
    ]
    told = (f"words at {', '.join(spoken_to[:5])} speak to the program that reads them",) if spoken_to else ()
    undated = () if proof.held else ("the day of the meeting is not known: give `held`, and due dates are computed",)
    return Meeting(
        title=transcript.title or PurePath(name).stem.removesuffix(".transcript"),
        held=proof.held,
        format=transcript.format,
        duration=transcript.duration,
        summary=minutes.summary.strip(),
        extractive=extractive,
        items=proof.items(minutes),
        topics=topics,
        voices=voices_of(transcript),
        cues=tuple(Said(speaker=cue.speaker, text=cue.text, start=cue.start, end=cue.end) for cue in transcript.cues),
        notes=(*transcript.notes, *told, *dropped, *undated),
    )


def voices_of(transcript: Transcript) -> tuple[Voice, ...]:
    """Who spoke how much, the most first."""
    turns = [turn.speaker for turn in transcript.turns()]
    voices = [
        Voice(
            name=name,
            turns=turns.count(name),
            words=sum(len(cue.text.split()) for cue in transcript.cues if cue.speaker == name),
            seconds=transcript.spoken[name] if transcript.timed else None,
        )
        for name in transcript.speakers
    ]
    return tuple(sorted(voices, key=lambda voice: -voice.words))


def _together(heard: Reply[Any] | None, reply: Reply[Any]) -> Reply[Any]:
    """The reply of the minutes with what hearing the recording took and cost."""
    if heard is None:
        return reply
    unpriced = heard.cost is None or reply.cost is None
    return reply.model_copy(
        update={
            "usage": heard.usage + reply.usage,
            "cost": None if unpriced else (heard.cost or 0) + (reply.cost or 0),
            "latency_s": heard.latency_s + reply.latency_s,
            "attempts": heard.attempts + reply.attempts,
            "from_ledger": heard.from_ledger and reply.from_ledger,
            "notes": (*heard.notes, *reply.notes),
        }
    )
