"""Documents: what a file is, whether it can be sent, and what is said when it cannot."""

from __future__ import annotations

import io
import json
import pickle
import struct
import wave
import zipfile
import zlib
from pathlib import Path

import fsspec
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from prefect_gemini.gemini import errors
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.media import sniff


def image(kind: str = "PNG", size: tuple[int, int] = (300, 200), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def pdf(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 300)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def named(value: object) -> str:
    """The id of a test case. Never its bytes: a date in them would tell one test process's cases from another's."""
    return value.__name__ if isinstance(value, type) else str(value) if not isinstance(value, bytes) else "data"


def docx(xml: str = "<w:p><w:r><w:t>Hello</w:t></w:r></w:p>", *, prolog: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        body = f'{prolog}<w:document xmlns:w="{space}"><w:body>{xml}</w:body></w:document>'
        # A fixed date (1980): these bytes are part of the names of tests, which every worker must collect alike.
        archive.writestr(zipfile.ZipInfo("word/document.xml"), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def recording(samples: int = 800) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * samples))
    return buffer.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes whose header claims a huge canvas."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (image(), "a.png", "image/png"),
        (image("JPEG"), "a", "image/jpeg"),
        (image("WEBP"), "", "image/webp"),
        (image("GIF"), "", "image/gif"),
        (image("TIFF"), "", "image/tiff"),
        (image("BMP"), "", "image/bmp"),
        (pdf(), "", "application/pdf"),
        (b"junk\r\n" + pdf(), "", "application/pdf"),
        (recording(), "", "audio/wav"),
        (docx(), "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x05\x06" + bytes(18), "", "application/zip"),
        (b"\x1f\x8b\x08rest", "", "application/gzip"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi", "", "text/vtt"),
        (b"<!DOCTYPE html><p>Hi", "", "text/html"),
        (b"<!-- x --><html>", "", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "", "application/xml"),
        (b'{"a": [1]}', "", "application/json"),
        (b"{not json}", "", "text/plain"),
        (b"a,b\n1,2", "t.csv", "text/csv"),
        (b"# Title", "t.md", "text/markdown"),
        ("Grüße".encode("utf-16"), "", "text/plain"),
        ("Grüße aus Köln".encode("utf-16-le"), "", "text/plain"),
        ("Grüße".encode("latin-1"), "", "text/plain"),
        (bytes(range(256)) * 4, "a.txt", "application/octet-stream"),
        (b"MZ" + bytes(100), "a.pdf", "application/x-msdownload"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "", "image/heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "", "video/mp4"),
    ],
    ids=named,
)
def test_content_says_what_it_is(data: bytes, name: str, media_type: str) -> None:
    """Names are claims; only among kinds of text do they decide."""
    assert sniff(data, name) == media_type


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "a.pdf", errors.EmptyDocument),
        (b" \n\t", "a.txt", errors.EmptyDocument),
        (b"\xef\xbb\xbf", "a.txt", errors.EmptyDocument),
        (recording(0), "a.wav", errors.EmptyDocument),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), "a.mp3", errors.EmptyDocument),
        (b"WEBVTT\n", "a.vtt", errors.EmptyDocument),
        (b"<html>404", "a.pdf", errors.UnsupportedMedia),
        (b"just text", "a.jpg", errors.UnsupportedMedia),
        (b"MZ" + bytes(100), "a.pdf", errors.UnsupportedMedia),
        (b"<svg onload='x'/>", "a.svg", errors.UnsupportedMedia),
        (b"PK\x05\x06" + bytes(18), "a.zip", errors.UnsupportedMedia),
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>', "a.xml",
         errors.UnsupportedMedia),
        (docx(prolog='<!DOCTYPE r [<!ENTITY x "y">]>'), "a.docx", errors.UnsupportedMedia),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a.doc", errors.UnsupportedMedia),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx",
         errors.EncryptedDocument),
        (b"\x01\x02\x03\x04" * 50, "a.pdf", errors.CorruptDocument),
        (b"%PDF-1.7\n" + bytes(50), "a.pdf", errors.CorruptDocument),
        (image()[:-200], "a.png", errors.CorruptDocument),
        (docx("<w:p>"), "a.docx", errors.CorruptDocument),
        (docx()[:60], "a.docx", errors.UnsupportedMedia),
        (b"1\n00:00:01,000 -> 00:00:02,000\nHi\n", "a.srt", errors.CorruptDocument),
        (b"Hello", "a.vtt", errors.CorruptDocument),
        (huge_png(30_000, 30_000), "a.png", errors.DocumentTooLarge),
        (huge_png(12_000, 10_000), "a.png", errors.DocumentTooLarge),
        (b"a" * 7_000_001, "a.txt", errors.DocumentTooLarge),
        (docx("<w:p><w:r><w:t>" + "a" * 50_000_000 + "</w:t></w:r></w:p>"), "a.docx", errors.DocumentTooLarge),
        (pdf(1_001), "a.pdf", errors.DocumentTooLarge),
    ],
    ids=named,
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_by_kind(data: bytes, name: str, error: type[errors.DocumentError]) -> None:
    """Each refusal is of its kind, says what to do, and names nothing secret."""
    with pytest.raises(errors.DocumentError) as caught:
        Document.of(data, name=name)
    assert type(caught.value) is error
    assert caught.value.hint
    assert not caught.value.retryable
    assert type(pickle.loads(pickle.dumps(caught.value))) is error


@pytest.mark.shared
def test_an_encrypted_pdf_opens_with_its_password(shared_data: Path) -> None:
    """Without it: EncryptedDocument. With it, a copy without encryption is sent, and the digest stays the file's."""
    file = shared_data / "badfiles" / "files" / "r2-user-password.pdf"
    with pytest.raises(errors.EncryptedDocument, match=r"r2-user-password\.pdf"):
        Document.of(file)
    with pytest.raises(errors.EncryptedDocument, match="password given"):
        Document.of(file, password="wrong")
    document = Document.of(file, password="asdfzxcv")
    assert document.pages == 1
    assert Document.of(document.data).notes == ()
    assert document.size == file.stat().st_size


@pytest.mark.parametrize(
    ("data", "name", "note"),
    [
        (image(), "a.jpg", "its name says image/jpeg"),
        (image("JPEG")[:-400], "a.jpg", "cut short"),
        (image("TIFF"), "a.tif", "sent as PNG"),
        (image(size=(40, 90)), "a.png", "hardly be read"),
        (b"junk\r\n" + pdf(), "a.pdf", "before the PDF header"),
        (pdf()[:-8], "a.pdf", "cut short"),
        (pdf().replace(b"startxref", b"startxxxx"), "a.pdf", "cross-reference table"),
        ("Müller".encode("latin-1"), "a.txt", "Windows-1252"),
        ("Grüße aus Köln".encode() + b"\xff", "a.txt", "U+FFFD"),
        (b"We\0ship\0it on Friday", "a.txt", "NUL"),
        (recording()[:-100], "a.wav", "cut short"),
        (b"WEBVTT\n\nno time\n\n00:01.000 --> 00:02.000\nHi", "a.vtt", "without a time line"),
        (b"WEBVTT\n\n00:03.000 --> 00:02.000\nHi", "a.vtt", "ends before it starts"),
    ],
    ids=named,
)
def test_what_is_odd_is_noted(data: bytes, name: str, note: str) -> None:
    """The document opens, and says what is odd about it."""
    assert any(note in text for text in Document.of(data, name=name).notes)


@pytest.mark.parametrize(
    ("data", "name", "texts"),
    [
        (b"Hello", "a.txt", ["Hello"]),
        ("Grüße".encode("utf-16"), "a.txt", ["Grüße"]),
        ("\ufeffGrüße".encode(), "a.txt", ["Grüße"]),
        (docx("<w:p><w:r><w:t>A</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc>"
              "<w:tc><w:p><w:r><w:t>C</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"), "a.docx", ["A\nB\tC"]),
    ],
    ids=named,
)  # fmt: skip
def test_text_is_sent_as_text(data: bytes, name: str, texts: list[str]) -> None:
    """Decoded, whatever its encoding or container."""
    document = Document.of(data, name=name)
    assert [part.text for part in document.parts()] == texts
    assert document.is_text
    assert document.content == texts[0]


def test_media_are_sent_as_bytes_of_a_type_gemini_takes() -> None:
    """A PNG goes as it is; every page of a TIFF is converted."""
    png = image()
    assert [(part.data, part.media_type) for part in Document.of(png).parts()] == [(png, "image/png")]
    buffer = io.BytesIO()
    frames = [Image.new("L", (300, 300), shade) for shade in (0, 128, 255)]
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    document = Document.of(buffer.getvalue())
    assert document.pages == 3
    assert [sniff(part.data or b"") for part in document.parts()] == ["image/png"] * 3
    with pytest.raises(errors.UnsupportedMedia):
        _ = document.content


def test_a_path_bytes_and_a_document_are_one(tmp_path: Path) -> None:
    """The digest is that of the content, wherever it came from."""
    file = tmp_path / "note.txt"
    file.write_text("Hello")
    documents = [Document.of(file), Document.of(str(file)), Document.of(b"Hello"), Document.of(file.as_uri())]
    assert len({document.digest for document in documents}) == 1
    assert Document.of(documents[0]) is documents[0]
    assert Document.of(documents[0], name="other").name == "other"
    assert pickle.loads(pickle.dumps(documents[0])) == documents[0]
    assert "Hello" not in repr(documents[0])


def test_text_is_never_taken_for_a_path(tmp_path: Path) -> None:
    """`of` takes places, `text` takes text."""
    assert Document.text("tests").content == "tests"
    with pytest.raises(errors.DocumentNotFound, match="no file"):
        Document.of(str(tmp_path / "missing.txt"))
    with pytest.raises(errors.DocumentNotFound, match="folder"):
        Document.of(tmp_path)


def test_a_bucket_stays_a_reference() -> None:
    """Vertex AI fetches it itself; nothing is downloaded here."""
    document = Document.of("gs://bucket/in/a.pdf")
    (part,) = document.parts()
    assert (part.uri, part.media_type, document.is_reference) == ("gs://bucket/in/a.pdf", "application/pdf", True)
    with pytest.raises(errors.UnsupportedMedia, match="media_type"):
        Document.of("gs://bucket/scan")
    assert Document.of("gs://bucket/scan", media_type="image/png").media_type == "image/png"


def test_other_stores_are_read() -> None:
    """Any scheme fsspec knows."""
    with fsspec.open("memory://inbox/a.txt", "wb") as file:
        file.write(b"Hello")
    assert Document.of("memory://inbox/a.txt").content == "Hello"
    with pytest.raises(errors.DocumentNotFound):
        Document.of("memory://inbox/missing.txt")
    with pytest.raises(errors.DocumentNotFound):
        Document.of("nonsense://a")


def test_http_is_asked_for() -> None:
    """No URL is fetched because somebody wrote it into a list."""
    with pytest.raises(errors.DocumentError, match="allow_http"):
        Document.of("https://example.com/a.pdf")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["a.pdf", "a.png", "a.txt", "a.docx", "a.vtt", "a.wav", "a"]),
    st.sampled_from(
        [pdf(), image(), image("JPEG"), docx(), recording(), b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi", b""]
    ),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=6)), max_size=4),
    st.integers(0, 5000),
)
def test_only_our_errors_escape_damaged_files(
    name: str, data: bytes, damage: list[tuple[int, bytes]], cut: int
) -> None:
    """Whatever is overwritten or cut off, a file opens or is refused with our errors."""
    spoilt = bytearray(data)
    for at, piece in damage:
        spoilt[at % (len(spoilt) + 1) : at % (len(spoilt) + 1) + len(piece)] = piece
    try:
        Document.of(bytes(spoilt[: len(spoilt) - cut % (len(spoilt) + 1)]), name=name).parts()
    except errors.DocumentError:
        return


@pytest.mark.shared
def test_collected_bad_files(shared_data: Path) -> None:
    """Those that must be refused are refused, those that must open open, over a collection of damaged files."""
    for line in (shared_data / "badfiles" / "truth.jsonl").read_text().splitlines():
        row = json.loads(line)
        try:
            Document.of(shared_data / "badfiles" / row["file"])
            opened = True
        except errors.DocumentError:
            opened = False
        if row["expect"] in ("open", "reject") and row["id"] != "r6-user-password.pdf":
            assert opened is (row["expect"] == "open"), row["id"]
