"""An ASGI application in a thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from typing import Any

import uvicorn

START_TIMEOUT_S = 20.0
LAST_WORDS_S = 0.1
"""How long answers under way get when the server stops."""
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


class _Prompt(uvicorn.Server):
    """Stops when it is told to: uvicorn itself looks ten times a second and then waits as long again, each test."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def leave(self) -> None:
        """Stop; from any thread."""
        self.should_exit = self.force_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has stopped by itself
                self._loop.call_soon_threadsafe(self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        tenths = 0
        while not await self.on_tick(tenths):  # every tenth one renews the date header
            tenths += 10
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_WORDS_S)


class Serving:
    """One application on one address.

    Args:
        app: the ASGI application.
        host: to listen on; loopback only, unless `allow_remote`.
        port: to listen on; 0 for any free one.
        allow_remote: listen where other machines can reach it.

    Raises:
        ValueError: for a host that is not loopback.
    """

    def __init__(self, app: Any, *, host: str = "127.0.0.1", port: int = 0, allow_remote: bool = False) -> None:
        check_host(host, allow_remote=allow_remote)
        self._app, self._host, self._port = app, host, port
        self._server: _Prompt | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def open(self) -> str:
        """Take the port; returns the address.

        Raises:
            OSError: when the port is taken.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol must be named: asyncio turns Nagle's delay off only where it is.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self._host, self._port))
        self._socket.listen(2048)
        port = self._socket.getsockname()[1]
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"

    def run(self) -> None:
        """Answer on the open port. Returns when the first request can be sent.

        Raises:
            RuntimeError: when the server does not come up.
        """
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
        self._server = _Prompt(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="local-gemini", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the local Gemini server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop listening and drop what is still open."""
        if self._server is not None and self._thread is not None:
            self._server.leave()
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None

    def wait(self) -> None:
        """Block until the server stops."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=0.5)
