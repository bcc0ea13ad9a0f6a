"""Pages as pictures inside a report: small JPEGs as data URIs, nothing that a browser has to fetch."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentError
from prefect_gemini.pages import PageError
from prefect_gemini.pages.render import render_page

WIDTH = 760
"""Pixels: small print stays legible at the size the report shows, at about 80 kB a page."""

MOST_PAGES = 8
"""Pages drawn of one document unless more are asked for; a receipt has one or two."""


@dataclass(frozen=True)
class Picture:
    """One drawn page: its number from 1 and its `data:` URI."""

    page: int
    uri: str


def pictures_of(
    document: Document, *, pages: Sequence[int], turns: Sequence[int] = (), most: int = MOST_PAGES
) -> tuple[Picture, ...]:
    """Draw pages of a document; none where it has none or cannot be opened any more.

    Args:
        document: an image or PDF.
        pages: their numbers, counted from 1.
        turns: quarter turns clockwise that put each page upright, as it was read.
        most: pages drawn.
    """
    drawn = []
    try:
        if document.is_text:
            return ()
        for page in sorted(set(pages))[:most]:
            upright = turns[page - 1] if page <= len(turns) else 0
            picture = render_page(document.data, document.media_type, page, width=WIDTH, turns=upright)
            drawn.append(Picture(page, "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")))
    except (DocumentError, PageError):
        # The report is written after the run: a file moved since then has no picture, its values stay.
        return tuple(drawn)
    return tuple(drawn)
