"""The outline of an agreement: articles, sections, lettered items, exhibits, each with its place in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

LONGEST_TITLE = 90
"""Characters of a heading; what is longer is the section's first sentence."""

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

_HEADING = re.compile(
    r"""^[ \t]*(?:
        (?P<word>ARTICLE|Article|SECTION|Section|CLAUSE|Clause)\s+(?P<named>\d{1,3}(?:\.\d{1,3}){0,4}|[IVXLC]{1,7})\b[.:)]?
      | (?P<number>\d{1,2}(?:\.\d{1,3}){1,4})[.)]?(?=[ \t]+\S)
      | (?P<top>\d{1,2})(?:\.|\))(?=[ \t]+\S)
      | (?P<bare>\d{1,2})(?=[ \t]{1,8}[A-Z][A-Z &,;/-]{3,}(?:\n|$|\.))
      | \((?P<item>[a-z]{1,2}|[ivx]{1,5}|\d{1,2})\)(?=[ \t]+\S)
    )[ \t]*(?P<rest>[^\n]*)""",
    re.MULTILINE | re.VERBOSE,
)
_EXHIBIT = re.compile(
    r"^[ \t]*(?P<kind>EXHIBIT|SCHEDULE|ANNEX|APPENDIX|ATTACHMENT|Exhibit|Schedule|Annex|Appendix|Attachment)"
    r"\s+(?P<name>[A-Z]|\d{1,2}|[IVX]{1,5})(?:-\d+)?\b(?P<rest>[^\n]{0,120})$",
    re.MULTILINE,
)
_LEADER = re.compile(r"\.{4,}|(?:\. ){4,}|\t+\d+\s*$|\s{3,}\d{1,3}\s*$")
"""The dots or blanks before a page number: a line of a table of contents."""


@dataclass(frozen=True)
class Section:
    """One numbered part.

    Args:
        number: as it is referred to: `7`, `7.2`, `7.2(b)`; `Exhibit A`.
        title: of its heading; empty where it has none.
        start, end: its stretch of the text; sections inside it included.
        level: 1 for the outermost.
    """

    number: str
    title: str
    start: int
    end: int
    level: int

    @property
    def label(self) -> str:
        """How a person names it."""
        named = self.number if self.number[0].isalpha() else f"Section {self.number}"
        return f"{named} ({self.title})" if self.title else named


class Outline:
    """The sections of a text, in its order."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        heads = sorted([*self._numbered(), *self._exhibits()], key=lambda head: head[2])
        found = []
        for index, (number, title, start, level) in enumerate(heads):
            end = next((head[2] for head in heads[index + 1 :] if head[3] <= level), len(self.text))
            found.append(Section(number, title, start, end, level))
        return tuple(found)

    @cached_property
    def by_number(self) -> dict[str, Section]:
        """Sections by number; of several with one number the longest: the others are its table of contents."""
        found: dict[str, Section] = {}
        for section in self.sections:
            known = found.get(section.number)
            if known is None or section.end - section.start > known.end - known.start:
                found[section.number] = section
        return found

    @cached_property
    def exhibits(self) -> frozenset[str]:
        """The names of what is attached: `Exhibit A`."""
        return frozenset(section.number for section in self.sections if section.number[0].isalpha())

    def at(self, offset: int) -> Section | None:
        """The innermost section an offset is in."""
        starts = [section.start for section in self.sections]
        for index in range(bisect_right(starts, offset) - 1, -1, -1):
            if self.sections[index].end > offset:
                return self.sections[index]
        return None

    def top(self) -> tuple[Section, ...]:
        """The outermost sections, what stands before the first one left out."""
        return tuple(section for section in self.sections if section.level == 1)

    def _numbered(self) -> Iterator[tuple[str, str, int, int]]:
        parent = ""
        last_top = 0
        for match in _HEADING.finditer(self.text):
            if _LEADER.search(match["rest"]):
                continue
            if match["item"]:
                if parent:
                    yield f"{parent}({match['item']})", _title(match["rest"]), match.start(), parent.count(".") + 2
                continue
            number = match["number"] or match["top"] or match["bare"] or match["named"]
            if number.isalpha():
                number = str(from_roman(number))
            number = re.sub(r"\.0$", "", number)
            first = int(number.split(".")[0])
            # "… within\n30. Days" and "… under\nSection 5 (Fees)" are no headings: numbers go up one by one,
            # with a few left out, and begin again only with 1.
            if first > last_top + 3 or ("." not in number and first <= last_top and first != 1):
                continue
            last_top = first if "." not in number else max(last_top, first)
            parent = number
            yield number, _title(match["rest"]), match.start(), number.count(".") + 1

    def _exhibits(self) -> Iterator[tuple[str, str, int, int]]:
        for match in _EXHIBIT.finditer(self.text):
            rest = match["rest"].strip(" \t:.–—-")
            if _LEADER.search(match["rest"]) or (rest and not (rest[0].isupper() or rest[0] in '("“')):
                continue
            if len(rest.split()) <= 10:
                yield f"{match['kind'].title()} {match['name']}", _title(rest), match.start(), 1


def _title(rest: str) -> str:
    """A heading from the rest of its line; empty where the line is a sentence."""
    head = re.split(r"(?<=[A-Za-z)])[.:](?:\s|$)|\s[–—-]\s|\t", rest.strip(), maxsplit=1)[0].strip(" .:;–—-_")
    if not head or len(head) > LONGEST_TITLE or not (head[0].isupper() or head[0] in '"“'):
        return ""
    words = head.split()
    small = sum(word[0].islower() and word not in _SMALL for word in words)
    return head if len(words) <= 12 and small <= len(words) // 4 else ""


_SMALL = frozenset({"of", "and", "or", "the", "to", "for", "in", "on", "by", "with", "a", "an", "from", "upon", "as"})


def from_roman(letters: str) -> int:
    """The number that Roman capitals write."""
    values = [_ROMAN[letter] for letter in letters]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
