"""Make the sample agreements of `contracts/` from the texts in `contract_texts/`.

    python examples/make_contracts.py

Nobody in them exists. PDFs have a text layer, except the scan; the same text gives the same pages.
"""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pypdfium2
from docx import Document as WordDocument
from docx.shared import Pt
from PIL import Image, ImageFilter
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate

HERE = Path(__file__).resolve().parent
TEXTS, OUT = HERE / "contract_texts", HERE / "contracts"
DPI = 150


def main() -> None:
    OUT.mkdir(exist_ok=True)
    for name in ("01-hosting-clean", "03-hosting-redraft"):
        (OUT / f"{name}.pdf").write_bytes(pdf(paragraphs(name)))
    (OUT / "02-hosting-risky.docx").write_bytes(docx(paragraphs("02-hosting-risky")))
    (OUT / "04-nda.txt").write_text((TEXTS / "04-nda.txt").read_text(encoding="utf-8"), encoding="utf-8")
    (OUT / "05-supply-scan.pdf").write_bytes(scanned(pdf(paragraphs("05-supply-scan"))))


def paragraphs(name: str) -> list[str]:
    """The paragraphs of a text; the first is its title."""
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")


def pdf(text: list[str]) -> bytes:
    """Paragraphs set as a PDF with a text layer."""
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=15, spaceAfter=8)
    title = ParagraphStyle(
        "title", body, fontName="Times-Bold", fontSize=15, leading=20, alignment=TA_CENTER, spaceAfter=16
    )
    head = ParagraphStyle("head", body, fontName="Times-Bold", spaceBefore=8, keepWithNext=True)
    story = [
        Paragraph(_markup(one), title if not number else head if one.isupper() else body)
        for number, one in enumerate(text)
    ]
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, title=text[0], invariant=1, leftMargin=72, rightMargin=72, topMargin=72, bottomMargin=72
    ).build(story)
    return out.getvalue()


def docx(text: list[str]) -> bytes:
    """Paragraphs as a Word file."""
    document = WordDocument()
    document.styles["Normal"].font.size = Pt(11)
    document.add_heading(text[0], level=0)
    for one in text[1:]:
        document.add_heading(one, level=2) if one.isupper() else document.add_paragraph(one)
    made = io.BytesIO()
    document.save(made)
    # The same bytes every time: the entries of the archive carry no time of day.
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(
                zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0)),
                source.read(entry.filename),
                compress_type=zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def scanned(data: bytes) -> bytes:
    """A PDF as if it had been printed and scanned: grey, a little askew and soft, without a text layer."""
    chance = random.Random(5)
    pages = []
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            image = page.render(scale=DPI / 72).to_pil().convert("L")
            image = image.rotate(chance.uniform(-0.5, 0.5), fillcolor=255, resample=Image.Resampling.BICUBIC)
            pages.append(image.filter(ImageFilter.GaussianBlur(0.4)))
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, quality=60)
    return out.getvalue()


def _markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    main()
