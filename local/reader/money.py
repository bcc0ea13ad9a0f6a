"""Amounts of money as people print them: `1,234.50`, `1.234,50 €`, `RM 12.90`, `CHF 1'234.50`, `(5.00)`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Point = Literal[".", ","]

SIGNS: dict[str, str] = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "S$": "SGD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "R$": "BRL",
    "$": "USD",
    "¥": "JPY",
    "円": "JPY",
    "₹": "INR",
    "Rs": "INR",
    "Rs.": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "zł": "PLN",
    "zl": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "kr": "SEK",
    "kr.": "DKK",
    "RM": "MYR",
    "Rp": "IDR",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "Dhs": "AED",
    "DH": "MAD",
}
"""Signs and abbreviations with the currency each means where nothing else on the page says otherwise."""

CODES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CZK",
        "DEM",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "VND",
        "ZAR",
    ]
)
"""ISO 4217 codes met on bills."""

_SIGN = "|".join(sorted((re.escape(sign) for sign in SIGNS), key=len, reverse=True))
_CODE = "|".join(sorted(CODES))
_CURRENCY = rf"(?:{_SIGN}|\b(?:{_CODE})\b|(?:{_CODE})(?=\s?\d))"
_GROUPED = r"\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)"
_SPACED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+,\d{2}(?!\d)"
_PLAIN = r"\d+(?:[.,]\d{1,4})?(?!\d)"
_NUMBER = re.compile(
    rf"(?<![\d.,:/#\w-])(?P<before>{_CURRENCY})?\s?(?P<minus>[-−–(])?\s?(?P<inner>{_CURRENCY})?\s?"
    rf"(?P<number>{_SPACED}|{_GROUPED}|{_PLAIN})"
    rf"(?P<tail>\s?[-−](?![\d\w])|\))?(?:\s?(?P<after>{_CURRENCY})(?![\w]))?"
    # A code may be glued on ("12.50SR", "12.50*"); a digit, clock or date may not.
    rf"(?![:/]\d|[.,]\d|-\d|\s?%|\d)",
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a text.

    Args:
        value: signed.
        start, end: of the number and its sign of currency in the text.
        currency: ISO 4217 where a sign or code stands beside it, else None.
        places: digits printed after the decimal point.
    """

    value: Decimal
    start: int
    end: int
    currency: str | None
    places: int


def decimal_point(texts: Iterable[str]) -> Point:
    """The decimal mark a document uses, by what stands before two last digits; "." where it does not show."""
    votes: Counter[str] = Counter()
    for text in texts:
        votes.update(re.findall(r"(?<![\d.,])\d{1,6}([.,])\d{2}(?![\d.,:/]|\s?%)", text))
        votes.update(mark for mark in re.findall(r"\d[.,']\d{3}([.,])\d{2}(?!\d)", text) for _ in range(2))
    return "," if votes[","] > votes["."] else "."


def parse_number(text: str, *, point: Point = ".") -> Decimal:
    """Read one number, whichever marks it carries.

    Two kinds of mark: the last is the decimal mark. One kind, more than once or before three last digits:
    thousands, unless it is the document's decimal mark and stands once. An apostrophe or blank: thousands.

    Args:
        text: digits with marks, without sign or currency.
        point: the decimal mark of the document.

    Raises:
        ValueError: not a number.
    """
    bare = re.sub(r"[\s'’]", "", text)
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", bare):
        raise ValueError(f"{text!r} is not a number.")
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return Decimal(bare)
    last = marks[-1]
    whole, _, rest = bare.rpartition(last)
    if len(set(marks)) == 2:
        if marks.count(last) > 1:
            raise ValueError(f"{text!r} is not a number.")
        return Decimal(re.sub(r"[.,]", "", whole) + "." + rest)
    if len(marks) > 1 or (len(rest) == 3 and last != point and whole != "0"):
        return Decimal(re.sub(r"[.,]", "", bare))
    return Decimal(whole + "." + rest)


def amounts_in(text: str, *, point: Point = ".") -> Iterator[Amount]:
    """Find amounts in a text: numbers that are no date, clock, percentage, phone number or part of a code.

    Args:
        text: a line or more.
        point: the decimal mark of the document.
    """
    for match in _NUMBER.finditer(text):
        number = match["number"]
        try:
            value = parse_number(number, point=point)
        except ValueError:
            continue
        tail = (match["tail"] or "").strip()
        opened = match["minus"] == "("
        if opened != (tail == ")"):
            opened = False
        if opened or match["minus"] in ("-", "−", "–") or tail in ("-", "−"):
            value = -value
        money = match["before"] or match["inner"] or match["after"]
        start = match.start() + (len(match[0]) - len(match[0].lstrip()))
        places = _places(number, value)
        yield Amount(value, start, match.end(), _currency(money), places)


def _places(number: str, value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 and re.search(r"[.,]", number) else 0


def _currency(mark: str | None) -> str | None:
    if not mark:
        return None
    return SIGNS.get(mark, mark if mark in CODES else None)


def currencies_in(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Find signs and codes of currencies: (code, start, end, whether it is spelled as a code)."""
    for match in re.finditer(rf"(?<![A-Za-z])(?:{_SIGN}|{_CODE})(?![A-Za-z])", text):
        mark = match[0]
        yield SIGNS.get(mark, mark), match.start(), match.end(), mark in CODES
