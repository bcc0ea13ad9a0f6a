"""Whether a PDF can be sent: does it open, how many pages, is it damaged, does it unpack to a sane size."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from prefect_gemini.gemini.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument
from prefect_gemini.pages.pdf import PDFIUM

MAX_PAGES = 1_000
"""What every current model takes of one document (Developer API; Vertex AI has allowed 3,000 for some)."""

MAX_UNPACKED = 256_000_000
"""Bytes all compressed streams of a PDF may unpack to before it counts as a bomb."""

_STREAM = re.compile(rb"<<((?:[^<>]|<<(?:[^<>]|<[^<>]*>)*>>|<[^<>]*>){0,4000})>>\s*stream\r?\n")


class CheckedPDF(NamedTuple):
    """What to send, how many pages it has, and what is odd about it."""

    data: bytes
    pages: int
    notes: tuple[str, ...]


def check_pdf(data: bytes, *, password: str | None = None) -> CheckedPDF:
    """Open a PDF with pdfium, count its pages and look for damage.

    Args:
        data: the file.
        password: opens an encrypted one; what is sent is then a copy without encryption.

    Raises:
        EncryptedDocument: needs a password, or another one than given.
        CorruptDocument: does not open, or a page of it does not load.
        DocumentTooLarge: over `MAX_PAGES`, or unpacks to more than `MAX_UNPACKED`.
    """
    notes: list[str] = []
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data, password=password)
        except pypdfium2.PdfiumError as error:
            raise _unopened(str(error), given=password is not None) from None
        try:
            pages = len(document)
            if pages < 1:
                raise CorruptDocument("the PDF has no pages.")
            if pages > MAX_PAGES:
                raise DocumentTooLarge(
                    f"the PDF has {pages:,} pages; the limit is {MAX_PAGES:,}.", hint="Split it into several files."
                )
            lost = _lost_pages(document, pages)
            if lost:
                # Half a contract is not a contract: nothing may be concluded from the pages that are left.
                raise CorruptDocument(
                    f"{len(lost)} of {pages} pages of the PDF do not load (the first is page {lost[0]}).",
                    hint="Export it again, or print the pages that are whole to a new PDF.",
                )
            if pdfium.FPDF_GetFormType(document.raw) >= pdfium.FORMTYPE_XFA_FULL:
                notes.append("an XFA form: what it shows in Acrobat may be missing from its pages")
            encrypted = pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0
            if encrypted:
                data, remark = _unlocked(document, data)
                notes.append(remark)
        finally:
            document.close()
    if not encrypted:
        notes += _damage(data)
    return CheckedPDF(data, pages, tuple(dict.fromkeys(notes)))


def _unopened(reason: str, *, given: bool) -> EncryptedDocument | CorruptDocument:
    if "assword" in reason:
        if given:
            return EncryptedDocument("the PDF does not open with the password given.")
        return EncryptedDocument(
            "the PDF is encrypted.", hint="Give its `password`, or save a copy without one and send that."
        )
    if "security" in reason.lower():
        return EncryptedDocument("the PDF is encrypted in a way that is not supported.")
    return CorruptDocument("the PDF does not open.", hint="Print it to a new PDF, or export it again.")


def _lost_pages(document: pypdfium2.PdfDocument, pages: int) -> list[int]:
    lost = []
    for number in range(pages):
        page = pdfium.FPDF_LoadPage(document.raw, number)
        if page:
            pdfium.FPDF_ClosePage(page)
        else:
            lost.append(number + 1)
    return lost


def _unlocked(document: pypdfium2.PdfDocument, data: bytes) -> tuple[bytes, str]:
    """A copy without encryption, since Gemini is not given passwords."""
    buffer = io.BytesIO()
    try:
        document.save(buffer, flags=pdfium.FPDF_REMOVE_SECURITY)
        copy = buffer.getvalue()
        pypdfium2.PdfDocument(copy).close()
    except pypdfium2.PdfiumError:
        return data, "encrypted, and sent as it is: no copy without encryption could be made"
    return copy, "encrypted; sent as a copy without encryption"


def _damage(data: bytes) -> Iterator[str]:
    start = data.find(b"%PDF-")
    if start > 0:
        yield f"{start:,} bytes stand before the PDF header"
    if b"%%EOF" not in data[-2048:]:
        yield "the end of the PDF is missing; it may have been cut short"
    yield from _table_damage(data, start)
    yield from _stream_damage(data)


def _table_damage(data: bytes, start: int) -> Iterator[str]:
    """Follow the cross-reference tables as a strict reader would; pdfium repairs them without a word."""
    mended = "the cross-reference table is damaged; it was rebuilt while reading"
    marks = re.findall(rb"startxref\s+(\d+)", data)
    if not marks:
        yield mended
        return
    offset, seen = int(marks[-1]), set[int]()
    while True:
        if offset in seen:
            yield "the cross-reference tables go in a circle"
            return
        seen.add(offset)
        place = data[offset + start if start > 0 else offset :][:64].lstrip()
        table = place.startswith(b"xref")
        if not table and not re.match(rb"\d+\s+\d+\s+obj", place):
            yield mended
            return
        if table:
            end = data.find(b"startxref", offset)
            trailer = data.find(b"trailer", offset)
            if trailer < 0 or not _entries_sound(data, data[offset : trailer if trailer >= 0 else None], start):
                yield mended
                return
            rest = data[trailer : end if end > trailer else trailer + 2048]
            if not re.search(rb"/Size\s+\d", rest):
                yield mended
                return
        else:
            rest = data[offset : data.find(b"stream", offset)]
        previous = re.search(rb"/Prev\s+(\d+)", rest)
        if not previous:
            return
        offset = int(previous.group(1))


def _entries_sound(data: bytes, table: bytes, start: int) -> bool:
    """Whether the entries of a table point at objects; the first thousand are looked at."""
    number = None
    for line in re.findall(rb"\d+ \d+ ?[nf]?", table)[:1000]:
        parts = line.split()
        if len(parts) == 2:
            number = int(parts[0])
            continue
        if number is None:
            return False
        if parts[2] == b"n":
            at = int(parts[0]) + max(start, 0)
            if not re.match(rb"\s*%d\s+%d\s+obj" % (number, int(parts[1])), data[at : at + 40]):
                return False
        number += 1
    return True


def _stream_damage(data: bytes) -> Iterator[str]:
    """Unpack every plainly compressed stream once, in bounded memory."""
    unpacked = 0
    for match in _STREAM.finditer(data):
        head = match.group(1)
        filters = re.search(rb"/Filter\s*(\[[^\]]*\]|/\w+)", head)
        names = re.findall(rb"/(\w+)", filters.group(1)) if filters else []
        if names == [b"FlateDecode"]:
            size, sound = _inflated(data[match.end() : match.end() + _length(head, data, match.end())], unpacked)
            unpacked += size
            if unpacked > MAX_UNPACKED:
                raise DocumentTooLarge(
                    f"the PDF unpacks to more than {MAX_UNPACKED // 1_000_000:,} MB: a decompression bomb."
                )
            if not sound:
                yield "a compressed part of the PDF is damaged; some of the page may be missing"
        elif names in ([b"LZWDecode"], [b"DCTDecode"]):
            part = data[match.end() : match.end() + _length(head, data, match.end())]
            if not (_lzw_sound(part) if names == [b"LZWDecode"] else part.startswith(b"\xff\xd8\xff")):
                yield "a compressed part of the PDF is damaged; some of the page may be missing"


def _length(head: bytes, data: bytes, at: int) -> int:
    found = re.search(rb"/Length\s+(\d+)(?!\s+\d+\s+R)", head)
    if found and data[at + int(found.group(1)) :][:20].lstrip().startswith(b"endstream"):
        return int(found.group(1))
    end = data.find(b"endstream", at)
    return (end if end >= 0 else len(data)) - at


def _inflated(part: bytes, already: int) -> tuple[int, bool]:
    inflater, size = zlib.decompressobj(), 0
    rest = part
    while rest and not inflater.eof and already + size <= MAX_UNPACKED:
        try:
            size += len(inflater.decompress(rest, 1_000_000))
        except zlib.error:
            return size, False
        rest = inflater.unconsumed_tail
    return size, inflater.eof or already + size > MAX_UNPACKED


def _lzw_sound(part: bytes) -> bool:
    """Whether LZW codes never run ahead of the table they build (PDF 32000, 7.4.4)."""
    held = bits = 0
    width, table, fresh = 9, 258, True
    for byte in part[:1_000_000]:
        held, bits = (held << 8 | byte) & 0xFFFFFF, bits + 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == 257:
            return True
        if code == 256:
            width, table, fresh = 9, 258, True
            continue
        if code > table or (fresh and code > 255):
            return False
        table += 0 if fresh else 1
        fresh = False
        width = 9 if table < 511 else 10 if table < 1023 else 11 if table < 2047 else 12
        if table > 4096:
            return False
    return False
