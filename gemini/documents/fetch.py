"""Fetching a document over http(s): only where asked for, only from public addresses, never more than a cap."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from prefect_gemini.gemini.documents.locations import Target, target
from prefect_gemini.gemini.errors import CorruptDocument, DocumentNotFound, DocumentTooLarge, UnsafeLocation

MAX_REDIRECTS = 5
TIMEOUT_S = 30.0
_PATH = "%/?:@!$&'()*+,;=~[]|^`{}\"<>"


def fetch(
    url: str,
    *,
    max_bytes: int,
    allow_private: bool = False,
    allow_hosts: frozenset[str] = frozenset(),
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Fetch a URL through the guard.

    The name is resolved once, all its addresses are checked, and the connection goes to a checked address,
    with the name kept for TLS and the Host header. Redirects are followed by hand and checked again.
    No cookies, credentials or proxies.

    Args:
        url: http or https.
        max_bytes: cap on the body, after decompression.
        allow_private, allow_hosts: see `locations.target`.
        timeout_s: for the whole fetch, redirects included.

    Raises:
        UnsafeLocation: refused by the guard, here or at a redirect.
        DocumentNotFound: no such host or page, no connection, or no answer in time.
        DocumentTooLarge: over `max_bytes`.
        CorruptDocument: the body ended early or does not decompress.
    """
    answer = exchange(
        url, max_bytes=max_bytes, allow_private=allow_private, allow_hosts=allow_hosts, timeout_s=timeout_s
    )
    if answer.status != 200:
        raise DocumentNotFound(f"{answer.host!r} answers {answer.status} {answer.reason}.", hint="Check the URL.")
    return answer.body


class Answer(NamedTuple):
    """What a server answered, after redirects."""

    url: str
    host: str
    status: int
    reason: str
    headers: dict[str, str]
    body: bytes


def exchange(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int,
    allow_private: bool = False,
    allow_hosts: frozenset[str] = frozenset(),
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Make one HTTP request through the guard; see `fetch`.

    A redirect to another origin is followed without the caller's headers, which may hold credentials; one of
    anything but a 307 or 308 becomes a GET, as browsers do it.

    Args:
        method, headers, body: as HTTP has them.

    Raises:
        DocumentError: as `fetch`; a status other than 200 is an answer, not an error.
    """
    deadline = time.monotonic() + timeout_s
    own = dict(headers or {})
    for _ in range(MAX_REDIRECTS + 1):
        place = target(url, allow_private=allow_private, allow_hosts=allow_hosts)
        connection = _connect(place, deadline)
        # A time-out of the socket is for one read: a server that sends a byte now and then would never end.
        watch = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, (connection.sock,))
        watch.daemon = True
        watch.start()
        try:
            sent = {"Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close", **own}
            # As browsers do it: what is no ASCII is percent-encoded, what is encoded stays as it is.
            connection.request(method, quote(place.path, safe=_PATH, errors="replace"), body=body, headers=sent)
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308):
                location = answer.getheader("Location")
                if not location:
                    raise DocumentNotFound(f"{place.host!r} redirects to nowhere.")
                origin, url = urlsplit(url)[:2], urljoin(url, location)
                if urlsplit(url)[:2] != origin:
                    own = {}
                if answer.status in (301, 302, 303) and method != "HEAD":
                    method, body = "GET", None
                continue
            found = dict(answer.getheaders())
            return Answer(
                url, place.host, answer.status, answer.reason, found, _body(answer, place, max_bytes, deadline)
            )
        except (OSError, http.client.HTTPException) as error:
            raise DocumentNotFound(
                f"{place.host!r} does not answer properly: {error or type(error).__name__}.", hint="Try again later."
            ) from None
        finally:
            watch.cancel()
            connection.close()
    raise UnsafeLocation(f"{url!r}: more than {MAX_REDIRECTS} redirects.", hint="Give the URL they lead to.")


def _connect(place: Target, deadline: float) -> http.client.HTTPConnection:
    reasons = []
    for address in place.addresses:
        try:
            plain = socket.create_connection((address, place.port), timeout=max(0.1, deadline - time.monotonic()))
        except OSError as error:
            reasons.append(str(error))
            continue
        if place.scheme == "https":
            try:
                secure = ssl.create_default_context().wrap_socket(plain, server_hostname=place.host)
            except OSError as error:
                plain.close()
                raise DocumentNotFound(f"no safe connection to {place.host!r}: {error}.") from None
            https = http.client.HTTPSConnection(place.host, place.port)
            https.sock = secure
            return https
        connection = http.client.HTTPConnection(place.host, place.port)
        connection.sock = plain
        return connection
    raise DocumentNotFound(f"no connection to {place.host!r}: {'; '.join(reasons)}.", hint="Try again later.")


def _cut(plain: socket.socket) -> None:
    with suppress(OSError):  # it has been closed meanwhile
        # Of the socket underneath: TLS would wait for the other side to say goodbye.
        socket.socket.shutdown(plain, socket.SHUT_RDWR)


def _body(answer: http.client.HTTPResponse, place: Target, max_bytes: int, deadline: float) -> bytes:
    encoding = (answer.getheader("Content-Encoding") or "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise CorruptDocument(f"{place.host!r} sends the encoding {encoding!r}, which was not asked for.")
    too_large = DocumentTooLarge(f"the document at {place.host!r} is larger than {max_bytes:,} bytes.")
    declared = answer.getheader("Content-Length") or ""
    if declared.isdigit() and int(declared) > max_bytes and answer.length != 0:  # a HEAD tells a length and sends none
        raise too_large
    inflater = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    out = bytearray()
    while True:
        if time.monotonic() > deadline:
            raise DocumentNotFound(f"{place.host!r} took too long to send the document.", hint="Try again later.")
        chunk = answer.read(65536)
        if not chunk:
            if time.monotonic() > deadline:
                continue
            break
        try:
            out += inflater.decompress(chunk, max_bytes + 1 - len(out)) if inflater else chunk
        except zlib.error as error:
            raise CorruptDocument(f"the document from {place.host!r} does not decompress: {error}.") from None
        if len(out) > max_bytes or (inflater and inflater.unconsumed_tail):
            raise too_large
    if answer.length or (inflater and answer.length is None and out and not inflater.eof):
        raise CorruptDocument(f"the document from {place.host!r} was cut short.")
    return bytes(out)
