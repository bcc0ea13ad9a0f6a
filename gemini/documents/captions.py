"""Subtitle files (WebVTT, SubRip) that do not keep their own format, and transcripts that are none."""

from __future__ import annotations

from prefect_gemini.gemini.errors import CorruptDocument, EmptyDocument
from prefect_gemini.pages.transcripts import NoCues, Transcript, TranscriptError, parse_transcript


def transcript_of(text: str, name: str) -> Transcript:
    """The transcript in a text.

    Args:
        text: the whole file.
        name: of the file; its suffix decides what the text is held against.

    Raises:
        CorruptDocument: WebVTT that does not begin with WEBVTT, not one cue has a time line, or nobody is named.
        EmptyDocument: no cues.
    """
    try:
        return parse_transcript(text, name=name)
    except NoCues as error:
        raise EmptyDocument(error.message, hint=error.hint or None) from None
    except TranscriptError as error:
        raise CorruptDocument(error.message, hint=error.hint or None) from None
