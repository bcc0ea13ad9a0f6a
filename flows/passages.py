"""Passages of documents with their place, and a text made of them whose every citation is checked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOutput, UnsupportedMedia
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.pages import PageError
from prefect_gemini.tasks import agenerate, asummarize, node
from prefect_gemini.tasks.parts.call import READER
from prefect_gemini.tasks.parts.evidence import printed

LETTERS = 900
"""Letters of a passage, about: a few paragraphs, so that a passage has one subject."""


class Passage(BaseModel):
    """A piece of a document.

    Args:
        document: what a person calls the document.
        page: from 1; 0 where the document has no pages.
        text: as printed.
    """

    model_config = ConfigDict(frozen=True)

    document: str
    page: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}, page {self.page}" if self.page else self.document


@node(category="reading", costs="nothing")
async def acut(document: str | Path | bytes | Document, *, letters: int = LETTERS) -> Reply[tuple[Passage, ...]]:
    """Cut a document into passages, by paragraphs; no model is asked.

    Args:
        document: a path, a URL, bytes, or an open `Document`.
        letters: of a passage, about.

    Raises:
        UnsupportedMedia: it has no pages or text that can be read here.
        DocumentError: it cannot be read.
    """
    opened = await asyncio.to_thread(Document.of, document)
    try:
        source = await printed(opened)
    except PageError as error:
        raise UnsupportedMedia(str(error), hint="Leave it out, or convert it to PDF or text.") from None
    pages = [(0, source)] if isinstance(source, str) else [(page.number, page.text) for page in source]
    found = [
        Passage(document=opened.name, page=number, text=piece)
        for number, text in pages
        for piece in await asyncio.to_thread(_pieces, text, letters)
    ]
    return Reply[tuple[Passage, ...]](value=tuple(found), cost=Decimal(0))


cut = acut.sync


def _pieces(text: str, letters: int) -> list[str]:
    pieces: list[str] = []
    current = ""
    for paragraph in re.split(r"\n\s*\n", text):
        flat = " ".join(paragraph.split())
        if current and len(current) + len(flat) > letters:
            pieces.append(current)
            current = ""
        while len(flat) > 2 * letters:  # a page without paragraphs
            cut = flat.rfind(". ", 0, letters) + 1 or letters
            pieces.append(flat[:cut].strip())
            flat = flat[cut:].strip()
        current = f"{current}\n\n{flat}".strip() if flat else current
    return [*pieces, current] if current else pieces


async def answer_from(
    passages: Sequence[Passage], question: str, *, model: str | GeminiModel, words: int = 200, ask: Any = agenerate
) -> tuple[str, Reply[str]]:
    """Answer a question from numbered passages.

    Args:
        passages: what the answer may rest on.
        question: the question.
        model: who answers; the local reader quotes.
        words: at most.
        ask: `agenerate` as a task run of its own, or its `fn`.

    Returns:
        Markdown that cites the passages, and the reply it was made from. A sentence without a citation is marked.

    Raises:
        InvalidOutput: it cites a passage that was not given.
        GeminiError: see `prefect_gemini.gemini.errors`; the local reader refuses where no sentence answers.
    """
    reply = await ask(
        f"{question}\nUse these numbered passages only, and at most {words} words. "
        "Put the number of the passage after each sentence, as [1].",
        documents=[_numbered(passages)],
        model=model,
        system_instruction=READER,
    )
    return _checked(reply.value, passages), reply


async def synthesize(
    passages: Sequence[Passage], about: str, *, model: str | GeminiModel, words: int = 200
) -> tuple[str, Reply[str]]:
    """Put together what numbered passages say about a subject.

    Args, returns and errors as `answer_from`; `about` is the subject.
    """
    reply = await asummarize(
        _numbered(passages),
        words=words,
        model=model,
        prompt=f"Summarize these numbered passages as to: {about.rstrip(' ?')}.\n"
        "Put the number of the passage after each sentence, as [1].",
    )
    return _checked(reply.value, passages), reply


def _numbered(passages: Sequence[Passage]) -> Document:
    return Document.text(
        "\n\n".join(f"[{number}] {_unnumbered(one.text)}" for number, one in enumerate(passages, 1)), name="passages"
    )


def _unnumbered(text: str) -> str:
    """A passage whose own [3] is (3): papers cite in the same brackets, and mean another list."""
    return re.sub(r"\[(\d+(?:\s*[-–,;]\s*\d+)*)\]", r"(\1)", text)


def _checked(text: str, passages: Sequence[Passage]) -> str:
    """The text with the list of what it cites."""
    # Models also write [1, 2]: each number counts for itself.
    apart = re.sub(r"\[\d+(?:\s*[,;]\s*\d+)+\]", lambda many: re.sub(r"\s*[,;]\s*", "][", many[0]), text)
    lines = [_cited(line, passages) for line in apart.strip().splitlines()]
    cited = sorted({int(number) for line in lines for number in re.findall(r"\[(\d+)\]", line)})
    if strange := [number for number in cited if not 1 <= number <= len(passages)]:
        raise InvalidOutput(
            f"The text cites passages {strange}, and there are {len(passages)}.",
            hint="Run again, or use a stronger model.",
        )
    sources = [f"- [{number}] {passages[number - 1].place}" for number in cited]
    return "\n".join([*lines, "", *sources])


def _cited(line: str, passages: Sequence[Passage]) -> str:
    """A line with its citation: where it quotes a passage word for word, the passage is known."""
    if not line.strip() or re.search(r"\[\d+\]", line):
        return re.sub(r"^\[(\d+)\] (.*)$", r"\2 [\1]", line)
    flat = " ".join(line.split())
    for number, one in enumerate(passages, 1):
        if flat and flat in " ".join(_unnumbered(one.text).split()):
            return f"{line} [{number}]"
    return f"{line} *(no passage cited)*"
