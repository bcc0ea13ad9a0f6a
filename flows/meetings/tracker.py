"""Filing action items with a tracker: a task or function of the user's, called by the model on a short leash.

The model only maps an item onto the tracker's arguments. Code approves each call: one call an item, and
nothing in it that the item does not say. An item is filed once; one whose filing was cut off is not filed
again but shown, because the tracker may have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from prefect.utilities.importtools import import_object
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.meetings.models import Item
from prefect_gemini.flows.meetings.store import MeetingStore
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import GeminiError, InvalidOption, LeashExceeded
from prefect_gemini.gemini.reply import FunctionCall
from prefect_gemini.tasks import Approval, Leash, acall_functions, tool
from prefect_gemini.tasks.functions.tool import FunctionTool

PROMPT = "File this action item with the tracker: one call, arguments copied from the item."

FILING = "filing"
"""What an item says while the tracker is asked; left standing, nobody knows whether the tracker has it."""


class Filed(BaseModel):
    """What became of one item.

    Args:
        id: of the item.
        text: its task.
        status: filed, before (an earlier run filed it), unknown (a run was cut off while filing), refused.
        answer: what the tracker answered, or why it was not asked.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    status: str
    answer: str


def tracker_of(path: str) -> FunctionTool:
    """The tracker at an import path such as `my_flows.tickets:create_ticket` or `./tickets.py:create_ticket`.

    Raises:
        InvalidOption: there is nothing to call.
    """
    try:
        found: Any = import_object(path)
    except (ImportError, AttributeError, ValueError, OSError) as error:
        raise InvalidOption(
            f"the tracker {path!r} cannot be loaded: {error}.", hint="Name a task as `package.module:task`."
        ) from None
    return tool(found, side_effects=True)


async def file_items(
    found: Iterable[tuple[str, Item]], tracker: FunctionTool, *, model: str | GeminiModel, store: MeetingStore
) -> tuple[Filed, ...]:
    """File proven action items, each once.

    Args:
        found: items with their ids.
        tracker: what is called.
        model: which model maps items onto its arguments.
        store: keeps what was filed.
    """
    items = [(key, item) for key, item in found if item.kind == "action" and item.proven]
    before = store.filed([key for key, _ in items])
    done: list[Filed] = []
    for key, item in items:
        answer = before.get(key, "")
        if answer:
            status = "unknown" if answer == FILING else "before"
            done.append(Filed(id=key, text=item.text, status=status, answer=answer))
            continue
        store.mark_filed(key, FILING)
        status, answer = await _file(item, tracker, model)
        store.mark_filed(key, {"filed": answer, "unknown": FILING}.get(status, ""))
        done.append(Filed(id=key, text=item.text, status=status, answer=answer))
    return tuple(done)


async def _file(item: Item, tracker: FunctionTool, model: str | GeminiModel) -> tuple[str, str]:
    asked: list[str] = []
    allowed: list[str] = []

    def approve(call: FunctionCall) -> Approval:
        wrong = "one call an item" if asked else _not_said(call.args, item)
        asked.append(call.name)
        if not wrong:
            allowed.append(call.name)
        return Approval(approve=not wrong, note=wrong)

    try:
        reply = await acall_functions(
            PROMPT,
            [tracker],
            documents=[Document.text(written(item), name="action item")],
            model=model,
            mode="any",
            approve=approve,
            leash=Leash(steps=3, calls=2),
        )
        calls = reply.value
    except GeminiError as error:
        # The model is asked again after the call: what fails then takes nothing back.
        calls = error.calls if isinstance(error, LeashExceeded) else ()
        if not any(one.status == "done" for one in calls):
            return ("unknown" if allowed else "refused"), str(error)
    made = [one for one in calls if one.status == "done"]
    if made:
        return "filed", str(made[0].result)[:500] or "filed"
    return "refused", "; ".join(one.error or one.status for one in calls)[:500]


def written(item: Item) -> str:
    """An item as labelled lines, which is all the model sees of the meeting."""
    rows = (
        ("Task", item.text),
        ("Owner", item.owner),
        ("Due date", str(item.due or "")),
        ("Quote", item.quote),
        ("Said by", item.speaker),
    )
    return "\n".join(f"{label}: {value}" for label, value in rows if value)


def _not_said(args: dict[str, Any], item: Item) -> str:
    """What a call would say that the item does not; "" where there is nothing."""
    said = _words(written(item))
    for name, value in _leaves(args):
        if isinstance(value, bool | int | float):
            continue
        text = str(value)
        if re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", text):
            if text[:10] != str(item.due):
                return f"{name} is {text}, and the item is due {item.due or 'on no known day'}"
        elif (foreign := _words(text) - said) and len(foreign) > len(_words(text)) // 5:
            return f"{name} says {', '.join(sorted(foreign)[:5])}, and the item does not"
    return ""


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif value is not None:
        yield name, value


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.lower()))
