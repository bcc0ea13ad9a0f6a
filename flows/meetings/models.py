"""A meeting as data: what the model is asked for, and what is kept of its answer once code has checked it."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from prefect_gemini.flows.printable import printable

Line = Annotated[str, BeforeValidator(printable)]
Sentiment = Literal["positive", "negative", "mixed", "neutral"]
Clock = Annotated[
    str | None, Field(description="Time of the line it begins in, as HH:MM:SS; null where lines have none.")
]
Quote = Annotated[
    Line, Field(description="The words it rests on, copied from one line of the transcript.", min_length=1)
]
Speaker = Annotated[Line | None, Field(description="Who says the quote, as the transcript names them.")]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ActionItem(_Asked):
    """A task somebody took on or was given."""

    task: Annotated[Line, Field(description="What is to be done, in one sentence.", min_length=1)]
    owner: Annotated[
        Line | None, Field(description="Who does it, as the transcript names them; null if nobody is named.")
    ]
    due: Annotated[
        Line | None, Field(description="When it is due, in the words of the transcript, such as 'by Friday'.")
    ]
    quote: Quote
    speaker: Speaker
    time: Clock


class Decision(_Asked):
    """Something the meeting settled."""

    decision: Annotated[Line, Field(description="What was decided, in one sentence.", min_length=1)]
    quote: Quote
    speaker: Speaker
    time: Clock


class OpenQuestion(_Asked):
    """Something that was asked and not settled."""

    question: Annotated[Line, Field(description="What stayed open, in one sentence.", min_length=1)]
    quote: Quote
    speaker: Speaker
    time: Clock


class Topic(_Asked):
    """A stretch of the meeting about one thing."""

    title: Annotated[Line, Field(description="What it was about, in a few words.", min_length=1)]
    start: Clock
    summary: Annotated[str | None, Field(description="What was said, in one or two sentences.")]
    sentiment: Annotated[Sentiment | None, Field(description="How it sounded; null where words do not tell.")]


class Minutes(_Asked):
    """Minutes of a meeting."""

    summary: Annotated[str, Field(description="What the meeting was about and came to.")]
    decisions: list[Decision]
    action_items: list[ActionItem]
    open_questions: list[OpenQuestion]
    topics: Annotated[list[Topic], Field(description="In the order of the meeting, at most twelve.")]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


Kind = Literal["action", "decision", "question"]
Support = Literal["found", "similar", "suspect", "unsupported"]


class Item(_Kept):
    """An action item, decision or open question, held against the transcript.

    Args:
        kind: which of the three.
        text: the task, the decision or the question.
        quote: the words it rests on, as the transcript has them where they were found.
        support: whether the quote stands in the transcript: as it is, nearly, or not at all; suspect where its
            words speak to the program that reads them.
        cue: index of the cue the quote begins in; None where it was not found.
        start, end: seconds; of the cue, never the model's own. None without times or quote.
        speaker: who said the quote, by the cue.
        owner: who does it, as a known speaker where one is meant; "" where nobody is named.
        due: the day it is due, computed; None where no day was said or the meeting's day is not known.
        due_said: when it is due, in the words of the meeting.
        notes: what was corrected or dropped on the way.
    """

    kind: Kind
    text: str
    quote: str
    support: Support
    cue: int | None = None
    start: float | None = None
    end: float | None = None
    speaker: str = ""
    owner: str = ""
    due: datetime.date | None = None
    due_said: str = ""
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether its quote stands in the transcript and was said to people."""
        return self.support in ("found", "similar")


class Stretch(_Kept):
    """A topic with times that lie inside the meeting and in order."""

    title: str
    cue: int | None = None
    start: float | None = None
    end: float | None = None
    summary: str = ""
    sentiment: Sentiment | None = None


class Voice(_Kept):
    """How much one person spoke.

    Args:
        name: as the transcript has it.
        turns: how often they spoke.
        words: how many words.
        seconds: how long; None where the transcript has no times.
    """

    name: str
    turns: int
    words: int
    seconds: float | None = None


class Said(_Kept):
    """A cue of the transcript, for reports."""

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None


class Meeting(_Kept):
    """A meeting, read and checked.

    Args:
        title: what it is called.
        held: its day in its own time zone; None where nothing says it.
        format: what the transcript was written in, or "speech" where a recording was heard.
        duration: seconds; 0 without times.
        summary: prose, or quoted sentences where `extractive`.
        extractive: the summary is quoted, not written: the local reader's.
        items: action items, decisions and open questions in the order of the meeting, unproven ones too.
        topics: what it was about.
        voices: who spoke how much.
        cues: everything that was said.
        notes: what is odd about the transcript, and what was dropped from the answer.
    """

    title: str
    held: datetime.date | None
    format: str
    duration: float
    summary: str
    extractive: bool
    items: tuple[Item, ...]
    topics: tuple[Stretch, ...]
    voices: tuple[Voice, ...]
    cues: tuple[Said, ...] = Field(repr=False)
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The proven items of a kind."""
        return tuple(item for item in self.items if item.kind == kind and item.proven)

    @property
    def unproven(self) -> tuple[Item, ...]:
        """Items whose quote is not in the transcript, or speaks to a program: for a person, counted nowhere."""
        return tuple(item for item in self.items if not item.proven)
