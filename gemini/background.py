"""One event loop in the background, for callers that are not async.

A client belongs to one event loop. Everything synchronous therefore runs its coroutines on this
one loop, so that a sync flow of a hundred calls shares one client, one connection pool and one
set of limits.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

LAST_WORDS_S = 25.0
"""Seconds that a coroutine has to end when its caller is interrupted."""


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="prefect-gemini", daemon=True).start()
    return loop


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop and wait for its result.

    The caller's context variables travel along, so that loggers and run contexts are found.

    Raises:
        RuntimeError: when called on the background loop itself, which would wait for ever.
    """
    loop = _loop()
    if _running() is loop:
        coroutine.close()
        raise RuntimeError("`run` was called on the background loop itself; await the coroutine instead")
    context = contextvars.copy_context()
    result: Future[T] = Future()
    running: list[asyncio.Task[T]] = []

    def start() -> None:
        task = loop.create_task(coroutine, context=context)
        running.append(task)
        task.add_done_callback(finish)

    def finish(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            result.cancel()
            result.set_running_or_notify_cancel()  # `wait` below hears nothing of a mere `cancel`
        elif error := task.exception():
            result.set_exception(error)
        else:
            result.set_result(task.result())

    loop.call_soon_threadsafe(start)
    try:
        return result.result()
    except BaseException:
        # Interrupted or terminated while waiting: the coroutine may end what it has begun, and is waited for.
        if not result.done():
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in running])
            wait([result], timeout=LAST_WORDS_S)
        raise


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
