"""Draw the sample receipts of `examples/receipts`, the same every time.

Run `python examples/make_receipts.py` after changing `receipt_specs.py`; the files are committed. Fonts are
DejaVu where installed, else the one that Pillow carries.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

sys.path.insert(0, str(Path(__file__).parent))

from receipt_pdf import text_pdf
from receipt_specs import SPECS, Item, Shot, Spec

FOLDER = Path(__file__).parent / "receipts"
PAPER_WIDTH = 560
MARGIN = 34
SIZE = 23

LABELS: dict[str, dict[str, str]] = {
    "de": {
        "total": "Gesamt EUR",
        "sub": "Zwischensumme",
        "tip": "Trinkgeld",
        "tax": "enth.",
        "date": "Datum",
        "paid": "Bezahlt",
    },
    "de_ch": {
        "total": "Total CHF",
        "sub": "Zwischentotal",
        "round": "Rundung",
        "tax": "inkl.",
        "date": "Datum",
        "paid": "Bezahlt",
    },
    "en_us": {"total": "TOTAL", "sub": "Subtotal", "tip": "Tip", "tax": "", "date": "Date", "paid": "Paid"},
    "en_gb": {"total": "Total", "sub": "Subtotal", "tip": "Tip", "tax": "incl.", "date": "Date", "paid": "Paid by"},
    "en_my": {
        "total": "TOTAL RM",
        "sub": "Subtotal",
        "round": "Rounding Adj",
        "tax": "",
        "date": "Date",
        "paid": "Paid",
    },
    "en_jp": {"total": "TOTAL", "sub": "Subtotal", "tax": "incl.", "date": "Date", "paid": "Paid"},
    "fr": {"total": "TOTAL TTC", "sub": "Sous-total", "tax": "dont", "date": "Date", "paid": "Règlement"},
    "es": {"total": "TOTAL", "sub": "Subtotal", "tax": "incl.", "date": "Fecha", "paid": "Pago"},
    "nl": {"total": "Totaal", "sub": "Subtotaal", "tax": "", "date": "Datum", "paid": "Betaald met"},
    "sv": {"total": "Totalt SEK", "sub": "Delsumma", "tax": "varav", "date": "Datum", "paid": "Betalt"},
}
DATES = {
    "de": "%d.%m.%Y",
    "de_ch": "%d.%m.%Y",
    "en_us": "%m/%d/%Y",
    "en_gb": "%d/%m/%Y",
    "en_my": "%d/%m/%Y",
    "en_jp": "%Y-%m-%d",
    "fr": "%d/%m/%Y",
    "es": "%d/%m/%Y",
    "nl": "%d-%m-%Y",
    "sv": "%Y-%m-%d",
}
FONTS = {
    "mono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    "condensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    "plain": ("", ""),
}

Row = tuple[str, str, str, float, bool]  # kind, left text, right text, size factor, bold


def money(amount: Decimal, spec: Spec, *, sign: bool = False) -> str:
    """An amount as this receipt's country prints it."""
    places = 0 if spec.currency == "JPY" else 2
    text = f"{amount:,.{places}f}"
    if spec.locale in ("de", "fr", "es", "nl", "sv"):
        text = text.translate(str.maketrans({",": ".", ".": ","}))
    if not sign:
        return text
    before = {"USD": "$", "GBP": "£", "JPY": "¥"}.get(spec.currency, "")
    after = " €" if spec.currency == "EUR" and spec.locale in ("fr", "es", "nl") else ""
    return before + text + after


def item_rows(item: Item, spec: Spec) -> list[Row]:
    """One line, or two where several pieces are priced one by one."""
    amount = money(item.amount, spec)
    if item.quantity == "1":
        return [("pair", item.description, amount, 1, False)]
    point = spec.locale.startswith("en") or spec.locale == "de_ch"
    each, many = (text if point else text.replace(".", ",") for text in (item.price, item.quantity))
    return [("pair", item.description, "", 1, False), ("pair", f"   {many} x {each}", amount, 1, False)]


def rows(spec: Spec) -> list[Row]:
    """Everything printed, top to bottom."""
    words = LABELS[spec.locale]
    found: list[Row] = [("logo", spec.logo, "", 1, False)] if spec.logo != "none" else []
    found.append(("center", spec.merchant, "", 1.3, True))
    found += [("center", line, "", 0.95, False) for line in spec.address]
    found.append(("gap", "", "", 0.6, False))
    found.append(
        ("pair", f"{words['date']}: {spec.day.strftime(DATES[spec.locale])}", spec.clock.strftime("%H:%M"), 1, False)
    )
    found.append(("rule", "", "", 1, False))
    for item in spec.items:
        found += item_rows(item, spec)
    found.append(("rule", "", "", 1, False))
    if spec.subtotal:
        found.append(("pair", words["sub"], money(spec.lines_total, spec), 1, False))
    for rate, amount in spec.taxes():
        if rate.added:
            found.append(("pair", f"{rate.name} {rate.percent}%", money(amount, spec), 1, False))
    if spec.tip:
        found.append(("pair", spec.tip_label or words["tip"], money(Decimal(spec.tip), spec), 1, False))
    if spec.rounding is not None:
        found.append(("pair", words["round"], money(spec.rounding, spec), 1, False))
    found.append(("pair", words["total"], money(spec.total, spec, sign=True), 1.35, True))
    found.append(("rule", "", "", 1, False))
    for rate, amount in spec.taxes():
        if not rate.added:
            percent = rate.percent if "en" in spec.locale or spec.locale == "de_ch" else rate.percent.replace(".", ",")
            found.append(("pair", f"{words['tax']} {rate.name} {percent}%", money(amount, spec), 0.95, False))
    found.append(("pair", words["paid"], spec.payment, 1, False))
    found.append(("gap", "", "", 0.8, False))
    found += [("center", line, "", 0.95, False) for line in spec.notes]
    found.append(("barcode", spec.file, "", 1, False))
    return found


def font(spec: Spec, factor: float, bold: bool) -> Any:
    name = FONTS[spec.font][bold]
    size = round(SIZE * factor)
    if name:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            pass
    return ImageFont.load_default(round(size * 1.15))


def paper(spec: Spec) -> Image.Image:
    """The receipt as the till printed it: ink on paper, square and clean."""
    printed = rows(spec)
    heights = {"gap": 1.0, "rule": 0.8, "logo": 4.0, "barcode": 3.6}
    height = 2 * MARGIN + sum(round(SIZE * 1.42 * factor * heights.get(kind, 1.0)) for kind, _, _, factor, _ in printed)
    sheet = Image.new("L", (PAPER_WIDTH, height + MARGIN), 250)
    pen = ImageDraw.Draw(sheet)
    y = float(MARGIN)
    for kind, left, right, factor, bold in printed:
        step = round(SIZE * 1.42 * factor * heights.get(kind, 1.0))
        letters = font(spec, factor, bold)
        if kind == "center":
            width = pen.textlength(left, font=letters)
            while width > PAPER_WIDTH - 2 * MARGIN:
                factor *= 0.94
                letters = font(spec, factor, bold)
                width = pen.textlength(left, font=letters)
            pen.text(((PAPER_WIDTH - width) / 2, y), left, fill=28, font=letters)
        elif kind == "pair":
            pen.text((MARGIN, y), left, fill=30, font=letters)
            pen.text((PAPER_WIDTH - MARGIN - pen.textlength(right, font=letters), y), right, fill=30, font=letters)
        elif kind == "rule":
            for x in range(MARGIN, PAPER_WIDTH - MARGIN, 14):
                pen.line((x, y + step / 2, x + 8, y + step / 2), fill=70, width=2)
        elif kind == "logo":
            _logo(pen, left, PAPER_WIDTH / 2, y + step / 2 - 6)
        elif kind == "barcode":
            _barcode(pen, left, y + 14)
        y += step
    return sheet


def _logo(pen: ImageDraw.ImageDraw, kind: str, x: float, y: float) -> None:
    if kind == "ring":
        pen.ellipse((x - 46, y - 46, x + 46, y + 46), outline=40, width=7)
        pen.ellipse((x - 24, y - 24, x + 24, y + 24), outline=90, width=12)
    elif kind == "leaf":
        pen.chord((x - 58, y - 40, x + 30, y + 48), 200, 20, fill=60)
        pen.chord((x - 30, y - 48, x + 58, y + 40), 20, 200, fill=110)
    else:
        for n in range(5):
            pen.rectangle((x - 80 + 34 * n, y - 34 + 7 * abs(n - 2), x - 60 + 34 * n, y + 34), fill=40 + 18 * n)


def _barcode(pen: ImageDraw.ImageDraw, seed: str, y: float) -> None:
    bars = random.Random(seed)
    x = PAPER_WIDTH / 2 - 150
    while x < PAPER_WIDTH / 2 + 150:
        width = bars.choice((2, 2, 4, 6))
        pen.rectangle((x, y, x + width - 1, y + 52), fill=36)
        x += width + bars.choice((2, 3, 5))


def shoot(sheet: Image.Image, shot: Shot, seed: str) -> Image.Image:
    """The paper as a phone or scanner sees it: desk, tilt, turn, shadow, blur and noise."""
    chance = np.random.default_rng(sum(map(ord, seed)))
    ink = np.asarray(sheet, float)
    height, width = ink.shape
    # Thermal paper: warm white, ink that fades along stripes, a slow change of light.
    stripes = 1 - 0.10 * np.clip(np.sin(np.arange(width) / chance.uniform(9, 17)) - 0.6, 0, 1)
    ink = 252 - (252 - ink) * stripes
    light = np.linspace(1.0, chance.uniform(0.93, 0.98), height)[:, None]
    colour = np.stack([ink * light * tint for tint in (0.985, 0.975, 0.945)], axis=-1)
    paper_picture = Image.fromarray(colour.clip(0, 255).astype("uint8")).convert("RGBA")

    side = 0 if shot.desk is None else 70
    background = shot.desk or (244, 244, 242)
    canvas = Image.new("RGB", (width + 2 * side + 20, height + 2 * side + 20), background)
    if shot.desk is not None:
        grain = (
            chance.normal(0, 5, (canvas.height, canvas.width, 1))
            + 9 * np.sin(np.linspace(0, 40, canvas.width) + chance.uniform(0, 6))[None, :, None]
        )
        canvas = Image.fromarray((np.asarray(canvas, float) + grain).clip(0, 255).astype("uint8"))
    turned = _tilted(paper_picture, shot).rotate(shot.turn, Image.Resampling.BICUBIC, expand=True)
    turned.thumbnail((canvas.width, canvas.height))
    spot = ((canvas.width - turned.width) // 2, (canvas.height - turned.height) // 2)
    if shot.desk is not None:
        fall = turned.getchannel("A").filter(ImageFilter.GaussianBlur(9)).point(lambda alpha: alpha // 2)
        canvas.paste((20, 16, 12), (spot[0] + 8, spot[1] + 10), fall)
    canvas.paste(turned, spot, turned)

    picture = np.asarray(canvas.filter(ImageFilter.GaussianBlur(shot.blur)), float)
    down, across = np.mgrid[0 : canvas.height, 0 : canvas.width]
    edge = across / canvas.width * 0.7 + down / canvas.height * 0.6
    picture *= (1 - shot.shadow * np.clip((edge - 0.45) * 1.6, 0, 1))[..., None]
    picture += chance.normal(0, shot.noise, picture.shape[:2])[..., None] + chance.normal(
        0, shot.noise / 3, picture.shape
    )
    return Image.fromarray(picture.clip(0, 255).astype("uint8"))


def _tilted(picture: Image.Image, shot: Shot) -> Image.Image:
    """The far edge shorter than the near one."""
    if not shot.tilt:
        return picture
    width, height = picture.size
    inset = shot.tilt * width
    corners = ((inset, 0), (width - inset, 0), (width, height), (0, height))
    matrix, target = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        matrix += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        target += [u, v]
    factors = np.linalg.solve(np.array(matrix, float), np.array(target, float))
    return picture.transform(picture.size, Image.Transform.PERSPECTIVE, tuple(factors), Image.Resampling.BICUBIC)


def save(picture: Image.Image, path: Path) -> None:
    if path.suffix == ".png":
        picture.convert("L").quantize(24).save(path, optimize=True)
    elif path.suffix == ".pdf":
        stamp = time.gmtime(0)
        picture.convert("L").save(path, "PDF", resolution=150, quality=60, creationDate=stamp, modDate=stamp)
    else:
        picture.save(path, "JPEG", quality=66, optimize=True)


def truth(spec: Spec) -> dict[str, Any]:
    """What a perfect reader would say."""
    return {
        "merchant": spec.merchant,
        "address": ", ".join(spec.address),
        "date": spec.day.isoformat(),
        "time": spec.clock.strftime("%H:%M"),
        "currency": spec.currency,
        "line_items": [
            {
                "description": item.description,
                "quantity": item.quantity if item.quantity != "1" else None,
                "unit_price": item.price if item.quantity != "1" else None,
                "amount": money_text(item.amount, spec),
            }
            for item in spec.items
        ],
        "subtotal": money_text(spec.lines_total, spec) if spec.subtotal else None,
        "taxes": [
            {"name": rate.name, "rate": rate.percent, "amount": money_text(amount, spec)}
            for rate, amount in spec.taxes()
        ],
        "tip": spec.tip or None,
        "rounding": None if spec.rounding is None else money_text(spec.rounding, spec),
        "total": money_text(spec.total, spec),
        "payment_method": spec.payment,
        "category": spec.category,
    }


def money_text(amount: Decimal, spec: Spec) -> str:
    return f"{amount:.{0 if spec.currency == 'JPY' else 2}f}"


def unreadable() -> Image.Image:
    """A receipt that was photographed while the hand moved."""
    sheet = shoot(paper(SPECS[0]), Shot(turn=-6, shadow=0.5, noise=10), "unreadable")
    return sheet.filter(ImageFilter.GaussianBlur(17)).resize((sheet.width // 2, sheet.height // 2))


def main() -> None:
    """Write every sample and `truth.json`."""
    FOLDER.mkdir(exist_ok=True)
    known: dict[str, Any] = {}
    for spec in SPECS:
        path = FOLDER / spec.file
        if spec.kind == "text":
            path.write_bytes(
                text_pdf(spec.merchant, [row for row in rows(spec) if row[0] in ("center", "pair", "rule")])
            )
        else:
            save(shoot(paper(spec), spec.shot, spec.file), path)
        known[spec.file] = {"receipt": truth(spec), "status": "recorded", "because": None}
    shutil.copyfile(FOLDER / "02-market-seattle.jpg", FOLDER / "12-market-seattle-copy.jpg")
    buffet = next(spec for spec in SPECS if spec.file.startswith("05"))
    again = Shot(turn=-1.2, tilt=0.0, noise=7, blur=0.8, shadow=0.2, desk=(112, 106, 98))
    save(shoot(paper(buffet), again, "again"), FOLDER / "13-buffet-zuerich-again.jpg")
    save(unreadable(), FOLDER / "17-moved.jpg")
    for copy, original in (
        ("12-market-seattle-copy.jpg", "02-market-seattle.jpg"),
        ("13-buffet-zuerich-again.jpg", "05-buffet-zuerich.jpg"),
    ):
        # The same bytes are certain; a second photograph of the same paper is for a person to compare.
        status = "rejected" if copy.startswith("12") else "needs_review"
        known[copy] = {**known[original], "status": status, "because": "duplicate"}
    known["14-deli-boston.jpg"] |= {"status": "needs_review", "because": "does_not_add_up"}
    known["15-kiosk-hamburg.jpg"] |= {"status": "needs_review", "because": "policy_forbidden_item"}
    known["16-taxi-london.jpg"] |= {"status": "needs_review", "because": "suspected_injection"}
    known["17-moved.jpg"] = {"receipt": None, "status": "rejected", "because": "nothing_read"}
    text = json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=2)
    (FOLDER.parent / "truth.json").write_text(text + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(known)} samples, {size / 1e6:.2f} MB, in {FOLDER}")


if __name__ == "__main__":
    main()
