"""Codes of an invoice that show by their shape: VAT ids, IBANs, BICs, the currency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from prefect_gemini.local.reader.invoices.labels import spots
from prefect_gemini.local.reader.money import CODES, currencies_in
from prefect_gemini.local.reader.resolve import Found, Reading, Schema, Span, resolves
from prefect_gemini.local.reader.tables.cells import plain

_VAT = re.compile(
    r"(?<![A-Z0-9])(?:ATU\s?\d{8}|BE\s?[01]?\d{3}[. ]?\d{3}[. ]?\d{3}|BG\s?\d{9,10}|CHE[- ]?\d{3}\.?\d{3}\.?\d{3}|"
    r"CY\s?\d{8}[A-Z]|"
    r"CZ\s?\d{8,10}|DE\s?\d{3}\s?\d{3}\s?\d{3}|DK\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{2}|EE\s?\d{9}|EL\s?\d{9}|"
    r"ES\s?[A-Z0-9]\d{7}[A-Z0-9]|"
    r"FI\s?\d{8}|FR\s?[A-Z0-9]{2}\s?\d{3}\s?\d{3}\s?\d{3}|GB\s?\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?|HR\s?\d{11}|"
    r"HU\s?\d{8}|"
    r"IE\s?\d[A-Z0-9]\d{5}[A-Z]{1,2}|IT\s?\d{11}|LT\s?\d{9}(?:\d{3})?|LU\s?\d{8}|LV\s?\d{11}|MT\s?\d{8}|"
    r"NL\s?\d{4}\.?\d{2}\.?\d{3}\.?B\.?\d{2}|PL\s?\d{10}|PT\s?\d{9}|RO\s?\d{2,10}|SE\s?\d{12}|SI\s?\d{8}|"
    r"SK\s?\d{10})(?![A-Z0-9])"
)
_VAT_LABEL = re.compile(r"\b(?:vat|ust|uid|tva|btw|iva|tax|mwst|umsatzsteuer|p iva|nif|cif|moms)\b|ust\s?id|steuer")
_BUYER = re.compile(r"\b(?:client|customer|buyer|kunde|kaufer|klant|leistungsempfanger|your|ihre|votre|uw|cliente)\b")
_SECTION = re.compile(
    r"(?:client|customer|buyer|kunde|kaufer|klant|bill to|verkaufer|seller|vendor|supplier|lieferant)\b"
)
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?![A-Z0-9])")
_BIC = re.compile(r"(?<![A-Z0-9])[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Z0-9])")
_CURRENCY = (
    re.compile(r"(?:rechnungs|invoice |document |billing )?(?:wahrung|currency|devise|valuta|moneda|munt)"),
    1.0,
)


@resolves("seller_tax_id", kind="invoice")
def seller_tax_id(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The first VAT id that no label gives to the buyer."""
    ids = [found for found, buyer in _vat_ids(reading) if not buyer]
    return ids[0] if ids else None


@resolves("buyer_tax_id", kind="invoice")
def buyer_tax_id(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The VAT id a label gives to the buyer."""
    ids = [found for found, buyer in _vat_ids(reading) if buyer]
    return ids[0] if ids else None


@resolves("iban", kind="invoice")
def iban(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The code behind "IBAN", or one whose check digits hold."""
    for index, page in enumerate(reading.pages):
        for match in _IBAN.finditer(page.text):
            text = match[0]
            labelled = re.search(r"iban\W*$", page.text[: match.start()], re.IGNORECASE) is not None
            if labelled or _checks(text):
                return Found(text, ((index, match.start(), match.end()),), 0.95)
    return None


@resolves("bic", kind="invoice")
def bic(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The code behind "BIC" or "SWIFT"."""
    for index, page in enumerate(reading.pages):
        for match in _BIC.finditer(page.text):
            if re.search(r"(?:bic|swift)(?:[- ]?code)?\W*$", page.text[: match.start()], re.IGNORECASE):
                return Found(match[0], ((index, match.start(), match.end()),), 0.95)
    return None


@resolves("currency", kind="invoice")
def currency(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The currency a label names, else the one that stands beside most amounts."""
    for spot in spots(reading, (_CURRENCY,), head=True):
        code = re.match(r"[A-Z]{3}\b", spot.text)
        if code and code[0] in CODES:
            return Found(code[0], (spot.span(0, 3),), 1.0)
    seen: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for index, page in enumerate(reading.pages):
        for code_of, start, end, _ in currencies_in(page.text):
            beside = page.text[max(0, start - 14) : start] + " " + page.text[end : end + 14]
            if re.search(r"\d[.,]?\d*\s*$|^\s*\d", page.text[max(0, start - 14) : start]) or re.search(r"\d", beside):
                seen[code_of] += 1
                first.setdefault(code_of, (index, start, end))
    if not seen:
        return None
    (best, count), *others = seen.most_common(2)
    if others and others[0][1] == count:
        return None
    return Found(best, (first[best],), 0.9)


def _vat_ids(reading: Reading) -> Iterator[tuple[Found, bool]]:
    """Every VAT id with whether it is the buyer's: its label says so, or it stands in the section of the buyer."""
    for index, page in enumerate(reading.pages):
        section = ""
        for line in page.text.split("\n"):
            words = plain(line)
            if not re.search(r"\d", words) and _SECTION.match(words):
                section = "buyer" if _BUYER.match(words) else "seller"
            for match in _VAT.finditer(line):
                before = plain(line[: match.start()])
                if not _VAT_LABEL.search(before):
                    continue
                start = page.text.index(line) + match.start()
                span = (index, start, start + len(match[0]))
                owned = _BUYER.search(before) is not None or (
                    section == "buyer" and not re.search("seller|unser", before)
                )
                yield Found(match[0], (span,), 0.9), owned


def _checks(text: str) -> bool:
    """Whether the check digits of an IBAN hold (ISO 13616: modulo 97)."""
    bare = re.sub(r"\s", "", text)
    digits = "".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])
    return len(bare) >= 15 and int(digits) % 97 == 1
