"""What no client should do: the server stays up, answers others, and listens to this machine alone."""

from __future__ import annotations

import json
import resource
import socket
import struct
import time
import urllib.error
import urllib.request

import pytest

from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import slow_stream, text

MODEL = "gemini-3.8-flash"
STREAM = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse&key=k"
BODY = b'{"contents":[{"parts":[{"text":"a long sentence that is told in pieces"}]}]}'


def connect(server: LocalGemini) -> socket.socket:
    host, _, port = server.base_url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def is_healthy(server: LocalGemini) -> None:
    """An ordinary request is answered, and soon."""
    request = urllib.request.Request(f"{server.base_url}/v1beta/models/{MODEL}:generateContent?key=k", data=BODY)
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert "candidates" in json.loads(reply.read())


def test_only_this_machine_is_served_unless_asked() -> None:
    """An address others can reach is refused; saying so in as many words is needed."""
    with pytest.raises(ValueError, match="allow_remote"):
        LocalGemini(host="0.0.0.0")
    with LocalGemini() as server:
        assert server.base_url.startswith("http://127.0.0.1:")


def test_a_thousand_half_open_streams_leave_it_healthy(server: LocalGemini) -> None:
    """Clients that ask for a stream and never read it, or leave in the middle of the request, cost the others nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4_096:
        pytest.skip("too few open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4_096), hard))
    server.faults.add(slow_stream(30.0))
    head = f"POST {STREAM} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    lines = []
    try:
        for number in range(1_000):
            line = connect(server)
            lines.append(line)
            if number % 2:
                line.sendall(head + f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
            else:
                line.sendall(head + b"Content-Length: 5000\r\n\r\n" + BODY)
        server.faults.clear()
        is_healthy(server)
        for number, line in enumerate(lines):
            if number % 3 == 0:
                # A reset, not a polite goodbye.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        is_healthy(server)
    finally:
        for line in lines:
            line.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    is_healthy(server)


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /v1beta/models HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"b" * 200_000 + b"\r\n\r\n",
        b"GET /%ff%00%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: \x00\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v1beta/models HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_malformed_http_leaves_it_healthy(server: LocalGemini, sent: bytes) -> None:
    """Whatever comes that is no HTTP is refused or dropped; the next client is served."""
    with connect(server) as line:
        try:  # a server that has heard enough hangs up while the rest is still being sent
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            reply = line.recv(65_536)
        except OSError:
            reply = b""
    assert reply == b"" or reply.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 501")), reply[:100]
    is_healthy(server)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b'{"contents":' + b"[" * 20_000, 400),
        (b'{"contents":[{"parts":[{"text":"' + b"\\ud800" + b'"}]}]}', 200),
        (b'{"generationConfig":{"temperature":NaN},"contents":[{"parts":[{"text":"x"}]}]}', 400),
        (b'{"contents":[{"parts":[{"text":"x","inlineData":{"mimeType":"a/b","data":"eA=="}}]}]}', 400),
        (b'{"contents":[{"parts":[{"inlineData":{"mimeType":"a/b","data":"%%%"}}]}]}', 400),
    ],
)
def test_malformed_json_is_refused_in_googles_words(server: LocalGemini, body: bytes, code: int) -> None:
    """What is no request is a 400 INVALID_ARGUMENT with a message, never a 500."""
    server.script(text("fine"), times=None)
    request = urllib.request.Request(
        f"{server.base_url}/v1beta/models/{MODEL}:generateContent?key=k",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            status, said = reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as refused:
        with refused:
            status, said = refused.code, json.loads(refused.read())
    assert status == code, said
    if code == 400:
        assert said["error"]["status"] == "INVALID_ARGUMENT"
        assert said["error"]["message"]


def test_slow_request_is_waited_for(server: LocalGemini) -> None:
    """A body that comes in drops is read to its end."""
    with connect(server) as line:
        path = f"/v1beta/models/{MODEL}:generateContent?key=k"
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n\r\n".encode())
        for at in range(0, len(BODY), 16):
            line.sendall(BODY[at : at + 16])
            time.sleep(0.005)
        assert line.recv(100).startswith(b"HTTP/1.1 200")
