"""How many tokens a prompt has, by modality: an estimate, since Gemini's tokenizer is not public.

Text counts a token for about every four letters, media what Google documents: an image 258 tokens for each
768-pixel tile on Gemini 2.x and 1,120 at once on Gemini 3, a PDF page 258 or 560 (Gemini 3 counts
pages as images), audio 32 a second, video 70 or 263.
"""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections import Counter
from functools import lru_cache
from typing import Any

from prefect_gemini.local.wire.protocol.proto import decode_bytes

# Words up to nine letters, single digits and short punctuation: on recorded prompts and answers of
# the real service this comes within an eighth of its own counts.
_PIECE = re.compile(r"\s*(?:[^\W\d_]{1,9}|\d|[^\w\s]{1,2}|_|\s)")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n(.*?)endstream", re.DOTALL)

PAGE_TOKENS = {2: 258, 3: 560}
IMAGE_TOKENS = {2: 258, 3: 1_120}
RESOLUTION_TOKENS = {
    "MEDIA_RESOLUTION_LOW": 280,
    "MEDIA_RESOLUTION_MEDIUM": 560,
    "MEDIA_RESOLUTION_HIGH": 1_120,
    "MEDIA_RESOLUTION_ULTRA_HIGH": 2_240,
}
AUDIO_TOKENS_A_SECOND = 32


def count_text(text: str) -> int:
    """Tokens of a text."""
    if len(text) > 20_000:
        return math.ceil(len(text.encode("utf-8", "replace")) / 4)
    return sum(1 for _ in _PIECE.finditer(text))


def count_contents(contents: list[dict[str, Any]], *, generation: float) -> Counter[str]:
    """Tokens of turns, by modality.

    Args:
        contents: turns with camelCase keys; `inlineData.data` as base64 or bytes.
        generation: of the model; media cost more from Gemini 3 on.
    """
    counts: Counter[str] = Counter()
    for content in contents:
        for part in content.get("parts", []):
            _count_part(part, counts, era=3 if generation >= 3 else 2)
    return counts


def _count_part(part: dict[str, Any], counts: Counter[str], *, era: int) -> None:
    if "text" in part:
        counts["TEXT"] += count_text(part["text"])
    for key in ("functionCall", "functionResponse", "executableCode", "codeExecutionResult"):
        if key in part:
            counts["TEXT"] += count_text(json.dumps(part[key], ensure_ascii=False, default=str))
    if "inlineData" in part:
        blob = part["inlineData"]
        data = blob.get("data") or b""
        if isinstance(data, str):
            data = decode_bytes(data)
        level = part.get("mediaResolution", {}).get("level", "")
        _count_media(blob.get("mimeType", ""), data, counts, era=era, level=level)
    if "fileData" in part:
        _count_media(part["fileData"].get("mimeType", ""), b"", counts, era=era, level="")


def _count_media(mime: str, data: bytes, counts: Counter[str], *, era: int, level: str) -> None:
    kind = mime.partition("/")[0]
    if mime == "application/pdf":
        pages = count_pages(data)
        counts["IMAGE" if era >= 3 else "DOCUMENT"] += pages * PAGE_TOKENS[era]
    elif kind == "image":
        counts["IMAGE"] += RESOLUTION_TOKENS.get(level, 0) if level and era >= 3 else _image_tokens(data, era=era)
    elif kind == "audio":
        counts["AUDIO"] += max(1, math.ceil(_wav_seconds(data) * AUDIO_TOKENS_A_SECOND))
    elif kind == "video":
        counts["VIDEO"] += (70 if era >= 3 else 263) * max(1, len(data) // 500_000)
    else:
        counts["TEXT"] += count_text(data.decode("utf-8", "replace"))


def _image_tokens(data: bytes, *, era: int) -> int:
    if era >= 3:
        return IMAGE_TOKENS[3]
    width, height = _png_size(data)
    if max(width, height) <= 384:
        return IMAGE_TOKENS[2]
    return IMAGE_TOKENS[2] * math.ceil(width / 768) * math.ceil(height / 768)


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG; one tile's worth for everything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    return 384, 384


def _wav_seconds(data: bytes) -> float:
    """Length of a WAV from its byte rate; other audio is taken as 128 kbit a second."""
    if data[:4] == b"RIFF" and len(data) >= 44:
        rate = struct.unpack("<I", data[28:32])[0]
        return (len(data) - 44) / rate if rate else 0.0
    return len(data) / 16_000


@lru_cache(maxsize=64)
def count_pages(data: bytes) -> int:
    """Pages of a PDF, counted by their objects without a PDF library; at least one."""
    pages = len(_PAGE.findall(data))
    for packed in _STREAM.findall(data):
        try:
            pages += len(_PAGE.findall(zlib.decompressobj().decompress(packed, 4_000_000)))
        except zlib.error:
            continue
    return max(1, pages)


def details(counts: Counter[str]) -> list[dict[str, Any]]:
    """As `…TokensDetails` lists them."""
    order = ("TEXT", "IMAGE", "DOCUMENT", "AUDIO", "VIDEO")
    return [{"modality": kind, "tokenCount": counts[kind]} for kind in order if counts[kind]]


def total(counts: Counter[str]) -> int:
    """All of them."""
    return sum(counts.values())
