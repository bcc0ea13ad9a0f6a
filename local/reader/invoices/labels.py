"""Find values by the labels that stand before, left of or above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prefect_gemini.local.reader.resolve import Reading, Span
from prefect_gemini.local.reader.tables.cells import Cell, cells_of, letter_height, plain
from prefect_gemini.pages.words import Box

LONGEST_LABEL = 8
"""Words of the longest label looked for: a title with its number sign."""

SAME, RIGHT, BELOW = 1.0, 0.97, 0.85
"""What a place is worth: behind the label in its cell, in the next cell, in the next line."""

PROSE = 0.8
"""What a label in the midst of a sentence is worth."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a word, cut behind colons, with its offsets in the text of the page."""

    text: str
    start: int
    end: int
    cell: int
    box: Box


@dataclass(frozen=True, slots=True)
class Spot:
    """A text that a label points at.

    Args:
        page: index of the page.
        start, end: of the text.
        text: as it stands in the page.
        worth: how much label and place together say, 0 to 1.
        label: where the label stands.
        order: smaller is earlier in the document.
    """

    page: int
    start: int
    end: int
    text: str
    worth: float
    label: Span
    order: int

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands."""
        return (self.page, self.start + start, self.start + end)


def grid(reading: Reading) -> list[list[list[Cell]]]:
    """The cells of every page, line by line; worked out once a reading."""
    if "grid" not in reading.memo:
        reading.memo["grid"] = [cells_of(page, index) for index, page in enumerate(reading.pages)]
    found: list[list[list[Cell]]] = reading.memo["grid"]
    return found


def spots(reading: Reading, labels: Sequence[tuple[re.Pattern[str], float]], *, head: bool = False) -> Iterator[Spot]:
    """Find what the labels of a field point at, page by page; a label alone points at an empty text of no worth.

    Args:
        reading: the document.
        labels: patterns that match a whole label in the form of `cells.plain`, with their worth.
        head: only labels that begin a cell.
    """
    for page, lines in enumerate(grid(reading)):
        height = letter_height(reading.pages[page])
        text = reading.pages[page].text
        for number, line in enumerate(lines):
            tokens = _tokens(line)
            at = 0
            while at < len(tokens):
                match = _label(tokens, at, labels)
                if match is None:
                    at += 1
                    continue
                length, worth = match
                begins = at == 0 or tokens[at].cell != tokens[at - 1].cell
                if begins or not head:
                    worth *= PROSE if _in_prose(tokens, at) else 1.0
                    yield from _values(page, text, lines, number, tokens, at, length, worth, height)
                at += length


def _tokens(line: Sequence[Cell]) -> list[Token]:
    return [
        Token(piece[0], word.start + piece.start(), word.start + piece.end(), number, word.box)
        for number, cell in enumerate(line)
        for word in cell.words
        for piece in re.finditer(r"[^:]+:(?=$|[^\d/]|\d{3})|[^:].*|:", word.text)
    ]


def _in_prose(tokens: Sequence[Token], at: int) -> bool:
    """Whether a label stands behind several other words of its cell."""
    before = [token for token in tokens[:at] if token.cell == tokens[at].cell]
    return len(before) > 2


def _label(
    tokens: Sequence[Token], at: int, labels: Sequence[tuple[re.Pattern[str], float]]
) -> tuple[int, float] | None:
    best: tuple[int, float] | None = None
    for length in range(min(LONGEST_LABEL, len(tokens) - at), 0, -1):
        if any(token.text.endswith(":") for token in tokens[at : at + length - 1]):
            continue
        words = plain(" ".join(token.text for token in tokens[at : at + length]))
        if not words or not plain(tokens[at + length - 1].text):
            continue
        for pattern, worth in labels:
            if pattern.fullmatch(words) and (best is None or worth > best[1]):
                best = (length, worth)
                break
    return best


def _values(
    page: int,
    text: str,
    lines: Sequence[Sequence[Cell]],
    number: int,
    tokens: Sequence[Token],
    at: int,
    length: int,
    worth: float,
    height: float,
) -> Iterator[Spot]:
    label = tokens[at : at + length]
    where = (page, label[0].start, label[-1].end)
    order = number * 1000 + at
    rest = list(tokens[at + length :])
    while rest and rest[0].text in (":", "-", "–", ".", "#"):
        rest.pop(0)
    own = [token for token in rest if token.cell == label[-1].cell]
    if own:
        yield Spot(page, own[0].start, own[-1].end, text[own[0].start : own[-1].end], worth * SAME, where, order)
        return
    if rest:
        following = [token for token in rest if token.cell == rest[0].cell]
        start, end = following[0].start, following[-1].end
        yield Spot(page, start, end, text[start:end], worth * RIGHT, where, order)
    left, right = label[0].box.left, label[-1].box.right
    for below in lines[number + 1 : number + 4]:
        if below[0].box.top - label[0].box.bottom > 2.5 * height:
            break
        under = next(
            (
                cell
                for cell in below
                if abs(cell.box.left - left) < height
                or (cell.box.left < right and cell.box.right > left and cell.box.width < 3 * (right - left))
            ),
            None,
        )
        if under is not None:
            yield Spot(page, under.start, under.end, text[under.start : under.end], worth * BELOW, where, order + 500)
            return
    if not rest:
        yield Spot(page, where[2], where[2], "", 0.0, where, order)
