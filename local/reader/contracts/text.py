"""A contract as text: its passages under their headings, each with its place on the pages."""

from __future__ import annotations

import itertools
import re
import threading
from bisect import bisect_right
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_gemini.local.reader.contracts.sentences import is_heading, is_item, passages
from prefect_gemini.local.reader.resolve import Reading, Span
from prefect_gemini.pages import Page

FURNITURE = 4
"""Times a line is printed from which on it is the page's head or foot and says nothing of what is below it."""

LEAD = 240
"""Characters of "The Supplier shall not:" that the items below it are read with."""


_TAG = re.compile(r"</?[a-z][^<>]{0,200}>")
_INNER_STOP = re.compile(
    r"(?<=\d)\.(?=\d)|(?<=\bInc)\.|(?<=\bLtd)\.|(?<=\bCorp)\.|(?<=\bCo)\.|(?<=\bNo)\.|(?<=\bU)\.(?=S)|(?<=\bU\.S)\.|\.(?=[\w-])"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, a heading or an item of a list.

    Args:
        start, end: in the text of the contract.
        text: its words, joined by single blanks.
        heading: of the section it stands in, "" before the first.
        title: whether it is a heading itself.
        reads: its words as wording is looked for in them, with those of the sentence that opens its list; every full
            stop in it ends a sentence, and tags are gone.
        own: where in them its own words begin.
    """

    start: int
    end: int
    text: str
    heading: str = ""
    title: bool = False
    reads: str = ""
    own: int = 0


REMEMBERED, LONGEST_REMEMBERED = 4, 1_000_000
"""Contracts kept in memory, and the letters of the longest of them."""

_known: OrderedDict[tuple[tuple[str, float, float], ...], Contract] = OrderedDict()
_lock = threading.Lock()


class Contract:
    """The pages of a reading as one text."""

    def __init__(self, pages: tuple[Page, ...]) -> None:
        self.pages = pages
        self.memo: dict[str, Any] = {}
        self.text = "\n".join(page.text for page in pages)
        self._starts: list[int] = []
        offset = 0
        for page in pages:
            self._starts.append(offset)
            offset += len(page.text) + 1

    @classmethod
    def of(cls, reading: Reading) -> Contract:
        """The contract of a reading, made once: a review asks a document several times."""
        known = reading.memo.get("contract")
        if isinstance(known, cls):
            return known
        key = tuple((page.text, page.width, page.height) for page in reading.pages)
        with _lock:
            contract = _known.pop(key, None) or cls(reading.pages)
            if len(contract.text) <= LONGEST_REMEMBERED:
                _known[key] = contract
                while len(_known) > REMEMBERED:
                    _known.popitem(last=False)
        reading.memo["contract"] = contract
        return contract

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in order."""
        breaks = [start + place for start, page in zip(self._starts, self.pages, strict=True) for place in _gaps(page)]
        breaks.extend(start - 1 for start in self._starts[1:])
        found: list[Passage] = []
        heading = lead = ""
        pieces = [(start, end, " ".join(self.text[start:end].split())) for start, end in passages(self.text, breaks)]
        times = Counter(words for _, _, words in pieces)
        for start, end, words in pieces:
            if times[words] >= FURNITURE:
                found.append(Passage(start, end, words, heading, title=True))
                continue
            if is_heading(words):
                heading, lead = words, ""
                found.append(Passage(start, end, words, heading, title=True))
                continue
            listed = is_item(words)
            opened = _plain(lead) + " " if listed and lead else ""
            found.append(Passage(start, end, words, heading, reads=opened + _plain(words), own=len(opened)))
            if words.endswith(":"):
                lead = words[-LEAD:]
            elif not listed:
                lead = ""
        return tuple(found)

    @cached_property
    def opening(self) -> tuple[Passage, ...]:
        """The passages in which parties introduce themselves: those of the first 6,000 characters."""
        return tuple(passage for passage in self.passages if passage.start < 6000)

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Where a stretch of the text stands, page by page."""
        found: list[Span] = []
        first = max(0, bisect_right(self._starts, start) - 1)
        for index in range(first, len(self.pages)):
            shift = self._starts[index]
            if shift >= end:
                break
            begin, stop = max(start - shift, 0), min(end - shift, len(self.pages[index].text))
            if begin < stop:
                found.append((index, begin, stop))
        return tuple(found)


def is_contract(pages: tuple[Page, ...]) -> bool:
    """Whether pages speak as contracts do: an agreement, parties, and duties."""
    text = "\n".join(page.text for page in pages[:12])[:60_000].lower()
    named = re.search(
        r"\b(agreement|contract|lease|licen[cs]e|undertaking|terms and conditions|terms of service)\b", text
    )
    parties = re.search(r"\b(part(y|ies)|between|hereby|herein|hereto|undersigned)\b", text)
    duties = len(re.findall(r"\b(shall|will|may not|agrees?|must|hereby|hereto|hereof|herein|thereof)\b", text))
    return bool(named and parties) and duties >= max(3, min(12, len(text) // 1500))


def _plain(text: str) -> str:
    return _INNER_STOP.sub(" ", _TAG.sub("", text) if "<" in text else text)


def _gaps(page: Page) -> list[int]:
    """Offsets of the newlines at which the page leaves a line free."""
    lines = page.lines
    tops = [min(word.box.top for word in line) for line in lines]
    falls = [below - above for above, below in itertools.pairwise(tops)]
    forward = sorted(fall for fall in falls if fall > 0)
    if not forward:
        return []
    # Of the closer lines: in a text of one-line paragraphs most lines are followed by a gap.
    pitch = forward[len(forward) // 5]
    return [lines[index + 1][0].start - 1 for index, fall in enumerate(falls) if fall > 1.4 * pitch or fall < 0]
