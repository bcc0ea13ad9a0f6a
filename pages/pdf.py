"""Read the words of a PDF from its text layer with pdfium, and draw pages that have none."""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from prefect_gemini.pages.errors import PageError
from prefect_gemini.pages.rows import Piece, rows
from prefect_gemini.pages.words import Box, Page

PDFIUM = threading.RLock()
"""pdfium is not thread safe: whoever calls it in this process holds this lock."""

MAX_SIDE = 2000
"""Longest side, in pixels, of a page drawn to be read: about 170 dpi of A4, what the OCR works in anyway."""

_NOT_TEXT = frozenset("\ufffd\ufffe\uffff")


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """Open a PDF while holding pdfium's lock.

    Raises:
        PageError: encrypted, damaged or without pages.
    """
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as refused:
            if "assword" in str(refused):
                raise PageError(
                    "The PDF is encrypted and needs a password.", hint="Save it without a password and send that."
                ) from refused
            raise PageError(
                "The PDF is damaged and does not open.", hint="Print it to a new PDF and send that."
            ) from refused
        try:
            if len(document) < 1:
                raise PageError("The PDF has no pages.")
            yield document
        finally:
            document.close()


def page_count(data: bytes) -> int:
    """Count the pages of a PDF. Raises PageError like `opened`."""
    with opened(data) as document:
        return len(document)


def text_page(document: Any, number: int) -> Page | None:
    """Read one page from its text layer; None where the layer is missing or unusable, so that pixels must be read.

    Args:
        document: what `opened` yields.
        number: counted from 1.

    Raises:
        PageError: the page does not load.
    """
    page = _page(document, number)
    try:
        width, height = page.get_size()
        pieces = _pieces(page, width, height)
        if not _usable(pieces) and _has_pictures(page, width, height):
            return None
    finally:
        page.close()
    lines = [[(piece.text, piece.box, 1.0) for piece in row] for row in rows(pieces)]
    return Page.from_lines(number, width, height, lines, source="text")


def draw_page(document: Any, number: int, *, max_side: int = MAX_SIDE) -> Image.Image:
    """Draw one page as RGB whose longest side is `max_side` pixels.

    Raises:
        PageError: the page does not load or does not draw.
    """
    page = _page(document, number)
    try:
        width, height = page.get_size()
        scale = max_side / max(width, height)
        image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as failed:
        raise PageError(f"Page {number} cannot be drawn: {failed}.") from failed
    finally:
        page.close()
    return image


def _page(document: Any, number: int) -> Any:
    try:
        page = document[number - 1]
        width, height = page.get_size()
    except (pypdfium2.PdfiumError, IndexError) as failed:
        raise PageError(f"Page {number} of the PDF does not load.", hint="Print it to a new PDF.") from failed
    if not (width > 0 and height > 0 and math.isfinite(width) and math.isfinite(height)):
        raise PageError(f"Page {number} of the PDF has no size ({width} x {height}).")
    return page


def _pieces(page: Any, width: float, height: float) -> list[Piece]:
    """Unite character boxes between pdfium's own blanks.

    Not pdfium's rectangles: those break words wherever the setter kerned.
    """
    place = _placing(page, width, height)
    text = page.get_textpage()
    try:
        pieces: list[Piece] = []
        letters: list[str] = []
        box: Box | None = None
        last: Box | None = None
        for index in range(pdfium.FPDFText_CountChars(text.raw)):
            code = pdfium.FPDFText_GetUnicode(text.raw, index)
            letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
            here = None if letter.isspace() else _char_box(text.raw, index, place)
            apart = here is None or (last is not None and _apart(last, here))
            if apart and letters and box is not None:
                pieces.append(Piece("".join(letters), box))
                letters, box, last = [], None, None
            if here is None:
                continue
            letters.append(letter)
            box = here if box is None else box.union(here)
            last = here
        if letters and box is not None:
            pieces.append(Piece("".join(letters), box))
    finally:
        text.close()
    return [piece for piece in pieces if _inside(piece.box, width, height)]


def _placing(page: Any, width: float, height: float) -> Any:
    """The map from page space to points from the top left, which undoes rotation and crop boxes."""
    size = 1_000_000

    def device(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, size, size, 0, x, y, across, down)
        return across.value / size * width, down.value / size * height

    x0, y0 = device(0, 0)
    ax, ay = (part / 100 for part in (device(100, 0)[0] - x0, device(100, 0)[1] - y0))
    bx, by = (part / 100 for part in (device(0, 100)[0] - x0, device(0, 100)[1] - y0))
    return lambda x, y: (x0 + ax * x + bx * y, y0 + ay * x + by * y)


def _char_box(text: Any, index: int, place: Any) -> Box | None:
    """The box of one character: as wide as its ink, as high as its font's line, so that dots and letters align."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top):
        return None
    edges = [left.value, right.value, bottom.value, top.value]
    loose = pdfium.FS_RECTF()
    size = pdfium.FPDFText_GetFontSize(text, index)
    # An upright line only: of text that runs down the page, the ink is all there is to go by.
    if pdfium.FPDFText_GetLooseCharBox(text, index, loose) and abs(pdfium.FPDFText_GetCharAngle(text, index)) < 0.1:
        tall = loose.top - loose.bottom
        if 0 < tall <= max(2.0 * size, 1.6 * (edges[3] - edges[2])):
            edges[2:] = [loose.bottom, loose.top]
    if edges[1] <= edges[0] and edges[3] <= edges[2]:
        return None
    corners = (place(edges[0], edges[2]), place(edges[1], edges[3]))
    across, down = zip(*corners, strict=True)
    return Box(min(across), min(down), max(across), max(down))


def _apart(last: Box, here: Box) -> bool:
    """Whether two characters without a blank between them still belong to different words."""
    height = max(last.height, here.height, 1e-6)
    if abs(last.middle - here.middle) > 0.8 * height:
        return last.right <= here.left or here.right <= last.left or abs(last.middle - here.middle) > 1.6 * height
    return here.left - last.right > 0.9 * height


def _inside(box: Box, width: float, height: float) -> bool:
    return box.right > 0 and box.bottom > 0 and box.left < width and box.top < height


def _usable(pieces: list[Piece]) -> bool:
    """Whether a text layer says enough to be trusted: some words, and letters that are letters."""
    letters = "".join(piece.text for piece in pieces)
    if len(letters) < 20:
        return False
    odd = sum(1 for letter in letters if letter in _NOT_TEXT or 0xE000 <= ord(letter) < 0xF900 or ord(letter) < 32)
    return odd < 0.2 * len(letters)


def _has_pictures(page: Any, width: float, height: float) -> bool:
    """Whether there is anything drawn that could hold print: pictures, or letters drawn as shapes."""
    shapes = 0
    for item in page.get_objects(max_depth=4):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            return True
        shapes += item.type in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_TEXT)
    return shapes > 5
