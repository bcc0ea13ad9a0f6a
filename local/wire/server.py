"""The server in a thread of this process, and the handle a test holds."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prefect_gemini.local.wire.app import App, Listener
from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.control.faults import Faults
from prefect_gemini.local.wire.control.journal import Journal
from prefect_gemini.local.wire.control.pace import Pace
from prefect_gemini.local.wire.control.quota import Quota
from prefect_gemini.local.wire.control.script import Answerer, Predicate
from prefect_gemini.local.wire.control.sent import Sent, check
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.replay.cassette import Cassette
from prefect_gemini.local.wire.replay.player import Player
from prefect_gemini.local.wire.resources.jobs import Jobs
from prefect_gemini.local.wire.resources.storage import Storage
from prefect_gemini.local.wire.serving import Serving
from prefect_gemini.local.wire.wire import EngineMaker, Wire, reader_engine


class LocalGemini:
    """A Gemini server on this machine, for as long as the `with` block lasts.

    Args:
        host: to listen on; loopback only, unless `allow_remote`.
        port: to listen on; 0 for any free one.
        allow_remote: listen where other machines can reach it.
        authentication: refuse requests without a key or token, as Google does.
        engine: makes what answers where nothing is scripted; the reader by default.
        listener: told of every request when it is over.
        keep: how many requests, with their bodies, the journal keeps; None for all.
        state: an SQLite file that keeps caches, files and jobs; in memory without one.
        replay: a cassette of `prefect-gemini record`, served instead of everything else.
        repeat: serve a recorded reply again when its request comes more often than it was recorded.

    Raises:
        AssertionError: on leaving the block, when a call found the script empty, or was not on the cassette.
        CassetteError: when `replay` is no cassette.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_remote: bool = False,
        authentication: bool = True,
        engine: EngineMaker = reader_engine,
        listener: Listener | None = None,
        keep: int | None = None,
        state: Path | str | None = None,
        replay: Path | str | None = None,
        repeat: bool = False,
    ) -> None:
        player = Player(Cassette(replay), repeat=repeat) if replay is not None else None
        self.wire = Wire(engine=engine, authentication=authentication, keep=keep, state=state, player=player)
        app = App(self.wire, listener=listener)
        self._serving = Serving(app, host=host, port=port, allow_remote=allow_remote)
        self.base_url = ""

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self.wire.journal

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.wire.faults

    @property
    def quota(self) -> Quota:
        """Requests and tokens a minute."""
        return self.wire.quota

    @property
    def jobs(self) -> Jobs:
        """Batch and tuning jobs; `take_s` says how long each takes by the server's clock."""
        return self.wire.jobs

    @property
    def clock(self) -> Clock:
        """The server's clock."""
        return self.wire.clock

    @property
    def storage(self) -> Storage:
        """Cloud Storage's buckets: `read`, `write` and `list` by gs:// address."""
        return self.wire.storage

    @property
    def pace(self) -> Pace:
        """How fast answers come."""
        return self.wire.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self.wire.pace = pace

    @property
    def retirement(self) -> bool:
        """Whether models that Google has shut down are gone here too, by the server's clock."""
        return self.wire.models.retirement

    @retirement.setter
    def retirement(self, retirement: bool) -> None:
        self.wire.models.retirement = retirement

    def script(
        self,
        replies: Sequence[Reply | Answerer] | Reply | Answerer,
        *,
        when: Predicate | None = None,
        times: int | None = 1,
    ) -> None:
        """Append scripted replies.

        Args:
            replies: one or several; a callable gets the request body and returns a reply.
            when: serve them only to calls it is true for.
            times: how often each is served; None for always.
        """
        self.wire.script.add(replies, when=when, times=times)

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What models were asked, in order, retries included."""
        return tuple(map(Sent, self.journal.generate_calls))

    def assert_sent(self, *, times: int | None = None, **wanted: Any) -> list[Sent]:
        """Fail unless models were asked this.

        Args:
            times: how often; at least once if not given, 0 for never.
            wanted: `contains` (text or several, in prompt or system instruction), `model` (its id),
                `media` (a media type), `function` (its name); all must hold.

        Returns:
            The requests that fit.

        Raises:
            AssertionError: listing what was sent instead.
        """
        return check(self.sent, times=times, **wanted)

    def reset(self) -> None:
        """Forget script, faults, quota, pace and journal; what clients stored stays."""
        self.wire.reset()
        self.wire.journal.clear()

    def start(self) -> Self:
        """Listen. Returns when the first request can be sent.

        Raises:
            OSError: when the port is taken.
            RuntimeError: when the server does not come up.
        """
        self.base_url = self.wire.base_url = self._serving.open()
        self._serving.run()
        return self

    def stop(self) -> None:
        """Stop listening and drop what is still open."""
        self._serving.stop()

    def wait(self) -> None:
        """Block until the server stops."""
        self._serving.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None:
            self.wire.script.assert_not_dry()
            if self.wire.player is not None:
                self.wire.player.assert_matched()


_shared: tuple[int, LocalGemini] | None = None
_shared_lock = threading.Lock()

SHARED_KEEPS = 100
"""Requests in the journal of the process's own server: a run over ten thousand pictures must not keep them all."""


def shared() -> LocalGemini:
    """The one server of this process; started on first use, again in a forked child."""
    global _shared
    with _shared_lock:
        if _shared is None or _shared[0] != os.getpid():
            _shared = (os.getpid(), LocalGemini(keep=SHARED_KEEPS).start())
        return _shared[1]


@contextmanager
def as_shared(server: LocalGemini) -> Iterator[None]:
    """Let `server` be this process's own for a while, so that code under test finds it unasked."""
    global _shared
    with _shared_lock:
        before, _shared = _shared, (os.getpid(), server)
    try:
        yield
    finally:
        with _shared_lock:
            _shared = before
