"""Resolvers for receipts, and for what every bill prints the same way: dates, times, currency, contact, payment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from prefect_gemini.local.reader.dates import Order, PrintedDate, dates_in, order_of, times_in
from prefect_gemini.local.reader.money import currencies_in
from prefect_gemini.local.reader.receipts.letterhead import address_found, name_found
from prefect_gemini.local.reader.receipts.sums import part_of, sums_of, total_of
from prefect_gemini.local.reader.resolve import Found, Line, Reading, Schema, resolves

_MEANING = {
    "subtotal": "subtotal",
    "tax_total": "tax",
    "tip": "tip",
    "service_charge": "service",
    "discount": "discount",
    "rounding": "rounding",
    "paid": "paid",
    "change": "change",
}


@resolves("seller_name", kind="receipt")
def seller_name(reading: Reading, role: str, schema: Schema) -> Found | None:
    return name_found(reading)


@resolves("seller_address", kind="receipt")
def seller_address(reading: Reading, role: str, schema: Schema) -> Found | None:
    return address_found(reading)


@resolves("total", "due_payable", kind="receipt")
def total(reading: Reading, role: str, schema: Schema) -> Found | None:
    return total_of(reading)


@resolves(*_MEANING, kind="receipt")
def part(reading: Reading, role: str, schema: Schema) -> Found | None:
    found = part_of(reading, _MEANING[role])
    if found is None and role == "tip":
        return part_of(reading, "service")
    return found


@resolves("issue_date")
def issue_date(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The day of the purchase: the date with a label for it, else with a time beside it, else the only one."""
    order = _order(reading)
    latest = date.today() + timedelta(days=366)  # noqa: DTZ011 - a calendar day is all a receipt prints
    scored: list[tuple[float, int, Found]] = []
    for number, line in enumerate(reading.lines):
        for printed in dates_in(line.text, order=order):
            if not date(1990, 1, 1) <= printed.value <= latest:
                continue
            score = _date_score(reading, line, printed)
            scored.append((score, -number, Found(printed.value, (line.span(printed.start, printed.end),), score)))
    if not scored:
        return None
    values = {found.value for _, _, found in scored}
    score, _, best = max(scored, key=lambda entry: entry[:2])
    return Found(best.value, best.spans, min(0.99, score + (0.2 if len(values) == 1 else 0.0)))


def _date_score(reading: Reading, line: Line, printed: PrintedDate) -> float:
    before = line.text[: printed.start].lower()
    after = line.text[printed.end : printed.end + 14]
    score = 0.6
    if re.search(r"\b(?:date|datum|fecha|data|tarikh|dato|le|vom|dt)\b\W*$|date", before):
        score += 0.2
    if any(True for _ in times_in(after)) or any(True for _ in times_in(line.text[: printed.start][-12:])):
        score += 0.1
    if re.search(
        r"\b(?:exp|expiry|expires?|valid|due|until|before|delivery|birth|member since|warranty|return|f[aä]llig|g[uü]ltig)\b",
        before,
    ):
        score -= 0.4
    if re.search(r"\b(?:entry|in|from|printed|open)\b", before):
        score -= 0.05
    if printed.compact:
        score -= 0.15
    if not printed.certain:
        score -= 0.02
    return score


def _order(reading: Reading) -> Order:
    """Month first where the bill is American: dollars with a state and a ZIP code; else as its sure dates say."""
    text = "\n".join(page.text for page in reading.pages)
    american = re.search(r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b", text) is not None and "$" in text
    return order_of((line.text for line in reading.lines), default="MDY" if american else "DMY")


@resolves("time")
def time_of_day(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The time beside the date of the purchase, or behind a label for it."""
    day = issue_date(reading, "issue_date", {})
    scored: list[tuple[float, int, Found]] = []
    for number, line in enumerate(reading.lines):
        for printed in times_in(line.text):
            before = line.text[: printed.start].lower()
            score = 0.3 if printed.colon else 0.0
            if re.search(r"\b(?:time|uhrzeit|zeit|hora|heure|ora|tijd|masa|tid|kl)\b\W*$", before):
                score += 0.4
            if day is not None and any(
                span[0] == line.page and line.start <= span[1] < line.start + len(line.text) for span in day.spans
            ):
                score += 0.4
            if re.search(
                r"\b(?:hours?|hrs|open|mon|tue|wed|thu|fri|sat|sun|daily|business|parking|uhr bis)\b", line.text.lower()
            ):
                score -= 0.4
            scored.append((score, -number, Found(printed.value, (line.span(printed.start, printed.end),), score + 0.2)))
    if not scored:
        return None
    _, _, best = max(scored, key=lambda entry: entry[:2])
    return best


@resolves("currency")
def currency(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The currency whose sign or code stands most often beside an amount."""
    votes: dict[str, float] = {}
    places: dict[str, tuple[int, int, int]] = {}
    for line in reading.lines:
        for code, start, end, spelled in currencies_in(line.text):
            near = re.match(r"\)?[\s.:]{0,3}[-−]?\d", line.text[end:]) or re.search(r"\d\s?$", line.text[:start])
            # Away from any amount three capitals are as often a word: "SDN BHD" is no dinar of Bahrain.
            votes[code] = votes.get(code, 0.0) + ((3.0 if spelled else 2.0) if near else 0.5)
            places.setdefault(code, line.span(start, end))
    if not votes:
        return None
    # A bare "$" is whichever dollar the page spells elsewhere.
    dollars = [code for code in votes if code in ("AUD", "CAD", "SGD", "HKD", "NZD")]
    if dollars and "USD" in votes:
        votes[dollars[0]] += votes.pop("USD")
    best = max(votes, key=lambda code: votes[code])
    rest = max((count for code, count in votes.items() if code != best), default=0.0)
    if votes[best] < 1.5 * rest:
        return None
    return Found(best, (places[best],), 0.9 if votes[best] >= 2 else 0.6)


PAYMENTS: tuple[tuple[str, str], ...] = (
    (r"\bvisa\b", "VISA"),
    (r"\bmaster ?card\b|\bmaster\b", "MasterCard"),
    (r"\bmaestro\b", "Maestro"),
    (r"\bamex\b|\bamerican express\b", "American Express"),
    (r"\bgirocard\b|\bec ?-?(?:karte|cash)\b", "girocard"),
    (r"\bpaypal\b", "PayPal"),
    (r"\bapple pay\b|\bgoogle pay\b|\bgrab ?pay\b|\btouch ?n ?go\b|\bboost\b|\be-?wallet\b|\balipay\b", "e-wallet"),
    (
        r"\b(?:debit|kredit|credit)(?:karte| card)?\b|\bcard\b|\bkarte\b|\bkartenzahlung\b|\bcarte\b|\btarjeta\b|\bcarta\b",
        "card",
    ),
    (
        r"\bcash\b|\bcosh\b|\btunai\b|\bbargeld\b|\bbar\b|\besp[eè]ces\b|\befectivo\b|\bcontanti\b|\bcontant\b|\bkontant\b",
        "cash",
    ),
)
"""How a bill was paid, by its words; the surer ones first."""


@resolves("payment_method")
def payment_method(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The means of payment, as printed beside the amount paid."""
    rows = [one for one in sums_of(reading) if one.meaning == "paid" and one.value != Decimal(0)]
    for one in rows:
        line = reading.lines[one.line]
        for pattern, _ in PAYMENTS:
            match = re.search(pattern, line.text, re.IGNORECASE)
            if match:
                return Found(match[0], (line.span(*match.span()),), 0.85)
    for line in reading.lines:
        match = re.search(
            r"\b(?:paid by|payment (?:method|type|mode)|zahlungsart|tender type|pay(?:ment)? by)\b\W*(\w[\w ]{2,20})",
            line.text,
            re.IGNORECASE,
        )
        if match:
            return Found(match[1].strip(), (line.span(match.start(1), match.start(1) + len(match[1].rstrip())),), 0.8)
    return None


@resolves("receipt_number", "invoice_number", kind="receipt")
def receipt_number(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The number behind the paper's own label for it."""
    pattern = re.compile(
        r"\b(?P<label>(?:tax |cash )?(?:invoice|inv|bill|receipt|rec[ei]pt|doc(?:ument)?|slip|check|chk|bon|beleg|rechnungs?|ticket|trans(?:action)?|kvitto|facture|factura))"
        r"(?P<tail>[- ]?(?:no|nr|num(?:ber)?|#|id|n[°o])?\s?\.?\s?[:#.]?\s*#?\s?)(?P<number>[A-Z]{0,6}[-/]?\d[\w/-]{2,24}(?: ?[-/] ?\d+)?)",
        re.IGNORECASE,
    )
    best: Found | None = None
    for line in reading.lines:
        for match in pattern.finditer(line.text):
            if re.search(
                r"\bgst\b|\btax (?:reg|id)\b|\bco(?:mpany)?\b", line.text[: match.start()], re.IGNORECASE
            ) or next(dates_in(match["number"]), None):
                continue
            told = bool(re.search(r"no|nr|num|#|id|:", match["tail"], re.IGNORECASE))
            score = 0.85 if told else 0.55
            if match["label"].lower().startswith(("ticket", "trans", "check", "chk")):
                score -= 0.1
            if best is None or score > best.score:
                best = Found(match["number"], (line.span(*match.span("number")),), score)
    return best


_BY_PATTERN: dict[str, tuple[str, float]] = {
    "seller_tax_id": (
        r"\b(?:gst|sst|vat|ust|tva|btw|iva|tax|abn|uid|mwst|tin)[\w./ -]{0,6}?(?:reg(?:istration)?\.?|id(?:ent)?\.?|no\.?|number|nr\.?)[\s.:#no-]{0,8}(?P<value>(?:[A-Z]{2,3} ?-?)?\d[\d .-]{6,18}\d(?:[A-Z]{1,3})?)",
        0.85,
    ),
    "seller_phone": (
        r"\b(?:tel|te1|telp|telephone|phone|ph|hp|t[eé]l|tlf|tfno|hotline|mobile)(?:efon|[eé]phone)?\.?\s?(?:no)?\.?\s?[:.]?\s*(?P<value>\+?\(?\d[\d() /-]{6,17}\d)",
        0.9,
    ),
    "seller_email": (r"(?P<value>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", 0.9),
    "seller_website": (r"(?P<value>(?:https?://)?www\.[\w-]+(?:\.[\w-]+)+(?:/\S*)?)", 0.9),
    "seller_registration": (
        r"(?:\b(?:co(?:mpany)?\.? ?(?:reg\.? ?)?no\.?|reg\.? ?no\.?|roc)\W{0,4}|\()(?P<value>[A-Z]{0,3}\d{5,12} ?-? ?[A-Z])\b",
        0.8,
    ),
    "card_last4": (r"(?:[x*•#]{2,}[\s-]?)+(?P<value>\d{4})\b", 0.9),
    "iban": (r"\b(?P<value>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)\b", 0.85),
}


@resolves(*_BY_PATTERN, kind="receipt")
def by_pattern(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The first value of a telling form: a number behind its label, an address of mail."""
    pattern, score = _BY_PATTERN[role]
    for line in reading.lines:
        match = re.search(pattern, line.text, re.IGNORECASE)
        if match:
            return Found(match["value"], (line.span(*match.span("value")),), score)
    return None
