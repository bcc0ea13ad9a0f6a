"""Open any image as upright RGB frames, refusing bombs before a pixel is decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from prefect_gemini.pages.errors import PageError

MAX_PIXELS = 80_000_000
"""Above this an image is refused: an A4 sheet at 600 dpi has 35 million pixels, a bomb has hundreds."""

PAGED_FORMATS = frozenset({"TIFF"})
"""Formats whose frames are pages; in the others (GIF, WebP, PNG, MPO) further frames are animation or previews."""


def frames(data: bytes, *, limit: int | None = None) -> Iterator[Image.Image]:
    """Yield the pages of an image file as RGB, EXIF rotation applied, transparency laid on white.

    Args:
        data: the file.
        limit: at most so many frames; None for all.

    Raises:
        PageError: not an image, broken, truncated, or more than `MAX_PIXELS`.
    """
    if not data:
        raise PageError("The image file is empty.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit stands below; odd metadata is not the reader's business
            with Image.open(io.BytesIO(data)) as image:
                count = limit if image.format in PAGED_FORMATS else 1
                for number, frame in enumerate(ImageSequence.Iterator(image)):
                    if count is not None and number >= count:
                        return
                    _check_size(frame)
                    yield upright(frame)
    except PageError:
        raise
    except UnidentifiedImageError as unknown:
        raise PageError(
            "The file cannot be opened as an image.", hint="Send a JPEG, PNG, WebP, GIF, BMP or TIFF."
        ) from unknown
    except Image.DecompressionBombError as bomb:
        raise PageError(str(bomb), hint="Scale it down; 300 dpi is enough to read print.") from bomb
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, IndexError, TypeError) as broken:
        # Pillow's decoders raise all of these for truncated or corrupt data.
        raise PageError(f"The image is damaged: {broken}.", hint="Scan or export it again.") from broken


def upright(image: Image.Image) -> Image.Image:
    """Make RGB of any mode (palette, alpha, 16 bit, CMYK, 1 bit), turned as EXIF asks."""
    turned = ImageOps.exif_transpose(image) or image
    if turned.mode.startswith(("I", "F")):
        low, high = (float(edge) for edge in turned.getextrema())  # type: ignore[arg-type]
        top = high if high > 255 else 255.0
        scale = 255.0 / (top - min(low, 0.0))
        turned = turned.convert("F").point(lambda value: value * scale - min(low, 0.0) * scale).convert("L")
    if turned.mode in {"P", "PA", "LA", "RGBa", "La"} or "transparency" in turned.info:
        turned = turned.convert("RGBA")
    if turned.mode == "RGBA":
        sheet = Image.new("RGB", turned.size, "white")
        sheet.paste(turned, mask=turned.getchannel("A"))
        return sheet
    return turned.convert("RGB")


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PageError(
            f"The image has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million.",
            hint="Scale it down; 300 dpi is enough to read print.",
        )
