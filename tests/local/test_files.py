"""The Files API: resumable upload in pieces, reading, expiry, deletion, download of what the service made."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.resources.files import keep_generated
from tests.local.conftest import EchoEngine, developer_client

MODEL = "gemini-3.8-flash"


@pytest.fixture
def client(server: LocalGemini) -> Iterator[genai.Client]:
    with developer_client(server) as made:
        yield made


def upload(client: genai.Client, content: bytes = b"a ship's log", **config: str) -> types.File:
    return client.files.upload(file=io.BytesIO(content), config={"mime_type": "text/plain", **config})


def test_uploaded_file_is_described_and_read(client: genai.Client, engine: EchoEngine) -> None:
    """It has its size, hash and end, and a prompt that refers to it carries its bytes."""
    file = upload(client, display_name="log")
    assert (file.display_name, file.size_bytes, file.state) == ("log", 12, types.FileState.ACTIVE)
    assert (file.expiration_time - file.create_time).total_seconds() == pytest.approx(48 * 3600, abs=1)
    client.models.generate_content(model=MODEL, contents=["What is in it?", file])
    (part,) = [part for part in engine.calls[-1].contents[0]["parts"] if "inlineData" in part]
    assert part["inlineData"] == {"mimeType": "text/plain", "data": b"a ship's log"}


def test_large_file_comes_in_pieces(client: genai.Client) -> None:
    """More than one chunk of eight megabytes arrives whole."""
    content = bytes(range(256)) * (9 * 4_096)
    assert upload(client, content).size_bytes == len(content)


def post(address: str, body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One POST: status, headers, body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data=body, headers={"x-goog-api-key": "k", **named})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, dict(refused.headers), refused.read()


def test_broken_upload_is_taken_up_where_it_stopped(server: LocalGemini, client: genai.Client) -> None:
    """A client asks how much has arrived, and goes on there; an offset that does not fit is refused."""
    _, headers, _ = post(
        f"{server.base_url}/upload/v1beta/files",
        json.dumps({"file": {"mimeType": "text/plain"}}).encode(),
        X_Goog_Upload_Protocol="resumable",
        X_Goog_Upload_Command="start",
        X_Goog_Upload_Header_Content_Length="10",
        Content_Type="application/json",
    )
    address = headers["X-Goog-Upload-URL"]
    assert headers["X-Goog-Upload-Status"] == "active"
    post(address, b"first", X_Goog_Upload_Command="upload", X_Goog_Upload_Offset="0")
    status, _, _ = post(address, b"third", X_Goog_Upload_Command="upload, finalize", X_Goog_Upload_Offset="9")
    assert status == 400
    _, headers, _ = post(address, b"", X_Goog_Upload_Command="query")
    assert headers["X-Goog-Upload-Size-Received"] == "5"
    _, headers, body = post(address, b" half", X_Goog_Upload_Command="upload, finalize", X_Goog_Upload_Offset="5")
    assert headers["X-Goog-Upload-Status"] == "final"
    assert client.files.get(name=json.loads(body)["file"]["name"]).size_bytes == 10
    assert post(address, b"", X_Goog_Upload_Command="query")[0] == 404


def test_file_ends_after_two_days(server: LocalGemini, client: genai.Client) -> None:
    """By the server's clock."""
    file = upload(client)
    server.clock.move(48 * 3600 - 1)
    assert client.files.get(name=file.name).name == file.name
    server.clock.move(2)
    with pytest.raises(errors.ClientError, match="PERMISSION_DENIED"):
        client.files.get(name=file.name)
    with pytest.raises(errors.ClientError, match="PERMISSION_DENIED"):
        client.models.generate_content(model=MODEL, contents=[file])


def test_name_is_given_once(client: genai.Client) -> None:
    """A name that is taken, or is none, is refused."""
    assert upload(client, name="ships-log").name == "files/ships-log"
    with pytest.raises(errors.ClientError, match="409"):
        upload(client, name="ships-log")
    with pytest.raises(errors.ClientError, match="400"):
        upload(client, name="Ships_Log")


@pytest.mark.parametrize("mime", ["bad/type", "text", ""])
def test_mime_type_must_be_one(server: LocalGemini, mime: str) -> None:
    """What is no MIME type is refused before a byte is taken."""
    status, _, body = post(
        f"{server.base_url}/upload/v1beta/files",
        b"{}",
        X_Goog_Upload_Command="start",
        X_Goog_Upload_Header_Content_Type=mime,
        Content_Type="application/json",
    )
    assert status == 400
    assert b"Unsupported MIME type" in body


def test_only_what_the_service_made_is_given_back(server: LocalGemini, client: genai.Client) -> None:
    """An upload is not downloaded; a generated file is."""
    with pytest.raises(errors.ClientError, match="400"):
        client._api_client.download_file(f"{upload(client).name}:download?alt=media", http_options=None)
    name = keep_generated(server.wire, mime="text/plain", blob=b"made here")
    assert client.files.download(file=name) == b"made here"


def test_files_are_listed_and_deleted(client: genai.Client) -> None:
    """Newest first, in pages; a deleted one is gone at once."""
    names = [upload(client).name for _ in range(3)]
    assert [file.name for file in client.files.list(config={"page_size": 2})] == names[::-1]
    client.files.delete(name=names[0])
    assert [file.name for file in client.files.list()] == names[:0:-1]
    with pytest.raises(errors.ClientError, match="403"):
        client.files.delete(name=names[0])


def test_upload_needs_a_key_to_begin(server: LocalGemini) -> None:
    """Who has no key cannot open an upload; the address of an open one is key enough."""
    request = urllib.request.Request(f"{server.base_url}/upload/v1beta/files", data=b"{}")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as reply:
        assert reply.code == 403
