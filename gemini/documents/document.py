"""A document: one type for everything that can be read, checked before anybody pays for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import fsspec

from prefect_gemini.gemini.documents.captions import transcript_of
from prefect_gemini.gemini.documents.containers import check_mp3, check_wav, check_xml, docx_text, refuse_ole
from prefect_gemini.gemini.documents.fetch import fetch
from prefect_gemini.gemini.documents.image_check import as_png, check_image
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.documents.locations import local_file, object_name, scheme_of
from prefect_gemini.gemini.documents.media import DOCX, UNKNOWN, claimed_type, sniff
from prefect_gemini.gemini.documents.media_kinds import BY_REFERENCE, IMAGES, RECORDINGS, SENT_AS_IS, TEXTS, UNREADABLE
from prefect_gemini.gemini.documents.pdf_check import check_pdf
from prefect_gemini.gemini.documents.texts import read_text
from prefect_gemini.gemini.errors import (
    CorruptDocument,
    DocumentError,
    DocumentNotFound,
    DocumentTooLarge,
    EmptyDocument,
    UnsupportedMedia,
)
from prefect_gemini.gemini.request import Part

__all__ = ["Document", "documents_in"]

# Vertex AI, Gemini 3 Flash, limits of a request: an image inline, a document, text.
MAX_IMAGE_BYTES = 7_000_000
MAX_PDF_BYTES = 50_000_000
MAX_TEXT_BYTES = 7_000_000
MAX_MEDIA_BYTES = 100_000_000
"""Sound and film; longer ones go by reference (`gs://`)."""


@dataclass(frozen=True)
class Document:
    """Something to read. Make one with `Document.of` or `Document.text`.

    Args:
        name: what to call it in messages and reports: a file name, or the end of a URL.
        media_type: what its content is, whatever its name says.
        digest: SHA-256 of the file as found, hex; for a reference, of its URI.
        size: bytes of the file as found; 0 for a reference.
        pages: pages of a PDF or image; None where there are none to count.
        uri: where it came from; a `gs://` reference is sent as such.
        notes: what is odd about it: a wrong suffix, damage that was mended, an encoding that was guessed.
    """

    name: str
    media_type: str
    digest: str
    size: int
    pages: int | None = None
    uri: str | None = None
    notes: tuple[str, ...] = ()
    _data: bytes | None = field(default=None, repr=False, compare=False)
    _text: str | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        source: str | Path | bytes | Document,
        *,
        media_type: str | None = None,
        name: str | None = None,
        allow_http: bool = False,
        password: str | None = None,
    ) -> Document:
        """Open a document and check it.

        Args:
            source: a path, bytes, a Document, or a URL: `gs://` stays a reference, http(s) is fetched if
                allowed, any other scheme fsspec knows is read. A str is never taken for text.
            media_type: for a reference, whose content is not looked at; elsewhere content decides.
            name: instead of the file's own.
            allow_http: fetch http(s) URLs, from public addresses only.
            password: opens an encrypted PDF.

        Raises:
            DocumentError: one of its kinds, each with what to do about it; nothing has been sent.
        """
        if isinstance(source, Document):
            return replace(source, name=name) if name else source
        if isinstance(source, bytes | bytearray | memoryview):
            return _checked(bytes(source), name or "document", None, password)
        text = str(source)
        scheme = scheme_of(text) if isinstance(source, str) else None
        if scheme == "gs":
            return _reference(object_name(text), media_type, name)
        called = name or (unquote(PurePosixPath(urlsplit(text).path).name) or text if scheme else Path(text).name)
        try:
            data = _read(source, scheme, allow_http)
            return _checked(data, called, text, password)
        except DocumentError as error:
            # The item's name belongs in the message: it is read in lists of many.
            error.message = f"{called}: {error.message}"
            error.args = (error.message,)
            raise

    @classmethod
    def text(cls, text: str, *, name: str = "text") -> Document:
        """Make a document of text that is already at hand.

        Raises:
            EmptyDocument: nothing but white space.
            DocumentTooLarge: over `MAX_TEXT_BYTES`.
        """
        return _checked(text.encode("utf-8", "replace"), name, None, None, kind="text/plain")

    @property
    def data(self) -> bytes:
        """The bytes as they are sent: the file's own, or a mended or unlocked copy (see `notes`).

        Of a `gs://` reference they are fetched now, through fsspec.
        """
        if self._data is not None:
            return self._data
        return _read_fsspec(str(self.uri), MAX_PDF_BYTES)

    @property
    def is_reference(self) -> bool:
        """Whether only its address is known here; the service that is sent it does the reading."""
        return self._data is None and self._text is None

    @property
    def is_text(self) -> bool:
        """Whether it is sent as text: `content` is then what the model sees."""
        return self._text is not None

    @property
    def content(self) -> str:
        """The text of a text document, decoded; of a Word file, its paragraphs.

        Raises:
            UnsupportedMedia: it is not text but an image, a PDF, a recording, or a reference.
        """
        if self._text is None:
            raise UnsupportedMedia(f"{self.name}: {self.media_type} has no text of its own.", hint="Read its pages.")
        return self._text

    def parts(self) -> tuple[Part, ...]:
        """What is sent to Gemini of it: text, bytes of a type Gemini takes, or the reference."""
        if self._text is not None:
            return (Part.of_text(self._text),)
        if self._data is None:
            return (Part.of_uri(str(self.uri), self.media_type),)
        if self.media_type in IMAGES and self.media_type not in SENT_AS_IS:
            return tuple(Part.of_bytes(page, "image/png") for page in as_png(self._data))
        return (Part.of_bytes(self._data, self.media_type),)

    def __str__(self) -> str:
        pages = f", {self.pages} pages" if self.pages and self.pages > 1 else ""
        return f"{self.name} ({self.media_type}, {self.size:,} bytes{pages})"


def _reference(uri: str, media_type: str | None, name: str | None) -> Document:
    called = name or PurePosixPath(uri).name
    kind = media_type or claimed_type(uri)
    if kind is None:
        raise UnsupportedMedia(f"{called}: its name does not say what it is.", hint="Give its `media_type`.")
    if kind not in BY_REFERENCE:
        raise UnsupportedMedia(f"{called}: Gemini does not read {kind} by reference.", hint="Download and convert it.")
    return Document(called, kind, sha256(uri.encode()).hexdigest(), 0, None, uri)


def _read(source: str | Path, scheme: str | None, allow_http: bool) -> bytes:
    if scheme is None:
        path = local_file(source)
        try:
            size = path.stat().st_size
            if size > MAX_MEDIA_BYTES:
                raise DocumentTooLarge(f"{size:,} bytes; the limit is {MAX_MEDIA_BYTES:,}.")
            return path.read_bytes()
        except OSError as error:
            raise DocumentNotFound(f"it cannot be read: {error.strerror}.", hint="Check its permissions.") from None
    if scheme in ("http", "https"):
        if not allow_http:
            raise UnsupportedMedia(
                "http(s) URLs are fetched only when asked to.", hint="Pass `allow_http=True`, or download it."
            )
        return fetch(str(source), max_bytes=MAX_PDF_BYTES)
    return _read_fsspec(str(source), MAX_MEDIA_BYTES)


def _read_fsspec(uri: str, limit: int) -> bytes:
    if scheme_of(uri) == "file":
        return local_file(unquote(urlsplit(uri).path)).read_bytes()
    try:
        with fsspec.open(uri, "rb") as stream:
            data = bytes(stream.read(limit + 1))
    except ImportError as error:
        raise DocumentNotFound(f"{uri!r} needs a package that is not installed: {error}.", hint="Install it.") from None
    except ValueError as error:
        raise DocumentNotFound(f"{uri!r} cannot be opened: {str(error)[:200]}.") from None
    except OSError as error:
        raise DocumentNotFound(f"{uri!r} cannot be read: {str(error)[:200]}.") from None
    if len(data) > limit:
        raise DocumentTooLarge(f"larger than {limit:,} bytes.")
    return data


def _checked(data: bytes, name: str, uri: str | None, password: str | None, *, kind: str | None = None) -> Document:
    if not data:
        raise EmptyDocument("the file is empty (0 bytes).")
    kind = kind or sniff(data, name)
    digest, size = sha256(data).hexdigest(), len(data)
    if kind == "application/x-ole-storage":
        refuse_ole(data)
    notes = _misnamed(kind, claimed_type(name), data)
    text: str | None = None
    pages: int | None = None
    if kind in TEXTS:
        text, odd = _text(data, kind, name)
        notes += odd
    elif kind == "application/pdf":
        _limit(size, MAX_PDF_BYTES)
        data, pages, odd = check_pdf(data, password=password)
        notes += odd
    elif kind in IMAGES:
        _limit(size, MAX_MEDIA_BYTES if kind not in SENT_AS_IS else MAX_IMAGE_BYTES)
        data, pages, odd = check_image(data, kind)
        notes += odd
    elif kind in RECORDINGS:
        _limit(size, MAX_MEDIA_BYTES)
        notes += check_wav(data) if kind == "audio/wav" else ()
        if kind == "audio/mpeg":
            check_mp3(data)
    else:
        raise UnsupportedMedia(f"Gemini does not read {kind}.", hint=UNREADABLE.get(kind))
    return Document(name, kind, digest, size, pages, uri, notes, data, text)


def _misnamed(kind: str, claim: str | None, data: bytes) -> tuple[str, ...]:
    """A note where the name claims another type; an error where content cannot be what it was meant to be."""
    if claim is None or claim == kind:
        return ()
    if kind == UNKNOWN:
        raise CorruptDocument(f"named as {claim}, and its content is nothing known (begins {data[:8].hex(' ')}).")
    if claim in TEXTS and kind in TEXTS:
        return ()
    if kind in TEXTS and kind != DOCX:
        what = "an HTML page, perhaps an error message" if kind == "text/html" else "text"
        raise UnsupportedMedia(f"named as {claim}, and it holds {what}.", hint="Fetch it again, or correct its name.")
    return (f"its name says {claim}, it is {kind}",)


def _text(data: bytes, kind: str, name: str) -> tuple[str, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    if kind == DOCX:
        text = docx_text(data)
    else:
        _limit(len(data), MAX_TEXT_BYTES)
        text, _, notes = read_text(data)
    if not re.search(r"\S", text):
        raise EmptyDocument("nothing but white space.")
    if kind == "application/xml" or (kind == "text/html" and "<!ENTITY" in text):
        check_xml(text)
    suffix = "vtt" if kind == "text/vtt" else PurePosixPath(name).suffix.lower().removeprefix(".")
    if suffix in ("vtt", "srt") and kind in ("text/vtt", "text/plain"):
        notes += transcript_of(text, f"transcript.{suffix}").notes
    _limit(len(text.encode("utf-8", "replace")), MAX_TEXT_BYTES)
    return text, notes


def _limit(size: int, limit: int) -> None:
    if size > limit:
        raise DocumentTooLarge(f"{size:,} bytes; the limit for its type is {limit:,}.")
