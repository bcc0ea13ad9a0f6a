"""Who sells and who buys: names by their labels, by legal forms, by the block of an address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prefect_gemini.local.reader.invoices.labels import Spot, grid, spots
from prefect_gemini.local.reader.invoices.words import DUE_DATE, INVOICE_NUMBER, ISSUE_DATE
from prefect_gemini.local.reader.resolve import Found, Reading, Schema, Span, resolves
from prefect_gemini.local.reader.tables.cells import Cell, letter_height, plain

_FORM = re.compile(
    r"(?<![\w.])(?:GmbH(?:\s*&\s*Co\.?\s*(?:KG|OHG)(?:aA)?)?|gGmbH|AG(?:\s*&\s*Co\.?\s*KG)?|KG|OHG|"
    r"UG(?:\s*\(haftungsbeschränkt\))?|"
    r"e\.\s?K\.|e\.\s?V\.|eG|GbR|a\.\s?G\.|SE|SARL|S\.A\.R\.L\.?|SASU?|S\.A\.S\.?|EURL|SNC|S\.A\.|SA|B\.\s?V\.|BV|"
    r"N\.V\.|NV|VOF|"
    r"Ltd\.?|Limited|LLC|L\.L\.C\.|Inc\.?|Corp\.?|Corporation|PLC|LLP|Pty\.?\s?Ltd\.?|Pvt\.?\s?Ltd\.?|Private Limited|"
    r"Sdn\.?\s?Bhd\.?|S\.?L\.?U?\.?|S\.?r\.?l\.?|S\.?p\.?A\.?|A/S|ApS|AB|Oy|AS|GesmbH|Co\.)(?![\w])"
)
_SELLER = (
    re.compile(
        r"(?:the )?(?:seller|vendor|supplier|issuer|from|verkaufer|lieferant|leistungserbringer|rechnungssteller|"
        r"rechnungsaussteller|absender|fournisseur|vendeur|emetteur|prestataire|leverancier|verkoper|vendedor|"
        r"proveedor|"
        r"emisor|fornitore|cedente|venditore|sold by|issued by|bill from|invoice from|payee)"
        r"(?: (?:details|information|name|daten))?"
    ),
    0.95,
)
_BUYER = (
    re.compile(
        r"(?:bill(?:ed|ing)? (?:to|address)|invoice(?:d)? (?:to|address)|sold to|buyer|customer|client|recipient|"
        r"purchaser|"
        r"guest name|customer name|client name|bill to party|"
        r"kaufer(?: leistungsempfanger)?|kunde|auftraggeber|leistungsempfanger|rechnungsempfanger|rechnungsadresse|"
        r"rechnungsanschrift|rechnung an|empfanger|adresse de facturation|facture a|facturee? a|acheteur|destinataire|"
        r"cliente|committente|client\(e\)|klant|factuuradres|factuur aan|afnemer|koper|comprador|facturar a|destinatario|acquirente|cessionario|"
        r"attn|to)"
        r"(?: (?:details|information|name|daten))?"
    ),
    0.95,
)
_NAME = (re.compile(r"name|firma|company|company name|nom|naam|nombre|nome|raison sociale|bedrijf"), 0.95)
_KEYED = re.compile(r"^[^\W\d][\w .,/()#°-]{1,28}\s?:(?!\w)")
_POSTCODE = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}-?\s?)?(?:\d{5}(?:-\d{4})?|\d{4}\s?[A-Z]{2}|\d{4})(?=\s*[A-ZÄÖÜÉ][\w.'-]+)|"
    r"\b[A-Z]{2}\s+\d{5}\b|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"
)
_NOT_NAME = re.compile(
    r"^(?:nummer|number|no|nr|globale nummer|anschrift|adresse|address|tel|telefon|phone|fax|email|e mail|vat|ust|"
    r"tva|btw|"
    r"iban|bic|seite|page|datum|date|invoice|rechnung|facture|factuur|kundennr|ref|www|http|steuernummer|"
    r"ansprechpartner|"
    r"contact|attn|bank|konto|total|amount|summe|original|copy|kopie|duplicate|tax invoice|gln|kvk|siret|"
    r"description)\b"
)

_CUT = re.compile(r"\s[-–—•●·|]\s|,\s(?!(?:Inc|LLC|Ltd|S\.|Corp|GmbH))|\s{2,}")
_LABELS = (
    *(pattern for pattern, _ in (_SELLER, _BUYER, _NAME, *INVOICE_NUMBER, *ISSUE_DATE, *DUE_DATE)),
    re.compile(r"(?:ship|deliver|shipped|delivered|liefer\w*|livraison|adresse de livraison|leverings?\w*)(?: \w+)?"),
)


@dataclass(frozen=True)
class _Name:
    text: str
    span: Span
    score: float


@resolves("seller_name", kind="invoice")
def seller_name(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The seller: what stands under that label, else the company most at home on the page."""
    buyer = _under(reading, _BUYER)
    named = _under(reading, _SELLER) or _company(reading, plain(buyer.text) if buyer else "")
    return Found(named.text, (named.span,), named.score) if named else None


@resolves("buyer_name", kind="invoice")
def buyer_name(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The buyer: what stands under that label, else the first line of an address that is not the seller's."""
    named = _under(reading, _BUYER)
    if named is None:
        seller = seller_name(reading, "seller_name", {})
        named = _addressee(reading, plain(str(seller.value)) if seller else "")
    return Found(named.text, (named.span,), named.score) if named else None


def _under(reading: Reading, label: tuple[re.Pattern[str], float]) -> _Name | None:
    """The name in the section a label opens: behind the label, in its row `Name:`, or on the next line."""
    for spot in spots(reading, (label,), head=True):
        page = reading.pages[spot.page]
        row = page.text[page.text.rfind("\n", 0, spot.label[1]) + 1 : spot.label[1]]
        if row.strip():
            continue
        section = next(_sections(reading, spot), None)
        if section is not None:
            return section
        first = next(_column(reading, spot), None)
        if first is not None:
            return first
    return None


def _column(reading: Reading, spot: Spot) -> Iterator[_Name]:
    """The names behind a label and in the lines flush under what it points at; rows `Key: value` are passed over."""
    page = reading.pages[spot.page]
    lines = grid(reading)[spot.page]
    label = page.box_between(spot.label[1], spot.label[2])
    at = next(
        (n for n, line in enumerate(lines) if any(cell.start <= spot.label[1] < cell.end for cell in line)), len(lines)
    )
    if label is None:
        return
    height = letter_height(page)
    value = page.box_between(spot.start, spot.end) if spot.text else None
    edges = [label.left] + ([value.left] if value is not None and value.top < label.bottom else [])
    texts = [(spot.start, spot.text)] if len(edges) == 2 else []
    for left in edges:
        for line in lines[at + 1 : at + 4]:
            texts += [(cell.start, cell.text) for cell in line if abs(cell.box.left - left) < height]
    for begin, text in texts:
        name = _clean(text)
        if name is not None:
            start = begin + text.index(name)
            yield _Name(name, (spot.page, start, start + len(name)), 0.85)


def _sections(reading: Reading, spot: Spot) -> Iterator[_Name]:
    """The values of `Name:` rows within a dozen lines under a label, before the next section of the kind."""
    other = spots(reading, (_SELLER, _BUYER), head=True)
    stop = min(
        (found.order for found in other if found.page == spot.page and found.label[1] > spot.label[1]),
        default=10**9,
    )
    for named in spots(reading, (_NAME,), head=True):
        if named.page != spot.page or not spot.label[1] < named.label[1]:
            continue
        if named.order // 1000 - spot.order // 1000 > 12 or named.order > stop:
            continue
        text, span = named.text, (named.page, named.start, named.end)
        yield _whole(reading, named) or _Name(text, span, 0.95)
        return


def _whole(reading: Reading, spot: Spot) -> _Name | None:
    """A name set in two lines round its label: the line over the value belongs to it."""
    page = reading.pages[spot.page]
    lines = grid(reading)[spot.page]
    at = next((n for n, line in enumerate(lines) if any(cell.start == spot.start for cell in line)), 0)
    if at == 0 or len(lines[at - 1]) != 1:
        return None
    cell, above = next(cell for cell in lines[at] if cell.start == spot.start), lines[at - 1][0]
    if abs(above.box.left - cell.box.left) > 1.0 or cell.box.top - above.box.bottom > 0.4 * letter_height(page):
        return None
    text = f"{above.text}\n{cell.text}"
    return _Name(text, (spot.page, above.start, cell.end), 0.8)


def _clean(text: str) -> str | None:
    """A name without what follows it in a sender's line; None where it is a street, a label, or a row of its own."""
    text = re.sub(r"^(?:attn|att|z\. ?hd\.?|to|an)\s?[.:]\s*", "", text.strip(), flags=re.IGNORECASE)
    if text.endswith(":"):
        return None
    name = _CUT.split(text, maxsplit=1)[0].strip(" ;")
    words = plain(name)
    if len(name) < 2 or not re.search(r"[^\W\d_]{2}", name) or _KEYED.match(name) or re.search(r"@|www\.|\d{4}", name):
        return None
    if _NOT_NAME.match(words) or re.match(r"\d+[a-z]?\s", words) or _POSTCODE.match(name):
        return None
    return None if any(label.fullmatch(words) for label in _LABELS) else name


def _company(reading: Reading, buyer: str) -> _Name | None:
    """The company printed most often, in head or foot before the middle of the page, and not where the buyer stands."""
    buyers = {plain(block[0].text) for block in _addresses(reading) if len(block) > 1 and block[0].box.top > 60} | {
        buyer
    }
    votes: dict[str, tuple[float, _Name]] = {}
    page = reading.pages[0]
    for line in grid(reading)[0]:
        for cell in line:
            form = _FORM.search(cell.text)
            if form is None:
                continue
            edge = min(cell.box.top, page.height - cell.box.bottom) / page.height
            cuts = [cut.end() for cut in _CUT.finditer(cell.text[: form.start()]) if cut.end() < form.start()]
            begin = max([*cuts, *(cut.end() for cut in re.finditer(r":\s", cell.text[: form.start()]))], default=0)
            text = cell.text[begin : form.end()].strip()
            key = plain(text)
            if len(text) - len(form[0]) < 2 or len(text.split()) > 7 or _NOT_NAME.match(key):
                continue
            start = cell.start + cell.text.index(text, begin)
            score = 1.0 + (0.5 if edge < 0.25 else 0.0) - (1.2 if key in buyers else 0.0)
            before = votes.get(key)
            name = before[1] if before else _Name(text, (0, start, start + len(text)), 0.75)
            votes[key] = (score + (before[0] if before else 0.0), name)
    if votes:
        best = max(votes.values(), key=lambda vote: vote[0])
        if best[0] > 0.5:
            return best[1]
    return _headline(reading)


def _headline(reading: Reading) -> _Name | None:
    """The first line of the seller's own address: the topmost block with a postcode that opens the page."""
    page = reading.pages[0]
    for block in _addresses(reading):
        name = _clean(block[0].text)
        if name is not None and block[0].box.top < 0.15 * page.height:
            start = block[0].start + block[0].text.index(name)
            return _Name(name, (0, start, start + len(name)), 0.65)
    return None


def _addressee(reading: Reading, seller: str) -> _Name | None:
    """The first line of the first address that is not the seller's."""
    for block in _addresses(reading):
        name = _clean(block[0].text)
        if name is None or len(block) < 3:
            continue
        if seller and any(plain(cell.text).startswith(seller) or seller in plain(cell.text) for cell in block[:2]):
            continue
        start = block[0].start + block[0].text.index(name)
        return _Name(name, (0, start, start + len(name)), 0.65)
    return None


def _addresses(reading: Reading) -> list[list[Cell]]:
    """Blocks of flush lines in the upper half of the first page that hold a postcode, top to bottom.

    A sender's line (name, street and town in one) over an address is not part of it.
    """
    page = reading.pages[0]
    height = letter_height(page)
    blocks: list[list[Cell]] = []
    for line in grid(reading)[0]:
        for cell in line:
            if cell.box.top > 0.5 * page.height:
                break
            block = next((block for block in reversed(blocks) if _continues(block, cell, height)), None)
            if block is None or (len(block) == 1 and len(_CUT.findall(block[0].text)) > 1):
                blocks.append([cell])
            else:
                block.append(cell)
    return [block for block in blocks if any(_POSTCODE.search(cell.text) for cell in block[1:])]


def _continues(block: Sequence[Cell], cell: Cell, height: float) -> bool:
    last = block[-1].box
    return abs(last.left - cell.box.left) < 0.5 * height and -0.5 * height < cell.box.top - last.bottom < 1.3 * height
