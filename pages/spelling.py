"""Undo the slips of an OCR that no printer makes: a capital I inside a lower-case word, a digit inside a name.

Only shapes that mistake one sign for its double are changed, and only inside words that leave no other reading;
numbers, codes and anything in doubt stay as they were read.
"""

from __future__ import annotations

import re
from functools import lru_cache

DOUBLES = frozenset(frozenset(pair) for pair in ("il", "ce", "áa", "éa", "ée", "íi", "óo", "úu"))
"""Letters the OCR takes for one another."""

_COMMON = """
adresse again alam amount avenue bahru balance bandar bedrag berlin betaling betrag bill brutto card cash
cashier center centre change charge city client code come company credit damansara darul date datum debit
description discount ehsan enterprise excluding exclusive factura facture fattura fecha floor gesamt goods
ground hardware holdings importe including inclusive industries international invoice item items jalan jaya
johor kampung klang kuala level limited london lorong lumpur malaysia mastercard member montant netto number
paris payable payment persiaran petaling platz plaza please points price quantity receipt rechnung refund
restaurant returnable road rounding sales section seksyen selangor service shah sold square stationery strasse
street subang subtotal summary summe sungai supermarket table taman tax telephone thank time totaal total totale
trading ulu visa
"""

COMMON = frozenset(_COMMON.split())
"""Words that stand on most bills."""


def tidy(text: str) -> str:
    """Correct the words of one piece of recognised text.

    Args:
        text: words parted by blanks.
    """
    return " ".join(_word(word) for word in text.split(" "))


@lru_cache(maxsize=20_000)
def _word(word: str) -> str:
    if sum(letter.isalpha() for letter in word) < 3:
        return word
    # A digit that leads or stands inside a word of capitals: "8ESAR", "CL0SED".
    if sum(letter.isdigit() for letter in word) == 1:
        word = re.sub(r"\b8(?=[A-Z]{4,})", "B", word)
        word = re.sub(r"(?<=[A-Z]{2})0(?=[A-Z]{2})|\b0(?=[A-Z]{4,})", "O", word)
        word = re.sub(r"(?<=[a-z])0(?=[a-z])", "o", word)
    return re.sub(r"[^\W\d_]{4,}", lambda match: _run(match[0]), word)


def _run(letters: str) -> str:
    """One run of letters."""
    known = _known(letters)
    if known != letters:
        return known
    # A capital I between small letters is an l: "WorId". McIntosh and CamelCase keep theirs.
    if re.fullmatch(r"(?!Ma?c)[A-Z]?[a-z]+I[a-z]+", letters):
        return letters.replace("I", "l") if letters[0] != "I" else letters[0] + letters[1:].replace("I", "l")
    # A small l before a consonant, behind the first capital of a longer word, is an i: "Dlnar".
    return re.sub(r"^([BCDFGHKLMNPRSTVWZ])l(?=[bcdfghjkmnpqrstvwxz][a-z]{2})", r"\1i", letters)


def _known(word: str) -> str:
    """A word on most bills, where doubles are all that parts it from what was read."""
    small = word.lower()
    if small in COMMON:
        return word
    for known in _by_length().get(len(word), ()):
        if all(one == other or _doubles(one, other) for one, other in zip(small, known, strict=True)):
            large = word[0].isupper() or (word[0] == "l" and known[0] == "i")
            return known.upper() if word.isupper() else known.capitalize() if large else known
    return word


def _doubles(one: str, other: str) -> bool:
    return frozenset((one, other)) in DOUBLES


@lru_cache(maxsize=1)
def _by_length() -> dict[int, tuple[str, ...]]:
    lengths: dict[int, list[str]] = {}
    for word in sorted(COMMON):
        lengths.setdefault(len(word), []).append(word)
    return {length: tuple(words) for length, words in lengths.items()}
