"""The words beside the sums of receipts, in English, Malay, German, French, Dutch, Spanish, Italian and Nordic.

Matched against a label in lower case with everything but letters, digits and `%&+/` as blanks. OCR slips that
come up again and again are written in (`tota1`, `cosh`).
"""

from __future__ import annotations

_TOTAL = r"(?:t[o0]ta[l1i]|[f]otal|ttl|tota|amount|amt|amaun|jumlah)"

MEANINGS: dict[str, str] = {
    # Asked in this order: the more telling words stand first.
    "count": r"\b(?:item|items|qty|quantity|pcs|pieces|bil|kuantiti|artikel|articles?|st[uü]ck|pos|points?|mata)\b(?!.*\b(?:incl|payable|due)\b)"
    r"(?=.*\b(?:total|count|no)\b|$)|\bt[o0]tal ?(?:qty|quantity|item|items|pcs|points?|units?|q)\b|\b(?:qty|item|items) (?:total|count)\b",
    "saving": r"\bsav(?:ed|ings?|e)\b|\byou saved\b|\bersparnis\b",
    "change": r"\bchange\b|\bchg due\b|\bbaki\b|\br[uü]ckgeld\b|\bzur[uü]ck\b|\bwechselgeld\b|\bwisselgeld\b|\bmonnaie rendue\b|\brendu\b|\bcambio\b"
    r"|\bvuelto\b|\bresto\b|\bterug\b|\bv[aä]xel\b|\bbytepenge\b|\bcash change\b|\breszta\b",
    "rounding": r"\bround(?:ing|ed)?\b(?!.*\btotal\b)|\brnd(?:g)?\b(?! ?ttl)|\bpelarasan\b|\bpenggenapan\b|\brundung\b|\barrondi\b|\bafronding\b"
    r"|\bredondeo\b|\barrotondamento\b|\b[oö]resavrundning\b|\broundin\b|\bbulat\b",
    "due": r"\b(?:balance|amount|amt|total) ?(?:due|owing|payable|to be paid|to pay)\b|\bto pay\b|\bzu zahlen\b|\bzahlbetrag\b|\b[aà] payer\b|\bte betalen\b"
    r"|\ba pagar\b|\bda pagare\b|\batt betala\b|\bpayable amount\b|\bbayar(?:an)? ?(?:perlu)?\b|\bnett? (?:payable|to pay)\b|\bto be paid\b|\bdo zap[lł]aty\b",
    "tip": r"\btips?\b|\bgratuity\b|\btrinkgeld\b|\bpourboire\b|\bpropina\b|\bmancia\b|\bfooi\b|\bdricks\b",
    "service": r"\bs(?:e?rvice|erv|vc|rv|rvc) ?(?:charges?|chrg?|chgs?|fee|tax)?\b(?!.*\btotal\b)|\bbedienung(?:sgeld)?\b|\bcoperto\b|\bservizio\b",
    "discount": r"\bdisc(?:ount)?s?\b(?!.*\b(?:total|nett?)\b.*\bafter\b)|\brebate\b|\bvoucher\b|\bpromo(?:tion)?\b|\brabatt\b|\bremise\b|\bkorting\b|\bdescuento\b"
    r"|\bsconto\b|\bdiskaun\b|\bcoupon\b|\brabat\b",
    "total_after_rounding": r"(?!)",
    "subtotal": r"\bsub ?-?t[o0]ta[l1i]\b|\bsubtotal\b|\bs/? ?total\b|\bzwischensumme\b|\bsous total\b|\bsubtotaal\b|\bsubtotale\b|\bnetto(?:betrag|summe)?\b"
    r"|\btotal (?:amount )?(?:sales )?(?:\w+ )?(?:excl?|excluding|exclude|exclusive|before|ex|w/o|without)\b|\bbefore (?:tax|gst|sst|vat|discount)\b|\btotal ht\b"
    r"|\b(?:exclude|excluding|exclusive|excl) (?:gst|sst|tax|vat|of)\b|\btaxable\b|\bnett? amount\b(?=.*\bexcl)|\bjumlah kecil\b|\btotal excl\b|\bbase imponible\b"
    r"|\bimponibile\b|\bdelsumma\b|\bnet of\b",
    "tax": r"\b(?:gst|sst|vat|mwst|ust|tva|btw|iva|moms|mva|tax|taxe|steuer|cukai|gov tax|pst|hst|qst)\b"
    r"(?!.*\b(?:total|amount|amt|sales|incl|inclusive|including|payable total)\b)"
    r"|\btotal ?(?:gst|sst|vat|tax|tva|mwst|iva|btw|moms)\b|\b(?:gst|sst|vat|tax|tva|mwst|iva|btw) ?(?:total|amount|amt|payable|charged|inclusive|included)\b(?!.*\btotal\b.*\btotal\b)"
    r"|\badd gst\b|\bgst @? ?\d|\bincl(?:usive|uding|udes)? (?:of )?\d+(?: ?\d*)? ?% (?:gst|vat|sst|mwst|tva|btw|iva)\b(?!.*total)|\bdavon mwst\b|\bdont tva\b",
    "total": rf"\bgrand ?{_TOTAL}|\b{_TOTAL}\b|\bnett?\b|\b[gb]alance\b|\bsumme\b|\bgesamt(?:betrag|summe)?\b|\bsomme\b|\bmontant\b|\btotaal\b|\btotale\b"
    r"|\bimporte\b|\bbetrag\b|\bbrutto\b|\bendbetrag\b|\bsumma\b|\bi alt\b|\bsuma\b|\bttc\b|\bbill amount\b|\bt o t a l\b|\brounded\b|\brazem\b|合计|总计|合計",
    "paid": r"\b(?:cash|cosh|gash|tunai|visa|master ?card|master|maestro|amex|debit|credit|card|tender(?:ed)?|paid|payment|received|receive|given|bar|gegeben|kartenzahlung"
    r"|ec ?cash|girocard|ec karte|esp[eè]ces|carte|cb|contant|pin|efectivo|tarjeta|contanti|carta|kontant|kort|gotówka|karta|e ?wallet|boost|grab ?pay|touch n go|tng|nets"
    r"|mydebit|paypass|contactless|bancontact|bank ?card|cheque|master card)\b",
}
"""What a row of a receipt's foot means."""

EMPHATIC = (
    r"\bgrand\b|\bround(?:ed)? total\b|\brounded\b|\bafter (?:adj|round|rnd|discount)|\batf rnd\b|\bpayable\b|\bdue\b|\bnett?\b(?!.*\bexcl)|\bto pay\b|\bto be paid\b|\bfinal\b"
    r"|\btotal (?:amount )?paid\b|\bgesamt|\bendbetrag\b|\btotal ttc\b|\bzu zahlen\b|\btotal (?:rm|eur|usd|chf|gbp)\b"
)
"""Words that set the sum to pay apart from the sums before it."""

INCLUSIVE = r"\binc(?:l|lu|lusive|luding)?\b|\bwith (?:gst|tax|vat)\b|\bttc\b|\bbrutto\b|^\W*total\W*$|^\W*total\W*(?:rm|myr|eur|€|\$|£)?\W*$"
"""Words that say tax is in it, or the bare word total."""

SUMMARY = (
    r"\b(?:gst|tax|vat|sst|mwst|tva|iva|btw|moms) ?-?(?:summary|analysis|sum+|breakdown|detail|details|code)|\bsummary\b|\btax code\b|\bcode amount\b|\brate\W+(?:net|basis|base)"
    r"|\bnetto\W+(?:mwst|ust|steuer)|\btaux\b.*\b(?:ht|tva)\b|\bamount ?\(?(?:rm|myr)?\)? ?tax\b"
)
"""The head of the table of taxes that many receipts end with: its totals are not the receipt's."""
