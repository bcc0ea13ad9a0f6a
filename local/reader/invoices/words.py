"""What invoices call their fields, in the form `cells.plain` gives it, in six languages of western Europe."""

from __future__ import annotations

import re

_TITLE = (
    r"(?:tax |pro forma |proforma |sales |commercial |vat |handels|teil|schluss|abschlags|anzahlungs|storno|sammel|"
    r"ausgangs|jahres|monats|beitrags|kosten|honorar|fahrt?kosten|miet)?"
    r"(?:invoice|rechnung|facture|factuur|factura|fattura|gutschrift|credit note|credit memo|avoir|creditnota|bill|"
    r"nota de credito|nota di credito|rechnungskorrektur|korrekturrechnung|quittung|beleg)"
)
_NUMBER = r"(?:no|nr|num|number|numero|nummer|#|id|n)"

INVOICE_NUMBER: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            rf"(?:tax |vat |your |unsere |ihre )?(?:invoice|inv|bill|credit note|credit memo|facture|factuur|"
            rf"factura|fattura|"
            rf"rechnungs?|beleg|gutschrifts?|avoir|creditnota|storno|rechnungskorrektur) ?{_NUMBER}(?: {_NUMBER})?"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"{_NUMBER} (?:de |della |der |di |du |d |de la )?(?:facture|factura|fattura|rechnung|invoice|avoir|"
            rf"factuur)"
        ),
        1.0,
    ),
    (re.compile(r"(?:rechnungs|factuur|beleg|invoice|gutschrift)(?:nummer|nr|number|no)"), 1.0),
    (
        re.compile(
            rf"{_TITLE}(?: (?!bestell|auftrag|order|liefer|vertrag|gemass|zu\b|kunde|client|customer|commande|"
            rf"contract)"
            rf"\w+){{0,4}}(?: \d{{3}})? {_NUMBER}"
        ),
        0.9,
    ),
    (re.compile(rf"(?:document|receipt|statement|doc|dokument|belegs?) ?{_NUMBER}"), 0.8),
    (re.compile(_TITLE), 0.65),
)
"""Labels of the invoice number, each with how much it says."""

ISSUE_DATE: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"(?:tax |vat )?(?:invoice|bill|billing|issue|document|inv|credit note|statement|invoicing) ?date|"
            r"date (?:of )?(?:the )?(?:invoice|issue|bill)|date issued|(?:invoice )?issued(?: on| at| date)?|"
            r"invoiced(?: on)?|"
            r"invoice dated|(?:rechnungs|beleg|ausstellungs|dokument|gutschrifts?|druck)datum|ausgestellt(?: am)?|"
            r"rechnung vom|datum der rechnung|date (?:de |d |de la )?(?:facture|facturation|emission|l avoir)|"
            r"facture du|"
            r"emise? le|factuurdatum|datum factuur|fecha (?:de )?(?:la )?(?:factura|emision|expedicion)|"
            r"data (?:della )?(?:fattura|emissione|documento)|rechnungs datum|invoice date tax point|date tax point"
        ),
        1.0,
    ),
    (re.compile(r"date|datum|fecha|data|dated|rechnung datum|tag|le|den"), 0.75),
)
"""Labels of the date of issue."""

DUE_DATE: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        re.compile(
            r"(?:payment |invoice )?due(?: date| on| by)?|date due|pay(?:ment)? by|please (?:remit|pay) (?:until|by|"
            r"before)|"
            r"(?:payment )?deadline|falligkeit(?:sdatum|stag)?|fallig(?: am| bis| zum)?|zahlbar bis(?: zum)?|"
            r"zahlungsziel|"
            r"zu zahlen bis(?: zum)?|zahlungstermin|netto bis|ohne abzug bis(?: zum)?|zahlbar ohne abschlag bis|"
            r"date (?:d |de )?(?:echeance|limite(?: de paiement)?)|echeance|a payer avant(?: le)?|payable (?:le|"
            r"avant le)|"
            r"vervaldatum|vervaldag|te betalen voor|betalen voor|uiterste betaaldatum|fecha (?:de )?vencimiento|"
            r"vencimiento|"
            r"(?:data )?scadenza|remit until|tagen netto bis|buchen am|eingezogen am|abgebucht am|netto kasse bis"
        ),
        1.0,
    ),
)
"""Labels of the day payment is due."""

OTHER_DATE = re.compile(
    r"due|deliver|ship|order|liefer|leistung|bestell|auftrag|fallig|zahlbar|zahlung|echeance|commande|livraison|"
    r"verval|"
    r"lever|bestel|vencimiento|entrega|pedido|scadenza|consegna|check in|check out|birth|geburt|period|zeitraum|"
    r"from|to\b|"
    r"bis|until|expir|valid|print|start|end|begin|abrechnung|paid|bezahlt|regle|virement|skonto|departure|arrival|"
    r"service"
)
"""What tells a date of something else than the invoice."""

_TAX = r"(?:ust|mwst|umsatzsteuer|mehrwertsteuer|steuern?|vat|tax|taxes|btw|tva|taxes?|iva|gst|sst|moms|imposta)"

TOTALS: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (kind, strength, re.compile(pattern))
    for kind, strength, pattern in (
        (
            "other",
            1.0,
            (
                r"zuschlag|abschlag|abschlage|rabatt|discount|remise|korting|descuento|sconto|nachlass|surcharge|"
                r"allowance|"
                r"charges? total|saving|skonto|rounding|rundung|arrondi|quantity|qty|points|per unit|price|preis|"
                r"gewicht|weight|"
                r"umrechnung|exchange|wechselkurs|before discount|previous|vorherig|ubertrag|carried|carry|mahn"
            ),
        ),
        (
            "prepaid",
            1.0,
            (
                r"anzahlung|acompte|prepaid|(?<!to be )\bpaid\b|voorschot|\bpaye\b|bezahlt|erhalten|deposit|anticipo|"
                r"acconto|"
                r"payment received|avance|payments?\b(?! due)|abschlagszahlung|betaald|vooruitbetaald|reglement|"
                r"advance"
            ),
        ),
        (
            "lines",
            1.0,
            (
                r"positionssumme|zwischensumme|sub ?total|sous total|subtotaal|subtotale|line total|warenwert|"
                r"items total"
            ),
        ),
        (
            "net",
            1.0,
            (
                rf"(?:ohne|excl\w*|exkl\w*|ex|before|hors|zzgl|sin|esclus\w*|vor|without|exclus\w*)\b[ \w]*\b{_TAX}\b|"
                rf"\bht\b|"
                r"\bnett?o?(?:summe|betrag|total|amount|wert)?\b(?! a payer| zu zahlen| te betalen| payable)|"
                r"hors tax\w*|"
                r"base imponible|imponibile|grondslag|taxable|basisbetrag|bemessung\w*|untaxed|total ex\b|maatstaf|"
                r"summe netto"
            ),
        ),
        (
            "gross",
            1.0,
            (
                rf"(?:incl\w*|inkl\w*|inc|including|mit|with|compris\w*|ink|einschl\w*|gross)\b[ \w%]*\b{_TAX}\b|"
                rf"\bttc\b|"
                rf"{_TAX} (?:incl\w*|compris\w*|inc|inbegrepen)|brutto(?:summe|betrag|total)?|grand ?total|"
                r"(?:invoice|rechnungs?|factuur|bill|gross) ?(?:total|amount|betrag|bedrag|summe)|"
                r"total (?:of )?invoice|"
                r"total (?:de (?:la )?)?(?:facture|factura)|total(?:e)? (?:fattura|documento)|"
                r"gesamt(?:rechnungs)?(?:betrag|summe)|"
                r"end(?:betrag|summe)|(?:rechnungs)?gesamtbetrag|importe total|toutes taxes|montant total|"
                r"totaalbedrag|"
                r"eindtotaal|te factureren|invoice value|total amount(?! due)|amount total"
            ),
        ),
        (
            "due",
            0.75,
            (
                r"zahlbetrag|zu zahlen\w*|zahllast|(?:amount|total|balance|payment|now) due|\bdue\b|balance|solde|"
                r"(?:net )?a payer|te betalen|te voldoen|payable|outstanding|offener? betrag|restbetrag|forderung|"
                r"total a pagar|a pagar|da pagare|saldo|remaining|please pay|gutschriftsbetrag|auszahlung\w*|"
                r"uberweisung\w*|"
                r"erstattung\w*|guthaben|amount to pay|pay this amount|total to pay"
            ),
        ),
        ("tax", 1.0, rf"\b{_TAX}\b|steuerbetrag|(?:umsatz|mehrwert)steuer|\w+steuer\b|steuersumme"),
        (
            "gross",
            0.8,
            r"^(?:\W|eur|usd|gbp|in|total \w+|the)*\b(?:total|totaal|totale|summe|gesamt|insgesamt|sum|somme)\b",
        ),
        ("gross", 0.55, r"^(?:betrag|amount|montant|bedrag|importe|importo)$"),
    )
)
"""What the label of an amount says it is: the first pattern found in it. `other` is no total of an invoice."""


def total_kind(label: str) -> tuple[str, float] | None:
    """What kind of total a label names, with how much it says; None for a label of anything else."""
    return next(((kind, strength) for kind, strength, pattern in TOTALS if pattern.search(label)), None)
