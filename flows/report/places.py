"""Places on pages: what is drawn over the picture of a page, tied to the row it proves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prefect_gemini.gemini.evidence.grounding import Evidence


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


def on_page(places: Iterable[Place], page: int) -> tuple[Place, ...]:
    """What is drawn on one page, the largest first so that small places stay reachable."""
    return tuple(sorted((one for one in places if one.page == page), key=lambda one: -one.width * one.height))
