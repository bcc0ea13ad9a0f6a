"""Contracts cut into passages: nothing lost, nothing twice, sentences whole."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.local.reader.contracts.sentences import is_heading, passages
from prefect_gemini.local.reader.contracts.text import Contract
from prefect_gemini.local.reader.intake import page_of_text
from prefect_gemini.local.reader.resolve import Reading

WORDS = st.sampled_from(
    [
        "The",
        "Supplier",
        "shall",
        "pay",
        "Inc.",
        "U.S.",
        "(a)",
        "(ii)",
        "12.",
        "3.4",
        "No.",
        "5",
        ";",
        "and",
        "“Term”",
        "NOTICE.",
        "[***]",
        "end.",
        "days?",
        "\n",
        "\n\n",
        "A.",
    ]
)


@given(st.lists(WORDS, max_size=80).map(" ".join))
def test_every_word_is_in_exactly_one_passage(text: str) -> None:
    """Passages stand in order, do not overlap, and leave out nothing but white space."""
    breaks = [match.start() for match in re.finditer(r"\n(?=\n)", text)]
    place = 0
    for start, end in passages(text, breaks):
        assert place <= start < end
        assert not text[place:start].strip()
        assert text[start:end] == text[start:end].strip()
        place = end
    assert not text[place:].strip()


@given(st.text(max_size=400))
def test_any_text_is_cut_without_loss(text: str) -> None:
    """Also one that is no contract: the letters of the passages are the letters of the text."""
    pieces = "".join(text[start:end] for start, end in passages(text))
    assert "".join(pieces.split()) == "".join(text.split())


@given(st.lists(WORDS, min_size=1, max_size=60).map(" ".join))
def test_quotes_stand_in_the_text_and_on_the_page(text: str) -> None:
    """A passage is the text between its ends, blanks aside, and its place on the page has the same words."""
    contract = Contract((page_of_text(text, 1), page_of_text(text, 2)))
    for passage in contract.passages:
        assert passage.text == " ".join(contract.text[passage.start : passage.end].split())
        placed = " ".join(
            contract.pages[page].text[start:end] for page, start, end in contract.spans(passage.start, passage.end)
        )
        assert placed.split() == passage.text.split()


def cut(text: str) -> list[str]:
    return [passage.text for passage in Contract((page_of_text(dedent(text).strip(), 1),)).passages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Acme Inc. pays Bolt Ltd. on Dec. 8, 2005. It pays twice.",
            ["Acme Inc. pays Bolt Ltd. on Dec. 8, 2005.", "It pays twice."],
        ),
        ("It is made by Acme Inc. The Supplier agrees.", ["It is made by Acme Inc.", "The Supplier agrees."]),
        ("See Section 5.1. Nothing else applies.", ["See Section 5.1.", "Nothing else applies."]),
        ("4.\nThe fee is due.\n(a) It is paid.", ["4. The fee is due.", "(a) It is paid."]),
        ("The U.S. Treasury rate applies.", ["The U.S. Treasury rate applies."]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    """Short forms end none; a number stays with what it numbers."""
    assert cut(text) == expected


def test_a_sentence_runs_on_over_the_end_of_a_page() -> None:
    """A gap in the middle of a sentence parts nothing."""
    assert (
        cut("The Supplier shall\n\n\ndeliver the goods. It may not refuse.")[0]
        == "The Supplier shall deliver the goods."
    )


def test_a_title_in_capitals_is_not_part_of_the_sentence_below_it() -> None:
    """It becomes the heading of what follows."""
    text = "It ends here.\n13. GOVERNING LAW\nThe laws of Ohio apply to it."
    below = Contract((page_of_text(text, 1),)).passages[-1]
    assert (below.text, below.heading) == ("The laws of Ohio apply to it.", "13. GOVERNING LAW")


def test_items_are_read_with_the_sentence_that_opens_their_list() -> None:
    """What must not be done is told above the items."""
    text = "The Agent shall not:\n(a) sell other meters;\n(b) solicit staff."
    assert [passage.reads for passage in Contract((page_of_text(text, 1),)).passages][
        -1
    ] == "The Agent shall not: (b) solicit staff."


def test_a_line_on_every_page_is_no_heading() -> None:
    """The foot of a page says nothing of the clause below it."""
    text = "\n\n".join(f"Sentence {number} is here.\n\nAcme Confidential" for number in range(5))
    assert all(passage.title or not passage.heading for passage in Contract((page_of_text(text, 1),)).passages)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("12.3 Limitation of Liability", True),
        ("The Supplier shall deliver", False),
        ("WARRANTY", True),
        ("paid in full", False),
    ],
)
def test_headings(text: str, heading: bool) -> None:
    """A title has capitals and promises nothing."""
    assert is_heading(text) is heading


def test_long_contracts_are_read_whole(contract: Reading) -> None:
    """The last clause of a very long text is a passage like the first."""
    text = "\n".join([contract.pages[0].text] * 40)
    assert len(text) > 100_000
    assert Contract((page_of_text(text, 1),)).passages[-1].end == len(text)
