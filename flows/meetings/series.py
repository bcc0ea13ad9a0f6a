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
    r"\b(done|finished|merged|shipped|sent|released|published|completed?|fixed|resolved|closed|(?:is|was|are|were|has been|have been) \w+ed)\b",
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
    best, share = None, 0.0
    for index, _ in enumerate(meeting.cues):
        near = " ".join(cue.text for cue in meeting.cues[index : index + 2])
        held = len(wanted & _words(near)) / len(wanted) if wanted else 0.0
        if held > share:
            best, share = index, held
    spoken = best is not None and share >= SHARED and len(wanted) >= 3
    near = " ".join(cue.text for cue in meeting.cues[best : best + 2]) if spoken and best is not None else ""
    return CarriedOver(
        id=promise.id,
        text=promise.text,
        owner=promise.owner,
        due=str(promise.due or ""),
        meeting=promise.meeting,
        overdue=promise.overdue(meeting.held),
        cue=best if spoken else None,
        start=meeting.cues[best].start if spoken and best is not None else None,
        said_done=bool(_DONE.search(near)),
    )


def _words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[^\W_]{4,}", text.lower()) if word not in _COMMON}
