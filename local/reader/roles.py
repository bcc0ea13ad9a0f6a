"""What a property of a schema means, told by its name, then its title, then its description."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

ROLES: dict[str, str] = {
    # Roles whose pattern could be part of another's stand below the more telling one.
    "line_items": r"(line ?)?items?|lines|line ?items?|positions|products|purchases|articles|(item|expense) (lines|list)|rows",
    "taxes": r"taxes|tax (lines|breakdown|rows|details|items)|vat (lines|breakdown)|gst (summary|lines)",
    "issue_date": r"(invoice|issued?|receipt|purchase|transaction|bill|document|expense|sale|order|billing)? ?"
    r"(date|day|datetime|timestamp)( of (issue|invoice|purchase|sale|transaction|receipt))?|issued (on|at)|purchased (on|at)"
    r"|date issued|(transaction|purchase) (timestamp|datetime)|datum|fecha|rechnungsdatum",
    "due_date": r"(payment )?(due|payable)( date| by| on)?|pay(ment)? by|date due|due (date|day|on)|payment (deadline|due date)",
    "delivery_date": r"(delivery|service|supply|shipping|ship|shipment) date|date of (supply|delivery|service)",
    "period_start": r"(service|billing|invoice)? ?period (start|from)( date)?|start of period",
    "period_end": r"(service|billing|invoice)? ?period (end|to)( date)?|end of period",
    "time": r"(purchase|transaction|receipt|sale|issued?)? ?time( of (purchase|sale|day|transaction))?|clock|uhrzeit|hora",
    "currency": r"(iso )?(document |invoice |original |total )?currency( (code|iso|symbol|iso code|of .*))?|waehrung|moneda|devise",
    "seller_tax_id": r"(seller|vendor|merchant|supplier|company|store|issuer|shop)? ?"
    r"(vat|tax|gst|sst|ust|tva|btw|iva|fiscal)( registration| reg)? ?(id|no|nr|number|identification( number)?|reg(istration)?( no| number)?"
    r"|ident(ifier)?)|ust ?id( ?nr)?|(seller|vendor|supplier) vat|vatin|abn|ein|tin",
    "buyer_tax_id": r"(buyer|customer|client|recipient|bill to) ?(vat|tax|gst)? ?(vat|id|no|number|tax id|vat id)",
    "seller_registration": r"(company|business|seller|merchant|vendor)? ?(registration|reg|roc|registry)( (no|number|id))?|company (no|number)",
    "seller_address": r"(seller|vendor|merchant|supplier|company|store|shop|issuer|business|outlet|branch|restaurant)? ?"
    r"(full |postal |street |mailing )?(address|location|anschrift|adresse|direccion)( (of|as) .*)?|address( lines?)?|(store|shop) location",
    "buyer_address": r"(buyer|customer|client|recipient|billing|bill to|invoicee|payer|ship(ping)?( to)?) ?(postal )?(address)",
    "seller_phone": r"(seller|vendor|merchant|store|company|shop)? ?(tele)?phone( no| number)?|tel(efon)?( no| number)?|contact number",
    "seller_email": r"(seller|vendor|merchant|store|company|contact)? ?e ?mail( address)?",
    "seller_website": r"(seller|vendor|merchant|store|company)? ?(website|web ?site|url|homepage|web address)",
    "buyer_name": r"(buyer|customer|client|recipient|invoicee|bill(ed)? to|sold to|ship to|payer)( (name|company|company name))?"
    r"|name of (the )?(buyer|customer|client)|kunde|cliente",
    "seller_name": r"(seller|vendor|merchant|supplier|company|store|shop|issuer|business|retailer|payee|outlet|restaurant|establishment|provider"
    r"|trader|biller|firm|brand|creditor)( (company )?(full |legal |business |trading |display )?name)?|name of (the )?"
    r"(seller|vendor|merchant|store|company|shop|business|supplier)|(lieferant|verkaeufer|haendler|tienda|comercio|fournisseur|leverancier)"
    r"|(paid|payable) to|issued by|where",
    "invoice_number": r"(invoice|bill|document|rechnungs?|tax invoice|inv|facture)( ?)(no|nr|num|number|id|identifier|#|nummer)|rechnungsnummer"
    r"|(credit note) (number|no)|invoice",
    "receipt_number": r"(receipt|transaction|trans|ticket|check|cheque|slip|reference|ref|bill|document)( ?)(no|nr|num|number|id|code|ref(erence)?)",
    "order_number": r"(purchase )?(order|po)( (reference|ref))? ?(no|nr|num|number|id|ref(erence)?)?",
    "iban": r"iban|bank account|account iban|(seller|vendor)? ?iban( number)?",
    "bic": r"bic|swift( code)?|bic swift",
    "tax_rate": r"(tax|vat|gst|sst|sales tax) (rate|percent(age)?|pct)",
    "tax_total": r"(total |sum of )?(sales |value added |goods and services )?(tax|taxes|vat|gst|sst|mwst|tva|btw|iva)"
    r"( (total|amount|sum|charged|value|paid))?|(total|tax) tax(es)?( amount)?|total (tax|vat|gst)( amount)?|tax(es)? total",
    "subtotal": r"sub ?total( amount)?|net( (amount|total|sum|value))?|total (net|before tax|excl(uding)? (tax|vat|gst)|ex tax|without tax)"
    r"|(amount|sum) (before|excluding) tax|tax (basis|base)( total)?|(lines?|items) (total|sum)|taxable( amount| total)?|nettobetrag",
    "tip": r"tips?( amount)?|gratuity( amount)?|trinkgeld|pourboire|propina",
    "service_charge": r"service (charge|fee)( amount)?|service",
    "discount": r"(total )?(discount|rebate|savings|allowance|rabatt|remise)s?( (amount|total))?",
    "rounding": r"(cash |total )?round(ing|ed)( (amount|adjustment|adj|difference))?",
    "shipping": r"(shipping|delivery|freight|postage)( (cost|costs|fee|charge|amount))?|versand(kosten)?",
    "prepaid": r"pre ?paid( amount)?|deposit( paid)?|advance( payment)?|already paid|down ?payment",
    "due_payable": r"(balance|amount) (due|payable|owing|outstanding)|(due|payable|outstanding) (amount|balance)|total (due|payable)|balance"
    r"|zahlbetrag|to pay",
    "paid": r"(amount |cash |total )?(paid|tendered|received)( amount)?|cash( amount)?|tender(ed)?( amount)?",
    "change": r"change( (due|given|amount))?|cash back",
    "total": r"(grand |final |overall |gross |invoice |receipt |order |bill |expense )*(total|gross)( (amount|price|sum|value|cost|paid|charged|incl(uding)? (tax|vat|gst)|with tax"
    r"|including tax|gross))?|(total |gross |transaction |expense |final |charged? )?(amount|sum|price|cost|value)( (spent|charged|total|with tax|incl(uding)? tax))?"
    r"|gesamt(betrag|summe)|endbetrag|montant( total| ttc)?|importe( total)?|totaal",
    "payment_method": r"payment (method|type|mode|means|form|instrument)|(paid|pay) (by|with|via|method)|method of payment|tender type|means of payment"
    r"|zahlungsart|payment",
    "card_last4": r"(card )?(last ?(4|four)( digits)?)( of card)?|card (number|no|last ?4|last four)|masked card( number)?",
    "category": r"(expense |spending |merchant |purchase |receipt |cost )?(category|categories|type of expense|class)|kategorie|expense type",
    "document_type": r"(document|doc|receipt|invoice) (type|kind)|type of document|kind",
    "item_count": r"(number|count|no) of items|items? (count|qty|quantity|number)|total (quantity|qty|items)",
    "language": r"language( code)?|lang|locale",
    "country": r"(seller |merchant |store )?country( code)?",
}
"""Each role with the names it goes by, as words: `invoiceNumber` and `invoice_number` are both `invoice number`."""

ITEM_NAMES: dict[str, str] = {
    "description": r"(item |product |article |line )?(description|desc|name|title|label|text|item|product|article|designation|what)( name)?",
    "quantity": r"(item )?(quantity|qty|count|units|menge|amount of units|number|pieces|pcs)( (billed|ordered))?",
    "unit": r"(quantity )?unit( (code|of measure|name))?|uom|einheit",
    "unit_price": r"(unit|single|item|net|price per|per unit)? ?(net |gross )?price( (each|per unit|net|per item))?|price per unit|unit (price|cost|amount|net price)( net)?|rate|each",
    "amount": r"(line |item |net |total |gross )*(amount|total|sum|subtotal|value|cost)( (net|price|amount|gross|cost))?|total price|extended price|price total",
    "tax_rate": r"(tax|vat|gst) ?(rate|percent|percentage|pct)?",
    "discount": r"discount( (amount|percent))?|rebate",
    "code": r"(item |product |article )?(code|sku|id|number|no|ean|barcode|gtin|plu|reference)|article no",
    "position": r"(line |item )?(position|pos|index|line|row|no|number)( no| number)?",
}
"""The names of the fields of a line, in the order they are tried."""

TAX_NAMES: dict[str, str] = {
    "tax_rate": r"(tax |vat |gst )?(rate|percent|percentage|pct)",
    "basis": r"(tax(able)? )?(basis|base|net|net amount|taxable( amount)?|base amount)",
    "amount": r"(tax |vat |gst )?(amount|value|tax|total|sum)( amount)?",
    "name": r"(tax )?(name|type|label|kind|code|category)",
}
"""The names of the fields of a row of taxes."""

PARTIES: dict[str, str] = {
    "seller": r"seller|vendor|merchant|supplier|company|store|shop|issuer|business|retailer|from|creditor|payee|establishment",
    "buyer": r"buyer|customer|client|recipient|bill to|billed to|sold to|payer|invoicee|to|debtor|ship to",
}
"""Objects that group what belongs to one party: `vendor: {name, address, tax_id}`."""

_ABBREVIATIONS = {
    "amt": "amount",
    "num": "number",
    "addr": "address",
    "tot": "total",
    "inv": "invoice",
    "descr": "description",
    "cat": "category",
}


def words_of(name: str) -> str:
    """A property's name as lower-case words: `grandTotal`, `grand_total`, `GrandTotal` are all `grand total`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[^0-9A-Za-z\u00c0-\uffff#]+", " ", spaced).lower().split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


@lru_cache(maxsize=4096)
def role_of_name(name: str, party: str = "") -> str | None:
    """The role a name means; None where it is no name of any role.

    Args:
        name: of the property, in any case style.
        party: "seller" or "buyer" where the property stands in an object about one.
    """
    words = words_of(name)
    for role, pattern in ROLES.items():
        if party and (role in PARTY_ROLES or role.startswith(("seller_", "buyer_"))):
            continue
        if re.fullmatch(pattern, words):
            return role
    if party:
        return _party_role(words, party)
    # "receipt total amount in MYR", "the merchant's name": what is left without filler may still be a name.
    bare = " ".join(word for word in words.split() if word not in _FILLER)
    return role_of_name(bare) if bare and bare != words else None


PARTY_ROLES = frozenset({"line_items", "category"})

_FILLER = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "on",
        "as",
        "in",
        "printed",
        "s",
        "receipt",
        "document",
        "invoice",
        "bill",
        "expense",
        "full",
        "exact",
        "field",
        "value",
        "extracted",
        "normalized",
        "normalised",
        "iso",
        "raw",
        "final",
        "str",
        "string",
        "decimal",
        "number",
        "float",
    ]
)


def _party_role(words: str, party: str) -> str | None:
    own = f"{party} {words}" if not re.match(r"(seller|buyer)\b", words) else words
    if re.fullmatch(r"(legal |company |business |trading |full |display )?name|company|title", words):
        return f"{party}_name"
    if re.fullmatch(ROLES["seller_address"], words) or re.fullmatch(r"street|address line ?1", words):
        return f"{party}_address"
    if re.fullmatch(ROLES["seller_tax_id"], words):
        return f"{party}_tax_id"
    for role in ("seller_phone", "seller_email", "seller_website", "seller_registration"):
        if re.fullmatch(ROLES[role], words):
            return role if party == "seller" else None
    for role in ("iban", "bic", "country"):
        if re.fullmatch(ROLES[role], own) or re.fullmatch(ROLES[role], words):
            return role
    return None


def role_of(name: str, schema: dict[str, Any], *, party: str = "") -> str | None:
    """The role of a property.

    Args:
        name: its key in the schema.
        schema: its own schema; `title` and the first sentence of `description` are read where the key tells nothing.
        party: see `role_of_name`.
    """
    role = role_of_name(name, party)
    if role is not None:
        return role
    for text in (schema.get("title"), _first_sentence(schema.get("description"))):
        if isinstance(text, str) and text and words_of(text) != words_of(name):
            role = role_of_name(text, party) or _role_in_sentence(text)
            if role is not None:
                return role
    return None


def _first_sentence(text: Any) -> str | None:
    return re.split(r"[.;:(,\n]", text, maxsplit=1)[0].strip() if isinstance(text, str) else None


_TELLING: tuple[tuple[str, str], ...] = (
    (r"\bdue date\b|\bpayment is due\b", "due_date"),
    (r"\bdate\b", "issue_date"),
    (r"\btime\b", "time"),
    (r"\bcurrency\b", "currency"),
    (r"\b(sub ?total|before tax|net amount)\b", "subtotal"),
    (
        r"\b(grand|final|overall) total\b|\btotal (amount )?(paid|payable|including|due)\b|\bamount (actually )?paid\b",
        "total",
    ),
    (r"\b(vat|tax|gst) (id|number|registration)", "seller_tax_id"),
    (r"\b(vat|tax|gst|taxes)\b(?!.*\b(total|including)\b)", "tax_total"),
    (r"\baddress of (the )?(buyer|customer)", "buyer_address"),
    (r"\baddress\b", "seller_address"),
    (r"\b(name of (the )?)?(buyer|customer)\b", "buyer_name"),
    (
        r"\b(name of (the )?)?(store|shop|merchant|vendor|seller|supplier|business|company|restaurant) ?(name)?\b",
        "seller_name",
    ),
    (r"\binvoice (number|no|id)\b", "invoice_number"),
    (r"\breceipt (number|no|id)\b", "receipt_number"),
    (r"\b(payment method|paid (by|with)|method of payment)\b", "payment_method"),
    (r"\bcategory\b", "category"),
    (r"\b(tip|gratuity)\b", "tip"),
    (r"\btotal\b", "total"),
)


def _role_in_sentence(sentence: str) -> str | None:
    words = words_of(sentence)
    if len(words.split()) > 12:
        return None
    return next((role for pattern, role in _TELLING if re.search(pattern, words)), None)


def field_of(name: str, schema: dict[str, Any], names: dict[str, str]) -> str | None:
    """The field of a row (`ITEM_NAMES` or `TAX_NAMES`) a property means; None where it is none of them."""
    for text in (name, schema.get("title"), _first_sentence(schema.get("description"))):
        if not isinstance(text, str):
            continue
        words = words_of(text)
        for field, pattern in names.items():
            if re.fullmatch(pattern, words):
                return field
    return None


def party_of(name: str) -> str:
    """The party an object is about: "seller", "buyer" or ""."""
    words = words_of(name)
    return next(
        (
            party
            for party, pattern in PARTIES.items()
            if re.fullmatch(rf"({pattern})( (info|details|party|data))?", words)
        ),
        "",
    )
