"""The report of a run: one HTML file that stands alone, in which every value points to its place on the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.store import Run
from prefect_gemini.flows.receipts.views import Card, amount, card, pages_read
from prefect_gemini.flows.report.page import render_page, write_page
from prefect_gemini.flows.report.pictures import Picture, pictures_of
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentError

MOST_PICTURED = 120
"""Receipts shown with their picture, about 10 MB of report; those that need a person come first."""

MOST_LISTED = 2000
"""Receipts listed at all; a browser grows slow beyond it. The database and the CSV file have every row."""


def write_report(
    path: str | Path,
    expenses: Sequence[Expense],
    exceptions: Sequence[ReceiptException] = (),
    *,
    run: Run,
    sources: Iterable[str | Path | Document] = (),
) -> Path:
    """Write the report of a run and return its path.

    The file asks for nothing from outside and runs no code but its own: whatever a receipt or a file
    name says is shown as text.

    Args:
        path: of the HTML file.
        expenses: every receipt that was read.
        exceptions: every reason a document needs a person.
        run: what the run was and cost.
        sources: the documents, for their pictures; matched with the expenses by content.
    """
    chosen = {one.digest: one for one in _pictured(expenses)}
    drawn: dict[str, tuple[Picture, ...]] = {}
    for document in _opened(sources):
        if not chosen:
            break
        expense = chosen.pop(document.digest, None)
        if expense is not None:
            drawn[expense.digest] = pictures_of(document, pages=pages_read(expense), turns=expense.turns)
    return write_page(path, render_report(expenses, exceptions, run=run, pictures=drawn))


def render_report(
    expenses: Sequence[Expense],
    exceptions: Sequence[ReceiptException] = (),
    *,
    run: Run,
    pictures: dict[str, tuple[Picture, ...]] | None = None,
) -> str:
    """The report as HTML; `pictures` by the digest of their document."""
    drawn = pictures or {}
    cards = [
        card(one, ref=f"r{number}", pictures=drawn.get(one.digest, ()))
        for number, one in enumerate(expenses[:MOST_LISTED], start=1)
    ]
    refs = _refs(cards)
    return render_page(
        "report.html",
        package="prefect_gemini.flows.receipts",
        filters={"amount": amount},
        run=run,
        local="local" in run.backend,
        cards=cards,
        left_out=len(expenses) - len(cards),
        exceptions=exceptions[:MOST_LISTED],
        refs=refs,
        originals={one.digest: refs.get((one.name, one.digest)) for one in expenses if one.duplicate is None},
        counts=Counter(one.status for one in expenses),
        totals=_totals(expenses),
    )


def _pictured(expenses: Sequence[Expense]) -> list[Expense]:
    """The receipts that get a picture: first those a person will look at, then the others in order."""
    listed = list(expenses[:MOST_LISTED])
    return sorted(listed, key=lambda one: one.status == "recorded")[:MOST_PICTURED]


def _opened(sources: Iterable[str | Path | Document]) -> Iterator[Document]:
    """The documents that still open; the others are among the exceptions already."""
    for source in sources:
        try:
            document = Document.of(source)
            document.digest  # noqa: B018 - reads the bytes, which is what may fail
        except DocumentError:
            continue
        yield document


def _refs(cards: Sequence[Card]) -> dict[tuple[str, str], str]:
    """Where an exception's document is in the report, by name and digest."""
    return {(one.expense.name, one.expense.digest): one.ref for one in cards}


def _totals(expenses: Sequence[Expense]) -> dict[str, Decimal]:
    """Recorded totals by currency; amounts in different currencies are never added."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in expenses:
        if one.status == "recorded" and one.receipt.total is not None:
            sums[one.receipt.currency or "?"] += one.receipt.total
    return dict(sorted(sums.items()))
