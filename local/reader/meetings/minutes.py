"""Fill a schema that asks for minutes: decisions, tasks, questions, topics, quoted from a transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from prefect_gemini.local.reader.meetings.commitments import Commitment, commitments
from prefect_gemini.local.reader.meetings.decisions import decisions
from prefect_gemini.local.reader.meetings.people import People
from prefect_gemini.local.reader.meetings.questions import open_questions
from prefect_gemini.local.reader.meetings.ranking import choose
from prefect_gemini.local.reader.meetings.sentences import Said, said_in
from prefect_gemini.local.reader.meetings.sentiment import sentiment_of
from prefect_gemini.local.reader.meetings.topics import topics
from prefect_gemini.local.reader.resolve import Schema
from prefect_gemini.local.reader.roles import words_of
from prefect_gemini.local.reader.schema_walk import MISSING, Walk
from prefect_gemini.local.reader.values import Unfit, fit, types_of
from prefect_gemini.pages.instructions import speaks_to_program
from prefect_gemini.pages.transcripts import Transcript
from prefect_gemini.pages.transcripts.clock import clock

LISTS = {
    "decisions": r"(key |main )?decisions?( made| taken)?|agreements?|resolutions?",
    "actions": r"(open |new )?(action items?|actions?|tasks?|to ?dos?|next steps|follow ?ups?|commitments?|assignments?)",
    "questions": r"((open|unresolved|outstanding) )?questions?|open (issues|points|items)|unresolved( issues)?",
    "topics": r"(discussion |main |key )?topics?( discussed)?|agenda( items)?|chapters?|themes?",
    "people": r"participants?|attendees|speakers?|people( present)?",
    "cues": r"cues|segments|utterances|turns|transcript(ion)?|captions",
    "points": r"(key|main) points|highlights|takeaways",
}
"""Each list of a meeting with the names it goes by."""

FIELDS = {
    "text": r"(action|decision|task|question|topic|item|point|name|title|description|what|text|todo|to ?do|words|content|subject|label|decided|said|transcript)( item| text| name| title)?",
    "owner": r"owner|assignees?|assigned( to)?|responsible( person)?|who|person|accountable|owned by",
    "due": r"due( date| by| on)?|deadline|by when|when|target date",
    "quote": r"(supporting |exact |verbatim )?(quote|evidence|verbatim|source|excerpt)",
    "speaker": r"speaker( name)?|said by|by|voice",
    "start": r"(start |begin )?(time ?stamp|time|at)|start(s| time| seconds| s)?|begin(s|ning)?|from",
    "end": r"end(s| time| seconds| s| timestamp)?|to|until|stop",
    "sentiment": r"sentiment|mood|tone",
    "summary": r"summary|gist|abstract|details|notes?",
}
"""Each field of an item with the names it goes by."""

SUMMARY = r"(executive |meeting |short |brief )?(summary|overview|abstract|synopsis|gist|minutes)|tl ?dr"

SUMMARY_WORDS = 120
"""Words of a summary where the caller does not say."""


@dataclass(frozen=True)
class Item:
    """A row of a list: what its fields may say, and the sentence it rests on."""

    said: Said | None
    score: float
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Minutes(Walk):
    """One pass over a schema with a meeting to fill it from; what is no part of minutes is read as in any text.

    Args:
        transcript: the meeting.
        words: how long a summary may be.
    """

    transcript: Transcript = field(default_factory=lambda: Transcript((), "text"))
    words: int = SUMMARY_WORDS

    @cached_property
    def sentences(self) -> list[Said]:
        """What was said, without what speaks to the program that reads it."""
        return [said for said in said_in(self.transcript) if not speaks_to_program(said.quote)]

    def _array(self, name: str, path: str, schema: Schema, *, party: str) -> Any:
        kind = list_of(name)
        if kind is None:
            return super()._array(name, path, schema, party=party)
        branch = self._branches(schema.get("items") or {})[0][0]
        rows: list[Any] = []
        for item in self._items(kind):
            below = f"{path}[{len(rows)}]"
            value = self._row(item, branch) if "properties" in branch else _fitted(item.fields["text"], branch)
            if value is not MISSING:
                rows.append(value)
                self._noted(below, item)
        if len(rows) < schema.get("minItems", 0):
            return MISSING
        return rows[: schema.get("maxItems", len(rows))]

    def _scalar(self, name: str, path: str, schema: Schema, *, party: str, role: str | None) -> Any:
        words = words_of(name)
        value: Any = None
        if re.fullmatch(SUMMARY, words):
            value = summary_of(choose(self.sentences, "", words=self.words))
        elif re.fullmatch(FIELDS["sentiment"], words):
            value = sentiment_of(tuple(self.sentences))
        elif re.fullmatch(r"(meeting )?(title|name|subject)", words):
            value = self.transcript.title or None
        elif re.fullmatch(r"(meeting )?(date|day|held)( held)?", words):
            value = self.transcript.held or None
        elif re.fullmatch(r"duration( seconds| s)?", words):
            value = Decimal(str(self.transcript.duration)) if self.transcript.timed else None
        else:
            return super()._scalar(name, path, schema, party=party, role=role)
        return MISSING if value is None else _fitted(value, schema)

    def _items(self, kind: str) -> list[Item]:
        if kind == "actions":
            return [self._promised(one) for one in commitments(self.sentences, People(self.transcript.speakers))]
        if kind == "decisions":
            return [self._promised(one) for one in decisions(self.sentences)]
        if kind == "questions":
            return [self._quoted(said) for said in open_questions(self.sentences)]
        if kind == "points":
            return [self._quoted(said) for said in choose(self.sentences, "", words=self.words)]
        if kind == "people":
            return [Item(None, 1.0, {"text": name, "speaker": name}) for name in self.transcript.speakers]
        if kind == "cues":
            return [
                Item(None, 1.0, {"text": cue.text, "speaker": cue.speaker or None, "start": cue.start, "end": cue.end})
                for cue in self.transcript.cues
            ]
        return [
            Item(
                topic.first,
                0.5,
                {
                    "text": topic.title,
                    "quote": topic.first.quote,
                    "speaker": topic.first.speaker or None,
                    "start": self._start(topic.first),
                    "end": self.transcript.cues[topic.last.cue].end,
                    "sentiment": sentiment_of(topic.sentences),
                    "summary": summary_of(choose(list(topic.sentences), "", words=30)),
                },
            )
            for topic in topics(self.sentences)
        ]

    def _promised(self, one: Commitment) -> Item:
        item = self._quoted(one.said)
        fields = item.fields | {"text": one.task, "owner": one.owner or None, "due": one.due or None}
        return Item(one.said, min(0.95, one.weight / 8), fields)

    def _quoted(self, said: Said) -> Item:
        return Item(
            said,
            0.5,
            {"text": said.text, "quote": said.quote, "speaker": said.speaker or None, "start": self._start(said)},
        )

    def _start(self, said: Said) -> float | None:
        return self.transcript.cues[said.cue].start

    def _row(self, item: Item, schema: Schema) -> Any:
        filled: dict[str, Any] = {}
        for key, part in schema.get("properties", {}).items():
            branches, nullable = self._branches(part)
            value = item.fields.get(field_named(key) or "")
            fitting = (_fitted(_timed(value, branch), branch) for branch in branches) if value is not None else ()
            kept = next((one for one in fitting if one is not MISSING), MISSING)
            if kept is not MISSING:
                filled[key] = kept
            elif nullable:
                filled[key] = None
        # An item that lacks what the schema requires is left out rather than completed by guess.
        return filled if set(schema.get("required", ())) <= filled.keys() else MISSING

    def _noted(self, path: str, item: Item) -> None:
        if item.said is not None:
            self.provenance.append(
                {"path": path, "page": 1, "box": None, "quote": item.said.quote, "score": round(item.score, 3)}
            )


def list_of(name: str) -> str | None:
    """The list of a meeting that a property means; None where it is none."""
    words = words_of(name)
    return next((kind for kind, pattern in LISTS.items() if re.fullmatch(pattern, words)), None)


def field_named(name: str) -> str | None:
    """The field of an item that a property means; None where it is none."""
    words = words_of(name)
    return next((kind for kind, pattern in FIELDS.items() if re.fullmatch(pattern, words)), None)


def asks_for_minutes(schema: Schema) -> bool:
    """Whether a schema asks for something that only a meeting has."""
    return any(list_of(name) not in (None, "people") for name in schema.get("properties", {}))


def summary_of(sentences: list[Said]) -> str:
    """Quoted sentences as one text, each with who said it; fillers are left out."""
    return "\n".join(f"{said.speaker}: {said.text}" if said.speaker else said.text for said in sentences)


def _timed(value: Any, schema: Schema) -> Any:
    """Seconds as the schema wants them: a clock where it asks for text, whole where it asks for an integer."""
    if not isinstance(value, float):
        return value
    types = types_of(schema)
    if "string" in types:
        return clock(value)
    return Decimal(int(value)) if "integer" in types and "number" not in types else Decimal(str(round(value, 3)))


def _fitted(value: Any, schema: Schema) -> Any:
    try:
        return fit(value, schema)
    except Unfit:
        return MISSING
