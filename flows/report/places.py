"""Places on pages: what is drawn over the picture of a page, tied to the row it proves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prefect_gemini.gemini.evidence.grounding import Evidence
from prefect_gemini.pages.words import Box, Page


@dataclass(frozen=True)
class Place:
    """A place on a page, in thousandths of its width and height. `ref` ties it to its row."""

    ref: str
    label: str
    page: int
    x: int
    y: int
    width: int
    height: int


def places_of(evidence: Iterable[Evidence], *, ref: str, label: str) -> Iterator[Place]:
    """The places that evidence names, each once; none for values that stand nowhere."""
    drawn: set[tuple[int | None, object]] = set()
    for one in evidence:
        if one.page is None or one.box is None or (one.page, one.box) in drawn:
            continue
        drawn.add((one.page, one.box))
        top, left, bottom, right = one.box
        yield Place(ref, label, one.page, left, top, max(1, right - left), max(1, bottom - top))


def lines_of(evidence: Iterable[Evidence], pages: Sequence[Page], *, ref: str, label: str) -> Iterator[Place]:
    """The places that evidence names, line by line as a text marker would draw them, over all pages it runs on."""
    by_number = {page.number: page for page in pages}
    for one in evidence:
        page, start, left = by_number.get(one.page or 0), one.start or 0, len(one.quote or "")
        while page is not None and left > 0:
            stop = min(start + left, len(page.text))
            lines: dict[int, Box] = {}
            for word in page.words_between(start, stop):
                lines[word.line] = word.box.union(lines[word.line]) if word.line in lines else word.box
            for box in lines.values():
                top, edge, bottom, right = box.scaled(page.width, page.height)
                yield Place(ref, label, page.number, edge, top, max(1, right - edge), max(1, bottom - top))
            left -= stop - start + 1
            page, start = by_number.get(page.number + 1), 0


def on_page(places: Iterable[Place], page: int) -> tuple[Place, ...]:
    """What is drawn on one page, the largest first so that small places stay reachable."""
    return tuple(sorted((one for one in places if one.page == page), key=lambda one: -one.width * one.height))
