"""Stopping gently: nothing new is begun, what is under way, and so paid for, is finished and kept."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, PrefectException

GRACE_S = 20.0
"""Seconds for calls under way when a run is cancelled; a Prefect worker kills after 30."""
ASK_S = 5.0
"""Seconds to find out whether a person has cancelled it."""


class Stopping:
    """Whether a run is to end.

    Args:
        tell: passes the word on to other processes, when it is to end before its work is done.
    """

    def __init__(self, tell: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self.asked = False
        self._tell = tell

    async def together(self, work: list[Coroutine[Any, Any, None]]) -> None:
        """Run coroutines side by side. When this is cancelled or one fails, the others end what they have begun.

        Raises:
            BaseException: the first failure.
            asyncio.CancelledError: after at most `GRACE_S`.
        """
        tasks = [asyncio.create_task(each) for each in work]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            await self._end(tasks)
        except asyncio.CancelledError:
            await self._end(tasks)
            raise
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        """Let what has been begun end."""
        self.asked = True
        under_way = [task for task in tasks if not task.done()]
        if under_way and self._tell is not None:
            under_way.append(asyncio.create_task(self._tell()))
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE_S)


@asynccontextmanager
async def gentle_termination() -> AsyncIterator[None]:
    """Inside the block SIGTERM cancels the current task, which may still finish; then the signal takes its course.

    Prefect's own handler raises in the middle of the event loop, and every call under way would be lost
    with what it costs. It alone can tell its runner that the signal was understood; without, a run that
    a person cancels would end as crashed, so such a run leaves without a state and its runner gives it one.

    Raises:
        Abort: a person has cancelled the run.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, previous, received = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM), False

    def terminate() -> None:
        nonlocal received
        received = True
        task.cancel()

    try:
        loop.add_signal_handler(signal.SIGTERM, terminate)
    except (NotImplementedError, RuntimeError):  # Windows, or a loop without signals
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, previous)
        if received:
            if await _cancelling():
                raise Abort("The run was cancelled.")
            signal.raise_signal(signal.SIGTERM)


async def _cancelling() -> bool:
    """Whether a person has cancelled this run, or the one it is a part of."""
    if FlowRunContext.get() is None:
        return False
    try:
        async with asyncio.timeout(ASK_S), get_client() as client:
            root = await asyncio.to_thread(lambda: runtime.flow_run.root_flow_run_id)
            state = (await client.read_flow_run(UUID(root))).state
    except (httpx.HTTPError, OSError, PrefectException):  # as is a TimeoutError
        return False
    return state is not None and state.is_cancelling()
