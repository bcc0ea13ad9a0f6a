"""The fields of invoices in the layouts of several countries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from prefect_gemini.local.reader import resolvers as resolvers
from prefect_gemini.local.reader.invoices.dates import issue_date
from prefect_gemini.local.reader.resolve import Reading, resolve

LAYOUTS: dict[str, tuple[str, dict[str, str | None]]] = {
    "hosting": (
        """
        amazon web services                                             Account number: 1234567890

        Invoice Summary
        Invoice Number:                                                               42183017
        Invoice Date:                                                          August 3 , 2014
        TOTAL AMOUNT DUE ON August 3 , 2014                                              $4.11

        Bill to Address:
        ATTN: ACME Corp
        1 Main Street
        Seattle, WA, 98101, US

        Greetings from Amazon Web Services, we're writing to provide you with an electronic invoice.
        This invoice is for the billing period July 1 - July 31, 2014

        Summary
        AWS Service Charges                                                              $4.11
          Charges                                                                        $4.11
          Credits                                                                        $0.00
          Tax                                                                            $0.00
        Total for this invoice                                                           $4.11
        """,
        {
            "invoice_number": "42183017",
            "issue_date": "2014-08-03",
            "total": "4.11",
            "buyer_name": "ACME Corp",
            "currency": "USD",
        },
    ),
    "british": (
        """
        Brightwell & Sons Ltd                                          INVOICE
        12 High Street
        Leeds LS1 4AB
        VAT Reg No: GB 123 4567 89

        Invoice To:                                    Invoice No:      SI-10442
        Harrow Garden Centre                           Invoice Date:    07/09/2021
        44 Station Road                                Due Date:        07/10/2021
        Harrow HA1 2BB                                 Customer Ref:    PO 7781

        Qty   Description                           Unit Price     VAT      Net Amount
        10    Terracotta pot 20cm                         3.25     20%           32.50
        2     Compost, 40 litre                           6.75     20%           13.50
              peat free
        1     Delivery                                   15.00     20%           15.00

                                                    Net Total                    61.00
                                                    VAT @ 20%                    12.20
                                                    Invoice Total               £73.20

        Payment within 30 days. Sort code 11-22-33 Account 12345678
        """,
        {
            "invoice_number": "SI-10442",
            "issue_date": "2021-09-07",
            "due_date": "2021-10-07",
            "total": "73.20",
            "subtotal": "61.00",
            "tax_total": "12.20",
            "seller_name": "Brightwell & Sons Ltd",
            "buyer_name": "Harrow Garden Centre",
            "seller_tax_id": "GB 123 4567 89",
            "currency": "GBP",
        },
    ),
    "american": (
        """
        Northwind Traders Inc.                                                   INVOICE
        500 Oak Ave, Suite 3
        Portland, OR 97201                                             Invoice #   10023
                                                                       Date        02/03/2022
        Bill To                      Ship To                           Terms       Net 30
        Jane's Diner                 Jane's Diner
        9 Elm St                     9 Elm St
        Salem, OR 97301              Salem, OR 97301

        ITEM        DESCRIPTION                      QTY        RATE        AMOUNT
        COF-1       Coffee beans, 1 lb                24        8.50        204.00
        CUP-12      Paper cups 12oz (case)             3       41.00        123.00
                                                              SUBTOTAL      327.00
                                                              TAX (0%)        0.00
                                                              TOTAL        $327.00
                                                              BALANCE DUE  $327.00
        """,
        {
            "invoice_number": "10023",
            "issue_date": "2022-02-03",
            "total": "327.00",
            "due_payable": "327.00",
            "seller_name": "Northwind Traders Inc.",
            "buyer_name": "Jane's Diner",
        },
    ),
    "german": (
        """
                                                                Muster Elektro GmbH
        Muster Elektro GmbH · Ringstr. 5 · 50667 Köln           Ringstr. 5
        Autohaus Schmitz KG                                     50667 Köln
        Hauptstr. 100                                           Tel. 0221 123456
        53111 Bonn
                                                                Rechnungs-Nr.:  2019/0815
                                                                Kunden-Nr.:     10077
                                                                Datum:          14.03.2019
                                                                Lieferdatum:    11.03.2019
        Rechnung

        Pos  Bezeichnung                           Menge   Einheit   Einzelpreis   Gesamtpreis
        1    Lampe LED 12W                             4   Stk             12,50         50,00
             warmweiß, E27
        2    Montage                                 1,5   Std             60,00         90,00
        3    Anfahrt                                   1   psch            25,00         25,00

                                                   Zwischensumme                        165,00 €
                                                   zzgl. 19% MwSt.                       31,35 €
                                                   Gesamtbetrag                         196,35 €

        Zahlbar bis 28.03.2019 ohne Abzug.
        Bankverbindung: Sparkasse KölnBonn IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX
        USt-IdNr. DE123456789
        """,
        {
            "invoice_number": "2019/0815",
            "issue_date": "2019-03-14",
            "due_date": "2019-03-28",
            "total": "196.35",
            "subtotal": "165.00",
            "tax_total": "31.35",
            "seller_name": "Muster Elektro GmbH",
            "buyer_name": "Autohaus Schmitz KG",
            "iban": "DE89 3704 0044 0532 0130 00",
            "bic": "COBADEFFXXX",
        },
    ),
    "german, number behind the title": (
        """
        ACME Handels AG
        Rechnung 42
        Berlin, den 20.11.2013

        Herrn Max Kunde
        Beispielweg 1
        10115 Berlin

        Artikel                              Anzahl    Preis       Summe
        Schreibtisch "Nord"                       1   999,00      999,00
        Bürostuhl                                 3   112,31      336,93
        Summe netto                                             1.335,93
        19% USt.                                                  253,83
        Rechnungsbetrag                                         1.589,76
        """,
        {
            "invoice_number": "42",
            "issue_date": "2013-11-20",
            "total": "1589.76",
            "subtotal": "1335.93",
            "tax_total": "253.83",
            "currency": None,
            "due_date": None,
        },
    ),
    "dutch": (
        """
        Bakkerij De Korenaar B.V.                         Factuur
        Dorpsstraat 8
        1234 AB Amersfoort                                Factuurnummer   F2020-118
        BTW NL001234567B01                                Factuurdatum    5 mei 2020
                                                          Vervaldatum     19 mei 2020
        Lunchroom Anna
        Markt 3
        3811 CK Amersfoort

        Aantal  Omschrijving                         Prijs        Bedrag
        40      Krentenbol                         €  0,60      €  24,00
        12      Volkoren brood                     €  2,10      €  25,20

                                     Subtotaal excl. btw        €  49,20
                                     BTW 9%                     €   4,43
                                     Totaal te betalen          €  53,63
        """,
        {
            "invoice_number": "F2020-118",
            "issue_date": "2020-05-05",
            "due_date": "2020-05-19",
            "total": "53.63",
            "subtotal": "49.20",
            "tax_total": "4.43",
            "seller_tax_id": "NL001234567B01",
        },
    ),
    "french, part paid": (
        """
        SARL Dupont Plomberie
        3 rue des Lilas
        69003 LYON
        SIRET 123 456 789 00012                      Client :
                                                     M. Martin Paul
        Facture n° 2020-0456                         8 avenue Foch
        Date : 12/06/2020                            69006 LYON

        Désignation                     Qté     P.U. HT    Montant HT
        Remplacement chauffe-eau          1      450,00        450,00
        Main d'oeuvre (heure)             3       48,00        144,00
                                      Total HT                 594,00 €
                                      TVA 10 %                  59,40 €
                                      Total TTC                653,40 €
                                      Acompte versé           -200,00 €
                                      Net à payer              453,40 €
        """,
        {
            "invoice_number": "2020-0456",
            "issue_date": "2020-06-12",
            "total": "653.40",
            "subtotal": "594.00",
            "due_payable": "453.40",
            "prepaid": "200.00",
        },
    ),
    "spanish": (
        """
        Ferretería López S.L.                     FACTURA
        Calle Mayor 1, 28013 Madrid               Nº Factura: A-2021/17
        CIF: B12345678                            Fecha: 3/11/2021

        Cliente: Construcciones Ruiz S.A.

        Cantidad   Descripción               Precio      Importe
        100        Tornillo M8                 0,12        12,00
        5          Broca 8 mm                  3,40        17,00
                                 Base imponible            29,00
                                 IVA 21%                    6,09
                                 Total factura             35,09 €
        """,
        {
            "invoice_number": "A-2021/17",
            "issue_date": "2021-11-03",
            "total": "35.09",
            "subtotal": "29.00",
            "tax_total": "6.09",
            "buyer_name": "Construcciones Ruiz S.A.",
        },
    ),
    "italian": (
        """
        Cantina Rossi S.r.l.
        Via Roma 10, 37100 Verona
        P.IVA IT01234567890
        Fattura n. 88/2022 del 15/02/2022
        Destinatario: Enoteca Bianchi
        Descrizione                Quantità    Prezzo     Importo
        Valpolicella 2019                12      9,00      108,00
        Soave 2021                        6      7,50       45,00
                             Totale imponibile             153,00
                             IVA 22%                        33,66
                             Totale documento            € 186,66
        """,
        {
            "invoice_number": "88/2022",
            "issue_date": "2022-02-15",
            "total": "186.66",
            "seller_tax_id": "IT01234567890",
        },
    ),
    "credit note": (
        """
        Stahlwerk Nord GmbH
        Gutschrift Nr. GS-771 vom 02.01.2020
        Kunde: Brückenbau AG
        Pos.  Artikel             Menge    Preis     Betrag
        1     Träger IPE 200         -2   310,00    -620,00
        Summe netto                                 -620,00
        Umsatzsteuer 19 %                           -117,80
        Gesamtbetrag                                -737,80 EUR
        """,
        {
            "invoice_number": "GS-771",
            "issue_date": "2020-01-02",
            "total": "-737.80",
            "tax_total": "-117.80",
        },
    ),
    "totals under headings": (
        """
        Telecom Plus AG                             Rechnung
        Rechnungsnummer     Rechnungsdatum     Kundennummer
        55512-9             01.04.2020         889911
        Monatliche Beträge
        Mobil M 01.04.-30.04.2020                        20,00
        Option Data                                       5,00
        Nettobetrag      USt 19%       Rechnungsbetrag
        25,00 €          4,75 €        29,75 €
        Der Betrag wird am 15.04.2020 von Ihrem Konto abgebucht.
        """,
        {
            "invoice_number": "55512-9",
            "issue_date": "2020-04-01",
            "total": "29.75",
            "subtotal": "25.00",
            "tax_total": "4.75",
        },
    ),
    "no headings": (
        """
        Green Cleaning Services
        Invoice 2022-031
        March 4, 2022

        Office cleaning February                         320.00
        Window cleaning                                   80.00

        Total                                          $ 400.00
        """,
        {
            "invoice_number": "2022-031",
            "issue_date": "2022-03-04",
            "total": "400.00",
            "seller_tax_id": None,
            "iban": None,
        },
    ),
    "subscription": (
        """
        Invoice                                                   Stackly
        Invoice number  8F3A1C22-0007
        Date of issue   June 1, 2023
        Date due        June 15, 2023

        Stackly, Inc.                         Bill to
        548 Market St                         Example GmbH
        San Francisco, California 94104       Torstr. 1
        United States                         10119 Berlin

        $57.00 USD due June 15, 2023

        Description                             Qty     Unit price     Amount
        Pro plan                                  3         $15.00     $45.00
        Jun 1 – Jul 1, 2023
        Extra storage                             1         $12.00     $12.00
        Jun 1 – Jul 1, 2023
                                                Subtotal               $57.00
                                                Total                  $57.00
                                                Amount due         $57.00 USD
        """,
        {
            "invoice_number": "8F3A1C22-0007",
            "issue_date": "2023-06-01",
            "due_date": "2023-06-15",
            "total": "57.00",
            "seller_name": "Stackly, Inc.",
        },
    ),
    "indian": (
        """
        Shree Traders Pvt. Ltd.                         TAX INVOICE
        GSTIN: 27ABCDE1234F1Z5
        Invoice No. : ST/22-23/118          Dated : 12-Jan-2023
        Buyer : Lotus Stores
        Sl No  Description of Goods     HSN      Qty      Rate        Amount
        1      Steel bottle 1L          7323     50     250.00     12,500.00
        2      Lunch box                3924     20     180.00      3,600.00
                                                 Total Taxable     16,100.00
                                                 CGST 9%            1,449.00
                                                 SGST 9%            1,449.00
                                                 Grand Total     Rs 18,998.00
        """,
        {
            "invoice_number": "ST/22-23/118",
            "issue_date": "2023-01-12",
            "total": "18998.00",
            "currency": "INR",
            "tax_total": None,
        },
    ),
}


@pytest.mark.parametrize(
    ("drawn", "role", "expected"),
    [
        pytest.param(drawn, role, expected, id=f"{name}: {role}")
        for name, (drawn, fields) in LAYOUTS.items()
        for role, expected in fields.items()
    ],
)
def test_a_field_is_read_where_it_is_printed(
    invoice: Callable[..., Reading], drawn: str, role: str, expected: str | None
) -> None:
    """The value is the printed one, and its span holds the print; a field that is not printed is None."""
    reading = invoice(drawn)
    found = resolve(reading, role, {})
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert str(found.value) == expected
    if not isinstance(found.value, (date, Decimal)) and role != "currency":
        assert reading.quote(found) == expected


def test_a_number_in_a_sentence_does_not_outweigh_the_title(invoice: Callable[..., Reading]) -> None:
    """A note that asks for the number of another paper is passed over."""
    reading = invoice(
        """
        Rechnung  Nr. E-2018-77  vom 20.09.2018
        Bei Schriftwechsel bitte Ihre Kundennummer 35040727 und Belegnummer 2018092011 angeben
        """
    )
    found = resolve(reading, "invoice_number", {})
    assert found is not None
    assert found.value == "E-2018-77"


def test_an_order_number_is_not_the_invoice_number(invoice: Callable[..., Reading]) -> None:
    """Without a number of its own an invoice has none."""
    reading = invoice("Rechnung gemäß Bestellung Nr. 2018-471331 vom 01.03.2018", "Gesamtbetrag 10,00 EUR")
    assert resolve(reading, "invoice_number", {}) is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Date: 03/20/2023    Due: 04/04/2023", date(2023, 3, 20)),
        ("Date: 20/03/2023    Due: 04/04/2023", date(2023, 3, 20)),
        ("Date: 04/03/2023    Account at 12-34-56", date(2023, 3, 4)),
        ("Date: 04/03/2023    Springfield, IL 62701    $ 5.00", date(2023, 4, 3)),
    ],
)
def test_the_order_of_day_and_month_is_the_document_s(
    invoice: Callable[..., Reading], printed: str, expected: date
) -> None:
    """Other dates tell it, else an American address with dollars, else the day comes first."""
    found = resolve(invoice(f"Invoice 1\n{printed}"), "issue_date", {})
    assert found is not None
    assert found.value == expected


def test_dates_of_other_things_are_not_the_issue(invoice: Callable[..., Reading]) -> None:
    """A day of delivery or order, alone on the page, is not taken for the date of the invoice."""
    reading = invoice("Invoice A-1\nDelivery date: 1 May 2020\nOrder date: 2 April 2020")
    assert issue_date(reading, "issue_date", {}) is None


def test_the_gross_total_is_the_one_that_adds_up(invoice: Callable[..., Reading]) -> None:
    """Of two amounts labelled alike the one that net and tax make is the total."""
    reading = invoice(
        """
        Invoice 7
        Total of the contract           900.00
        Net amount                      100.00
        VAT 20%                          20.00
        Total                           120.00
        """
    )
    found = resolve(reading, "total", {})
    assert found is not None
    assert found.value == Decimal("120.00")
