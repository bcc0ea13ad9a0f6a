"""The letterhead of a receipt: who sold, and where: the rows above the first row about the purchase."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from prefect_gemini.local.reader.receipts.letterhead_words import (
    ADDRESS,
    ADDRESS_START,
    CONTACT,
    LEGAL,
    LEGAL_ONLY,
    NOT_A_NAME,
    PLACES,
    POSTCODE,
    PURCHASE,
    REGISTRATION,
    TITLE,
    TRADE,
)
from prefect_gemini.local.reader.resolve import Found, Line, Reading, Span

DEPTH = 22
"""Rows from the top in which a letterhead is looked for."""


@dataclass(frozen=True)
class Letterhead:
    """What the head of a bill says.

    Args:
        name: rows of the seller's name, in order.
        address: rows of the address, in order.
    """

    name: tuple[Span, ...]
    address: tuple[Span, ...]
    name_score: float = 0.0
    address_score: float = 0.0


def letterhead_of(reading: Reading) -> Letterhead:
    """The letterhead of a reading, worked out once."""
    known: Letterhead | None = reading.memo.get("letterhead")
    if known is None:
        known = _read(reading)
        reading.memo["letterhead"] = known
    return known


def _read(reading: Reading) -> Letterhead:
    lines = [line for line in reading.lines[:DEPTH] if line.page == 0]
    spans, address_score, first = _address(lines)
    name, name_score = _name(lines, first)
    return Letterhead(name, spans, name_score, address_score)


def _folded(text: str) -> str:
    """The text without accents, letter for letter: the OCR sets them where there are none."""
    return "".join(unicodedata.normalize("NFD", letter)[0] if letter not in "ßäöüÄÖÜ" else letter for letter in text)


def _is(pattern: str, text: str) -> bool:
    return re.search(pattern, _folded(text), re.IGNORECASE) is not None


def _stops(text: str) -> bool:
    """Whether a row ends an address: it speaks of contact, registration, the document or the purchase."""
    return _is(CONTACT, text) or _is(REGISTRATION, text) or _is(TITLE, text) or _is(PURCHASE, text)


def _strength(text: str) -> float:
    """How much a row reads like part of an address: 0 not at all, 1 and more surely."""
    words = len(re.findall(ADDRESS, _folded(text), re.IGNORECASE))
    strength = 0.6 * min(words, 3)
    strength += 0.5 if _is(POSTCODE, text) else 0.0
    strength += 0.5 if _is(PLACES, text) else 0.0
    strength += 0.6 if _is(ADDRESS_START, text) else 0.0
    return strength


def _address(lines: list[Line]) -> tuple[tuple[Span, ...], float, int]:
    """The rows of the address, how sure, and the index of the first; no rows where none reads like one."""
    best: tuple[float, int, int] | None = None
    start = 0
    while start < len(lines):
        text = lines[start].text
        if _opens(text) and not _is(LEGAL_ONLY, text):
            end, weight = _run(lines, start)
            # Of two addresses the first is the shop's, unless it is hardly one.
            if weight >= 0.9 and (best is None or weight > 1.8 * best[0]):
                best = (weight, start, end)
            start = max(end, start + 1)
        else:
            start += 1
    if best is None:
        return (), 0.0, len(lines)
    weight, start, end = best
    spans = tuple(span for span in (_address_part(line) for line in lines[start:end]) if span is not None)
    return spans, min(1.0, 0.45 + 0.2 * weight), start


def _opens(text: str) -> bool:
    if re.fullmatch(r"\s*[(\[].*[)\]]\W*", text):
        return False  # a branch or a number in brackets under the name
    if _stops(_address_text(text)) and not _is(ADDRESS_START, text):
        return False
    if _is(LEGAL, text) and not _is(ADDRESS_START, text):
        return False
    return _is(ADDRESS_START, text) or _strength(text) >= 0.6


def _run(lines: list[Line], start: int) -> tuple[int, float]:
    """The end of the address that starts here, and its weight."""
    weight = 0.0
    end = start
    for index in range(start, min(start + 8, len(lines))):
        line = lines[index]
        text = _address_text(line.text)
        if not text.strip(" -=*_.,:"):
            break
        strength = _strength(text)
        if index > start:
            if _stops(text) and not (strength >= 1.0 and not _is(CONTACT, text) and not _is(TITLE, text)):
                break
            if _is(r"\d[.,]\d{2}\s*$", text) or (
                _is(r"^\W*\d[\d\s/:.-]*$", text) and not _is(rf"^\W*{POSTCODE}\W*$", text)
            ):
                break
            continued = lines[index - 1].text.rstrip().endswith((",", "-", "&", "/")) or text[:1].islower()
            if strength < 0.5 and not continued and not _trails(lines, index):
                break
            gap = line.box.top - lines[index - 1].box.bottom
            if gap > 1.6 * max(line.height, lines[index - 1].height):
                break
        weight += strength
        end = index + 1
        if text != line.text:  # what follows on this row is no longer address
            break
    return end, weight


def _trails(lines: list[Line], index: int) -> bool:
    """Whether a row without any sign of an address still belongs to one: a town or a building among its rows."""
    text = lines[index].text
    if not re.fullmatch(r"[^\W\d][\w\s,.'()&@/-]{2,40}", text) or _is(NOT_A_NAME, text):
        return False
    if index + 1 >= len(lines):
        return False
    after = lines[index + 1].text
    return _stops(after) or _strength(after) >= 0.5


def _address_text(text: str) -> str:
    """The part of a row before a telephone, a registration or a tax number that shares it."""
    cut = re.search(
        r"[\s,;|(\[-]+(?:(?:tel|telephone|phone|ph|fax|hp|gst|sst|vat|reg|e-?mail|co\.? ?no|tax invoice)\b|tel(?=\d)|www\.|http)[\s.:#/]*",
        text,
        re.IGNORECASE,
    )
    return text[: cut.start()] if cut and cut.start() > 8 else text


def _address_part(line: Line) -> Span | None:
    text = _address_text(line.text)
    label = re.match(r"\s*(?:address|alamat|adresse|anschrift|add)\s?[:.]\s*", text, re.IGNORECASE)
    start = label.end() if label else len(text) - len(text.lstrip(" *-=_.:,;'`~|"))
    end = len(text.rstrip(" *-=_:;,'`~|√"))
    return line.span(start, end) if end > start else None


def _name(lines: list[Line], address: int) -> tuple[tuple[Span, ...], float]:
    """The rows of the seller's name: the row with a legal form, else the first that reads like a name."""
    head = lines[:address] if 0 < address < len(lines) else lines[:10]
    candidates = [index for index, line in enumerate(head) if _could_be_name(line.text)]
    legal = [index for index in candidates if _is(LEGAL, head[index].text)]
    if legal:
        return _with_neighbours(head, legal[0], candidates), 0.95
    below = _name_below(lines, address)
    if below is not None and not (candidates and _trades(head[candidates[0]].text)):
        return (below,), 0.8
    if not candidates:
        return (), 0.0
    # Without a legal form the name is the first row that could be one, or one set much larger below it.
    index = candidates[0]
    tallest = max(candidates[:4], key=lambda place: head[place].height)
    if head[tallest].height > 1.5 * head[index].height and not _is(r"^\W*\d", head[tallest].text):
        index = tallest
    return (_name_span(head[index]),), 0.8 if index == candidates[0] else 0.7


def _name_below(lines: list[Line], address: int) -> Span | None:
    """A legal form below the address, beside or above the number it is registered under."""
    for line, after in pairwise(lines[address : address + 10]):
        if not (_is(LEGAL, line.text) and _could_be_name(line.text)):
            continue
        if re.search(r"\d{5,}", line.text) or _is(REGISTRATION, after.text):
            return _name_span(line)
    return None


def _with_neighbours(head: list[Line], index: int, candidates: list[int]) -> tuple[Span, ...]:
    """A name set on several rows: its first words above a legal form, the form below, a branch in brackets last."""
    spans = [_name_span(head[index])]
    if index - 1 in candidates and _continues(head[index].text):
        spans.insert(0, _name_span(head[index - 1]))
    last = index
    if index + 1 < len(head) and _is(LEGAL_ONLY, head[index + 1].text):
        last = index + 1
        spans.append(_name_span(head[last]))
    if last + 1 < len(head) and re.fullmatch(r"\s*\([^\W\d][^\d()]{3,}\)\s*", head[last + 1].text):
        branch = head[last + 1]
        if not _stops(branch.text):
            spans.append(branch.whole)
    return tuple(spans)


def _trades(text: str) -> bool:
    """Whether a row says what a firm does, as names of shops do."""
    return bool(set(re.findall(r"[a-z]+", _folded(text).lower())) & set(TRADE.split()))


def _continues(text: str) -> bool:
    """Whether a row with a legal form says no more than that and what a firm does."""
    if _is(LEGAL_ONLY, text):
        return True
    own = re.sub(
        r"\(.*?\)|\b(?:sdn|son|sd|bhd|bnd|ltd|pte|co|inc|llc|gmbh|m|s/b)\b|[^\w\s]|\d+",
        " ",
        text.lower().replace(".", " "),
    )
    words = own.split()
    return bool(words) and all(any(fuzz.ratio(word, trade) >= 85 for trade in TRADE.split()) for word in words)


def _could_be_name(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    if letters < 3 or sum(letter.isdigit() for letter in text) > letters:
        return False
    if _is(NOT_A_NAME, text) and not _is(LEGAL, text):
        return False
    bare = re.sub(r"\(.*?\)", "", text)
    return not (_is(CONTACT, bare) or _is(TITLE, bare) or _is(PURCHASE, bare))


def _name_span(line: Line) -> Span:
    """A row without the registration number behind the name, and without an owner's label before it."""
    text = line.text
    start = 0
    label = re.match(
        r"\s*(?:dimiliki(?: oleh)?|owned by|operated by|company(?: name)?|name|nama)\s?[:.]\s*", text, re.IGNORECASE
    )
    if label:
        start = label.end()
    end = len(text)
    number = re.search(
        r"[\s(\[{<]+(?:co\.?|company|reg\.?|roc|gst|no\.?)?\s*(?:reg\.?)?\s*(?:no\.?)?\s*[:.]?\s*[A-Z]{0,3}\d{5,}[\dA-Z]*\b.*$",
        text[start:],
        re.IGNORECASE,
    )
    if number and number.start() > 3:
        end = start + number.start()
    kept = text[start:end]
    start += len(kept) - len(kept.lstrip(" *-=_.:,;'`~|\"<>"))
    end -= len(kept) - len(kept.rstrip(" *-=_:,;'`~|\"<>([{"))
    return line.span(start, max(end, start + 1))


def name_found(reading: Reading) -> Found | None:
    head = letterhead_of(reading)
    return _joined(reading, head.name, head.name_score)


def address_found(reading: Reading) -> Found | None:
    head = letterhead_of(reading)
    return _joined(reading, head.address, head.address_score)


def _joined(reading: Reading, spans: tuple[Span, ...], score: float) -> Found | None:
    if not spans:
        return None
    return Found(" ".join(reading.text_of(span) for span in spans), spans, score)
