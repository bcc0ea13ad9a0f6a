"""What was promised last time: is it still open, and was it spoken of this time?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.meetings.models import Meeting
from prefect_gemini.flows.meetings.store import Promise

SHARED = 0.6
"""Share of a promise's telling words that a later cue and its neighbours hold where it is spoken of."""

_DONE = re.compile(
    r"\b(I(?:'ve| have)? (?:\w+ed|sent|did|wrote|made|told|found)|done|finished|merged|shipped|sent|released|published|completed?|fixed|resolved|closed|(?:is|was|are|were|has been|have been) \w+ed)\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    [
        "this",
        "that",
        "these",
        "those",
        "with",
        "from",
        "have",
        "will",
        "would",
        "should",
        "could",
        "about",
        "there",
        "their",
        "them",
        "then",
        "they",
        "what",
        "when",
        "where",
        "which",
        "your",
        "going",
        "gonna",
        "make",
        "sure",
        "into",
        "just",
        "also",
        "some",
        "want",
        "need",
        "like",
        "been",
        "being",
        "were",
        "was",
    ]
)


class CarriedOver(BaseModel):
    """An open promise of an earlier meeting, seen from a later one.

    Args:
        id: of the item; closing it takes it off the list.
        text, owner, due, meeting: as recorded then.
        overdue: it was due before this meeting.
        cue, start: where this meeting speaks of it; None where it does not.
        said_done: that place sounds as if it were done; a person closes it, not this.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    owner: str
    due: str
    meeting: str
    overdue: bool
    cue: int | None = None
    start: float | None = None
    said_done: bool = False


def carried_over(promises: Iterable[Promise], meeting: Meeting) -> tuple[CarriedOver, ...]:
    """Each open promise, with the place where the meeting speaks of it."""
    return tuple(_seen(promise, meeting) for promise in promises)


def _seen(promise: Promise, meeting: Meeting) -> CarriedOver:
    wanted = _words(promise.text)
    place = _spoken_of(wanted, meeting) if len(wanted) >= 3 else None
    return CarriedOver(
        id=promise.id,
        text=promise.text,
        owner=promise.owner,
        due=str(promise.due or ""),
        meeting=promise.meeting,
        overdue=promise.overdue(meeting.held),
        cue=place,
        start=None if place is None else meeting.cues[place].start,
        said_done=place is not None and bool(_DONE.search(_from(place, meeting))),
    )


def _spoken_of(wanted: set[str], meeting: Meeting) -> int | None:
    """The cue that with the next holds most of a promise's words; None where none holds enough."""

    def share(text: str) -> float:
        return len(wanted & _words(text)) / len(wanted)

    places = range(len(meeting.cues))
    best = max(places, key=lambda place: (share(_from(place, meeting)), share(meeting.cues[place].text)), default=None)
    return best if best is not None and share(_from(best, meeting)) >= SHARED else None


def _from(place: int, meeting: Meeting) -> str:
    return " ".join(cue.text for cue in meeting.cues[place : place + 2])


def _words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[^\W_]{4,}", text.lower()) if word not in _COMMON}
