"""Ctrl-C and SIGTERM in the middle of a run: what is under way is finished and kept, and a sentence says what now."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from types import FrameType

from prefect_gemini.cli._run import notes

FINISHING = "finishing what is under way (Ctrl-C again ends it at once)"
KEPT = "Stopped. What was answered is kept: the same command again goes on from there and pays for the rest only."
BATCHES = "Stopped. Batch jobs that were submitted go on: the same command again finds them."
INTERRUPTED, TERMINATED = 130, 143
"""Exit status of a process that Ctrl-C or SIGTERM has ended."""


@contextmanager
def stoppable(last_words: Callable[[], str]) -> Iterator[None]:
    """Leave with the last words, and the status that shells expect, when the block is interrupted or terminated."""
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError, _Terminated) as end:
        notes.print(last_words(), soft_wrap=True)
        sys.exit(TERMINATED if isinstance(end, _Terminated) else INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, previous)


def stop_gently(say: Callable[[], None]) -> None:
    """Have Ctrl-C cancel the current task, which may finish what it has begun; a second one ends it at once.

    Args:
        say: called when it was pressed.
    """
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        if task.cancelling():
            raise KeyboardInterrupt
        say()
        task.cancel()

    with suppress(NotImplementedError):  # Windows: Ctrl-C cancels the task too, and nothing is said
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)


def start_prefect() -> None:
    """Start Prefect's own server where there is no other, out of reach of Ctrl-C: it records how the run ends."""
    started: Future[None] = Future()

    def start() -> None:
        try:
            if hasattr(signal, "pthread_sigmask"):
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what this thread starts inherits it
            from prefect.client.orchestration import get_client

            get_client(sync_client=True)
            started.set_result(None)
        except BaseException as error:
            started.set_exception(error)

    threading.Thread(target=start, name="start-prefect", daemon=True).start()
    started.result()


class _Terminated(SystemExit):
    """SIGTERM, once Prefect has taken note of it."""


def _terminate(number: int, frame: FrameType | None) -> None:
    raise _Terminated(TERMINATED)
