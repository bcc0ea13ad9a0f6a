"""What is inside Word files and recordings, and transcripts that do not keep their own format."""

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


_TIME = r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}"
_CUE = re.compile(rf"^\s*({_TIME})\s+-->\s+({_TIME})(\s|$)")


def check_vtt(text: str) -> tuple[str, ...]:
    """Notes on a WebVTT transcript whose cues break the format: no time line, or one that runs backwards.

    Raises:
        CorruptDocument: it does not begin with WEBVTT.
    """
    if not text.lstrip("\ufeff").startswith("WEBVTT"):
        raise CorruptDocument(
            "named .vtt, and it does not begin with WEBVTT.",
            hint="Put a line WEBVTT and an empty line at its top, or name it .txt.",
        )
    untimed = backwards = 0
    last = 0.0
    overlap = False
    for block in re.split(r"\r?\n[ \t]*\r?\n", text.strip())[1:]:
        if re.match(r"(NOTE|STYLE|REGION)(\s|$)", block.lstrip()) or not block.strip():
            continue
        cue = next(filter(None, map(_CUE.match, block.splitlines()[:2])), None)
        if cue is None:
            untimed += 1
            continue
        start, end = _seconds(cue[1]), _seconds(cue[2])
        backwards += end <= start
        overlap |= start < last
        last = end
    notes = []
    if untimed:
        notes.append(f"{untimed} cues have no time line")
    if backwards:
        notes.append(f"{backwards} cues end before they start")
    if overlap:
        notes.append("some cues overlap")
    return tuple(notes)


def _seconds(stamp: str) -> float:
    out = 0.0
    for part in stamp.split(":"):
        out = out * 60 + float(part)
    return out
