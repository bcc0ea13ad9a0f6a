"""Outcomes on their way to where they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from prefect.logging import get_logger

from prefect_gemini.gemini.errors import GeminiError, OutputFailed
from prefect_gemini.tasks.bulk.sinks import Output, Sink, sink_of
from prefect_gemini.tasks.bulk.stopping import Stopping
from prefect_gemini.tasks.parts.outcome import Outcome

WRITE_EVERY_S = 0.5
MOST_WAITING = 2000
"""Outcomes that may wait to be written; more make the run wait for the disk."""


class Stream:
    """Outcomes on their way to a sink, written a few hundred at a time and never more than it can take.

    Args:
        sink: where they go.
        stopping: asked when they cannot be written, so that nothing more is paid for.
    """

    def __init__(self, sink: Sink, stopping: Stopping) -> None:
        self._sink, self._stopping = sink, stopping
        self.label = sink.label
        self._queue: asyncio.Queue[Outcome[Any]] = asyncio.Queue(MOST_WAITING)
        self._failed: OutputFailed | None = None
        self._ended = asyncio.Event()
        self._written = 0

    async def put(self, outcome: Outcome[Any]) -> None:
        """Hand an outcome on.

        Raises:
            OutputFailed: an earlier one could not be written.
        """
        if self._failed is not None:
            raise self._failed
        await self._queue.put(outcome)

    async def run(self) -> None:
        """Write until `end`; a failure stops the run."""
        while not (self._ended.is_set() and self._queue.empty()):
            batch = self._taken()
            if not batch:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), WRITE_EVERY_S)
                continue
            if self._failed is None:  # else it is taken all the same, so that nobody waits for room in vain
                await self._write(batch)

    async def end(self, writing: asyncio.Task[None], *, whole: bool) -> None:
        """Write what is left and finish the sink; a run that is not whole gets its file abandoned, not finished.

        Raises:
            OutputFailed: something could not be written. Not of a run that failed before: its error stands.
        """
        self._ended.set()
        await writing
        if whole and not self._written and self._failed is None:
            await self._write([])  # an output of no outcomes is written as that, and replaces what was there
        closing = self._sink.close
        if not whole or self._failed is not None:
            closing = getattr(self._sink, "abandon", closing)
        try:
            await asyncio.to_thread(closing)
        except Exception as error:
            self._fail(error)
        if whole and self._failed is not None:
            raise self._failed

    def _taken(self) -> list[Outcome[Any]]:
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def _write(self, batch: list[Outcome[Any]]) -> None:
        try:
            await asyncio.to_thread(lambda: self._sink.write([outcome.as_record() for outcome in batch]))
            self._written += len(batch)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Keep the first failure and stop the run; of a run that fails otherwise too, the log has it."""
        self._stopping.asked = True
        if isinstance(error, GeminiError):
            said = error.message
        elif isinstance(error, OSError):
            said = f"{self.label}: {error.strerror or error}."
        else:
            said = f"{self.label}: {type(error).__name__}: {error}."
        get_logger("gemini").warning("the output failed: %s", said)
        self._failed = self._failed or OutputFailed(
            f"{said} {self._written:,} outcomes were written before.",
            hint="Every answer that was paid for is in the ledger: mend the output and run again, and nothing is "
            "paid twice.",
        )


@asynccontextmanager
async def streaming(output: Output, stopping: Stopping) -> AsyncIterator[Stream]:
    """A stream to a sink that is finished, and checked, when the block ends.

    Raises:
        OutputFailed: something could not be written.
    """
    stream = Stream(await asyncio.to_thread(sink_of, output), stopping)
    writing = asyncio.create_task(stream.run())
    try:
        yield stream
    except BaseException:
        await stream.end(writing, whole=False)
        raise
    await stream.end(writing, whole=True)
