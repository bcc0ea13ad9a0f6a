"""What only a language model can do is refused as an API error with a hint, the same way every time."""

from __future__ import annotations

import pytest

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidRequest
from prefect_gemini.local.engine import EngineRefusal, GenerateCall
from prefect_gemini.local.reader.engine import ReaderEngine
from prefect_gemini.tasks import agenerate

ENGINE = ReaderEngine()
LETTER = b"Dear Ms Lee, thank you for your order of 3 March. The parts leave on Monday. Kind regards, Tom Field"


def ask(prompt: str, *parts: dict, **more) -> str:
    call = GenerateCall(
        model="gemini-3.8-flash", contents=({"role": "user", "parts": [{"text": prompt}, *parts]},), **more
    )
    return ENGINE.generate(call).parts[0]["text"]


def file(kind: str, data: bytes) -> dict:
    return {"inlineData": {"mimeType": kind, "data": data}}


TEXT = file("text/plain", LETTER)


@pytest.mark.parametrize(
    ("prompt", "what"),
    [
        ("Translate this letter into German.", "translate"),
        ("Give me a summary of this letter, translated into French.", "translate"),
        ("Answer in Spanish: when do the parts leave?", "translate"),
        ("Write a Python function that adds two numbers.", "write code"),
        ("Fix the bug in this script.", "write code"),
        ("Rewrite this letter in a formal tone.", "rewrite text"),
        ("Make it more polite.", "rewrite text"),
        ("Write a poem about this summary.", "write fiction"),
        ("Tell me a joke.", "converse"),
        ("Draft a reply to this letter.", "write prose"),
        ("Write an essay on logistics.", "write prose"),
        ("Draw a picture of a parcel.", "make pictures"),
        ("Describe this image.", "describe what a picture shows"),
        ("Why were the parts late?", "reason"),
        ("Compare the two offers.", "reason"),
        ("How are you today?", "converse"),
    ],
)
@pytest.mark.parametrize("material", [(), (TEXT,)], ids=["alone", "with a letter"])
def test_writing_and_reasoning_are_refused_by_name(prompt, what, material):
    """The refusal says what is not done and how to have it done; twice the same words."""
    said = set()
    for _ in range(2):
        with pytest.raises(EngineRefusal) as refused:
            ask(prompt, *material)
        said.add((refused.value.status, refused.value.message))
    ((status, message),) = said
    assert status == "UNIMPLEMENTED"
    assert status == "UNIMPLEMENTED"
    assert f"does not {what}" in message
    assert "GOOGLE_API_KEY" in message


@pytest.mark.parametrize(
    ("prompt", "material", "status"),
    [
        ("How many people are in the photo?", (), "UNIMPLEMENTED"),
        ("Who is speaking, and when?", (), "UNIMPLEMENTED"),
        ("Think step by step: how long will it take?", (), "UNIMPLEMENTED"),
        ("How many people are in the photo?", (TEXT,), "FAILED_PRECONDITION"),
        ("What colour is the sky?", (), "FAILED_PRECONDITION"),
        ("Lorem ipsum.", (), "FAILED_PRECONDITION"),
        ("Summarize this.", (file("video/mp4", b"\0\0\0\x18ftypmp42"),), "UNIMPLEMENTED"),
        ("Summarize this.", (file("application/pdf", b"%PDF-1.7 broken"),), "INVALID_ARGUMENT"),
    ],
)
def test_whatever_else_cannot_be_quoted_is_refused(prompt, material, status):
    """General knowledge, nonsense, video and broken files."""
    with pytest.raises(EngineRefusal) as refused:
        ask(prompt, *material)
    assert refused.value.status == status


def test_json_without_a_schema_is_refused():
    """Free JSON would be free writing."""
    with pytest.raises(EngineRefusal, match="schema"):
        ask("Read it.", TEXT, response_mime_type="application/json")


@pytest.mark.parametrize(
    "prompt",
    [
        "Summarize this document. Use at most 20 words.",
        "Write a short summary of the letter.",
        "Summarize the plan that the letter explains.",
    ],
)
def test_a_summary_is_the_documents_own_sentences(prompt):
    """Asked for a summary, in whatever words, it quotes."""
    assert all(line in LETTER.decode() for line in ask(prompt, TEXT).splitlines())


async def test_a_refusal_reaches_the_flow_as_a_typed_error_at_once(monkeypatch):
    """One request, no retry: the same refusal would come again."""
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel
    from prefect_gemini.testing import LocalGemini

    with LocalGemini() as server:
        model = GeminiModel(credentials=GeminiCredentials(service="local", base_url=server.base_url))
        with pytest.raises(InvalidRequest, match="does not translate"):
            await agenerate.fn("Translate into German.", documents=[Document.text(LETTER.decode())], model=model)
        assert len(server.journal.generate_calls) == 1
