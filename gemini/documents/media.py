"""Telling what a file is from its content; its name is only what somebody claims."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import PurePosixPath

from prefect_gemini.gemini.documents.texts import looks_like_text, read_text

UNKNOWN = "application/octet-stream"

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\x01\0", "image/x-icon"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xfa", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"\0\0\x01\xba", "video/mpeg"),
    (0, b"\0\0\x01\xb3", "video/mpeg"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"%!PS", "application/postscript"),
)

RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFFICE = {
    "word/document.xml": DOCX,
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

CLAIMS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "mpo": "image/jpeg",
    "jfif": "image/jpeg",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "aif": "audio/aiff",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/webm",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "avi": "video/x-msvideo",
    "3gp": "video/3gpp",
    "txt": "text/plain",
    "text": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
    "htm": "text/html",
    "xml": "application/xml",
    "json": "application/json",
    "jsonl": "text/plain",
    "vtt": "text/vtt",
    "srt": "text/plain",
    "sbv": "text/plain",
    "docx": DOCX,
}

# What only the name can tell apart, because the content is text in every case.
NAMED_TEXT = frozenset({"text/markdown", "text/csv", "text/tab-separated-values"})


def claimed_type(name: str) -> str | None:
    """The media type the name claims; None where its suffix says nothing known."""
    return CLAIMS.get(PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix("."))


def sniff(data: bytes, name: str = "") -> str:
    """Tell the media type from content.

    Args:
        data: the whole file (containers are recognised by what is inside).
        name: used only among kinds of text that look alike (CSV, Markdown).
    """
    if data.startswith(b"PK") and data[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08"):
        return _zip_kind(data)
    if data.startswith(b"RIFF"):
        return RIFF.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        brands = [data[8:12], *(data[start : start + 4] for start in range(16, min(64, len(data)), 4))]
        if data[8:12].startswith(b"3gp"):
            return "video/3gpp"
        return next((BRANDS[brand] for brand in brands if brand in BRANDS), "video/mp4")
    if (
        data.startswith(b"BM")
        and len(data) > 30
        and data[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")
    ):
        return "image/bmp"
    # Acrobat and pdfium look for the header in the first kilobyte, so mail gateways and printers can put junk first.
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    for offset, mark, kind in MAGIC:
        if data.startswith(mark, offset):
            return kind
    if not looks_like_text(data):
        return UNKNOWN
    return _text_kind(read_text(data).text, name)


def _zip_kind(data: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return "application/zip"
    for member, kind in OFFICE.items():
        if member in names:
            return kind
    return "application/zip"


def _text_kind(text: str, name: str) -> str:
    head = text[:4096].lstrip("\ufeff \t\r\n").lower()
    if re.match(r"webvtt(\s|$)", head):
        return "text/vtt"
    bare = re.sub(r"<!--.*?-->", "", head, flags=re.DOTALL).lstrip()
    if re.match(r"<!doctype html|<html|<head|<body", bare):
        return "text/html"
    if re.match(r"(<\?xml[^>]*>\s*)?(<!doctype svg[^>]*>\s*)?<(\w+:)?svg[\s>]", bare):
        return "image/svg+xml"
    if bare.startswith(("<?xml", "<!doctype", "<!entity")):
        return "text/html" if re.search(r"<html[\s>]", bare) else "application/xml"
    claim = claimed_type(name)
    if claim in NAMED_TEXT:
        return claim
    if claim == "application/xml" and bare.startswith("<"):
        return "application/xml"
    if head[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return "text/plain"
        return "application/json"
    return "text/plain"
