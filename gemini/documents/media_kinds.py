"""The kinds of media: sent as text, sent as they are, converted, or not read at all."""

from __future__ import annotations

from prefect_gemini.gemini.documents.media import DOCX

TEXTS = frozenset(
    {
        "text/plain",
        "text/markdown",
        "text/csv",
        "text/tab-separated-values",
        "text/html",
        "text/vtt",
        "application/json",
        "application/xml",
        DOCX,
    }
)

RECORDINGS = frozenset(
    {
        "audio/wav", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/aac", "audio/aiff",
        "video/mp4", "video/quicktime", "video/webm", "video/mpeg", "video/x-msvideo", "video/x-flv", "video/3gpp",
    }
)  # fmt: skip

SENT_AS_IS = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
"""The image types Gemini takes (Vertex AI, image understanding); others are sent as PNG."""

IMAGES = SENT_AS_IS | {"image/gif", "image/tiff", "image/bmp", "image/avif"}

BY_REFERENCE = (SENT_AS_IS | RECORDINGS | TEXTS | {"application/pdf"}) - {DOCX}
"""What Gemini reads from a bucket by itself."""

UNREADABLE = {
    "application/zip": "Unpack it and give the files in it.",
    "application/gzip": "Unpack it and give the files in it.",
    "application/rtf": "Save it as a PDF, Word file or plain text.",
    "image/svg+xml": "Export it as PNG or PDF.",
}
"""What to do about types that cannot be read."""
