"""Speed of the local server: scripted replies a second on one core, and time to its first reply.

Server and client are processes of their own, the server held to one core. Beside it the same client asks a
bare ASGI application for the same bytes: the ratio is what our work a request costs, and holds on any machine.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks._run import Arguments, Result, benchmark

BODY = b'{"contents":[{"role":"user","parts":[{"text":"How many parcels are on the ship?"}]}]}'
PATH = "/v1beta/models/gemini-3.8-flash:generateContent"

_START = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}) if hasattr(os, 'sched_setaffinity') else None; "
_OURS = (
    _START
    + """
from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import text
server = LocalGemini(keep=100)
server.script(text("Four hundred and twelve parcels are on the ship."), times=None)
server.start()
print(server.base_url, flush=True)
server.wait()
"""
)
_EMPTY = (
    _START
    + """
from prefect_gemini.local import LocalGemini
server = LocalGemini().start()
print(server.base_url, flush=True)
server.wait()
"""
)
_BARE = (
    _START
    + """
import socket, threading, uvicorn
REPLY = bytes.fromhex(sys.argv[2])
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(REPLY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": REPLY})
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(100)
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
config = uvicorn.Config(app, log_level="critical", access_log=False, http="h11", ws="none", lifespan="off")
uvicorn.Server(config).run(sockets=[listener])
"""
)


@contextmanager
def serving(program: str, *arguments: str) -> Iterator[tuple[str, int, float]]:
    """A server process: its host, port, and the seconds until it listened."""
    began = time.perf_counter()
    core = str(max(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else "0"
    process = subprocess.Popen([sys.executable, "-c", program, core, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().strip().removeprefix("http://").partition(":")
        yield host, int(port), time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


class Connection:
    """HTTP/1.1 kept alive, without a client library in the way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nx-goog-api-key: k\r\nContent-Type: application/json\r\n"
        self.request = f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY

    def send(self) -> None:
        """Ask once."""
        self.socket.sendall(self.request)

    def receive(self) -> bytes:
        """The body of one reply, which must be a 200."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:200] + body[:300]
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return body

    def _more(self) -> bytes:
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError("the server hung up")
        return data


def replies_a_second(host: str, port: int, *, requests: int, connections: int) -> float:
    """Ask on some connections at once, and count."""
    lines = [Connection(host, port) for _ in range(connections)]
    began = time.perf_counter()
    for _ in range(requests // connections):
        for line in lines:
            line.send()
        for line in lines:
            line.receive()
    seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    return requests // connections * connections / seconds


def options(parser: argparse.ArgumentParser) -> None:
    """What this benchmark takes beside the usual."""
    parser.add_argument("--requests", type=int, default=4_000, help="in each round")
    parser.add_argument("--connections", type=int, default=8, help="at once")
    parser.add_argument("--rounds", type=int, default=3, help="of both servers, in turn; the median counts")


def measure(arguments: Arguments) -> Result:
    """Measure rounds of both servers in turn."""
    chosen = arguments.extra
    cases = []
    for number in arguments.take(range(chosen.rounds), label=lambda number: f"round {number + 1}"):
        load = {"requests": chosen.requests, "connections": chosen.connections}
        with serving(_OURS) as (host, port, _):
            line = Connection(host, port)
            line.send()
            reply = line.receive()
            ours = replies_a_second(host, port, **load)
        with serving(_BARE, reply.hex()) as (host, port, _):
            bare = replies_a_second(host, port, **load)
        with serving(_EMPTY) as (_, _, start):
            pass
        cases.append({"round": number, "replies_per_s": ours, "bare_replies_per_s": bare, "start_s": start})
    middle = {key: statistics.median(case[key] for case in cases) for key in cases[0] if key != "round"}
    ratio = statistics.median(case["replies_per_s"] / case["bare_replies_per_s"] for case in cases)
    return Result({**middle, "share_of_bare": ratio}, cases, backend="local server, scripted")


if __name__ == "__main__":
    benchmark(measure, options=options)
