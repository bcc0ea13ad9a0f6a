"""The background loop: a caller that is interrupted waits for what it began, and no longer."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest

from prefect_gemini.gemini import background


def test_an_interrupted_caller_waits_until_its_coroutine_has_ended():
    """Last words are said, and the caller goes on when they are, not when the longest wait is over."""
    said: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.1)
            said.append("kept")

    threading.Timer(0.2, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        background.run(slow())
    assert said == ["kept"]
    assert time.monotonic() - begun < background.LAST_WORDS_S
