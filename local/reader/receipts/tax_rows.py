"""The taxes a bill prints: one row a rate, from its tax summary or from the tax line of its totals."""

from __future__ import annotations

import re
from decimal import Decimal

from prefect_gemini.local.reader.money import amounts_in, decimal_point
from prefect_gemini.local.reader.resolve import Found, Line, Reading, resolve

_TAX = re.compile(
    r"\b(gst|sst|vat|mwst|ust|tva|btw|iva|moms|mva|pst|hst|qst|sales tax|service tax|state tax|local tax|umsatzsteuer|mehrwertsteuer|"
    r"tax|steuer|taxe|impuesto|imposta|belasting)\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")
_NOT_TAX = re.compile(
    r"\b(invoice|reg|id|no|number|nr|subtotal|sub total|before|excl|total incl|inclusive|incl|payable|summary|code|with tax)\b\.?",
    re.IGNORECASE,
)


def read_taxes(reading: Reading) -> list[dict[str, Found]]:
    """The taxes of a bill, top to bottom, each with `name`, `tax_rate`, `basis` and `amount` as far as printed.

    Several rates: the lines that name a rate in percent and an amount. One: the tax total and whatever rate
    stands beside it. A bill whose tax is not sure has no rows.
    """
    point = decimal_point(line.text for line in reading.lines)
    rows: list[dict[str, Found]] = []
    seen: set[tuple[Decimal, Decimal]] = set()
    for line in reading.lines:
        row = _row(line, point)
        if row is not None:
            key = (row["tax_rate"].value, row["amount"].value)
            if key not in seen:
                seen.add(key)
                rows.append(row)
    total = resolve(reading, "tax_total", {})
    if rows and (total is None or len(rows) == 1 or sum(row["amount"].value for row in rows) == total.value):
        return rows
    if total is None:
        return []
    matching = [row for row in rows if row["amount"].value == total.value]
    if matching:
        return matching[:1]
    return [{"amount": total, **_name_of(reading, total)}]


def _row(line: Line, point: str) -> dict[str, Found] | None:
    rate = _RATE.search(line.text)
    tax = _TAX.search(line.text)
    if rate is None or tax is None or re.search(r"\d{1,2}\s?%\s?(off|disc|rabatt|remise)", line.text, re.IGNORECASE):
        return None
    percent = Decimal(rate[1].replace(",", "."))
    amounts = [
        amount
        for amount in amounts_in(line.text, point="," if point == "," else ".")
        if amount.places >= 2 and not (amount.start < rate.end() and amount.end > rate.start())
    ]
    row = {
        "tax_rate": Found(percent, (line.span(rate.start(1), rate.end()),), 0.8),
        "name": Found(tax[0], (line.span(*tax.span()),), 0.8),
    }
    spans = {id(amount): (line.span(amount.start, amount.end),) for amount in amounts}
    # The amount is the one that is `rate` percent of another on the line, or the only one.
    for amount in amounts:
        for basis in amounts:
            if basis is not amount and abs(basis.value * percent / 100 - amount.value) <= Decimal("0.02") and percent:
                row["amount"] = Found(amount.value, spans[id(amount)], 0.9)
                row["basis"] = Found(basis.value, spans[id(basis)], 0.9)
                return row
    if len(amounts) == 1 and not _NOT_TAX.search(line.text):
        row["amount"] = Found(amounts[0].value, spans[id(amounts[0])], 0.75)
        return row
    return None


def _name_of(reading: Reading, total: Found) -> dict[str, Found]:
    index, start, _ = total.spans[0]
    for line in reading.lines:
        if line.page == index and line.start <= start < line.start + len(line.text):
            fields: dict[str, Found] = {}
            tax, rate = _TAX.search(line.text), _RATE.search(line.text)
            if tax:
                fields["name"] = Found(tax[0], (line.span(*tax.span()),), total.score)
            if rate:
                percent = Decimal(rate[1].replace(",", "."))
                fields["tax_rate"] = Found(percent, (line.span(rate.start(1), rate.end()),), total.score)
            return fields
    return {}
