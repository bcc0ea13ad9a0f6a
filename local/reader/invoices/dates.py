"""The dates of an invoice: the day it was issued and the day it is due."""

from __future__ import annotations

import re
from datetime import timedelta

from prefect_gemini.local.reader.dates import Order, PrintedDate, dates_in, order_of
from prefect_gemini.local.reader.invoices.labels import Spot, grid, spots
from prefect_gemini.local.reader.invoices.words import DUE_DATE, INVOICE_NUMBER, ISSUE_DATE, OTHER_DATE
from prefect_gemini.local.reader.resolve import Found, Reading, Schema, resolves
from prefect_gemini.local.reader.tables.cells import plain

_BEFORE = re.compile(
    r"\W*(?:(?:am|le|the|on|at|den|dem|vom|du|of|el|op|il|is|mon|tue|wed|thu|fri|sat|sun)\b\W*)?", re.I
)
_TITLE_DATE = re.compile(r"\b(?:vom|du|of|dated|date|from|del|van|le)\s*$", re.IGNORECASE)


def order_in(reading: Reading) -> Order:
    """Which of day and month this document prints first: by dates that leave no choice, else by its dollars."""
    # Two digits thrice with hyphens is a bank's sort code as often as a date.
    texts = [re.sub(r"\b\d{2}-\d{2}-\d{2}\b", " ", page.text) for page in reading.pages]
    everything = "\n".join(texts)
    american = re.search(r"\$|\bUSD\b", everything) and re.search(
        r"\b[A-Z]{2},?\s+\d{5}\b|\bUSA?\b|United States", everything
    )
    return order_of(texts, default="MDY" if american else "DMY")


@resolves("issue_date", kind="invoice")
def issue_date(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The date behind a label of the issue, else the one in the title, else the only one in the head."""
    order = order_in(reading)
    found: list[tuple[float, int, Found]] = []
    for spot in spots(reading, ISSUE_DATE[:1]):
        printed = _first(spot, order)
        if printed is not None:
            found.append(_ranked(spot, printed, spot.worth))
    for spot in spots(reading, ISSUE_DATE[1:], head=True):
        printed = _first(spot, order)
        if printed is not None:
            found.append(_ranked(spot, printed, spot.worth))
    for spot in spots(reading, INVOICE_NUMBER):
        titled = _titled(reading, spot, order)
        if titled is not None:
            found.append(titled)
    if not found:
        return _lone(reading, order)
    return max(found, key=lambda candidate: (candidate[0], candidate[1]))[2]


@resolves("due_date", kind="invoice")
def due_date(reading: Reading, role: str, schema: Schema) -> Found | None:
    """The date behind a label of payment; never one before the issue."""
    order = order_in(reading)
    issued = issue_date(reading, "issue_date", {})
    found: list[tuple[float, int, Found]] = []
    for spot in spots(reading, DUE_DATE):
        printed = _first(spot, order)
        if printed is None:
            continue
        if issued is not None and printed.value < issued.value - timedelta(days=1):
            continue
        found.append(_ranked(spot, printed, spot.worth))
    return max(found, key=lambda candidate: (candidate[0], candidate[1]))[2] if found else None


def _ranked(spot: Spot, printed: PrintedDate, worth: float) -> tuple[float, int, Found]:
    score = worth if printed.certain or printed.named else 0.95 * worth
    place = -(spot.page * 1_000_000 + spot.order)
    return worth, place, Found(printed.value, (spot.span(printed.start, printed.end),), score)


def _first(spot: Spot, order: Order) -> PrintedDate | None:
    """The date a text begins with, but for a word or two that lead to it."""
    printed = next(dates_in(spot.text, order=order), None)
    if printed is None:
        return None
    lead = _BEFORE.match(spot.text)
    return printed if lead is not None and printed.start <= lead.end() else None


def _titled(reading: Reading, spot: Spot, order: Order) -> tuple[float, int, Found] | None:
    """The date in the line of the invoice's number: `Rechnung Nr. 4711 vom 05.06.2018`."""
    page = reading.pages[spot.page]
    stop = page.text.find("\n", spot.start)
    text = page.text[spot.start : stop if stop >= 0 else len(page.text)]
    for printed in dates_in(text, order=order):
        before = text[: printed.start]
        if _TITLE_DATE.search(before) or len(before.split()) <= 1:
            if OTHER_DATE.search(plain(before)):
                return None
            span = (spot.page, spot.start + printed.start, spot.start + printed.end)
            worth = 0.9 if _TITLE_DATE.search(before) else 0.7
            return worth, -(spot.page * 1_000_000 + spot.order), Found(printed.value, (span,), worth)
    return None


def _lone(reading: Reading, order: Order) -> Found | None:
    """The only day printed without another meaning in the upper half of the first page."""
    page = reading.pages[0]
    found: dict[object, Found] = {}
    for line in grid(reading)[0]:
        if line[0].box.top > 0.5 * page.height:
            break
        whole = plain(" ".join(cell.text for cell in line))
        for cell in line:
            for printed in dates_in(cell.text, order=order):
                label = plain(cell.text[: printed.start])
                if OTHER_DATE.search(label) or (OTHER_DATE.search(whole) and printed.start > 0):
                    continue
                if len(cell.text) - (printed.end - printed.start) > 25:
                    continue
                span = (0, cell.start + printed.start, cell.start + printed.end)
                found.setdefault(printed.value, Found(printed.value, (span,), 0.6))
    return next(iter(found.values())) if len(found) == 1 else None
