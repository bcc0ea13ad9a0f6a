"""Media that is too large for a request is uploaded once and sent by reference."""

from __future__ import annotations

import pytest

from prefect_gemini.gemini.calls import uploads
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.request import Part, Request
from prefect_gemini.testing import text

LARGE, SMALL = b"RIFF" + bytes(3000), b"RIFF" + bytes(500)


@pytest.fixture
def client(gemini, monkeypatch) -> GeminiClient:
    """A client of the test's own server, for which three kilobytes are large."""
    from prefect_gemini.gemini.backend import Backend

    monkeypatch.setattr(uploads, "INLINE", 1000)
    return GeminiClient(Backend.from_environment())


def sent(gemini) -> list[list[str]]:
    """How each part of each call was sent."""
    return [
        [key for content in call.body["contents"] for part in content["parts"] for key in part]
        for call in gemini.journal.generate_calls
    ]


async def test_the_large_part_goes_by_reference_and_the_small_one_inline(gemini, client):
    """As few parts as needed are uploaded."""
    gemini.script([text("Heard.")])
    await client.generate(
        Request(
            model="flash", contents=("Listen.", Part.of_bytes(LARGE, "audio/wav"), Part.of_bytes(SMALL, "audio/wav"))
        )
    )
    assert sent(gemini) == [["text", "fileData", "inlineData"]]


async def test_the_same_bytes_are_uploaded_once(gemini, client):
    """The second question about a recording finds it there."""
    gemini.script([text("One."), text("Two.")])
    for question in ("What?", "Who?"):
        await client.generate(Request(model="flash", contents=(question, Part.of_bytes(LARGE, "audio/wav"))))
    uploaded = [call for call in gemini.journal if "upload" in call.path and call.method == "POST"]
    assert sent(gemini) == [["text", "fileData"]] * 2
    assert 0 < len(uploaded) <= 2  # opening it, and its bytes


async def test_small_media_stays_inline(gemini, client):
    """Nothing is uploaded that fits."""
    gemini.script([text("Heard.")])
    await client.generate(Request(model="flash", contents=("Listen.", Part.of_bytes(SMALL, "audio/wav"))))
    assert sent(gemini) == [["text", "inlineData"]]
