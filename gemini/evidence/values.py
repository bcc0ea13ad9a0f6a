"""Amounts, dates and times as they are printed, read in every way they can be meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

_GAP = "[ \u00a0\u2009\u202f']"
_NUMBER = re.compile(
    r"(?<![\d])(?:"
    rf"\d{{1,3}}(?:{_GAP}\d{{3}})+(?:[.,]\d{{1,4}})?(?!\d)"  # 1 234,56
    r"|\d+(?:[.,]\d+)*"  # 1,234.56
    r")"
)
_SPACED = re.compile(r"(?<![\d.,])(\d+(?:[.,]\d{3})*) ?([.,]) ?(\d{2})(?![\d.,])")

CURRENCY_SIGNS: dict[str, tuple[str, ...]] = {
    "MYR": ("RM",),
    "EUR": ("€", "Euro", "EURO"),
    "USD": ("US$", "U.S.$", "$"),
    "GBP": ("£",),
    "JPY": ("¥", "￥", "円"),
    "CNY": ("¥", "￥", "元", "RMB"),
    "INR": ("₹", "Rs.", "Rs"),
    "CHF": ("Fr.", "SFr.", "Fr"),
    "KRW": ("₩", "원"),
    "THB": ("฿",),
    "SGD": ("S$", "$"),
    "AUD": ("A$", "AU$", "$"),
    "CAD": ("C$", "CA$", "$"),
    "NZD": ("NZ$", "$"),
    "HKD": ("HK$", "$"),
    "TWD": ("NT$", "$"),
    "BRL": ("R$",),
    "MXN": ("MX$", "$"),
    "ARS": ("$",),
    "CLP": ("$",),
    "COP": ("$",),
    "IDR": ("Rp", "Rp."),
    "VND": ("₫", "đ"),
    "PHP": ("₱",),
    "PLN": ("zł",),
    "CZK": ("Kč",),
    "HUF": ("Ft",),
    "RON": ("lei", "leu"),
    "SEK": ("kr", "kr."),
    "NOK": ("kr", "kr."),
    "DKK": ("kr", "kr."),
    "ISK": ("kr", "kr."),
    "TRY": ("₺", "TL"),
    "RUB": ("₽", "руб"),
    "UAH": ("₴", "грн"),
    "ILS": ("₪",),
    "ZAR": ("R",),
    "NGN": ("₦",),
    "KES": ("KSh", "KES"),
    "AED": ("Dhs", "د.إ"),
}
"""How currencies are printed, by ISO 4217 code (Unicode CLDR's symbols and narrow symbols)."""


class Printed(NamedTuple):
    """Something printed at `text[start:end]`, with every value it can stand for."""

    start: int
    end: int
    values: frozenset[Decimal]


class PrintedDay(NamedTuple):
    """A date printed at `text[start:end]`; more than one where day and month can be told in two ways."""

    start: int
    end: int
    values: frozenset[date]


class PrintedTime(NamedTuple):
    """A time of day printed at `text[start:end]`."""

    start: int
    end: int
    values: frozenset[time]


def amounts(text: str) -> Iterator[Printed]:
    """Every number in a text, with all its readings: 1.234 is 1234 or 1.234; (5.00) and 5.00- are negative."""
    for match in _NUMBER.finditer(text):
        yield from _printed(text, match.start(), match.end(), match.group())
        # 2 150.00 may be a quantity and a price instead of 2150: each part also counts alone.
        if re.search(_GAP, match.group()):
            for part in re.finditer(r"[\d.,]+", match.group()):
                yield from _printed(text, match.start() + part.start(), match.start() + part.end(), part.group())
    for match in _SPACED.finditer(text):
        if " " in match.group():
            yield from _printed(text, match.start(), match.end(), match.group().replace(" ", ""))


def _printed(text: str, start: int, end: int, digits: str) -> Iterator[Printed]:
    values = readings(digits)
    if not values:
        return
    before, after = text[max(0, start - 4) : start], text[end : end + 3]
    closed = re.search(r"\([^\d(]{0,3}$", before) and after.startswith(")")
    if re.search(r"[-−–]\s?[^\d\s]{0,3}\s?$", before) or closed or re.match(r"-(?!\d)", after):
        values |= {-value for value in values}
    if re.match(r" ?%", after):
        values |= {value / 100 for value in values}
    yield Printed(start, end, frozenset(values))


def readings(digits: str) -> set[Decimal]:
    """The numbers a string of digits and separators can stand for."""
    bare = re.sub(_GAP, "", digits).strip(".,")
    marks = re.findall(r"[.,]", bare)
    forms = set()
    if not marks:
        forms.add(bare)
    elif len(set(marks)) == 2:
        # Two kinds: the last one is the decimal mark.
        whole, _, fraction = bare.rpartition(marks[-1])
        if marks.count(marks[-1]) == 1:
            forms.add(re.sub(r"[.,]", "", whole) + "." + fraction)
    else:
        groups = re.split(r"[.,]", bare)
        if all(len(group) == 3 for group in groups[1:]) or (
            len(groups) > 2 and len(groups[-1]) == 3 and all(len(group) == 2 for group in groups[1:-1])
        ):
            forms.add("".join(groups))
        if len(groups) == 2:
            forms.add(".".join(groups))
    out = set()
    for form in forms:
        try:
            out.add(Decimal(form))
        except InvalidOperation:
            continue
    return out


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro januari ene genn janv",
            "february feb februar fevrier febrero febbraio fevereiro februari fev febr",
            "march mar marz mars marzo marco maart mrz maerz",
            "april apr avril abril aprile avr abr",
            "may mai mayo maggio maio mei mag",
            "june jun juni juin junio giugno junho giu",
            "july jul juli juillet julio luglio julho juil lug",
            "august aug aout agosto augustus ago",
            "september sep sept septembre septiembre settembre setembro set",
            "october oct oktober octobre octubre ottobre outubro okt ott out",
            "november nov novembre noviembre novembro",
            "december dec dezember decembre diciembre dicembre dezembro dez dic",
        ),
        1,
    )
    for name in names.split()
}

# A clock may be printed against the date, or OCR may lose the blank: "16-04-201814:51".
_ENDS = r"(?!\d(?!\d[:.]\d\d))"
_DATES = re.compile(
    rf"(?P<iso>(?<!\d)(?P<y1>(?:19|20)\d\d)(?:[-/.]| ?年 ?)(?P<m1>\d{{1,2}})(?:[-/.]| ?月 ?)(?P<d1>\d{{1,2}}){_ENDS})"
    rf"|(?P<num>(?<!\d)(?P<a>\d{{1,2}}) ?(?P<sep>[-/.']) ?(?P<b>\d{{1,2}}) ?(?P=sep) ?(?P<y2>(?:19|20)?\d\d){_ENDS})"
    r"|(?P<dmy>(?<!\d)(?P<d3>\d{1,2})(?:st|nd|rd|th|er|º|\.)?[ \-./,]*(?:day of |de |di )?"
    r"(?P<n3>[^\W\d_]{3,10})\.?[ \-./,']*(?:de |del )?(?P<y3>(?:19|20)?\d\d)(?!\d))"
    r"|(?P<mdy>(?P<n4>[^\W\d_]{3,10})\.?[ \-./]*(?P<d4>\d{1,2})(?:st|nd|rd|th)?[ \-./,']+(?P<y4>(?:19|20)?\d\d)(?!\d))"
    r"|(?P<compact>(?<!\d)(?P<y5>(?:19|20)\d\d)(?P<m5>0[1-9]|1[0-2])(?P<d5>[0-3]\d)(?!\d))",
    re.IGNORECASE,
)


def dates(text: str) -> Iterator[PrintedDay]:
    """Every date in a text: numbers in any order a person writes them, month names of seven languages."""
    at = 0
    while match := _DATES.search(text, at):
        found = frozenset(_days(match))
        if found:
            yield PrintedDay(match.start(), match.end(), found)
            at = match.end()
        else:
            at = match.start() + 1


def _days(match: re.Match[str]) -> Iterator[date]:
    part = match.group
    if part("iso"):
        tries = [(part("y1"), part("m1"), part("d1"))]
    elif part("num"):
        tries = [(part("y2"), part("b"), part("a")), (part("y2"), part("a"), part("b"))]
        if len(part("y2")) == 2:
            tries.append((part("a"), part("b"), part("y2")))
    elif part("compact"):
        tries = [(part("y5"), part("m5"), part("d5"))]
    else:
        name, day, year = (part("n3"), part("d3"), part("y3")) if part("dmy") else (part("n4"), part("d4"), part("y4"))
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.lower()) if letter.isalpha())
        month = _MONTHS.get(plain)
        tries = [(year, str(month), day)] if month else []
    for year, month_, day in tries:
        try:
            yield date(int(year) + (_century(int(year)) if len(year) <= 2 else 0), int(month_), int(day))
        except ValueError:
            continue


def _century(year: int) -> int:
    """The century of a year of two digits: those from 70 on are of the last one."""
    return 1900 if year >= 70 else 2000


_TIME = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])([:.h])([0-5]\d)(?:\2([0-5]\d))?(?!\d)(?:[^\S\n]*([ap])(?:\.?m)?\b\.?)?", re.IGNORECASE
)


def times(text: str) -> Iterator[PrintedTime]:
    """Every time of day in a text, with and without its seconds."""
    for match in _TIME.finditer(text):
        hour, minute, second = int(match[1]), int(match[3]), int(match[4] or 0)
        if match[5] and hour <= 12:
            hour = hour % 12 + (12 if match[5].lower() == "p" else 0)
        yield PrintedTime(match.start(), match.end(), frozenset({time(hour, minute, second), time(hour, minute)}))
