"""The words that head the columns of a bill, and the words that begin its totals, in six languages."""

from __future__ import annotations

import re
from typing import Literal

Column = Literal[
    "description", "quantity", "unit", "unit_price", "amount", "tax_rate", "tax", "discount", "code", "position", "date"
]

_HEADS: dict[Column, str] = {
    "position": "pos|position|nr|no|#|lp|item no|line|ligne|zeile|regel|lfd nr|sl no|s no|sr no|sn",
    "code": (
        "code|artikelnr|artikel nr|artikelnummer|art nr|art no|art nr kunde|art nr lief|item code|product code|sku|"
        "ref|reference|referenz|ean|hsn|hsn sac|articlecode|artikelcode|codigo|codice|product id|stock code|barcode"
    ),
    "description": (
        "description|desc|descriptions|beschreibung|bezeichnung|artikel|artikelbezeichnung|leistung|produkt|product|"
        "products|products services|item|items|item description|article|designation|libelle|omschrijving|"
        "descripcion|concepto|descrizione|service|services|dienst|leistungsbeschreibung|text|details|particulars|"
        "produktbezeichnung|beschrijving|articulo|articolo|description of goods|goods|activity|task|product service|"
        "prestation|denominazione|job description|item name|product name|name|artikelomschrijving|item details"
    ),
    "quantity": (
        "quantity|qty|qnty|quan|menge|anzahl|anz|stuck|stk|quantite|qte|qt|aantal|cantidad|cant|quantita|hours|hrs|"
        "stunden|std|units|nights|unit s|pcs|heures|uren|ore|horas|qty hrs|hrs qty|qty hours|nos|usage|jours|tage|days"
    ),
    "unit": "unit|einheit|unite|eenheid|me|uom|unidad|u m|unita",
    "unit_price": (
        "unit price|price unit|price each|each|unit cost|rate|price|preis|einzelpreis|nettopreis|stuckpreis|vk preis|"
        "e preis|ep|einzel|prix unitaire|prix|pu|p u|pu ht|prix u|prix unitaire ht|prijs per stuk|prijs|stukprijs|"
        "eenheidsprijs|precio|precio unitario|prezzo|prezzo unitario|u price|unit price excl|net price|unit net|cost|"
        "p u ht|preis pro einheit|einzelpreis netto|per unit|tarif|tarief|bruttopreis|unitaire|u p|s price|selling price"
    ),
    "tax_rate": (
        "tax|taxes|vat|ust|mwst|steuersatz|steuer|tva|btw|iva|gst|vat %|ust %|mwst %|tax %|tva %|btw %|tax rate|"
        "vat rate|ust satz|mwst satz|taux|taux tva|tipo|iva %|aliquota|igst|cgst|sgst|tax code|gst code"
    ),
    "tax": (
        "tax amount|vat amount|steuerbetrag|mwst betrag|ust betrag|montant tva|btw bedrag|importe iva|tax amt|gst amt"
    ),
    "discount": (
        "discount|disc|disc %|rabatt|rabatt %|remise|rem|korting|descuento|sconto|nachlass|dto|rem %|discount %"
    ),
    "amount": (
        "amount|total|line total|totals|betrag|gesamtpreis|gesamt|nettobetrag|zeilenbetrag|positionsbetrag|summe|"
        "gesamtbetrag|bruttobetrag|montant|montant ht|total ht|prix ht|total ttc|montant ttc|prix total|totaal|bedrag|"
        "prijs incl btw|prijs excl btw|prijs excl|prijs incl|totaal excl|importe|total eur|betrag eur|importo|totale|"
        "net amount|net value|gross amount|amount due|subtotal|sub total|charges|value|wert|extended price|extension|"
        "ext price|net|netto|total price|total amount|line amount|amount eur|amount usd|net total|gesamt eur|"
        "price total|preis gesamt|totaal bedrag|bedrag excl btw|bedrag incl btw|total excl vat|total incl vat|nett|"
        "amnt|ant|totai|total net|net price total|gp|amt|rm|amount rm|price rm|total rm|gross|brutto|gesamtpreis netto|netto betrag"
    ),
    "date": "date|datum|fecha|data|period|zeitraum|periode|service date",
}
HEADS: dict[str, Column] = {head: column for column, heads in _HEADS.items() for head in heads.split("|")}
"""A column's heading in the form `cells.plain` gives it -> what the column holds."""

LONGEST_HEAD = 4
"""Words of the longest heading looked for."""

_END = re.compile(
    r"^(?:(?:grand |sub |net |gross |invoice |order |items? |retail )?(?:sub)?total\b|"
    r"(?:zwischen|netto|gesamt|brutto|end|rechnungs|positions|beleg|waren)?"
    r"(?:summen?|betrag|gesamtbetrag|rechnungsbetrag)\b|summe|gesamt\b|"
    r"(?:sub|eind)?totaal|sous total|montant total|total[ei]?\b|subtotale|netto\b|brutto\b|net\b|vat\b|tax\b|"
    r"taxes\b|gst\b|btw\b|tva\b|iva\b|taxe|ust\b|mwst|umsatzsteuer|mehrwertsteuer|zzgl|plus vat|exclusief|"
    r"exclusive|excl\b|inkl|incl\b|amount due|balance|importe total|base imponible|imponibile|steueraufschlusselung|"
    r"rounding|round\b|rnd\b|cash\b|change\b|visa\b|master|tender|payment|paid\b|amount payable|amt payable|nett\b|"
    r"discount\b|service charge|svc\b|servicecharge|zahlungsbedingungen|taxable|due payable|grandtotal|item count|"
    r"no of items|number of items|qty total|steuerbetrag|steuersumme|erhaltene|anzahlung|zahlbetrag|acompte|solde\b|"
    r"te betalen|net a payer|ubertrag|carried|brought forward|a reporter|previous balance)"
)
"""How a row of totals begins, in the form `cells.plain` gives it."""


def heads_totals(text: str) -> bool:
    """Whether a row that begins with this text belongs to the totals rather than to the items."""
    return _END.match(text) is not None


_PART = re.compile(r"^(?:incl|inkl|inklusive|including|davon|of which|dont|waarvan)\b")


def heads_part(text: str) -> bool:
    """Whether a row that begins with this text names a part of the row above, which counts already."""
    return _PART.match(text) is not None


_SECTION = re.compile(
    r"^(?:(?:umsatz|mehrwert)?steuer(?:aufschlusselung|ubersicht)|belegsummen|zahlungs(?:bedingungen|art|informationen)|"
    r"zu und abschlage|payment (?:terms|details|information|method)|bank details|bankverbindung|conditions|"
    r"(?:vat|tax|gst|sst) (?:summary|analysis|breakdown|details|specification)|btw specificatie|detail tva|notes?$)"
)


def opens_section(text: str) -> bool:
    """Whether a line that says this and no amount opens what comes after a table."""
    return _SECTION.match(text) is not None
