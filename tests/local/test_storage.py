"""google-cloud-storage, unchanged, keeps files in the local server."""

from __future__ import annotations

import contextlib
import http.client
import io
import random
import urllib.request
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.cloud import storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.resources.storage import StorageError
from prefect_gemini.local.wire.resources.store import Record


@pytest.fixture
def gcs(server: LocalGemini, monkeypatch: pytest.MonkeyPatch) -> storage.Client:
    """The client, told of the emulator by its own variable."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.base_url)
    return storage.Client(project="p")


@pytest.fixture
def bucket(gcs: storage.Client) -> storage.Bucket:
    return gcs.create_bucket("receipts-in")


def test_buckets_are_made_listed_and_deleted_when_empty(gcs: storage.Client) -> None:
    """A name is taken once; a full bucket stays."""
    bucket = gcs.create_bucket("receipts-in")
    with pytest.raises(Conflict):
        gcs.create_bucket("receipts-in")
    with pytest.raises(BadRequest, match="Invalid bucket name"):
        gcs.create_bucket("No")
    gcs.create_bucket("results")
    assert [one.name for one in gcs.list_buckets()] == ["receipts-in", "results"]
    bucket.labels = {"team": "finance"}
    bucket.patch()
    assert gcs.get_bucket("receipts-in").labels == {"team": "finance"}
    bucket.blob("a").upload_from_string("x")
    with pytest.raises(Conflict, match="not empty"):
        bucket.delete()
    bucket.delete(force=True)
    with pytest.raises(NotFound, match="bucket does not exist"):
        gcs.get_bucket("receipts-in")


def test_small_objects_come_back_as_they_went(bucket: storage.Bucket) -> None:
    """Bytes, media type and metadata survive; checksums are compared by the client."""
    blob = bucket.blob("in/Beleg Nr. 7 ü?#%.txt")
    blob.metadata = {"source": "scanner"}
    blob.upload_from_string("12,50 €", content_type="text/plain", checksum="crc32c")
    again = bucket.get_blob(blob.name)
    assert (again.content_type, again.metadata, again.size) == ("text/plain", {"source": "scanner"}, 9)
    assert again.download_as_text() == "12,50 €"
    assert again.download_as_bytes(start=0, end=1, raw_download=True) == b"12"
    with pytest.raises(NotFound, match="No such object"):
        bucket.blob("elsewhere").download_as_bytes()


def test_large_objects_go_up_in_pieces(server: LocalGemini, bucket: storage.Bucket) -> None:
    """A resumable upload of several chunks is whole."""
    data = random.Random(7).randbytes(900_000)
    blob = bucket.blob("big.bin", chunk_size=256 * 1024)
    blob.upload_from_file(io.BytesIO(data))
    assert len(server.journal.of("storage.upload")) == 5
    assert bucket.blob("big.bin").download_as_bytes() == data
    with bucket.blob("stream.bin").open("wb", chunk_size=256 * 1024) as out:
        out.write(data)
    with bucket.blob("stream.bin").open("rb") as back:
        back.seek(800_000)
        assert back.read() == data[800_000:]


def test_broken_upload_is_refused(server: LocalGemini, bucket: storage.Bucket) -> None:
    """Bytes that do not match the checksum sent along are not kept."""
    body = (
        b'--x\r\ncontent-type: application/json\r\n\r\n{"name": "a", "crc32c": "AAAAAA=="}\r\n'
        b"--x\r\ncontent-type: text/plain\r\n\r\nhello\r\n--x--"
    )
    request = urllib.request.Request(
        f"{server.base_url}/upload/storage/v1/b/receipts-in/o?uploadType=multipart",
        data=body,
        headers={"Content-Type": "multipart/related; boundary=x"},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert "doesn't match calculated CRC32C" in raised.value.read().decode()
    assert not bucket.blob("a").exists()


def test_listing_goes_by_prefix_and_delimiter_and_in_pages(gcs: storage.Client, bucket: storage.Bucket) -> None:
    """Names in order, folders folded, pages joined."""
    for name in ("in/b.pdf", "in/a.pdf", "in/2026/c.pdf", "in/2025/d.pdf", "out/e.json"):
        bucket.blob(name).upload_from_string("x")
    assert [one.name for one in bucket.list_blobs(prefix="in/", page_size=2)] == [
        "in/2025/d.pdf",
        "in/2026/c.pdf",
        "in/a.pdf",
        "in/b.pdf",
    ]
    folded = gcs.list_blobs("receipts-in", prefix="in/", delimiter="/", page_size=1)
    assert [one.name for one in folded] == ["in/a.pdf", "in/b.pdf"]
    assert folded.prefixes == {"in/2025/", "in/2026/"}


def test_generations_guard_against_overwriting(bucket: storage.Bucket) -> None:
    """`if_generation_match=0` creates only; an old generation changes and deletes nothing."""
    blob = bucket.blob("a")
    blob.upload_from_string("one", if_generation_match=0)
    first = blob.generation
    with pytest.raises(PreconditionFailed):
        bucket.blob("a").upload_from_string("two", if_generation_match=0)
    blob.upload_from_string("two", if_generation_match=first)
    assert blob.generation > first
    with pytest.raises(PreconditionFailed):
        bucket.blob("a").delete(if_generation_match=first)
    blob.delete()
    assert not blob.exists()


def test_objects_are_copied_joined_and_renamed(gcs: storage.Client, bucket: storage.Bucket) -> None:
    """Rewrite keeps metadata, compose keeps the order of its sources."""
    bucket.blob("a").upload_from_string("one ", content_type="text/plain")
    bucket.blob("b").upload_from_string("two", content_type="text/plain")
    bucket.blob("both").compose([bucket.blob("a"), bucket.blob("b")])
    assert bucket.blob("both").download_as_text() == "one two"
    other = gcs.create_bucket("archive")
    copied = bucket.copy_blob(bucket.blob("both"), other, "kept/both.txt")
    assert copied.content_type == "text/plain"
    bucket.rename_blob(bucket.blob("a"), "c")
    assert sorted(one.name for one in bucket.list_blobs()) == ["b", "both", "c"]


def test_jobs_read_and_write_by_address(server: LocalGemini, bucket: storage.Bucket) -> None:
    """What the server writes is what the client sees, and the other way round."""
    server.storage.write("gs://results/out/1.jsonl", "{}\n", content_type="application/jsonl")
    assert bucket.client.bucket("results").blob("out/1.jsonl").download_as_text() == "{}\n"
    bucket.blob("rows/1.jsonl").upload_from_string("1")
    bucket.blob("rows/2.txt").upload_from_string("2")
    assert server.storage.read("gs://receipts-in/rows/1.jsonl") == b"1"
    assert server.storage.list("gs://receipts-in/rows/*.jsonl") == ["gs://receipts-in/rows/1.jsonl"]
    with pytest.raises(StorageError, match="No such object"):
        server.storage.read("gs://receipts-in/none")
    with pytest.raises(StorageError, match="not a gs:// address"):
        server.storage.read("s3://receipts-in/none")


def test_objects_outlive_the_server(tmp_path: Path) -> None:
    """With a state file, what was stored is there after a restart."""
    with LocalGemini(state=tmp_path / "state.db") as server:
        server.storage.write("gs://receipts-in/a", b"kept")
    with LocalGemini(state=tmp_path / "state.db") as server:
        assert server.storage.read("gs://receipts-in/a") == b"kept"


@settings(max_examples=60, deadline=None)
@given(
    names=st.sets(st.text(st.sampled_from("ab/ü%"), min_size=1, max_size=6), max_size=8),
    prefix=st.text(st.sampled_from("ab/"), max_size=3),
)
def test_list_agrees_with_a_dictionary(names: set[str], prefix: str) -> None:
    """Every stored name under a prefix is listed once, in the order of its bytes."""
    server = LocalGemini()
    for name in names:
        server.storage.write(f"gs://bucket/{name}", name)
    if not names:
        return
    found = server.storage.list(f"gs://bucket/{prefix}")
    assert found == [f"gs://bucket/{name}" for name in sorted(names, key=str.encode) if name.startswith(prefix)]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(
        [
            "POST /storage/v1/b",
            "PATCH /storage/v1/b/receipts-in",
            "POST /upload/storage/v1/b/receipts-in/o?uploadType=multipart",
            "POST /upload/storage/v1/b/receipts-in/o?uploadType=resumable",
            "PUT /upload/storage/v1/b/receipts-in/o?upload_id=open",
            "PATCH /storage/v1/b/receipts-in/o/a",
            "POST /storage/v1/b/receipts-in/o/both/compose",
            "POST /storage/v1/b/receipts-in/o/a/rewriteTo/b/receipts-in/o/b",
            "GET /storage/v1/b/receipts-in/o/a?alt=media",
            "GET /storage/v1/b/receipts-in/o?pageToken=x&maxResults=-1",
            "POST /token",
        ]
    ),
    body=st.sampled_from(
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"name": 7}',
            b'{"sourceObjects": 3}',
            b'{"metadata": 1}',
            b"--x\r\n\r\n--x--",
            b"\xff",
        ]
    )
    | st.binary(max_size=40),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Content-Type": st.sampled_from(
                ["multipart/related", "multipart/related; boundary=x", "text/plain", "\xff"]
            ),
            "Content-Range": st.sampled_from(["bytes 0-1/2", "bytes 9-3/1", "bytes */*", "bytes x", ""]),
            "Range": st.sampled_from(["bytes=5-2", "bytes=-0", "bytes=-", "bytes=999-", "x"]),
        },
    ),
)
def test_no_request_breaks_the_storage(server: LocalGemini, path: str, body: bytes, headers: dict[str, str]) -> None:
    """Whatever is sent gets an answer or an error, never a 500."""
    server.storage.write("gs://receipts-in/a", b"hello")
    hidden = {"name": "n", "settings": {}, "query": {}}
    with contextlib.suppress(KeyError):
        server.wire.store.add(Record("storageUploads", "open", {}, hidden))
    verb, _, where = path.partition(" ")
    connection = http.client.HTTPConnection(server.base_url.removeprefix("http://"))
    connection.request(verb, where, body, headers)
    reply = connection.getresponse()
    said = reply.read()
    connection.close()
    assert reply.status < 500, said
