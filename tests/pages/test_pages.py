"""Pages: words with their places, from text layers and from pixels, and typed refusals."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from prefect_gemini.pages import PageError, read_pages
from prefect_gemini.pages.render import render_page


@pytest.fixture(scope="module")
def invoice(examples: Path) -> bytes:
    """A PDF with a text layer."""
    return (examples / "receipts" / "09-kantoor-utrecht.pdf").read_bytes()


def drawn(*lines: str, turn: int | None = None) -> bytes:
    """A picture of a few words; `turn` writes an EXIF orientation."""
    picture = Image.new("RGB", (520, 60 * len(lines) + 40), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=32)
    for number, line in enumerate(lines):
        pen.text((20, 20 + 60 * number), line, fill="black", font=font)
    exif = Image.Exif()
    if turn is not None:
        picture = picture.rotate(90, expand=True)
        exif[0x0112] = turn
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def test_a_text_layer_gives_words_with_offsets_and_boxes(invoice):
    """Each word stands in the page's text where it says, inside the page."""
    (page,) = read_pages(invoice, "application/pdf")
    assert page.source == "text"
    assert "Kantoorhuis De Singel B.V." in page.text
    for word in page.words:
        assert page.text[word.start : word.end] == word.text
        assert 0 <= word.box.left < word.box.right <= page.width
        assert 0 <= word.box.top < word.box.bottom <= page.height


def test_a_picture_is_read_line_by_line():
    """OCR gives the words in reading order, each with its box."""
    (page,) = read_pages(drawn("Corner Shop", "TOTAL 12.50"), "image/jpeg")
    assert page.source == "ocr"
    assert page.text.splitlines() == ["Corner Shop", "TOTAL 12.50"]
    total = page.text.index("12.50")
    box = page.box_between(total, total + 5)
    assert box is not None
    assert box.top > page.words[0].box.bottom


def test_a_picture_is_turned_as_its_camera_says():
    """A picture stored sideways with an EXIF orientation is read upright."""
    (page,) = read_pages(drawn("Corner Shop", "TOTAL 12.50", turn=6), "image/jpeg")
    assert page.text.splitlines() == ["Corner Shop", "TOTAL 12.50"]
    assert page.width > page.height


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(b"", "image/png"), (b"not a picture", "image/png"), (b"%PDF-1.7 nothing", "application/pdf")],
)
def test_what_is_no_page_is_refused(data, media_type):
    """Damage is one error of ours, whatever the library below raises."""
    with pytest.raises(PageError):
        read_pages(data, media_type)


def test_the_same_bytes_are_read_once(invoice):
    """Reader and evidence check read the same document; the second asks the memory."""
    assert read_pages(invoice, "application/pdf")[0] is read_pages(invoice, "application/pdf")[0]


def test_a_page_is_drawn_at_the_width_asked_for(invoice):
    """Reports show pages; the picture is as wide as it was asked to be."""
    with Image.open(io.BytesIO(render_page(invoice, "application/pdf", 1, width=300))) as picture:
        assert picture.width == 300
