"""Write a one-page PDF with a text layer, byte for byte the same every time."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 298, 420  # A6, in points
ADVANCE = 0.6  # Courier: every letter is 600 of 1000 wide


def text_pdf(title: str, rows: Sequence[tuple[str, str, str, float, bool]]) -> bytes:
    """A page of rows (kind, left, right, size factor, bold), as a till program prints to PDF."""
    content = "\n".join(_drawn(rows)).encode("cp1252")
    fonts = "".join(
        f"/F{number} << /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >> "
        for number, name in ((1, "Courier"), (2, "Courier-Bold"))
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R "
        f"/Resources << /Font << {fonts}>> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Title (%s) >>" % _escaped(title).encode("cp1252"),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _drawn(rows: Sequence[tuple[str, str, str, float, bool]]) -> list[str]:
    margin, y, found = 22.0, HEIGHT - 36.0, []
    for kind, left, right, factor, bold in rows:
        size = 9.5 * factor
        if kind == "rule":
            found.append(f"0.6 w [3 2] 0 d {margin} {y + 3:.1f} m {WIDTH - margin} {y + 3:.1f} l S")
        elif kind == "center":
            size = min(size, (WIDTH - 2 * margin) / (ADVANCE * len(left)))
            found.append(_text(left, (WIDTH - len(left) * ADVANCE * size) / 2, y, size, bold))
        else:
            found.append(_text(left, margin, y, size, bold))
            if right:
                found.append(_text(right, WIDTH - margin - len(right) * ADVANCE * size, y, size, bold))
        y -= 9.5 * 1.5 * factor
    return found


def _text(text: str, x: float, y: float, size: float, bold: bool) -> str:
    return f"BT /F{2 if bold else 1} {size:.2f} Tf {x:.2f} {y:.2f} Td ({_escaped(text)}) Tj ET"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
