"""The number of an invoice: the code behind "Invoice no.", or behind the title."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.dates import dates_in
from prefect_gemini.local.reader.invoices.labels import Spot, spots
from prefect_gemini.local.reader.invoices.words import INVOICE_NUMBER
from prefect_gemini.local.reader.money import amounts_in
from prefect_gemini.local.reader.resolve import Found, Reading, Schema, resolves
from prefect_gemini.local.reader.tables.cells import letter_height, plain

_CODE = re.compile(r"[A-Za-z0-9][\w./#-]*(?:[\w#])|\d")
_LINKED = re.compile(r"(?:\s?[-/]\s?|\s)(?=\w*\d)[A-Z0-9][\w./-]*")
_PREFIX = re.compile(r"(?P<prefix>[A-Z]{1,5})\s(?:[-/]\s?)?(?=\d)")
_STOP = re.compile(r"(?:vom|du|of|dated|date|from|seite|page|op|del|le|datum|on|am|issued)\b", re.IGNORECASE)


@resolves("invoice_number", kind="invoice")
def invoice_number(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The best code a label of an invoice number points at.

    A code printed in several such places (the head of each page) counts for more; of equals, the first.
    """
    scores: dict[str, float] = {}
    best: dict[str, tuple[float, int, Spot, int, int]] = {}
    for spot in spots(reading, INVOICE_NUMBER):
        if spot.worth < 0.7 and not _titles(reading, spot):
            continue
        read = _code(spot)
        if read is None:
            continue
        start, end = read
        value = spot.text[start:end]
        key = re.sub(r"\s", "", value)
        scores[key] = scores.get(key, -0.03) + (0.03 if key in best else spot.worth + 0.03)
        rank = (spot.worth, -(spot.page * 1_000_000 + spot.order), spot, start, end)
        if key not in best or rank[:2] > best[key][:2]:
            best[key] = rank
    if not best:
        return None
    chosen = max(best, key=lambda key: (best[key][0] + min(0.06, scores[key] - best[key][0]), best[key][1]))
    worth, _, spot, start, end = best[chosen]
    return Found(spot.text[start:end], (spot.span(start, end),), min(worth, 1.0))


def _code(spot: Spot) -> tuple[int, int] | None:
    """Where the code stands in what the label points at; None where there is none."""
    text = spot.text
    prefix = _PREFIX.match(text)
    code = _CODE.match(text, prefix.end() if prefix else 0)
    if code is None:
        return None
    start, end = 0 if prefix else code.start(), code.end()
    if not re.search(r"\d", text[start:end]):
        return None
    # A number set in groups: every further word of the cell is one of them.
    linked = end
    while (more := _LINKED.match(text, linked)) is not None and not _STOP.match(more[0].strip()):
        linked = more.end()
    if linked == len(text) and linked - start <= 30:
        end = linked
    value = text[start:end]
    if spot.worth < 0.7 and (end < len(text) or re.fullmatch(r"(?:19|20)\d\d", value)):
        return None
    if any(found.end - found.start >= len(value) - 1 for found in dates_in(value)) and spot.worth < 1.0:
        return None
    if re.match(r"\s?[%€$£]", text[end:]) or re.search(r"^\d+[.,]\d{2}$", value):
        return None
    if any(found.currency for found in amounts_in(text) if found.start <= start < found.end):
        return None
    return start, end


def _titles(reading: Reading, spot: Spot) -> bool:
    """Whether a bare title word ("Invoice") really is one: it begins its cell, alone or in larger print."""
    page = reading.pages[spot.page]
    _, start, end = spot.label
    box = page.box_between(start, end)
    line = page.text.rfind("\n", 0, start) + 1
    before = plain(page.text[line:start])
    if before or box is None:
        return False
    tall = box.height > 1.15 * letter_height(page)
    stop = page.text.find("\n", spot.end)
    after = page.text[spot.end : stop if stop >= 0 else len(page.text)].strip()
    return tall or not after
