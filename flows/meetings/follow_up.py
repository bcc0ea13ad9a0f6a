"""The e-mail after the meeting: put together by code from what was proven, so that it says nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from prefect_gemini.flows.meetings.models import Item, Meeting
from prefect_gemini.pages.transcripts.clock import clock


def follow_up(meeting: Meeting) -> str:
    """A draft as plain text: subject, decisions, tasks by owner, open questions.

    Its only prose is the model's summary; quoted sentences of the local reader are left out of it.
    """
    day = f", {meeting.held:%A} {meeting.held.day} {meeting.held:%B %Y}" if meeting.held else ""
    lines = [f"Subject: {meeting.title}{day}: decisions and action items", "", "Hello all,", ""]
    if meeting.summary and not meeting.extractive:
        lines += [meeting.summary, ""]
    lines += _list("We decided:", (_where(item) for item in meeting.of("decision")))
    lines += _list("Who does what:", (_task(item) for item in sorted(meeting.of("action"), key=_by_owner)))
    lines += _list("Still open:", (_where(item) for item in meeting.of("question")))
    if len(lines) <= 4:
        lines += ["Nothing was decided and nobody took on a task.", ""]
    return "\n".join([*lines, "Please answer if any of this is not what was said."])


def _list(head: str, rows: Iterable[str]) -> list[str]:
    listed = [f"- {row}" for row in rows]
    return [head, *listed, ""] if listed else []


def _task(item: Item) -> str:
    due = (
        f", due {item.due:%A} {item.due.day} {item.due:%B}"
        if item.due
        else f" ({item.due_said})"
        if item.due_said
        else ""
    )
    return f"{item.owner or 'Nobody yet'}: {_where(item)}{due}"


def _where(item: Item) -> str:
    return item.text if item.start is None else f"{item.text} [{clock(item.start)}]"


def _by_owner(item: Item) -> tuple[bool, str, int]:
    return (not item.owner, item.owner.lower(), item.cue or 0)
