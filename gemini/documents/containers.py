"""What is inside Word files, recordings and XML, before it is sent."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.etree import ElementTree

from prefect_gemini.gemini.errors import (
    CorruptDocument,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    UnsupportedMedia,
)

MAX_MEMBER = 50_000_000
"""Bytes the text of a Word file may unpack to; a thousand pages of prose are about 10 MB of its XML."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def docx_text(data: bytes) -> str:
    """The text of a Word file, a line a paragraph, cells of a table row parted by tabs.

    Raises:
        CorruptDocument: not a whole zip file, or its text is not XML.
        EncryptedDocument: its text needs a password.
        DocumentTooLarge: its text unpacks to more than `MAX_MEMBER`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = archive.getinfo("word/document.xml")
            if member.flag_bits & 1:
                raise EncryptedDocument("the Word file is encrypted.")
            with archive.open(member) as stream:
                xml = stream.read(MAX_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise CorruptDocument(f"the Word file does not open: {str(error)[:200]}.") from None
    if len(xml) > MAX_MEMBER:
        raise DocumentTooLarge(f"the Word file unpacks to more than {MAX_MEMBER // 1_000_000} MB: a zip bomb.")
    # Word writes no document type; with one, entities could read files or grow without end.
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise UnsupportedMedia("the Word file declares XML entities.", hint="Save it again from Word, or as a PDF.")
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError) as error:
        raise CorruptDocument(f"the text of the Word file is not XML: {error}.") from None
    body = root.find(f"{_WORD}body")
    return "\n".join(_blocks(root if body is None else body)).strip()


def _blocks(parent: ElementTree.Element) -> list[str]:
    lines: list[str] = []
    for child in parent:
        if child.tag == f"{_WORD}p":
            lines.append(_paragraph(child))
        elif child.tag == f"{_WORD}tbl":
            for row in child.iter(f"{_WORD}tr"):
                cells = [" ".join(map(_paragraph, cell.iter(f"{_WORD}p"))) for cell in row.findall(f"{_WORD}tc")]
                lines.append("\t".join(cells))
        elif child.tag == f"{_WORD}sdt":
            content = child.find(f"{_WORD}sdtContent")
            lines.extend(_blocks(content) if content is not None else ())
    return lines


def _paragraph(paragraph: ElementTree.Element) -> str:
    parts = []
    for piece in paragraph.iter():
        if piece.tag == f"{_WORD}t":
            parts.append(piece.text or "")
        elif piece.tag == f"{_WORD}tab":
            parts.append("\t")
        elif piece.tag in (f"{_WORD}br", f"{_WORD}cr"):
            parts.append("\n")
    return "".join(parts)


def refuse_ole(data: bytes) -> None:
    """Refuse an old Office file, saying whether it is an encrypted new one.

    Raises:
        EncryptedDocument: a modern Office file behind a password.
        UnsupportedMedia: anything else in this container.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise EncryptedDocument("the Office file is encrypted.")
    raise UnsupportedMedia("an old Office file (doc, xls, ppt, msg).", hint="Save it as a PDF and send that.")


def check_wav(data: bytes) -> tuple[str, ...]:
    """Check that a WAV file holds samples. Notes say where it was cut short.

    Raises:
        EmptyDocument: no samples.
        CorruptDocument: no chunk of samples at all.
    """
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"data":
            there = len(data) - at - 8
            if not size or not there:
                raise EmptyDocument("the recording has no samples.", hint="Record or export it again.")
            if size > there and size < 0xFFFFFF00:
                return (f"the recording was cut short: {there:,} of {size:,} bytes are there",)
            return ()
        at += 8 + size + size % 2
    raise CorruptDocument("the recording has no chunk of samples.")


def check_mp3(data: bytes) -> None:
    """Check that an MP3 file holds sound behind its tag.

    Raises:
        EmptyDocument: no frame of sound.
    """
    start = 0
    if data.startswith(b"ID3") and len(data) >= 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    if not re.search(rb"\xff[\xe2-\xff]", data[start : start + 65536]):
        raise EmptyDocument("the recording has a tag and no sound.", hint="Record or export it again.")


def check_xml(text: str) -> None:
    """Refuse XML that declares entities: they read files, or grow a kilobyte to gigabytes.

    Raises:
        UnsupportedMedia: it does.
    """
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise UnsupportedMedia(
            "the XML declares entities, which can read files or grow without end; none was expanded.",
            hint="Remove its document type declaration.",
        )
