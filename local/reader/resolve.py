"""The seam between a schema and the pages: a role is asked for, a resolver finds it or says None.

A *role* is what a property means, whatever it is called: `merchant`, `company` and `vendor_name` are all
`seller_name` (`roles.py` maps names and descriptions to roles and lists every role). To teach the reader a
role, or a better way to read one in a kind of document, write

    @resolves("due_date", kind="invoice")
    def due_date(reading: Reading, role: str, schema: Schema) -> Found | None:
        ...

in a module that `resolvers.py` imports. A resolver for the document's kind is asked first, one registered
without a kind after it; the first answer that is not None counts. Rules for resolvers:

* `Found.value` is a `Decimal` for amounts and rates, a `date` or `time` for those, else a `str`; the engine
  turns it into what the schema asks for, and drops it where it does not fit (an enum, a pattern).
* `Found.spans` says where it is printed, as (page index, start, end) in `reading.pages[index].text`. A value
  that is not printed has no place in an answer; the one exception is a value that follows from print by a fixed
  table (a currency from its sign), whose span is that print.
* `Found.score` is how sure the reader is, 0 to 1. Below `FLOOR` the value counts as not found.
* None means "not printed, or not sure": it is an answer, not a failure.

Line items are not a role of this registry: `tables.read_line_items(reading)` returns one dict per row, keyed by
`ITEM_FIELDS`, whose values are `Found`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from prefect_gemini.pages.words import Box, Page, Word

FLOOR = 0.5
"""A value the reader is less sure of than this is null: precision before recall."""

ITEM_FIELDS = ("description", "quantity", "unit", "unit_price", "amount", "tax_rate", "discount", "code", "position")
"""What a line of a bill can have."""

Kind = Literal["receipt", "invoice", "text"]
Schema = dict[str, Any]
Span = tuple[int, int, int]


@dataclass(frozen=True)
class Found:
    """A value with the print it rests on.

    Args:
        value: Decimal, date, time or str.
        spans: (page index, start, end) in the text of that page; at least one.
        score: 0 to 1.
    """

    value: Any
    spans: tuple[Span, ...]
    score: float = 1.0


@dataclass(frozen=True)
class Line:
    """A printed row.

    Args:
        page: index of its page in the reading.
        index: index of the row in that page.
        start: offset of its first word in the page's text.
    """

    page: int
    index: int
    words: tuple[Word, ...]
    text: str
    start: int

    @cached_property
    def box(self) -> Box:
        box = self.words[0].box
        for word in self.words[1:]:
            box = box.union(word.box)
        return box

    @cached_property
    def height(self) -> float:
        """The middle height of its words."""
        heights = sorted(word.box.height for word in self.words)
        return heights[len(heights) // 2]

    @cached_property
    def cells(self) -> tuple[tuple[Word, ...], ...]:
        """The words, parted wherever a gap is wider than one and a half letters' height."""
        groups: list[list[Word]] = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.box.left - before.box.right > 1.5 * self.height:
                groups.append([word])
            else:
                groups[-1].append(word)
        return tuple(tuple(group) for group in groups)

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` of this line stands in its page."""
        return (self.page, self.start + start, self.start + end)

    @property
    def whole(self) -> Span:
        return self.span(0, len(self.text))


@dataclass(frozen=True)
class Reading:
    """A document as the resolvers see it.

    Args:
        pages: in order, of all documents of the call.
        kind: what it looks like; resolvers for that kind are asked first.
        prompt: what the caller said about it; names the field or the country now and then.
    """

    pages: tuple[Page, ...]
    kind: Kind = "text"
    prompt: str = ""

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every row of every page."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Line]:
        for number, page in enumerate(self.pages):
            for index, words in enumerate(page.lines):
                start = words[0].start
                yield Line(number, index, words, page.text[start : words[-1].end], start)

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What resolvers work out once for a document: candidates, totals, tables. Keyed by module name."""
        return {}

    def text_of(self, span: Span) -> str:
        return self.pages[span[0]].text[span[1] : span[2]]

    def place(self, path: str, found: Found) -> dict[str, Any] | None:
        """Where a value stands, as answers tell it: path, page, box 0 to 1000, quote, score; None without a place."""
        if not found.spans:
            return None
        index, start, end = found.spans[0]
        page = self.pages[index]
        box = page.box_between(start, end)
        for _, more, last in (span for span in found.spans[1:] if span[0] == index):
            extra = page.box_between(more, last)
            box = extra if box is None else box.union(extra) if extra is not None else box
        return {
            "path": path,
            "page": page.number,
            "box": list(box.scaled(page.width, page.height)) if box is not None else None,
            "quote": self.quote(found),
            "score": round(found.score, 3),
        }

    def quote(self, found: Found) -> str:
        """The print a value rests on, pieces joined by a newline."""
        return "\n".join(self.text_of(span) for span in found.spans)


Resolver = Callable[[Reading, str, Schema], Found | None]

_resolvers: dict[tuple[str, Kind | None], list[Resolver]] = {}


def resolves(*roles: str, kind: Kind | None = None) -> Callable[[Resolver], Resolver]:
    """Register a resolver for roles; with `kind` it is asked first in documents of that kind.

    Args:
        roles: the roles it can find.
        kind: the kind of document it knows; None for any.
    """

    def register(resolver: Resolver) -> Resolver:
        for role in roles:
            _resolvers.setdefault((role, kind), []).append(resolver)
        return resolver

    return register


def resolve(reading: Reading, role: str, schema: Schema) -> Found | None:
    """Ask the resolvers of a role in turn.

    Args:
        reading: the document.
        role: one of `roles.ROLES`.
        schema: the schema of the property, for its enum, description and type.
    """
    for kind in (reading.kind, None):
        for resolver in _resolvers.get((role, kind), ()):
            found = resolver(reading, role, schema)
            if found is not None and found.score >= FLOOR:
                return found
    return None


def amount(found: Found | None) -> Decimal | None:
    """The number of a found amount."""
    return found.value if found is not None and isinstance(found.value, Decimal) else None
