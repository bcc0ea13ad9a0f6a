"""Executing what a model calls: checked, approved, each call a task run of its own, and never on the model's word."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prefect import Task, runtime
from prefect.cache_policies import DEFAULT, CachePolicy
from prefect.context import FlowRunContext, TaskRunContext
from pydantic_core import PydanticSerializationError, to_jsonable_python

from prefect_gemini.gemini.dry_run import running_dry, standing_in
from prefect_gemini.gemini.errors import InvalidOption, InvalidOutput, NotSent, UnsafeLocation, clean
from prefect_gemini.gemini.reply import FunctionCall
from prefect_gemini.gemini.request import Part, Tool
from prefect_gemini.gemini.schemas.output import validate_arguments
from prefect_gemini.tasks.functions.approval import Approval, Approve, asked
from prefect_gemini.tasks.functions.leash import Walk
from prefect_gemini.tasks.functions.tool import FunctionTool, tool


class CalledFunction(FunctionCall):
    """A function call of the model, and what became of it.

    Args:
        status: done; pending where the tool is only a declaration, and the caller decides; refused where
            the tool or its arguments were not allowed; denied by whoever approves; failed with an error.
        result: what the function gave back, as JSON.
        error: why there is none; the model was told the same.
        seconds: how long it ran.
        step: the turn of the model it belongs to, from 1.
    """

    status: Literal["done", "pending", "refused", "denied", "failed"] = "pending"
    result: Any = None
    error: str = ""
    seconds: float = 0.0
    step: int = 1

    @property
    def told(self) -> dict[str, Any]:
        """What the model is told, under the keys that Gemini reads."""
        return {"output": self.result} if self.status == "done" else {"error": self.error}

    def part(self) -> Part:
        """The same as a part of the next turn."""
        return Part.of_function_response(self.name, self.told, call_id=self.id)


@dataclass
class Executor:
    """Executes the calls of one conversation.

    Args:
        tools: what may be called, by name; a `Tool` is a declaration and never executed.
        walk: the leash, and how far the model went.
        approve: asked before each call with side effects.
        conversation: what tells this conversation from others of the same run.
    """

    tools: Mapping[str, Tool | FunctionTool]
    walk: Walk
    approve: Approve | None
    conversation: str = ""

    def __post_init__(self) -> None:
        self._one_by_one = asyncio.Lock()

    async def execute(self, calls: Sequence[FunctionCall]) -> list[CalledFunction]:
        """Execute the calls of one turn, at once; those with side effects one after another, in order.

        Raises:
            LeashExceeded: before any of them where they are too many; otherwise when all have ended.
        """
        self.walk.before_calls(len(calls))
        step = len(self.walk.replies)
        asked_for = [CalledFunction(**call.model_dump(), step=step) for call in calls]
        before = [(one.name, one.args) for one in self.walk.calls]
        keys = []
        for one in asked_for:
            keys.append(self._key(one, before.count((one.name, one.args))))
            before.append((one.name, one.args))
        ended = await asyncio.gather(*map(self._one, asked_for, keys), return_exceptions=True)
        done = [one for one in ended if isinstance(one, CalledFunction)]
        if error := next((one for one in ended if isinstance(one, BaseException)), None):
            self.walk.calls.extend(done)
            raise error
        self.walk.after_calls(done)
        self.walk.in_time()
        return done

    async def _one(self, call: CalledFunction, key: str) -> CalledFunction:
        chosen = self.tools.get(call.name)
        if chosen is None:
            return _ended(call, "refused", f"there is no function {call.name!r}; there are {sorted(self.tools)}")
        try:
            arguments = self.walk.leash.guarded(_checked(chosen, call.args))
        except (InvalidOutput, UnsafeLocation) as error:
            return _ended(call, "refused", f"not called: {error.message}")
        if isinstance(chosen, Tool):
            return call
        if not chosen.side_effects:
            return await self._run(chosen, call, arguments, key)
        if running_dry() is not None:
            raise NotSent(f"{call.name} was not called: this is a dry run.")
        if standing_in() is not None:
            raise InvalidOption(
                f"{call.name} was not called: in a batch the node runs anew for every answer, and would call it again.",
                hint='Leave out `mode="batch"`.',
            )
        async with self._one_by_one:
            approval = await self._approval(call, key)
            if not approval.approve:
                return _ended(call, "denied", f"not called: refused by a person. {approval.note}".rstrip())
            return await self._run(chosen, call, arguments, key)

    async def _run(
        self, tool: FunctionTool, call: CalledFunction, arguments: dict[str, Any], key: str
    ) -> CalledFunction:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self.walk.remaining_s)) as clock:
                result = to_jsonable_python(await _invoke(_as_task(tool, key), arguments))
        except PydanticSerializationError as error:
            said = f"the result has no JSON form: {error}"
        except Exception as error:
            said = "the time is over" if clock.expired() else f"{type(error).__name__}: {error}"
        else:
            seconds = time.monotonic() - begun
            return call.model_copy(update={"status": "done", "result": result, "seconds": seconds})
        failed = _ended(call, "failed", said)
        return failed.model_copy(update={"seconds": time.monotonic() - begun})

    async def _approval(self, call: CalledFunction, key: str) -> Approval:
        assert self.approve is not None
        approve = self.approve

        # Named for what is asked, so that its own task run shows who waits for whom.
        async def approval() -> dict[str, Any]:
            answer = await asked(approve, FunctionCall(name=call.name, args=call.args, id=call.id))
            return answer.model_dump()

        begun = time.monotonic()
        try:
            asking = Task(approval, name=f"approve {call.name}", tags=["gemini"], **_once(f"approve-{key}"))
            return Approval(**await _invoke(asking, {}))
        finally:
            self.walk.waited_s += time.monotonic() - begun

    def _key(self, call: CalledFunction, times: int) -> str:
        content = json.dumps([self.conversation, call.name, call.args, times], sort_keys=True, default=str)
        return f"gemini-call-{runtime.flow_run.id}-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _checked(tool: Tool | FunctionTool, args: dict[str, Any]) -> dict[str, Any]:
    return tool.read(args) if isinstance(tool, FunctionTool) else validate_arguments(tool.parameters, args)


def _ended(call: CalledFunction, status: str, why: str) -> CalledFunction:
    return call.model_copy(update={"status": status, "error": clean(why)})


def _as_task(tool: FunctionTool, key: str) -> Task[..., Any]:
    """The tool as a task. What has been done in a flow run is not done again when the run resumes."""
    if not isinstance(tool.function, Task):
        return Task(tool.function, name=tool.name, tags=["gemini"], **_once(key))
    if tool.side_effects and tool.function.cache_policy is DEFAULT:
        return tool.function.with_options(**_once(key))
    return tool.function


def _once(key: str) -> dict[str, Any]:
    if FlowRunContext.get() is None:
        return {"persist_result": False}
    return {"cache_policy": CachePolicy.from_cache_key_fn(lambda _context, _arguments: key), "persist_result": True}


async def _invoke(task: Task[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a task as a task run inside a run, and as the function it is outside of any."""
    traced = FlowRunContext.get() is not None or TaskRunContext.get() is not None
    run = task if traced else task.fn
    if task.isasync:
        return await run(**arguments)
    return await asyncio.to_thread(run, **arguments)


def offered(tools: Sequence[Any], approve: Approve | None) -> dict[str, Tool | FunctionTool]:
    """The tools by name.

    Raises:
        InvalidOption: something that is no tool, two of one name, or side effects that nobody approves.
    """
    made = [one if isinstance(one, Tool) else tool(one) for one in tools]
    by_name = {one.name: one for one in made}
    if len(by_name) < len(made):
        raise InvalidOption(f"Two tools have the same name in {[one.name for one in made]!r}.")
    risky = [one.name for one in made if isinstance(one, FunctionTool) and one.side_effects]
    if risky and approve is None:
        raise InvalidOption(
            f"{', '.join(risky)} has side effects and nobody approves its calls.",
            hint="Give `approve=`: a callback, or `in_prefect_ui` to pause the run for a person.",
        )
    return by_name
