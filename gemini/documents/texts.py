"""Text in whatever encoding it comes."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class Text(NamedTuple):
    """Decoded text, the encoding it was in, and what is odd about it."""

    text: str
    encoding: str
    notes: tuple[str, ...]


def read_text(data: bytes) -> Text:
    """Decode bytes: by byte order mark, then UTF-8, then UTF-16 by its zero bytes, then Windows-1252.

    Never fails: what cannot be decoded becomes U+FFFD, with a note.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _noted(data[len(mark) :], encoding)
    wide = _wide(data)
    if wide:
        return _noted(data, wide, f"there is no byte order mark; read as {wide.upper()}")
    try:
        return _noted(data, "utf-8", strict=True)
    except UnicodeDecodeError as error:
        good = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]", data))
        high = len(re.findall(rb"[\x80-\xff]", data))
        # Mostly sound UTF-8 with a few broken bytes: decoding it all as Windows-1252 would spoil every letter.
        if good * 2 > 0.7 * high:
            return _noted(data, "utf-8", f"a byte at {error.start:,} is not UTF-8; such bytes are shown as U+FFFD")
        return _noted(data, "cp1252", "not UTF-8; read as Windows-1252 (Latin-1)")


def looks_like_text(data: bytes) -> bool:
    """Whether the bytes are text in some encoding: hardly a control character among the first 64 kB."""
    sample = data[:65536]
    if not sample:
        return False
    text = read_text(sample).text
    if not text:
        return True
    odd = len(_CONTROLS.findall(text)) + (text.count("\ufffd") if len(data) <= 65536 else text[:-2].count("\ufffd"))
    return odd <= max(0.1 * len(text), 0)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Latin text is zero."""
    sample = data[:4096]
    if len(sample) < 8 or b"\0" not in sample or len(data) % 2:
        return None
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) > 0.6 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.6 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _noted(data: bytes, encoding: str, *notes: str, strict: bool = False) -> Text:
    text = data.decode(encoding, "strict" if strict else "replace")
    odd = list(notes)
    if not notes and "\ufffd" in text and not strict:
        odd.append(f"some bytes are not {encoding.upper()}; they are shown as U+FFFD")
    if "\0" in text:
        odd.append(f"{text.count(chr(0)):,} NUL characters, read as blanks")
        text = text.replace("\0", " ")
    return Text(text, encoding, tuple(odd))
