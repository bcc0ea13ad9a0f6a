"""The letterhead of a receipt: who sold, and where: the rows above the first row about the purchase."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prefect_gemini.local.reader.letterhead_words import (
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


def _is(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _stops(text: str) -> bool:
    """Whether a row ends an address: it speaks of contact, registration, the document or the purchase."""
    return _is(CONTACT, text) or _is(REGISTRATION, text) or _is(TITLE, text) or _is(PURCHASE, text)


def _strength(text: str) -> float:
    """How much a row reads like part of an address: 0 not at all, 1 and more surely."""
    words = len(re.findall(ADDRESS, text, re.IGNORECASE))
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
            if (
                _is(r"\d[.,]\d{2}\s*$", text)
                or _is(r"^\W*\d[\d\s/:.-]*$", text)
                and not _is(rf"^\W*{POSTCODE}\W*$", text)
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
        r"[\s,;|(\[-]+(?:tel|telephone|phone|ph|fax|hp|gst|sst|vat|reg|e-?mail|www\.|http|co\.? ?no|tax invoice)\b[\s.:#/]*",
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
    limit = min(address, len(lines)) if address > 0 else len(lines)
    head = lines[:limit] if limit < len(lines) else lines[:10]
    candidates = [index for index, line in enumerate(head) if _could_be_name(line.text)]
    legal = [index for index in candidates if _is(LEGAL, head[index].text)]
    if legal:
        index = legal[0]
        return _with_neighbours(head, index, candidates), 0.95
    if not candidates:
        return _name_below(lines, address)
    # A legal form may also stand below the address, in the foot of some receipts; a large first row weighs more.
    index = candidates[0]
    tallest = max(candidates[:4], key=lambda place: head[place].height)
    if head[tallest].height > 1.5 * head[index].height and not _is(r"^\W*\d", head[tallest].text):
        index = tallest
    return (_name_span(head[index]),), 0.8 if index == candidates[0] else 0.7


def _name_below(lines: list[Line], address: int) -> tuple[tuple[Span, ...], float]:
    for line in lines[address:]:
        if _is(LEGAL, line.text) and _could_be_name(line.text):
            return (_name_span(line),), 0.7
    return (), 0.0


def _with_neighbours(head: list[Line], index: int, candidates: list[int]) -> tuple[Span, ...]:
    """A name set on two rows: the legal form alone below it, or the first words above."""
    text = head[index].text
    if _is(LEGAL_ONLY, text) and index - 1 in candidates:
        return (_name_span(head[index - 1]), _name_span(head[index]))
    if index + 1 < len(head) and _is(LEGAL_ONLY, head[index + 1].text):
        return (_name_span(head[index]), _name_span(head[index + 1]))
    return (_name_span(head[index]),)


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
        r"\s*[(\[{<]?\s*(?:co\.?|company|reg\.?|roc|gst|no\.?)?\s*(?:reg\.?)?\s*(?:no\.?)?\s*[:.]?\s*[A-Z]{0,3}\d{4,}[\dA-Z]*\s?-?\s?[A-Z0-9]{0,2}\s*[)\]}>]?\s*$",
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
