"""Approvals: who may say that a call with side effects is made."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from prefect.context import FlowRunContext
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput
from pydantic import Field

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.plain import escape_terminal, plain
from prefect_gemini.gemini.reply import FunctionCall

PATIENCE_S = 24 * 3600
"""How long a paused run waits for a person."""
LOOK_S = 2
"""How often it looks whether there is an answer."""


class Approval(RunInput):
    """Say whether this call may be made. The form of the Prefect UI, and what a callback may answer."""

    approve: bool = Field(False, description="Make this call.")
    note: str = Field("", description="Why not; the model is told.")


Approve: TypeAlias = Callable[[FunctionCall], bool | Approval | Awaitable[bool | Approval]]
"""A callback that is shown each call with side effects before it is made."""


async def in_prefect_ui(call: FunctionCall) -> Approval:
    """Pause the flow run until a person has answered a form in the Prefect UI: `approve=in_prefect_ui`.

    Args:
        call: what is to be called; the form shows its name and arguments.

    Raises:
        InvalidOption: there is no flow run to pause.
        FlowPauseTimeout: nobody answered within a day.
    """
    if FlowRunContext.get() is None:
        raise InvalidOption("There is no flow run to pause.", hint="Call the node in a flow, or approve in a callback.")
    shown = escape_terminal(json.dumps(call.args, indent=2, ensure_ascii=False, default=str)).replace("```", "'''")
    form = Approval.with_initial_data(
        description=f"The model wants to call **{plain(call.name)}** with\n\n```json\n{shown}\n```", approve=False
    )
    return await apause_flow_run(wait_for_input=form, timeout=PATIENCE_S, poll_interval=LOOK_S)


async def asked(approve: Approve, call: FunctionCall) -> Approval:
    """The answer of a callback, sync or async, as an `Approval`."""
    if inspect.iscoroutinefunction(approve):
        answer = await approve(call)
    else:
        answer = await asyncio.to_thread(approve, call)
        if inspect.isawaitable(answer):
            answer = await answer
    return answer if isinstance(answer, Approval) else Approval(approve=bool(answer))
