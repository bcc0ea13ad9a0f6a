"""Items of invoices: every row of the table, and none where the rows are not borne out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prefect_gemini.local.reader.resolve import Reading
from prefect_gemini.local.reader.tables.tables import read_line_items

Item = tuple[str | None, ...]

TABLES: dict[str, tuple[str, list[Item]]] = {
    "descriptions of several lines": (
        """
        Pos  Bezeichnung                           Menge   Einheit   Einzelpreis   Gesamtpreis
        1    Lampe LED 12W                             4   Stk             12,50         50,00
             warmweiß, E27
        2    Montage                                 1,5   Std             60,00         90,00
                                           Zwischensumme                        140,00 €
                                           zzgl. 19% MwSt.                       26,60 €
                                           Gesamtbetrag                         166,60 €
        """,
        [("Lampe LED 12W warmweiß, E27", "4", "12.50", "50.00"), ("Montage", "1.5", "60.00", "90.00")],
    ),
    "a heading of two lines": (
        """
        Désignation                     Quantité      Prix      Rem.    Montant HT
                                                   unitaire
        Nougat 250g                     20 Unit(s)   4,55 €      10%       81,90 €
        Biscuits                        15 Unit(s)   3,20 €                48,00 €
                                                         Total HT         129,90 €
        """,
        [("Nougat 250g", "20", "4.55", "81.90"), ("Biscuits", "15", "3.20", "48.00")],
    ),
    "subtotals between the items": (
        """
        Description                 Quantity   Unit Price      Amount
        Beeswax                     1.00 kg         42.00     $ 42.00
        Office chair                1.00 Units      70.00     $ 70.00
                                                    Subtotal $ 112.00
        Truffles                    15.00 g         10.00    $ 150.00
                                                    Subtotal $ 150.00
                                                    Total    $ 262.00
        """,
        [
            ("Beeswax", "1.00", "42.00", "42.00"),
            ("Office chair", "1.00", "70.00", "70.00"),
            ("Truffles", "15.00", "10.00", "150.00"),
        ],
    ),
    "an amount half a line lower": (
        """
        Pos  Beschreibung               Nettopreis     Menge    Steuersatz     Nettobetrag
        1    Trennblätter A4              9,9000      20 Stk       19 %
                                                                                    198,00
        2    Joghurt Banane               5,5000      50 Stk        7 %
                                                                                    275,00
        Umsatzsteueraufschlüsselung
        Umsatzsteuer                                    275,00         7             19,25
        Positionssumme                                                              473,00
        """,
        [("Trennblätter A4", "20", "9.9000", "198.00"), ("Joghurt Banane", "50", "5.5000", "275.00")],
    ),
    "the count is called amount": (
        """
        Amount     Product              VAT      Price        Total
        1.00       Design (hours)        7%    160.00 €    160.00 €
        400.00     Ballons              19%      0.79 €    316.00 €
        Net total: 476.00 €
        """,
        [("Design (hours)", "1.00", "160.00", "160.00"), ("Ballons", "400.00", "0.79", "316.00")],
    ),
    "a code beside the description": (
        """
        ITEM        DESCRIPTION                      QTY        RATE        AMOUNT
        COF-1       Coffee beans, 1 lb                24        8.50        204.00
        CUP-12      Paper cups 12oz (case)             3       41.00        123.00
                                                              TOTAL        $327.00
        """,
        [("Coffee beans, 1 lb", "24", "8.50", "204.00"), ("Paper cups 12oz (case)", "3", "41.00", "123.00")],
    ),
    "a row that is part of the one above": (
        """
        Artikel                                   Aantal   Prijs per stuk   BTW   Prijs incl. BTW
        Tablet 16 GB                                   1         € 399,00   21%          € 399,00
           Incl. thuiskopieheffing                     1                    21%            € 4,24
        Hoes                                           1          € 69,99   21%           € 69,99
                                                                    Subtotaal            € 468,99
        """,
        [("Tablet 16 GB", "1", "399.00", "399.00"), ("Hoes", "1", "69.99", "69.99")],
    ),
    "one row and its tax make the gross total": (
        """
        Beschreibung          Menge     Preis        Betrag
        Steak                  4 kg      5,50         22,00
        Umsatzsteuer          22,00         7          1,54
        Gesamtbetrag                                  23,54
        Summe netto                                   22,00
        """,
        [("Steak", "4", "5.50", "22.00")],
    ),
    "credited goods": (
        """
        Pos.  Artikel             Menge    Preis     Betrag
        1     Träger IPE 200         -2   310,00    -620,00
        Summe netto                                 -620,00
        """,
        [("Träger IPE 200", "-2", "310.00", "-620.00")],
    ),
    "a total without a label": (
        """
        Item/Desc.                   Qty      Price      Amount
        Cotton shirt                   2      14.90       29.80
                                                          29.80
        """,
        [("Cotton shirt", "2", "14.90", "29.80")],
    ),
    "descriptions over their figures": (
        """
        DESCRIPTION     QTY     PRICE     AMOUNT     TAX
        ROYAL KITCHEN TOWEL
                          1     13.50      13.50      SR
        RED CANDLES
                          2      2.00       4.00      SR
        Total                              17.50
        """,
        [("ROYAL KITCHEN TOWEL", "1", "13.50", "13.50"), ("RED CANDLES", "2", "2.00", "4.00")],
    ),
}


def values(reading: Reading) -> list[Item]:
    """The items as text: description, quantity, unit price, amount."""
    columns = ("description", "quantity", "unit_price", "amount")
    return [
        tuple(str(item[name].value) if name in item else None for name in columns) for item in read_line_items(reading)
    ]


@pytest.mark.parametrize(("drawn", "expected"), TABLES.values(), ids=TABLES.keys())
def test_every_row_is_an_item(invoice: Callable[..., Reading], drawn: str, expected: list[Item]) -> None:
    """Rows that add up to a printed total are given, whole and in order."""
    assert values(invoice(drawn)) == expected


def test_a_table_goes_on_over_the_page(invoice: Callable[..., Reading]) -> None:
    """Rows of a second page belong to the table whether or not its heading is printed again."""
    head = "Description            Qty    Price     Amount\n"
    first = head + "Pens                     2     1.50       3.00\n                              Page 1 of 2"
    rest = "Paper A4                 4     3.00      12.00\n              Net total                  15.00"
    expected = [("Pens", "2", "1.50", "3.00"), ("Paper A4", "4", "3.00", "12.00")]
    assert values(invoice(first, rest)) == expected
    assert values(invoice(first, head + rest)) == expected


def test_figures_know_their_print_and_unit(invoice: Callable[..., Reading]) -> None:
    """Each value of an item says where it stands."""
    reading = invoice(
        """
        Pos   Description          Quantity   Unit price     Amount
        7     Steel bolts          20 Stk           0.50      10.00
        Total                                                 10.00
        """
    )
    (item,) = read_line_items(reading)
    assert {name: reading.quote(found) for name, found in item.items()} == {
        "position": "7",
        "description": "Steel bolts",
        "quantity": "20 Stk",
        "unit": "Stk",
        "unit_price": "0.50",
        "amount": "10.00",
    }


@pytest.mark.parametrize(
    "drawn",
    [
        """
        Description            Qty    Price     Amount
        Pens                     2     1.50       3.00
        Ink                      1     9.00       8.00
        Total                                    99.00
        """,
        """
        Dear customer, the quantity and the amount
        of 12.00 will follow with our next letter.
        """,
        "Total 12.00",
    ],
    ids=["neither adds up nor multiplies out", "no table", "no items"],
)
def test_rows_that_nothing_bears_out_are_not_given(invoice: Callable[..., Reading], drawn: str) -> None:
    """No guess: an empty list."""
    assert read_line_items(invoice(drawn)) == []


def test_rows_that_multiply_out_are_given_with_less_certainty(invoice: Callable[..., Reading]) -> None:
    """Where no total is printed, quantity times price has to be the amount in every row."""
    items = read_line_items(
        invoice(
            """
            Description            Qty    Price     Amount
            Pens                     2     1.50       3.00
            Ink                      1     9.00       9.00
            """
        )
    )
    assert [item["amount"].score < 0.9 for item in items] == [True, True]
