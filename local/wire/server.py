"""The server in a thread of this process, and the handle a test holds."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from prefect_gemini.local.wire.app import App, Listener
from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.control.faults import Faults
from prefect_gemini.local.wire.control.journal import Journal
from prefect_gemini.local.wire.control.pace import Pace
from prefect_gemini.local.wire.control.quota import Quota
from prefect_gemini.local.wire.control.script import Answerer, Predicate
from prefect_gemini.local.wire.generating.replies import Reply
from prefect_gemini.local.wire.resources.storage import Storage
from prefect_gemini.local.wire.wire import EngineMaker, Wire, reader_engine

START_TIMEOUT_S = 20.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_host(host: str, *, allow_remote: bool) -> None:
    """Refuse an address others can reach, unless that was asked for.

    Raises:
        ValueError: for a host that is not loopback.
    """
    if host not in _LOOPBACK and not allow_remote:
        raise ValueError(
            f"{host!r} can be reached from other machines, and this server checks no secrets; "
            "say so explicitly (`allow_remote=True`, `--allow-remote`) if that is what you want"
        )


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

    Raises:
        AssertionError: on leaving the block, when a call found the script empty.
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
    ) -> None:
        check_host(host, allow_remote=allow_remote)
        self._host, self._port = host, port
        self.wire = Wire(engine=engine, authentication=authentication, keep=keep, state=state)
        self._app = App(self.wire, listener=listener)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
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
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol must be named: asyncio turns Nagle's delay off only where it is.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self._host, self._port))
        self._socket.listen(2048)
        port = self._socket.getsockname()[1]
        self.base_url = f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"
        self.wire.base_url = self.base_url
        config = uvicorn.Config(
            self._app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=True,
            http="h11",
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="local-gemini", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the local Gemini server did not start on {self.base_url}")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop listening and drop what is still open."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None

    def wait(self) -> None:
        """Block until the server stops."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None:
            self.wire.script.assert_not_dry()


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
