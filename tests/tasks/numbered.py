"""Documents with a number each, and a script that reads it."""

from __future__ import annotations

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.testing import json_reply

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def answer(payload: dict) -> object:
    """A script that answers each document with its own number."""
    return json_reply({"n": int(payload["contents"][0]["parts"][-1]["text"].split()[-1])})


def numbered(count: int) -> list[Document]:
    """So many documents, each with its number in text and name."""
    return [Document.text(f"document {number}", name=f"d{number}") for number in range(count)]
