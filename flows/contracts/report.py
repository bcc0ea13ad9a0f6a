"""The report of a review: one HTML file that stands alone, every finding beside its highlighted passage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect_gemini.flows.contracts.findings import RISKS, ClauseFinding
from prefect_gemini.flows.contracts.review import Decision, Review
from prefect_gemini.flows.contracts.summary import STATUS, bill
from prefect_gemini.flows.report.page import render_page, write_page
from prefect_gemini.flows.report.pictures import Picture, pictures_of
from prefect_gemini.flows.report.places import Place, lines_of, on_page
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentError
from prefect_gemini.gemini.evidence.grounding import Evidence
from prefect_gemini.pages import PageError, read_pages

MOST_PAGES = 80
"""Pages drawn, about 8 MB of report: those with findings first."""

LONGEST_TEXT = 600_000
"""Characters of a document without pages that are shown."""


@dataclass(frozen=True)
class Card:
    """One finding of the report. `ref` ties it to its passages."""

    ref: str
    finding: ClauseFinding
    decision: Decision | None
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stretch:
    """A piece of the document's text; with a `ref` it is a passage that a finding or fact rests on."""

    text: str
    ref: str = ""
    first: bool = False


@dataclass(frozen=True)
class View:
    """The document beside the findings: pictures of its pages, or its text."""

    pictures: tuple[Picture, ...] = ()
    places: tuple[Place, ...] = ()
    text: tuple[Stretch, ...] = ()
    missing: int = 0

    def on(self, page: int) -> tuple[Place, ...]:
        return on_page(self.places, page)


def write_report(path: str | Path, review: Review, document: Document | None) -> Path:
    """Write the report of a review and return its path.

    The file asks for nothing from outside and runs no code but its own: whatever the agreement says
    is shown as text.

    Args:
        path: of the HTML file.
        review: the review.
        document: the agreement, for its pages; None where it is not there any more.
    """
    return write_page(path, render_report(review, view_of(review, document)))


def render_report(review: Review, view: View) -> str:
    """The report as HTML."""
    cards = _cards(review, view)
    facts = [(f"f{number}", fact) for number, fact in enumerate(review.reading.proven.facts)]
    return render_page(
        "report.html",
        package="prefect_gemini.flows.contracts",
        filters={},
        review=review,
        reading=review.reading,
        cards=cards,
        facts=facts,
        view=view,
        counts=Counter(one.status for one in review.reading.findings),
        risks=Counter(one.risk for one in review.reading.findings),
        status=STATUS[review.status],
        bill=bill(review),
        warnings=[one for one in review.reading.remarks if one.code == "suspected_injection"],
        remarks=[one for one in review.reading.remarks if one.code != "suspected_injection"],
        today=review.reviewed_at.date(),
    )


def view_of(review: Review, document: Document | None) -> View:
    """The pages or the text with every passage marked; empty where the document cannot be opened any more."""
    if document is None:
        return View()
    marked = _marked(review)
    try:
        opened = Document.of(document.data, name=document.name) if document.is_reference else document
        if opened.is_text:
            return View(text=_stretches(opened.content[:LONGEST_TEXT], marked))
        pages = read_pages(opened.data, opened.media_type)
    except (DocumentError, PageError):
        return View()
    places = tuple(
        place for ref, label, evidence in marked for place in lines_of(evidence, pages, ref=ref, label=label)
    )
    wanted = sorted({place.page for place in places})
    drawn = [*wanted, *(page.number for page in pages if page.number not in wanted)][:MOST_PAGES]
    pictures = pictures_of(opened, pages=drawn, turns=[page.turns for page in pages], most=MOST_PAGES)
    return View(pictures=pictures, places=places, missing=len(pages) - len(pictures))


def _marked(review: Review) -> list[tuple[str, str, Sequence[Evidence]]]:
    """Every finding and fact with its passages."""
    found: list[tuple[str, str, Sequence[Evidence]]] = [
        (f"c-{one.key}", one.title, one.quotes) for one in review.reading.findings if one.quotes
    ]
    return found + [
        (f"f{number}", fact.name, (fact.evidence,))
        for number, fact in enumerate(review.reading.proven.facts)
        if fact.supported
    ]


def _cards(review: Review, view: View) -> list[Card]:
    ordered = sorted(review.reading.findings, key=lambda one: -RISKS.index(one.risk))
    return [Card(f"c-{one.key}", one, review.decision(one.key), _links(one, view)) for one in ordered]


def _links(finding: ClauseFinding, view: View) -> tuple[tuple[str, str], ...]:
    """Where a reader without a mouse goes from a finding."""
    if view.text:
        return (("#t-c-" + finding.key, "Show in the text"),) if finding.quotes else ()
    drawn = {picture.page for picture in view.pictures}
    pages = sorted({one.page for one in finding.quotes if one.page is not None})
    return tuple((f"#page-{page}", f"Show page {page}") for page in pages if page in drawn)


def _stretches(text: str, marked: list[tuple[str, str, Sequence[Evidence]]]) -> tuple[Stretch, ...]:
    """The text cut at passages. Where two overlap, the first one has the common part."""
    spans = sorted(
        (one.start, one.end, ref) for ref, _, found in marked for one in found if one.start is not None and one.end
    )
    out: list[Stretch] = []
    at = 0
    seen: set[str] = set()
    for start, end, ref in spans:
        begin, stop = max(at, start), min(end or 0, len(text))
        if stop <= begin:
            if ref not in seen and start < at:
                # Its passage is shown already, as another's: the link needs somewhere to go all the same.
                out.append(Stretch("", ref, first=True))
                seen.add(ref)
            continue
        if begin > at:
            out.append(Stretch(text[at:begin]))
        out.append(Stretch(text[begin:stop], ref, first=ref not in seen))
        seen.add(ref)
        at = stop
    if at < len(text):
        out.append(Stretch(text[at:]))
    return tuple(out)
