"""Words, lines and pages: the shapes everything that reads a document shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, origin at the top left.

    Args:
        left, top, right, bottom: edges in the page's own unit (pixels for an image after EXIF
            rotation, points for a PDF page), of the page the right way up (see `Page.turns`).
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    def union(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def scaled(self, width: float, height: float) -> tuple[int, int, int, int]:
        """The box as Gemini writes boxes: (ymin, xmin, ymax, xmax), 0 to 1000 of the page."""
        return (
            round(1000 * self.top / height),
            round(1000 * self.left / width),
            round(1000 * self.bottom / height),
            round(1000 * self.right / width),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """One word as printed. `start` is its offset in `Page.text`; `line` the index of its line."""

    text: str
    box: Box
    start: int
    line: int
    confidence: float = 1.0

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class Page:
    """A page: its words in reading order, joined by one blank in a line and a newline between lines.

    Args:
        number: counted from 1.
        width, height: in the unit of the boxes.
        text: all words; `text[word.start:word.end] == word.text` for every word.
        source: "text" where the file carries a text layer, "ocr" where the words were read from pixels.
        turns: quarter turns clockwise that put a sideways or upside-down page upright; boxes, width and
            height are of the page so turned.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    text: str = field(repr=False)
    source: Literal["text", "ocr"] = "text"
    turns: int = 0

    @cached_property
    def lines(self) -> tuple[tuple[Word, ...], ...]:
        """The words line by line, top to bottom."""
        rows: dict[int, list[Word]] = {}
        for word in self.words:
            rows.setdefault(word.line, []).append(word)
        return tuple(tuple(rows[index]) for index in sorted(rows))

    def words_between(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that overlap `text[start:end]`."""
        return tuple(word for word in self.words if word.start < end and word.end > start)

    def box_between(self, start: int, end: int) -> Box | None:
        """The box round the words that overlap `text[start:end]`; None where there is no word."""
        box: Box | None = None
        for word in self.words_between(start, end):
            box = word.box if box is None else box.union(word.box)
        return box

    @classmethod
    def from_lines(
        cls,
        number: int,
        width: float,
        height: float,
        lines: list[list[tuple[str, Box, float]]],
        *,
        source: Literal["text", "ocr"],
        turns: int = 0,
    ) -> Page:
        """Build a page from lines of (text, box, confidence), computing text and offsets."""
        words: list[Word] = []
        parts: list[str] = []
        offset = 0
        for index, line in enumerate(line for line in lines if line):
            if index:
                parts.append("\n")
                offset += 1
            for position, (text, box, confidence) in enumerate(line):
                if position:
                    parts.append(" ")
                    offset += 1
                words.append(Word(text, box, offset, index, confidence))
                parts.append(text)
                offset += len(text)
        return cls(number, width, height, tuple(words), "".join(parts), source, turns)
