"""Invoices drawn as text, so that a test shows the page it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from prefect_gemini.local.reader.intake import page_of_text
from prefect_gemini.local.reader.resolve import Reading
from prefect_gemini.pages import Box, Page

CHARACTER, LINE, LETTER = 6.0, 14.0, 10.0
"""A character is six points wide, a line fourteen apart with letters of ten: columns of text stay columns."""


def _page(drawn: str, number: int) -> Page:
    lines = [
        [
            (word[0], Box(CHARACTER * word.start(), LINE * row, CHARACTER * word.end() - 1, LINE * row + LETTER), 1.0)
            for word in re.finditer(r"\S+", line)
        ]
        for row, line in enumerate(dedent(drawn).strip("\n").split("\n"))
    ]
    return Page.from_lines(number, 600.0, LINE * max(len(lines), 60), lines, source="text")


@pytest.fixture(scope="session")
def invoice() -> Callable[..., Reading]:
    """Read drawings, one a page, as an invoice."""
    return lambda *drawn: Reading(tuple(_page(text, number) for number, text in enumerate(drawn, 1)), "invoice")


@pytest.fixture(scope="session")
def agreement() -> str:
    """A supply and licence agreement of our own making."""
    return (Path(__file__).parent / "agreement.txt").read_text()


@pytest.fixture(scope="session")
def contract(agreement: str) -> Reading:
    """The agreement as the reader sees it."""
    return Reading((page_of_text(agreement, 1),))
