"""Put pieces of text that stand side by side into rows, also on a page that hangs a little askew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from prefect_gemini.pages.words import Box

MIN_OVERLAP = 0.45
"""Share of the lower of two pieces that must overlap vertically for them to stand in one row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text with its box. `slope` is the fall per unit of width, 0.0 for level text."""

    text: str
    box: Box
    confidence: float = 1.0
    slope: float = 0.0


def common_slope(pieces: Sequence[Piece]) -> float:
    """The slope of the page: the median slope of its longer pieces; 0.0 where nothing is long enough to tell."""
    slopes = [piece.slope for piece in pieces if piece.box.width > 4 * piece.box.height]
    return median(slopes) if len(slopes) >= 3 else 0.0


def rows(pieces: Sequence[Piece], *, slope: float = 0.0) -> list[list[Piece]]:
    """Arrange pieces into rows, top to bottom, each from left to right.

    Args:
        pieces: in any order.
        slope: fall per unit of width of the whole page; taken out before heights are compared.
    """
    found: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: _middle(piece, slope)):
        row = next((row for row in reversed(found[-6:]) if _belongs(piece, row, slope)), None)
        if row is None:
            found.append([piece])
        else:
            row.append(piece)
    for row in found:
        row.sort(key=lambda piece: piece.box.left)
    return sorted(found, key=lambda row: sum(_middle(piece, slope) for piece in row) / len(row))


def _middle(piece: Piece, slope: float) -> float:
    return piece.box.middle - slope * (piece.box.left + piece.box.right) / 2


def _belongs(piece: Piece, row: Sequence[Piece], slope: float) -> bool:
    for other in row:
        shared = min(piece.box.right, other.box.right) - max(piece.box.left, other.box.left)
        if shared > 0.3 * min(piece.box.width, other.box.width):
            return False
    near = min(row, key=lambda other: _distance(piece.box, other.box))
    height = min(_height(piece), _height(near))
    drop = abs(_middle(piece, slope) - _middle(near, slope))
    tall = max(_height(piece), _height(near))
    return (height + tall) / 2 - drop >= MIN_OVERLAP * height + (tall - height) / 2


def _height(piece: Piece) -> float:
    """The height of the letters: a sloping piece has a taller box than its letters."""
    return max(piece.box.height - abs(piece.slope) * piece.box.width, 0.5 * piece.box.height, 1e-6)


def _distance(one: Box, other: Box) -> float:
    return max(one.left - other.right, other.left - one.right, 0.0)


def slope_of(left: tuple[float, float], right: tuple[float, float]) -> float:
    """The fall per unit of width between two points of a base line; 0.0 beyond 45 degrees."""
    run = right[0] - left[0]
    fall = right[1] - left[1]
    return fall / run if run > 0 and math.fabs(fall) < run else 0.0
