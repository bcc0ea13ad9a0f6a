"""Estimate tokens. An estimate: Gemini's own tokenizer is not on this machine."""

from __future__ import annotations

import math
import re
from typing import Any

from prefect_gemini.pages import PageError
from prefect_gemini.pages.pdf import page_count

IMAGE = 1120
"""Tokens of an image at the default resolution of Gemini 3 and later (Vertex documentation, media resolution)."""

PDF_PAGE = 560
"""Tokens of a PDF page at the default resolution of Gemini 3 and later (Vertex documentation, media resolution)."""

AUDIO_BYTES = 500
"""Bytes of compressed audio to one token: 32 tokens a second (Vertex documentation) at 128 kbit/s."""


def text_tokens(text: str) -> int:
    """Estimate the tokens of a text: a short word is one, a long one a piece each four or five letters.

    Args:
        text: any; scripts without blanks count about one token to one and a half letters.
    """
    count = 0.0
    for piece in re.findall(r"[^\W\d_]+|\d|[^\w\s]|_", text):
        if len(piece) == 1:
            count += 1
        elif ord(piece[0]) > 0x2E80:
            count += len(piece) / 1.5
        else:
            count += max(1, math.ceil(len(piece) / 5.5))
    return math.ceil(count)


def tokens_by_modality(contents: tuple[dict[str, Any], ...]) -> dict[str, int]:
    """Estimate the tokens of turns, by TEXT, IMAGE, DOCUMENT, AUDIO and VIDEO; modalities without tokens are absent."""
    totals: dict[str, int] = {}
    for turn in contents:
        for part in turn.get("parts", ()):
            modality, count = _part(part)
            if count:
                totals[modality] = totals.get(modality, 0) + count
    return totals


def _part(part: dict[str, Any]) -> tuple[str, int]:
    if "inlineData" in part:
        kind = str(part["inlineData"].get("mimeType", ""))
        data: bytes = part["inlineData"].get("data", b"")
        if kind.startswith("image/"):
            return "IMAGE", IMAGE
        if kind.startswith("application/pdf"):
            return "DOCUMENT", PDF_PAGE * _pages(data)
        if kind.startswith("audio/"):
            return "AUDIO", math.ceil(len(data) / AUDIO_BYTES)
        if kind.startswith("video/"):
            return "VIDEO", math.ceil(len(data) / AUDIO_BYTES)
        return "TEXT", text_tokens(data.decode("utf-8", errors="replace"))
    if "text" in part:
        return "TEXT", text_tokens(str(part["text"]))
    for key in ("functionCall", "functionResponse"):
        if key in part:
            return "TEXT", text_tokens(str(part[key]))
    return "TEXT", 0


def _pages(data: bytes) -> int:
    try:
        return page_count(data)
    except PageError:
        return 1  # counting is no place to refuse; the call itself will
