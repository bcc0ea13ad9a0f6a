"""Draw a page for a report, the way up that its boxes are counted."""

from __future__ import annotations

import io
from itertools import islice

from PIL import Image

from prefect_gemini.pages.errors import PageError
from prefect_gemini.pages.images import frames
from prefect_gemini.pages.pdf import draw_page, opened


def render_page(data: bytes, media_type: str, number: int, *, width: int = 900, turns: int = 0) -> bytes:
    """Draw one page as a JPEG.

    Args:
        data: the file.
        media_type: `image/…` or `application/pdf`.
        number: the page, counted from 1.
        width: of the picture in pixels.
        turns: quarter turns clockwise, `Page.turns` of the page read.

    Raises:
        PageError: the file is broken, locked or has no such page.
    """
    image = _picture(data, media_type, number, width)
    if turns % 4:
        image = image.rotate(-90 * turns, expand=True)
    height = max(1, round(image.height * width / image.width))
    drawn = image.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _picture(data: bytes, media_type: str, number: int, width: int) -> Image.Image:
    if media_type == "application/pdf":
        with opened(data) as document:
            if not 1 <= number <= len(document):
                raise PageError(f"The PDF has {len(document)} pages, not {number}.")
            return draw_page(document, number, max_side=2 * width)
    image = next(islice(frames(data, limit=number), number - 1, None), None)
    if image is None:
        raise PageError(f"The image has no page {number}.")
    return image
