"""Cells: the runs of words on a line that stand together, as in a table or a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from prefect_gemini.pages.words import Box, Page, Word

WIDEST_BLANK = 0.6
"""A gap wider than this share of the letters' height ends a cell, unless the page sets its blanks wider."""


@dataclass(frozen=True)
class Cell:
    """Words of one line with no wide gap between them.

    Args:
        page: index of its page in the reading.
        line: index of the line on its page.
        words: left to right, at least one.
    """

    page: int
    line: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        box = self.words[0].box
        for word in self.words[1:]:
            box = box.union(word.box)
        return box

    @property
    def span(self) -> tuple[int, int, int]:
        """Where it stands: page index, start, end in the text of the page."""
        return (self.page, self.start, self.end)

    @property
    def start(self) -> int:
        """Offset of the first word in the text of the page."""
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    def part(self, start: int, end: int) -> Cell:
        """The words from index `start` to `end` as a cell of their own."""
        return Cell(self.page, self.line, self.words[start:end])


def letter_height(page: Page) -> float:
    """The median height of the words of a page, in its unit; 1.0 for a page without words."""
    return median([word.box.height for word in page.words]) if page.words else 1.0


def cells_of(page: Page, index: int) -> list[list[Cell]]:
    """Split every line of a page into cells, top to bottom, left to right.

    Args:
        page: the page.
        index: its index in the reading, which the cells carry.

    A page set with wide blanks (justified text, monospaced print) gets a wider limit: 1.8 times its
    own usual blank, which is what a tenth of its gaps stay below.
    """
    height = letter_height(page)
    gaps = sorted((right.box.left - left.box.right) / height for line in page.lines for left, right in pairwise(line))
    usual = gaps[len(gaps) // 10] if gaps else 0.0
    limit = max(WIDEST_BLANK, 1.8 * usual if usual < 1.5 else 0.0) * height
    return [_split(index, number, line, limit) for number, line in enumerate(page.lines)]


def _split(page: int, index: int, line: Sequence[Word], limit: float) -> list[Cell]:
    cells: list[Cell] = []
    words: list[Word] = []
    for word in line:
        if words and word.box.left - words[-1].box.right > limit:
            cells.append(Cell(page, index, tuple(words)))
            words = []
        words.append(word)
    cells.append(Cell(page, index, tuple(words)))
    return cells


def plain(text: str) -> str:
    """Lower case without accents, signs of abbreviation as blanks: the form in which labels are compared."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("°", "o").replace("º", "o")).lower()
    kept = "".join(
        letter if letter.isalnum() or letter in "#%" else " " for letter in folded if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())
