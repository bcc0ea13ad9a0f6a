"""Whether an image can be sent: size by its header before a pixel is decoded, then every pixel once."""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from prefect_gemini.gemini.documents.media_kinds import SENT_AS_IS
from prefect_gemini.gemini.errors import CorruptDocument, DocumentTooLarge, UnsupportedMedia

MAX_PIXELS = 80_000_000
"""An A4 sheet at 600 dpi has 35 million pixels; decompression bombs have hundreds of millions."""

MAX_FRAMES = 100
"""Pages of a TIFF that are converted; beyond that it is a book, which should come as a PDF."""

MIN_SIDE = 200
"""Below this longest side an image gets a note: a receipt of that size has letters three pixels high."""

NOT_DECODED = frozenset({"image/heic", "image/heif"})
"""Types Gemini takes and Pillow does not open; they are sent unchecked."""


class Checked(NamedTuple):
    """What to send, how many pages it has, and what is odd about it."""

    data: bytes
    pages: int
    notes: tuple[str, ...]


def check_image(data: bytes, media_type: str) -> Checked:
    """Check an image, decoding it once; a JPEG that was cut short is closed so that every reader opens it.

    Raises:
        CorruptDocument: broken or cut short.
        DocumentTooLarge: more than `MAX_PIXELS`.
        UnsupportedMedia: an image of a kind that is neither sent nor converted.
    """
    if media_type in NOT_DECODED:
        return Checked(data, 1, (f"{media_type} is sent without having been opened here",))
    try:
        with _opened(data) as image:
            frames = getattr(image, "n_frames", 1)
            pages = min(frames, MAX_FRAMES) if image.format == "TIFF" else 1
            notes = _remarks(image, frames, media_type)
            image.load()
    except _BROKEN as error:
        if media_type == "image/jpeg" and isinstance(error, OSError) and "truncated" in str(error):
            return _closed_jpeg(data)
        raise CorruptDocument(f"the image does not decode: {str(error)[:200]}.") from None
    return Checked(data, pages, notes)


def _remarks(image: Image.Image, frames: int, media_type: str) -> tuple[str, ...]:
    notes = []
    if image.format == "TIFF" and frames > MAX_FRAMES:
        notes.append(f"{frames} pages, of which the first {MAX_FRAMES} are sent")
    elif image.format != "TIFF" and frames > 1:
        notes.append(f"{frames} frames, of which only the first counts")
    if media_type not in SENT_AS_IS:
        notes.append(f"{media_type} is sent as PNG")
    if max(image.size) < MIN_SIDE:
        notes.append(f"only {image.width} x {image.height} pixels: print can hardly be read")
    return tuple(notes)


def as_png(data: bytes) -> tuple[bytes, ...]:
    """Convert an image Gemini does not take: every page of a TIFF, the first frame of anything else."""
    out = []
    try:
        with _opened(data) as image:
            frames = min(getattr(image, "n_frames", 1), MAX_FRAMES) if image.format == "TIFF" else 1
            for number in range(frames):
                image.seek(number)
                _check_size(image)
                buffer = io.BytesIO()
                frame = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else image.convert("RGB")
                frame.save(buffer, "PNG")
                out.append(buffer.getvalue())
    except _BROKEN as error:
        raise CorruptDocument(f"the image does not decode: {str(error)[:200]}.") from None
    return tuple(out)


# What Pillow's decoders raise on damaged data.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, MemoryError, IndexError, TypeError, KeyError, ZeroDivisionError)


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limit below is ours; odd metadata does not matter here
            image = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as bomb:
        raise DocumentTooLarge(f"the image is a decompression bomb: {bomb}") from None
    except UnidentifiedImageError:
        raise CorruptDocument(f"the image cannot be identified ({len(data):,} bytes).") from None
    _check_size(image)
    return image


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DocumentTooLarge(
            f"the image has {width:,} x {height:,} pixels; the limit is {MAX_PIXELS // 1_000_000} million.",
            hint="Scale it down; 300 dpi is enough to read print.",
        )
    if not width or not height:
        raise CorruptDocument("the image has no pixels.")
    if image.format is None:
        raise UnsupportedMedia("the image has no known format.")


def _closed_jpeg(data: bytes) -> Checked:
    """Put the end mark where the file was cut; decoders fill the missing rows with grey."""
    closed = data + b"\xff\xd9"
    try:
        with _opened(closed) as image:
            image.load()
    except _BROKEN as error:
        raise CorruptDocument(f"the image was cut short and does not decode: {str(error)[:200]}.") from None
    return Checked(closed, 1, ("the image was cut short: its lower part is missing, and nothing must be read into it",))
