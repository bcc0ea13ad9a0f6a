"""Recording real replies and serving them again."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from prefect_gemini.local.wire.replay.cassette import Cassette, CassetteError, Exchange
from prefect_gemini.local.wire.replay.player import differences
from prefect_gemini.local.wire.replay.recorder import Recorder, service_of
from prefect_gemini.local.wire.serving import Serving
from prefect_gemini.testing import error, slow_stream, text

MODEL = "gemini-3.8-flash"
KEY = "AIza" + "S" * 35


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "one.jsonl"


@pytest.fixture
def recorder(server: LocalGemini, cassette: Path) -> Iterator[str]:
    """A recorder in front of a server that stands in for Google."""
    app = Recorder(Cassette(cassette), base_url=server.base_url)
    serving = Serving(app)
    app.own_url = serving.open()
    serving.run()
    yield app.own_url
    serving.stop()


@pytest.fixture
def client() -> Any:
    """Makes clients, and keeps them: one that is collected is closed."""
    kept = []

    def make(address: str) -> genai.Client:
        kept.append(genai.Client(api_key=KEY, http_options={"base_url": address}))
        return kept[-1]

    return make


def ask(gemini: genai.Client) -> list[Any]:
    """An answer, a stream, an upload, and an error."""
    out: list[Any] = [gemini.models.generate_content(model=MODEL, contents="one").text]
    out.append([chunk.text for chunk in gemini.models.generate_content_stream(model=MODEL, contents="two, in pieces")])
    file = gemini.files.upload(file=__file__, config={"mime_type": "text/plain"})
    out.append(gemini.files.get(name=file.name).name == file.name)
    with pytest.raises(errors.ClientError) as raised:
        gemini.models.generate_content(model=MODEL, contents="three")
    out.append((raised.value.code, raised.value.response.headers["retry-after"]))
    return out


def test_what_was_recorded_is_served_again(server: LocalGemini, recorder: str, cassette: Path, client: Any) -> None:
    """The same answers, chunk by chunk, with files and errors, and no server behind."""
    server.script(error(429, retry_after=3), when=lambda call: "three" in str(call.payload))
    server.script(lambda body: text(f"You said: {body['contents'][0]['parts'][0]['text']}"), times=None)
    recorded = ask(client(recorder))
    assert recorded[0] == "You said: one"
    assert len(recorded[1]) > 1
    server.stop()
    with LocalGemini(replay=cassette) as player:
        assert ask(client(player.base_url)) == recorded
        assert player.wire.player is not None
        assert player.wire.player.unused == []
        assert {entry.answered_by for entry in player.journal} == {"replay"}
        assert player.journal.last.retry_after_s == 3


def test_no_secret_and_no_document_gets_into_the_file(
    server: LocalGemini, recorder: str, cassette: Path, client: Any
) -> None:
    """Neither header, query nor body of a request betrays a key; of a document only the digest is kept."""
    document = "a page of a contract. " * 1_000
    client(recorder).models.generate_content(
        model=MODEL,
        contents=[f"my key is {KEY}", types.Part.from_bytes(data=document.encode(), mime_type="text/plain")],
    )
    kept = cassette.read_text()
    assert KEY not in kept
    assert "[secret]" in kept
    assert "x-goog-api-key" not in kept.lower()
    request = json.loads(kept.splitlines()[1])
    assert request["body"]["contents"][0]["parts"][1]["inlineData"]["data"].startswith("sha256:")


def test_other_requests_are_refused_loudly(cassette: Path, server: LocalGemini, recorder: str, client: Any) -> None:
    """The message names what differs; leaving the block fails; nothing is asked of anybody."""
    client(recorder).models.generate_content(model=MODEL, contents="one", config={"temperature": 0.5})
    seen = len(server.journal)
    player = LocalGemini(replay=cassette).start()
    gemini = client(player.base_url)
    with pytest.raises(errors.ClientError, match=r'contents\[0\].parts\[0\].text: recorded "one", sent "two"'):
        gemini.models.generate_content(model=MODEL, contents="two", config={"temperature": 0.5})
    with pytest.raises(errors.ClientError, match="is not in"):
        gemini.models.count_tokens(model=MODEL, contents="one")
    gemini.models.generate_content(model=MODEL, contents="one", config={"temperature": 0.5})
    with pytest.raises(errors.ClientError, match="more often than it was recorded"):
        gemini.models.generate_content(model=MODEL, contents="one", config={"temperature": 0.5})
    with pytest.raises(AssertionError, match="not on the cassette"):
        player.__exit__(None, None, None)
    assert len(server.journal) == seen


def test_repeat_serves_the_last_reply_again_and_reset_rewinds(cassette: Path, recorder: str, client: Any) -> None:
    """Both stay on the cassette: there is no way from here to the service."""
    client(recorder).models.generate_content(model=MODEL, contents="one")
    with LocalGemini(replay=cassette, repeat=True) as player:
        gemini = client(player.base_url)
        for _ in range(3):
            assert gemini.models.generate_content(model=MODEL, contents="one").text == "You said: one"
        assert not player.journal.verdict().good  # paid twice, as the real service would have it
    with LocalGemini(replay=cassette) as player:
        gemini = client(player.base_url)
        gemini.models.generate_content(model=MODEL, contents="one")
        player.reset()
        gemini.models.generate_content(model=MODEL, contents="one")


def test_labels_and_names_with_the_time_do_not_matter(cassette: Path) -> None:
    """The flow run's id is another one each time."""
    file = Cassette(cassette)
    file.start(source="test", at="now")
    body = {"contents": [{"parts": [{"text": "x"}]}]}
    file.add(Exchange("POST", f"/v1beta/models/{MODEL}:generateContent", body=body, chunks=("{}",)))
    with LocalGemini(replay=cassette) as player:
        request = urllib.request.Request(
            f"{player.base_url}/v1beta/models/{MODEL}:generateContent",
            data=json.dumps(body | {"labels": {"flow_run_id": "7"}}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as reply:
            assert reply.read() == b"{}"


def test_a_reply_is_kept_even_if_the_client_leaves(
    server: LocalGemini, recorder: str, cassette: Path, client: Any
) -> None:
    """It was paid for when it was asked for."""
    server.script(text("word " * 40), times=None)
    server.faults.add(slow_stream(0.05), times=1)
    stream = client(recorder).models.generate_content_stream(model=MODEL, contents="one")
    next(iter(stream))
    stream.close()
    for _ in range(1200):
        if Cassette(cassette).load():
            break
        time.sleep(0.05)
    kept = Cassette(cassette).load()
    assert "finishReason" in kept[0].chunks[-1]


def test_files_that_are_no_cassettes_are_refused(tmp_path: Path) -> None:
    """Neither another file nor another version is taken for one; a line cut short by a crash is left out."""
    path = tmp_path / "x.jsonl"
    path.write_text("hello\n")
    with pytest.raises(CassetteError, match="cannot be read as a cassette"):
        LocalGemini(replay=path)
    with pytest.raises(CassetteError):
        Recorder(Cassette(path))
    path.write_text('{"format": "prefect-gemini cassette", "version": 9}\n')
    with pytest.raises(CassetteError, match="no cassette of version 1"):
        LocalGemini(replay=path)
    path.unlink()
    Cassette(path).start(source="s", at="now")
    Cassette(path).add(Exchange("GET", "/v1beta/models"))
    with path.open("a") as file:
        file.write('{"method": "GE')
    assert [one.path for one in Cassette(path).load()] == ["/v1beta/models"]


def test_requests_go_to_the_service_of_their_path() -> None:
    """Vertex AI by location, the Developer API for everything else."""
    assert service_of("/v1/projects/p/locations/europe-west4/publishers/google/models/m:generateContent") == (
        "https://europe-west4-aiplatform.googleapis.com"
    )
    assert service_of("/v1/projects/p/locations/global/cachedContents") == "https://aiplatform.googleapis.com"
    assert service_of("/v1beta1/publishers/google/models/m:generateContent") == "https://aiplatform.googleapis.com"
    assert service_of("/upload/storage/v1/b/receipts/o") == "https://storage.googleapis.com"
    assert service_of("/token") == "https://oauth2.googleapis.com"
    assert service_of("/v1beta/models/m:generateContent") == "https://generativelanguage.googleapis.com"


def test_differences_are_named_by_place() -> None:
    """Only what differs, with its path."""
    assert differences({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}]}) == [
        "body.a[1].b: recorded 2, sent 4",
        "body.c: recorded 3, sent null",
    ]
