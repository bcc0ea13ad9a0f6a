"""Paths and URLs the guard lets through, and those it refuses before anything is opened."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from prefect_gemini.gemini.documents.fetch import fetch
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.documents.locations import inside, local_file, object_name, scheme_of, target
from prefect_gemini.gemini.errors import CorruptDocument, DocumentNotFound, DocumentTooLarge, UnsafeLocation

REFUSED = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.0.1.:80/", "http://0x7f000001/", "http://2130706433/",
    "http://0177.0.0.1/", "http://localhost/", "http://LOCALHOST./", "http://0.0.0.0/", "http://0/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://192.0.0.8/",
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://168.63.129.16/",
    "http://100.100.100.200/", "http://metadata.google.internal/", "http://metadata.google.internal./",
    "http://METADATA.GOOGLE.INTERNAL/", "http://metadata/", "http://metadata.goog/", "http://224.0.0.1/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://198.18.0.1/", "http://[::1]/", "http://[::]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:169.254.169.254]/", "http://[::127.0.0.1]/", "http://[fe80::1]/",
    "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::1]/",
    "http://[2001:4860::5efe:7f00:1]/", "http://[2001:db8::1]/", "http://[fec0::1]/",
    "http://good.example@127.0.0.1/", "http://good.example:x@evil.example/", "ftp://example.com/a", "file:///etc/passwd",
    "gopher://example.com/", "http:///a", "http://", "https://exa mple.com/", "http://example.com\\@evil/",
    "http://example.com:99999/", "http://example.com/\nHost: x", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_urls_that_are_refused(url: str) -> None:
    """No connection is opened to any of them."""
    with pytest.raises(UnsafeLocation):
        target(url)


@pytest.mark.parametrize(
    "url",
    ["http://8.8.8.8/", "https://[2606:4700::1111]/a?b", "http://[64:ff9b::808:808]/", "http://[::ffff:8.8.8.8]/"],
)
def test_public_addresses_pass(url: str) -> None:
    """The address to connect to is the one that was checked."""
    assert target(url).addresses


def test_one_private_address_among_several_refuses_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with a public and a private address is a trap."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    with pytest.raises(UnsafeLocation, match=r"10\.0\.0\.7"):
        target("http://rebind.example/")


def test_metadata_is_refused_even_where_private_addresses_are_allowed() -> None:
    """One switch must not open the other door."""
    assert target("http://127.0.0.1/", allow_private=True)
    assert target("http://10.1.2.3/", allow_private=True)
    for url in ("http://169.254.169.254/", "http://metadata.google.internal/", "http://[fd00:ec2::254]/"):
        with pytest.raises(UnsafeLocation):
            target(url, allow_private=True)


def test_only_listed_hosts() -> None:
    """With a list, every other host is refused before it is looked up."""
    with pytest.raises(UnsafeLocation, match="not among the hosts"):
        target("http://8.8.8.8/", allow_hosts=frozenset({"example.com"}))


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/etc/passwd", "..\\a", "%2e%2e/a", "%252e%252e%252fa", "a\0b", "~/a", "C:\\a", "c:a",
     "\\\\server\\share", "//server/share", "file:///etc/passwd", "gs://b/o", "", " ", "link/a"],
)  # fmt: skip
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    """Absolute, upwards, encoded, a URL, or through a link."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path)
    with pytest.raises(UnsafeLocation):
        inside(tmp_path / "root", name)


def test_names_that_stay(tmp_path: Path) -> None:
    """A plain name under the root, with folders and odd letters."""
    assert inside(tmp_path, "a/b..c/ü %.txt") == tmp_path.resolve() / "a" / "b..c" / "ü %.txt"


@pytest.mark.parametrize(
    "uri", ["gs://bucket", "gs://bucket/", "gs://Bucket/a", "gs://b/a", "gs://bucket/../a", "gs://bucket/a/%2e%2e/b",
            "gs://bucket/a\nb"]
)  # fmt: skip
def test_bucket_references_that_are_refused(uri: str) -> None:
    """Only gs://bucket/object, without steps upwards."""
    with pytest.raises(UnsafeLocation):
        object_name(uri)


def test_files_that_are_no_files(tmp_path: Path) -> None:
    """A pipe would block for ever, a device would never end."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", tmp_path / "missing", "a" * 5000):
        with pytest.raises(DocumentNotFound):
            local_file(path)
    for name in ("a\0b", "\\\\server\\share\\a"):
        with pytest.raises(UnsafeLocation):
            local_file(name)


@pytest.mark.parametrize(
    ("source", "scheme"), [("gs://b/o", "gs"), ("C:\\a", None), ("HTTP://x", "http"), ("a/b", None), ("s3://x", "s3")]
)
def test_schemes(source: str, scheme: str | None) -> None:
    """A drive letter is not a scheme."""
    assert scheme_of(source) == scheme


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, Answer]]]:
    """A web server on loopback; what it answers is put into the table."""
    answers: dict[str, Answer] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers[self.path](self)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


def says(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_document_is_fetched(site: tuple[str, dict[str, Answer]]) -> None:
    """Plain, compressed, and behind a redirect."""
    base, answers = site
    answers["/a?x=1"] = says(b"Hello", Content_Length="5")
    answers["/z"] = says(gzip.compress(b"Hello"), Content_Encoding="gzip")
    answers["/r"] = says(b"", status=302, Location="/a?x=1")
    for path in ("/a?x=1", "/z", "/r"):
        assert fetch(base + path, max_bytes=100, allow_private=True) == b"Hello"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(b"a" * 101), DocumentTooLarge),
        (says(b"", Content_Length="1000000000"), DocumentTooLarge),
        (says(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), DocumentTooLarge),
        (says(b"not gzip", Content_Encoding="gzip"), CorruptDocument),
        (says(b"x", Content_Encoding="br"), CorruptDocument),
        (says(b"abc", Content_Length="50"), (CorruptDocument, DocumentNotFound)),
        (says(b"", status=404), DocumentNotFound),
        (says(b"", status=302), DocumentNotFound),
        (says(b"", status=302, Location="/x"), UnsafeLocation),
        (says(b"", status=302, Location="http://169.254.169.254/latest"), UnsafeLocation),
        (says(b"", status=302, Location="file:///etc/passwd"), UnsafeLocation),
        (lambda handler: handler.wfile.write(b"garbage\r\n\r\n"), DocumentNotFound),
        (lambda handler: handler.connection.close(), DocumentNotFound),
    ],
)
def test_what_a_site_may_not_do(site: tuple[str, dict[str, Answer]], answer: Answer, error: Any) -> None:
    """Send too much, unpack to too much, end early, redirect to where it may not, or in circles."""
    base, answers = site
    answers["/x"] = answer
    with pytest.raises(error):
        fetch(base + "/x", max_bytes=100, allow_private=True)


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_site_that_drips_is_given_up_in_time(site: tuple[str, dict[str, Answer]], where: str) -> None:
    """A byte now and then, each within the socket's patience, is not waited for without end."""
    base, answers = site

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"" if where == "head" else b"Content-Length: 9000\r\n\r\n"))
        with suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"x")
                time.sleep(0.1)

    answers["/x"] = drips
    begun = time.monotonic()
    with pytest.raises((DocumentNotFound, CorruptDocument)):
        fetch(base + "/x", max_bytes=10_000, allow_private=True, timeout_s=0.6)
    assert time.monotonic() - begun < 5


def test_a_compressed_body_that_is_cut_is_not_a_document(site: tuple[str, dict[str, Answer]]) -> None:
    """The connection ends in the middle of the compressed stream."""
    base, answers = site
    answers["/x"] = says(gzip.compress(b"a whole sentence of some length")[:-12], Content_Encoding="gzip")
    with pytest.raises(CorruptDocument):
        fetch(base + "/x", max_bytes=1000, allow_private=True)


@pytest.mark.parametrize(
    "url",
    ["https://me:hunter2 x@example.com/", "ftp://me:hunter2@example.com/", "https://me:hunter2@example.com:x/",
     "https://me:hunter2/x@example.com:y@z/", "https://me:hunter2[@example.com/"],
)  # fmt: skip
def test_a_refused_url_keeps_its_password(url: str) -> None:
    """However odd a URL is, the error does not show what stands before the `@`."""
    with pytest.raises((UnsafeLocation, DocumentNotFound)) as caught:
        target(url)
    assert "hunter2" not in str(caught.value)


def test_loopback_is_refused_by_default(site: tuple[str, dict[str, Answer]]) -> None:
    """The guard has no exception for the machine it runs on."""
    base, answers = site
    answers["/a"] = says(b"secret")
    with pytest.raises(UnsafeLocation):
        fetch(base + "/a", max_bytes=100)


def test_listing_is_sorted_and_drops_nothing_silently(tmp_path: Path) -> None:
    """Documents in order, sub-folders too; what is left out is named with its reason."""
    for name in ("b.pdf", "a.JPG", "sub/c.txt", ".hidden.pdf", ".git/x.txt", "notes", "run.exe"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    listing = documents_in(tmp_path)
    assert [Path(path).name for path in listing] == ["a.JPG", "b.pdf", "c.txt"]
    assert {Path(left.path).name: left.why for left in listing.left} == {
        ".git": "hidden",
        ".hidden.pdf": "hidden",
        "notes": "not a document by its name",
        "run.exe": "not a document by its name",
    }
    assert [Path(path).name for path in documents_in(tmp_path, patterns=["*.pdf"])] == ["b.pdf"]


def test_listing_globs_lists_and_missing_paths(tmp_path: Path) -> None:
    """A glob, a list with repeats, and a name that is not there: opening it says so."""
    for name in ("a.txt", "b.txt", "[1].txt"):
        (tmp_path / name).write_text("x")
    assert len(list(documents_in(f"{tmp_path}/?.txt"))) == 2
    assert list(documents_in(f"{tmp_path}/[1].txt")) == [f"{tmp_path}/[1].txt"]
    missing = str(tmp_path / "missing.pdf")
    assert list(documents_in([tmp_path / "a.txt", tmp_path / "a.txt", missing])) == [str(tmp_path / "a.txt"), missing]


def test_listing_a_bucket_prefix() -> None:
    """Any store fsspec knows; here its memory."""
    for name in ("b.pdf", "a.pdf", "x/c.png", ".x.pdf"):
        with fsspec.open(f"memory://listed/{name}", "wb") as file:
            file.write(b"x")
    names = [path.rpartition("listed/")[2] for path in documents_in("memory://listed")]
    assert names == ["a.pdf", "b.pdf", "x/c.png"]
    with pytest.raises(DocumentNotFound):
        list(documents_in("nonsense://bucket/prefix"))
