"""From bytes to pages: what is printed where, in an image or a PDF."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from prefect_gemini.pages.errors import OcrUnavailable, PageError
from prefect_gemini.pages.images import frames
from prefect_gemini.pages.ocr import read_image
from prefect_gemini.pages.pdf import draw_page, opened, text_page
from prefect_gemini.pages.words import Box, Page

__all__ = ["OcrUnavailable", "PageError", "read_pages"]

REMEMBERED = 256
"""Documents kept in memory: the local server and the check of its evidence read the same bytes."""

_memory: OrderedDict[tuple[str, int | None], tuple[Page, ...]] = OrderedDict()
_reading: dict[tuple[str, int | None], threading.Lock] = {}
_lock = threading.Lock()


def read_pages(data: bytes, media_type: str, *, max_pages: int | None = None) -> tuple[Page, ...]:
    """Read the words of every page, each with its box.

    An image is read by OCR; a PDF page from its text layer, or by OCR where that is missing. Equal bytes
    are read once a process while they are among the last documents seen, also when two threads ask at once.

    Args:
        data: the file.
        media_type: `image/…` or `application/pdf`.
        max_pages: read only so many pages from the start.

    Raises:
        PageError: the file is broken, locked, too large, or no document of these kinds.
        OcrUnavailable: pixels must be read and no OCR engine is installed.
    """
    key = (hashlib.sha256(data).hexdigest() + media_type, max_pages)
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
        turn = _reading.setdefault(key, threading.Lock())
    with turn:
        with _lock:
            if key in _memory:
                return _memory[key]
        try:
            pages = _read(data, media_type, max_pages)
        finally:
            with _lock:
                _reading.pop(key, None)
        with _lock:
            _memory[key] = pages
            while len(_memory) > REMEMBERED:
                _memory.popitem(last=False)
        return pages


def _read(data: bytes, media_type: str, max_pages: int | None) -> tuple[Page, ...]:
    if media_type == "application/pdf":
        return _read_pdf(data, max_pages)
    if media_type.startswith("image/"):
        return tuple(
            _ocr_page(number, float(image.width), float(image.height), *read_image(image))
            for number, image in enumerate(frames(data, limit=max_pages), 1)
        )
    raise PageError(f"{media_type!r} has no pages to read.", hint="Send an image or a PDF.")


def _read_pdf(data: bytes, max_pages: int | None) -> tuple[Page, ...]:
    with opened(data) as document:
        count = len(document) if max_pages is None else min(len(document), max_pages)
        found = [text_page(document, number) for number in range(1, count + 1)]
    pages = []
    for number, page in enumerate(found, 1):
        if page is None:
            with opened(data) as document:
                image = draw_page(document, number)
                width, height = document[number - 1].get_size()
            # pdfium is free again while the OCR, which takes seconds, runs.
            lines, turns = read_image(image)
            page = _ocr_page(number, width, height, lines, turns, scale=width / image.width)
        pages.append(page)
    return tuple(pages)


def _ocr_page(
    number: int,
    width: float,
    height: float,
    lines: list[list[tuple[str, Box, float]]],
    turns: int,
    *,
    scale: float = 1.0,
) -> Page:
    """Make a page of what the OCR read; `width` and `height` are of the page as it lay, before it was turned."""
    if scale != 1.0:
        lines = [
            [
                (text, Box(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale), confidence)
                for text, box, confidence in line
            ]
            for line in lines
        ]
    if turns % 2:
        width, height = height, width
    return Page.from_lines(number, width, height, lines, source="ocr", turns=turns)
