"""What a contract says of itself: parties, dates, lengths of time, the law."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest

from prefect_gemini.local.reader.contracts.law import jurisdiction
from prefect_gemini.local.reader.contracts.opening import parties, titles
from prefect_gemini.local.reader.contracts.periods import nearest, periods_in
from prefect_gemini.local.reader.contracts.text import Contract, is_contract
from prefect_gemini.local.reader.contracts.topics import day_on
from prefect_gemini.local.reader.intake import page_of_text
from prefect_gemini.local.reader.resolve import Reading


def drawn(text: str) -> Contract:
    return Contract((page_of_text(dedent(text).strip(), 1),))


def test_the_agreement_introduces_itself(contract: Reading) -> None:
    """Title, parties with the names it gives them, and its dates."""
    text = Contract.of(contract)
    assert next(titles(text)).text == "SUPPLY AND LICENCE AGREEMENT"
    assert [(party.name, party.role) for party in parties(text)] == [
        ("Larkfield Instruments, Inc.", "Larkfield"),
        ("Osprey Metering GmbH", "Osprey"),
    ]
    made, begins = day_on(text, "agreement_date"), day_on(text, "effective_date")
    assert made is not None
    assert begins is not None
    assert (made.value, begins.value) == (date(2021, 5, 3), date(2021, 6, 1))


@pytest.mark.parametrize(
    ("opening", "names"),
    [
        ('This Agreement is between Acme Ltd., a UK company ("Seller"), and Bolt AG ("Buyer").', [("Acme Ltd.", "Seller"), ("Bolt AG", "Buyer")]),
        ('between ALDER CORP., with offices in Reno, hereinafter referred to as "Client" and BIRCH LLC, hereinafter "Agency"', [("ALDER CORP.", "Client"), ("BIRCH LLC", "Agency")]),
        ("This lease is made between Cedar Holdings, Inc. and Dogwood Partners LP, both of Ohio. WHEREAS", [("Cedar Holdings, Inc.", None), ("Dogwood Partners LP", None)]),
        ('This Agreement is between Elm Inc., a Maine corporation, and [*] ("Distributor")', [("Elm Inc.", None)]),
        (
            ("BETWEEN:\n(1) ALPHA SYSTEMS LIMITED, a company incorporated in England and Wales (number 12), of London (the \"Licensor\"); and\n"
            "(2) BETA MEDIA PLC, of Leeds (the \"Licensee\").\nBACKGROUND"),
            [("ALPHA SYSTEMS LIMITED", "Licensor"), ("BETA MEDIA PLC", "Licensee")],
        ),
        ("Between\nMega Host GmbH\nand\nLittle Shop AG\n\nThis Agreement shall begin soon.", [("Mega Host GmbH", None), ("Little Shop AG", None)]),
        ('by and among N LLC ("N"), C Ltd, an English company ("C") and F, Inc. ("F" and with C the "Buyers").', [("N LLC", "N"), ("C Ltd", "C"), ("F, Inc.", "F")]),
        (
            'made between Fir Inc. (the "Provider"), and the customer named on the order (the "Customer").\n1. DEFINITIONS\n1.1 "Service" means software.',
            [("Fir Inc.", "Provider")],
        ),
        ("This is a letter about the weather between friends of old.", []),
    ],
)  # fmt: skip
def test_parties_are_read_from_the_introduction(opening: str, names: list[tuple[str, str | None]]) -> None:
    """With the short name each is given; a name left blank is not made up."""
    assert [(party.name, party.role) for party in parties(drawn(opening))] == names


@pytest.mark.parametrize(
    ("text", "made", "begins"),
    [
        ("This Agreement is dated as of March 4, 2019 between A Inc. and B Inc.", date(2019, 3, 4), None),
        ('This Agreement is entered into as of March 4, 2019 (the "Effective Date") by A Inc.', date(2019, 3, 4), date(2019, 3, 4)),
        ("This Agreement, effective as of 1.4.2011, is between A Ltd. and B Ltd. of Haifa.", None, date(2011, 4, 1)),
        ("This Agreement is made the ____ day of ________, 2000 between A Inc. and B Inc.", "blank", None),
        ("An agreement of A and B.\n\nIN WITNESS WHEREOF\n\nBy: /s/ Ann\nDate: May 2, 2020\n\nBy: /s/ Bob\nDate: May 9, 2020", date(2020, 5, 9), None),
        ("This Amendment to the Supply Agreement dated June 5, 2001 is made as of August 9, 2003 by Z Inc.", date(2003, 8, 9), None),
        ("This Agreement, dated the 15th day of March, 2007, shall come into force on 1 April 2007.", date(2007, 3, 15), date(2007, 4, 1)),
        ("AGREEMENT\n\nEFFECTIVE DATE\n\nJUNE 1, 1998\n\nIt is agreed.", None, date(1998, 6, 1)),
        ("This Agreement begins on 1 February 2026 and runs for two years.", None, date(2026, 2, 1)),
        ("This Agreement amends a certain lease agreement dated May 1, 2001.", None, None),
    ],
)  # fmt: skip
def test_dates_of_a_contract(text: str, made: date | str | None, begins: date | None) -> None:
    """Its own date, else the last signature; a blank is a date without a day; another contract's date is not its own."""
    dated, effective = day_on(drawn(text), "agreement_date"), day_on(drawn(text), "effective_date")
    assert ("blank" if dated and dated.value is None else dated and dated.value) == made
    assert (effective and effective.value) == begins


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("for twelve (12) months", [(12, "months")]),
        ("thirty days' notice, or 2 years", [(30, "days"), (2, "years")]),
        ("within five (5) business days", [(5, "business_days")]),
        ("ninety-five days", [(95, "days")]),
        ("one hundred twenty days", [(120, "days")]),
        ("a one-year term", [(1, "years")]),
        ("$5 a year", []),
        ("in the year 2020", []),
    ],
)
def test_lengths_of_time(text: str, periods: list[tuple[int, str]]) -> None:
    """In words, figures or both; a rate is no length."""
    assert [(period.length, period.unit) for period in periods_in(text)] == periods


def test_the_period_that_belongs_to_a_word() -> None:
    """Of two, the nearer one; none where both are far."""
    text = "It renews for one (1) year unless notice is given sixty (60) days before."
    period = nearest(text, r"\bnotice\b")
    assert period is not None
    assert (period.length, period.unit) == (60, "days")
    assert nearest("It lasts one year. " + "x " * 60 + "notice", r"\bnotice\b") is None


@pytest.mark.parametrize(
    ("clause", "law"),
    [
        ("governed by the laws of the State of New York, without regard to conflicts", "New York"),
        ("GOVERNED BY THE LAWS OF THE STATE OF TEXAS WITHOUT REGARD TO ITS RULES", "TEXAS"),
        ("construed under the laws of the Province of Ontario and the federal laws of Canada", "Ontario"),
        ("governed by the laws of England and Wales.", "England and Wales"),
        ("governed by the laws of the People's Republic of China.", "People's Republic of China"),
        ("Delaware law governs this Agreement", "Delaware"),
        ("governed by applicable law", None),
    ],
)
def test_the_law_is_named_as_printed(clause: str, law: str | None) -> None:
    """Without "State of", and without what follows it."""
    assert jurisdiction(clause) == law


def test_receipts_and_letters_are_no_contracts(contract: Reading) -> None:
    """A contract is told by its parties and duties, so that nothing of it is looked for elsewhere."""
    assert is_contract(contract.pages)
    assert not is_contract((page_of_text("Corner Cafe\nTotal 12.50\nThank you", 1),))
    assert not is_contract((page_of_text("Dear Ann, we agreed to meet on Friday. Yours, Bob", 1),))
