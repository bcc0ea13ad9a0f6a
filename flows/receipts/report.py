"""The report of a run: one HTML file that stands alone, in which every value points to its place on the page."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import jinja2

from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.models import printable
from prefect_gemini.flows.receipts.pictures import Picture, pictures_of
from prefect_gemini.flows.receipts.store import Run
from prefect_gemini.flows.receipts.views import Card, amount, card, pages_read
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
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render_report(expenses, exceptions, run=run, pictures=drawn), encoding="utf-8")
    return target


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
    template, script_hash = _template()
    return template.render(
        run=run,
        local="local" in run.backend,
        cards=cards,
        left_out=len(expenses) - len(cards),
        exceptions=exceptions[:MOST_LISTED],
        refs=refs,
        originals={one.digest: refs.get((one.name, one.digest)) for one in expenses if one.duplicate is None},
        counts=Counter(one.status for one in expenses),
        totals=_totals(expenses),
        script_hash=script_hash,
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


def _day(moment: datetime.datetime) -> str:
    """A moment in words that every reader of English takes for the same day."""
    return f"{moment.astimezone(datetime.UTC):%d %B %Y, %H:%M} UTC".lstrip("0")


@cache
def _template() -> tuple[jinja2.Template, str]:
    """The template, and the hash by which its content security policy admits its one script."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("prefect_gemini.flows.receipts", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"printable": printable, "amount": amount, "day": _day}
    source, _, _ = environment.loader.get_source(environment, "report.html")  # type: ignore[union-attr]  # set above
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL)
    digest = hashlib.sha256((script[1] if script else "").encode()).digest()
    return environment.get_template("report.html"), base64.b64encode(digest).decode("ascii")
