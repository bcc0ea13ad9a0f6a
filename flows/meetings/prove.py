"""Holding minutes against the transcript: quotes are looked up, times and speakers taken from where they stand.

The model is not trusted with times, dates or people: a time is that of the cue the quote stands in, a day is
calendar arithmetic, an owner is a known speaker or somebody whose name was said.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from prefect_gemini.flows.meetings.models import (
    ActionItem,
    Decision,
    Item,
    Kind,
    Minutes,
    OpenQuestion,
    Stretch,
    Support,
    Topic,
)
from prefect_gemini.gemini.evidence.quotes import Haystack, Span
from prefect_gemini.pages.instructions import speaks_to_program
from prefect_gemini.pages.transcripts import Transcript
from prefect_gemini.pages.transcripts.clock import clock, seconds
from prefect_gemini.pages.transcripts.due import due_also, due_date, due_phrase

AROUND = 3
"""Cues before and behind a quote in which the words that say when are looked for."""

ALIKE = 90.0
"""From this likeness on two spellings are one name."""


@dataclass
class Proof:
    """A transcript to hold minutes against.

    Args:
        transcript: what was said.
        held: the day of the meeting; None where it is not known.
    """

    transcript: Transcript
    held: datetime.date | None

    def items(self, minutes: Minutes) -> tuple[Item, ...]:
        """Every action item, decision and open question, in the order of the meeting; unproven ones last."""
        found = [
            *(self._item("action", one.task, one) for one in minutes.action_items),
            *(self._item("decision", one.decision, one) for one in minutes.decisions),
            *(self._item("question", one.question, one) for one in minutes.open_questions),
        ]
        once = {(one.kind, one.cue, one.text.lower()): one for one in reversed(found)}
        return tuple(sorted(once.values(), key=lambda one: len(self.transcript.cues) if one.cue is None else one.cue))

    def topics(self, topics: Sequence[Topic]) -> tuple[tuple[Stretch, ...], tuple[str, ...]]:
        """The topics with times on cues and in order, and notes on times that were dropped."""
        notes: list[str] = []
        placed: list[tuple[Topic, int | None]] = []
        last = -1
        for topic in topics:
            moment = _moment(topic.start)
            cue = None
            if self.transcript.timed and moment is not None and moment <= self.transcript.duration:
                cue = self.transcript.at(moment)
            if cue is None and topic.start and self.transcript.timed:
                notes.append(f"topic {topic.title!r}: its time {topic.start} is outside the recording and was dropped")
            elif cue is not None and cue < last:
                notes.append(f"topic {topic.title!r}: its time {topic.start} is out of order and was dropped")
                cue = None
            last = last if cue is None else cue
            placed.append((topic, cue))
        starts = [self.transcript.cues[cue].start for _, cue in placed if cue is not None]
        stretches = []
        for topic, cue in placed:
            start = None if cue is None else self.transcript.cues[cue].start
            end = (
                None
                if start is None
                else next((one for one in starts if one is not None and one > start), self.transcript.duration)
            )
            stretches.append(
                Stretch(
                    title=topic.title,
                    cue=cue,
                    start=start,
                    end=end,
                    summary=topic.summary or "",
                    sentiment=topic.sentiment,
                )
            )
        return tuple(stretches), tuple(notes)

    def _item(self, kind: Kind, text: str, asked: ActionItem | Decision | OpenQuestion) -> Item:
        notes: list[str] = []
        span = self._find(asked)
        if span is None:
            notes.append("its quote is not in the transcript; its time was dropped")
            return Item(kind=kind, text=text, quote=asked.quote, support="unsupported", notes=tuple(notes))
        cue = self.transcript.cue_at(span.start)
        spoken = self.transcript.cues[cue]
        said = _moment(asked.time)
        if self.transcript.timed and said is not None and spoken.start is not None and not self._holds(span, said):
            notes.append(f"time {asked.time} corrected to {clock(spoken.start)}, where the quote stands")
        if asked.speaker and spoken.speaker and not _same_name(asked.speaker, spoken.speaker):
            notes.append(f"said by {spoken.speaker}, not by {asked.speaker}")
        last = self.transcript.cues[self.transcript.cue_at(max(span.start, span.end - 1))]
        support: Support = "similar" if span.match == "fuzzy" else "found"
        around = self.transcript.cues[cue : self.transcript.cue_at(max(span.start, span.end - 1)) + 1]
        if any(speaks_to_program(one.text) for one in around):
            support = "suspect"
            notes.append("words where it was said speak to the program that reads them")
        owner, due, due_said = "", None, ""
        if isinstance(asked, ActionItem):
            owner = self._owner(asked, spoken.speaker, notes)
            due, due_said = self._due(asked, cue, notes)
        return Item(
            kind=kind,
            text=text,
            quote=" ".join(self.transcript.speech[span.start : span.end].split()),
            support=support,
            cue=cue,
            start=spoken.start,
            end=last.end,
            speaker=spoken.speaker or asked.speaker or "",
            owner=owner,
            due=due,
            due_said=due_said,
            notes=tuple(notes),
        )

    @cached_property
    def _speech(self) -> Haystack:
        return Haystack(self.transcript.speech)

    def _find(self, asked: ActionItem | Decision | OpenQuestion) -> Span | None:
        """The place of a quote; of several, the one nearest to the time given, said by the speaker given."""
        bare = re.sub(r"^\s*(\[[\d:]+\]\s*)?", "", asked.quote)
        for quote in (bare, re.sub(rf"^{re.escape(asked.speaker or '')}\s*:\s*", "", bare)):
            spans = self._speech.find(quote)
            if spans:
                said = _moment(asked.time)

                def apart(span: Span, said: float | None = said) -> tuple[bool, float]:
                    cue = self.transcript.cues[self.transcript.cue_at(span.start)]
                    other = bool(asked.speaker) and not _same_name(asked.speaker or "", cue.speaker)
                    return other, abs((cue.start or 0.0) - said) if said is not None else 0.0

                return min(spans, key=apart)
        return None

    def _holds(self, span: Span, moment: float) -> bool:
        """Whether a moment lies on the cues of a quote; times are sent in whole seconds."""
        first = self.transcript.cues[self.transcript.cue_at(span.start)]
        last = self.transcript.cues[self.transcript.cue_at(max(span.start, span.end - 1))]
        return int(first.start or 0.0) <= moment <= (last.end or last.start or 0.0) + 1e-6

    def _owner(self, asked: ActionItem, speaker: str, notes: list[str]) -> str:
        if not asked.owner:
            return ""
        if re.fullmatch(r"(i|me|myself|we|us|speaker)", asked.owner.strip(), re.IGNORECASE):
            return speaker
        known = known_speaker(asked.owner, self.transcript.speakers)
        if known:
            return known
        if self._speech.find(asked.owner):
            notes.append(f"{asked.owner} was named and did not speak")
            return asked.owner
        notes.append(f"owner {asked.owner!r} dropped: nobody of that name spoke or was named")
        return ""

    def _due(self, asked: ActionItem, cue: int, notes: list[str]) -> tuple[datetime.date | None, str]:
        said = asked.due or due_phrase(asked.quote)
        if not said:
            return None, ""
        near = " ".join(one.text for one in self.transcript.cues[max(0, cue - AROUND) : cue + AROUND + 1])
        if not Haystack(near).find(said):
            # A model may turn "Friday" into a date by itself; what was said is what counts.
            told = due_phrase(asked.quote)
            notes.append(f"due {said!r} was not said there" + (f"; {told!r} was" if told else " and was dropped"))
            said = told
        if not said:
            return None, ""
        if self.held is None:
            notes.append(f"due {said!r}: the day of the meeting is not known, so no date was computed")
            return None, said
        day = due_date(said, self.held)
        if nearer := due_also(said, self.held):
            notes.append(f"due {said!r} was taken for {day}, in the next week; it may also mean {nearer}")
        return day, said


def known_speaker(name: str, speakers: Sequence[str]) -> str:
    """The speaker a name means: the same name, one whose first name it is and nobody else's, or a near spelling."""
    wanted = _bare(name)
    same = [one for one in speakers if _bare(one) == wanted]
    parts = [
        one for one in speakers if wanted in _bare(one).split() or (_bare(one).split() and _bare(one) in wanted.split())
    ]
    near = [one for one in speakers if fuzz.ratio(_bare(one), wanted) >= ALIKE]
    return next((found[0] for found in (same, parts, near) if len(found) == 1), "")


def _same_name(one: str, other: str) -> bool:
    mine, theirs = _bare(one), _bare(other)
    return mine == theirs or set(mine.split()) <= set(theirs.split()) or set(theirs.split()) <= set(mine.split())


def _bare(name: str) -> str:
    """A name without what stands in brackets behind it, in small letters."""
    return " ".join(re.sub(r"\([^)]*\)|\[[^\]]*\]|\|.*", " ", name).lower().replace(".", " ").split())


def _moment(stamp: str | None) -> float | None:
    if not stamp:
        return None
    try:
        return seconds(stamp)
    except ValueError:
        return None
