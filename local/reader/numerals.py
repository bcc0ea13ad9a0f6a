"""Numbers as documents print them: separators of either kind, currencies, signs before or behind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

Separator = Literal[",", "."]

_SIGNS = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "RM": "MYR",
    "RS": "INR",
    "RS.": "INR",
    "S$": "SGD",
    "A$": "AUD",
    "FR.": "CHF",
    "SFR": "CHF",
    "KČ": "CZK",
    "ZŁ": "PLN",
    "DHS": "MAD",
}
CODES = frozenset(
    "EUR USD GBP CHF JPY INR MYR SGD AUD CAD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY CNY HKD MAD ZAR BRL MXN DEM".split()
)
_CURRENCY = r"(?:€|\$|£|¥|₹|RM|Rs\.?|S\$|A\$|US\$|Fr\.|SFr\.?|Kč|zł|kr\.?|DHS?|" + "|".join(sorted(CODES)) + r")"
_DIGITS = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?:[.,]\d{1,5})?|\d+(?:[.,]\d{1,5})?|[.,]\d{2}"
_MONEY = re.compile(
    rf"^(?P<open>\()?\s*(?:{_CURRENCY}\s*)?(?P<sign>[-+−–]\s*)?(?:{_CURRENCY}\s*)?(?P<digits>{_DIGITS})"
    rf"(?P<after>-)?\s*(?:{_CURRENCY}|,-)?(?P<last>\s?-)?\s*(?P<close>\))?\s*[*#]?$",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"^(?P<sign>[-−–])?\s*(?P<digits>{_DIGITS})\s*(?:[xX×*]|(?P<unit>[^\W\d_][\w²³().'/-]{{0,14}}\.?))?$"
)
_NUMBER = re.compile(rf"(?<![\w.,])[-−–]?(?:{_DIGITS})(?![\w]|[.,]\d)")


def usual_decimal(texts: Iterable[str]) -> Separator | None:
    """The decimal separator a document uses: the one before the last two digits of most of its numbers."""
    seen: Counter[Separator] = Counter()
    for text in texts:
        if re.search(r"\d,\d{2}(?!\d)", text):
            seen[","] += 1
        if re.search(r"\d\.\d{2}(?![\d.])", text):
            seen["."] += 1
    if not seen or seen[","] == seen["."]:
        return None
    return seen.most_common(1)[0][0]


def number(digits: str, *, decimal: Separator | None = None) -> Decimal:
    """Read digits with separators.

    Args:
        digits: for example `1.234,50`, `1,234.50`, `1 234,5`, `10000`.
        decimal: the document's usual separator, asked where three digits follow a single one.
    """
    bare = re.sub(r"['’ \u00a0\u202f]", "", digits)
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return Decimal(bare)
    last = marks[-1]
    before, _, after = bare.rpartition(last)
    if len(set(marks)) == 2:
        fraction = True
    elif len(marks) > 1:
        fraction = False
    elif len(after) != 3:
        fraction = True
    elif decimal is not None:
        fraction = last == decimal
    else:
        fraction = before in ("", "0")
    whole = re.sub(r"[.,]", "", before) or "0"
    return Decimal(f"{whole}.{after}") if fraction else Decimal(whole + after)


def money(text: str, *, decimal: Separator | None = None, whole: bool = False) -> Decimal | None:
    """Read a text that is an amount of money and nothing else; None for any other text.

    Args:
        text: number with an optional currency and sign.
        decimal: the document's usual separator.
        whole: also take a number without decimals and without a currency.
    """
    found = _MONEY.match(text.strip())
    if not found or (found["open"] is None) != (found["close"] is None):
        return None
    digits = found["digits"]
    if not whole and not re.search(r"[.,]\d{1,5}$", digits) and not re.search(_CURRENCY, text, re.IGNORECASE):
        return None
    value = number(digits, decimal=decimal)
    negative = any(found[part] and found[part].strip() != "+" for part in ("open", "sign", "after", "last"))
    return -value if negative else value


def quantity(text: str, *, decimal: Separator | None = None) -> Decimal | None:
    """Read a count with an optional unit (`20 Stk`, `1.00 kg`, `3 m²`, `2 x`); None for any other text."""
    found = _QUANTITY.match(text.strip())
    if not found:
        return None
    value = number(found["digits"], decimal=decimal)
    return -value if found["sign"] else value


def numbers(text: str, *, decimal: Separator | None = None) -> list[Decimal]:
    """Every number that stands free in a text."""
    return [
        number(found.group().lstrip("-−–"), decimal=decimal) * (-1 if found.group()[0] in "-−–" else 1)
        for found in _NUMBER.finditer(text)
    ]


def currency(text: str) -> str | None:
    """The ISO code of the first currency named in a text by code or sign."""
    for word in re.findall(r"[A-Za-z]{2,3}\b\.?|[A-Z]?[€$£¥₹]|[Kk]č|zł", text):
        upper = word.upper()
        if upper.rstrip(".") in CODES:
            return upper.rstrip(".")
        if upper in _SIGNS:
            return _SIGNS[upper]
    return None
