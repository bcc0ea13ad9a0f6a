"""The words beside the sums of receipts, in English, Malay, German, French, Dutch, Spanish, Italian and Nordic.

Matched against a label in lower case with everything but letters, digits and `%&+/` as blanks. OCR slips that
come up again and again are written in (`tota1`, `cosh`).
"""

from __future__ import annotations

_TOTAL = r"(?:t[o0]ta[l1i]t?|[fi]otal|ttl|tota|otal|amount|amt|amaun|jumlah|nett?|sales)"
_TAX = r"(?:gst|sst|vat|mwst|ust|tva|btw|iva|moms|mva|tax|taxes|taxe|steuer|cukai|pst|hst|qst|6st|g5t)"
_INCLUDED = r"(?:inc|incl|includ\w*|inclu\w*|inkl|with|after|plus)"
_EXCLUDED = r"(?:exc|excl|exclu\w*|before|without|w/o|ex|net of|zonder|ohne|hors)"

MEANINGS: tuple[tuple[str, str], ...] = (
    # Asked in this order: the more telling words stand first.
    ("saving", r"\bsav(?:ed|ings?|e)\b|\bersparnis\b"),
    (
        "change",
        (
            r"\bchange\b|\bchg due\b|\bbaki\b|\br[uü]ckgeld\b|\bzur[uü]ck\b|\bwechselgeld\b|\bwisselgeld\b|\bmonnaie rendue\b|\brendu\b"
            r"|\bcambio\b|\bvuelto\b|\bresto\b|\bterug\b|\bv[aä]xel\b|\bbytepenge\b|\breszta\b"
        ),
    ),
    (
        "due",
        (
            r"\b(?:balance|amount|amt|total|nett?) ?(?:amount |amt )?(?:due|owing|payable|to be paid|to pay)\b|^\W*due\b|\bto pay\b|\bto be paid\b|\bzu zahlen\b"
            r"|\bzahlbetrag\b|\b[aà] payer\b|\bte betalen\b|\ba pagar\b|\bda pagare\b|\batt betala\b|\bpayable (?:amount|amt)\b|\bdo zap[lł]aty\b"
        ),
    ),
    (
        "total",
        (
            r"\b(?:total|ttl|amount|amt|sales|bill)\b.*\b(?:after|atf|aft) (?:round\w*|rnd|adj\w*|disc\w*)|\bround(?:ed|ing)? (?:total|ttl|amount|amt)\b"
            r"|\b(?:total|ttl) round(?:ed)?\b|\bgrand ?(?:total|ttl|amount|amt)\b"
        ),
    ),
    (
        "rounding",
        (
            r"\br[o0]und(?:ing|in|ed)?\b|\brnd(?:g)?\b|\bpelarasan\b|\bpenggenapan\b|\brundung\b|\barrondi\b|\bafronding\b|\bredondeo\b"
            r"|\barrotondamento\b|\b[oö]resavrundning\b|\bbulat\b|\brounding ?ad\w*\b"
        ),
    ),
    ("tip", r"\btips?\b|\bgratuity\b|\btrinkgeld\b|\bpourboire\b|\bpropina\b|\bmancia\b|\bfooi\b|\bdricks\b"),
    (
        "subtotal",
        (
            r"\bsub ?-?t[o0]ta[l1i]\b|\bs/? ?total\b|\bzwischensumme\b|\bsous total\b|\bsubtotaa?l\w?\b|\bnetto(?:betrag|summe)?\b|\btotal ht\b"
            rf"|{_TOTAL}.*\b{_EXCLUDED}\b|\b{_EXCLUDED} (?:of )?{_TAX}\b|\btaxable\b|\bjumlah kecil\b|\bbase imponible\b|\bimponibile\b|\bdelsumma\b"
            rf"|{_TOTAL} b(?:e)?f(?:ore)?\b"
        ),
    ),
    (
        "total",
        rf"(?=.*\b{_TAX}\b)(?=.*\b{_INCLUDED}\b)(?=.*{_TOTAL})|\bttc\b|\bbrutto\b|\binkl mwst\b.*\b(?:summe|total)",
    ),
    (
        "service",
        r"\bs(?:e?rvice|erv|vc|rv|rvc) ?(?:charges?|chrg?|chgs?|fee)?\b(?! ?tax)|\bbedienung(?:sgeld)?\b|\bcoperto\b|\bservizio\b",
    ),
    (
        "discount",
        (
            r"\bdisc(?:ount)?s?\b|\brebate\b|\bvoucher\b|\bpromo(?:tion)?\b|\brabatt\b|\bremise\b|\bkorting\b|\bdescuento\b|\bsconto\b"
            r"|\bdiskaun\b|\bcoupon\b|\brabat\b"
        ),
    ),
    ("tax", rf"\b{_TAX}\b|\bumsatzsteuer\b|\bmehrwertsteuer\b|\bdavon mwst\b"),
    (
        "total",
        (
            rf"\b{_TOTAL}\b|\b[gb]alance\b|\bsumme\b|\bgesamt(?:betrag|summe|preis)?\b|\bsomme\b|\bmontant\b|\btotaal\b|\btotale\b|\bimporte\b"
            r"|\bbetrag\b|\bendbetrag\b|\bsumma\b|\bi alt\b|\bsuma\b|\bt o t a l\b|\brazem\b|合计|总计|合計|總計"
        ),
    ),
    (
        "paid",
        (
            r"\b(?:cash|cosh|gash|tunai|visa|master ?card|master|maestro|amex|debit|credit|card|tender(?:ed)?|paid|payment|received|receive|given|bar"
            r"|gegeben|kartenzahlung|ec ?cash|girocard|ec karte|esp[eè]ces|carte|cb|contant|pin|efectivo|tarjeta|contanti|carta|kontant|kort|gotówka|karta"
            r"|e ?wallet|boost|grab ?pay|touch n go|tng|nets|mydebit|paypass|contactless|bancontact|bank ?card|cheque)\b"
        ),
    ),
)
"""What a row of a receipt's foot means; the first pattern that is found decides."""

COUNTS = r"\b(?:total )?(?:items?|qty|quantity|pcs|pieces|pax|units?|kuantiti|artikel|articles?|st[uü]ck|points?|lines?)\b(?: ?(?:count|no|qty|sold|tender))?[\s.:=x]*"
"""Words that count things; the number behind them is no money."""

COLUMNS = r"\b(?:qty|quantity|price|u ?/ ?p|u\.? ?price|disc|desc(?:ription)?|item(?!s? count)|code|menge|preis|bezeichnung|artikel|prix|qt[eé]|cantidad|precio)\b"
"""Heads of columns: a row with two of them names columns and no sum."""

EMPHATIC = (
    r"\bgrand\b|\bround(?:ed)? total\b|\brounded\b|\bafter (?:adj|round|rnd|discount)|\batf rnd\b|\bpayable\b|\bdue\b|\bnett?\b(?!.*\bexcl)|\bto pay\b|\bto be paid\b|\bfinal\b"
    r"|\btotal (?:amount )?paid\b|\bgesamt|\bendbetrag\b|\btotal ttc\b|\bzu zahlen\b|\btotal (?:rm|eur|usd|chf|gbp)\b"
)
"""Words that set the sum to pay apart from the sums before it."""

INCLUSIVE = r"\binc(?:l|lu|lusive|luding)?\b|\bwith (?:gst|tax|vat)\b|\bttc\b|\bbrutto\b|^\W*total\W*$|^\W*total\W*(?:rm|myr|eur|€|\$|£)?\W*$"
"""Words that say tax is in it, or the bare word total."""

SUMMARY = (
    r"\b(?:gst|tax|vat|sst|mwst|tva|iva|btw|moms|6st) ?-?(?:summary|analysis|s[um]{1,3}|suhhary|breakdown|details?)\b|\bsummary\b|\btax code\b|\bcode amount\b"
    r"|\b(?:rate|taux|satz)\W+(?:net|basis|base|ht)\b|\bnetto\W+(?:mwst|ust|steuer)|\bamount ?\(?(?:rm|myr)?\)? ?tax\b|\banalysis\b"
)
"""The head of the table of taxes that many receipts end with: its totals are not the receipt's."""
