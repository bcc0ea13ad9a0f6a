"""What is paid, bought and delivered: prices, minimums, shares of revenue, payment, service levels."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import NUMBER, PERIOD

_SHARE = r"(?:\d+(?:\.\d+)?\s?%|\[\s*\*+\s*\]\s?%|percent\b|percentage|per cent\b)"

CLAUSES = (
    Clause(
        "minimum_commitment",
        asked=r"(minimum|volume|purchase|sales|spend)( (purchase|order|volume|spend|sales|quantity))? (commitments?|obligations?|requirements?|guarantees?|quantit\w+|orders?|targets?|quota)|minimums?|take or pay|\bminimum\b",
        gate=r"minimum|at least|not less than|no (less|fewer)|commit|quota|take[- ]or[- ]pay|guarantee",
        marks=(
            (r"\b(guarantees?|commits?|undertakes?) (to )?[^.;]{0,20}\b(a )?minimum\b", 0.4),
            (
                r"\bminimum\b[^.]{0,60}\b(purchases?|orders?|quantit\w+|volumes?|commitments?|amounts?|royalt\w+|payments?|guarantees?|fees?|sales|number|requirements?|levels?|targets?|quota|impressions)\b",
                0.6,
            ),
            (
                rf"\b(purchase|order|buy|sell|pay|deliver|supply|spend|employ|provide|achieve|produce|generate)\w*\b[^.]{{0,120}}\b(a minimum|minimum of|at least|not less than|no less than|no fewer than|as a minimum)\b[^.]{{0,40}}(\$|{NUMBER})",
                0.6,
            ),
            (
                r"\bminimum (agreed |annual |monthly |quarterly |yearly |aggregate )*(purchase|order|quantity|volume|royalty|commitment|sales)",
                0.35,
            ),
            (r"\b(shall|agrees? to|must|will)\b[^.]{0,60}\b(purchase|order|buy|sell|pay)\b[^.]{0,80}\bminimum", 0.4),
            (r"\btake[- ]or[- ]pay|\bshortfall\b", 0.6),
            (r"\b(sales|purchase|performance|volume) (quota|targets?|goals?|commitments?)", 0.45),
            (
                r"\b(commits?|committed|guarantees?) to (purchase|buy|pay|order|spend)|committed (volume|quantity|spend)",
                0.6,
            ),
        ),
        against=(
            (r"\b(insur\w+|coverage|polic(y|ies))\b", 0.6),
            (
                rf"\b(at least|not less than|minimum of|no less than) {PERIOD}|\b(prior|advance|written) (written )?notice",
                0.5,
            ),
            (
                r"\bminimum (wage|standards?|qualifications?|rating|net worth|age|specifications?|advertised|requirements? of)|\bat a minimum\b",
                0.5,
            ),
            (r"\b(experience|rating|insured|liability|quorum|shareholders|voting)\b", 0.4),
            (r"\bno minimum|not (be )?(required|obligated|obliged|committed)[^.]{0,60}\b(minimum|purchase)", 0.6),
        ),
        heading=r"minimum|purchase|quantit|commit|quota|order|forecast|volume",
        floor=0.6,
    ),
    Clause(
        "volume_restriction",
        asked=r"(volume|usage|user|seat) (restrictions?|limits?|caps?)|usage limits?",
        gate=r"maximum|exceed|limit|up to|more than",
        marks=(
            (
                rf"\b(not exceed|maximum of|up to|no more than|limited to|in excess of)\b[^.;]{{0,40}}{NUMBER}[^.;]{{0,40}}\b(hours?|users?|seats?|units?|copies|transactions|locations|hours|devices|installations|employees|calls)\b",
                0.75,
            ),
        ),
        against=((r"\b(liab\w+|damages|days|notice|insur)", 0.5),),
    ),
    Clause(
        "revenue_sharing",
        asked=r"(revenue|profit|income)( (or|and) (revenue|profit))? shar\w+|royalt(y|ies)|commissions?|\bshare\b.{0,60}?\b(revenue|profit)s?\b|revenue profit sharing",
        gate=r"royalt|revenue|profit|commission|net sales|gross|percent|%|proceeds|\bshare\b",
        marks=(
            (
                r"\bshare\b[^.;]{0,40}\b(revenues?|profits?|proceeds|income)\b[^.;]{0,40}\b(equal\w*|between|pro rata|\d)",
                0.6,
            ),
            (
                r"\b(receive|entitled to|pay|retain|remit)\b[^.;]{0,40}\d+(\.\d+)?\s?(%|percent)[^.;]{0,20} of\b[^.;]{0,40}\b(revenues?|profits?|sales|receipts|proceeds|income)",
                0.4,
            ),
            (r"\b(revenue|profit|proceeds|income|earnings)s?[- ](shar|split)", 0.85),
            (r"\bshare (of|in) (the )?(net |gross |total )*(revenue|profit|proceeds|income)", 0.6),
            (rf"\broyalt(y|ies)\b[^.]{{0,160}}({_SHARE}|net sales|gross|\bpa(y|id|yable)\b)", 0.6),
            (
                rf"{_SHARE}[^.]{{0,100}}\b(net|gross|total|adjusted|all)?\s?\b(revenues?|sales|profits?|receipts|proceeds|income|fees (received|collected))\b",
                0.55,
            ),
            (
                r"\bcommissions?\b[^.]{0,140}\b(pay|paid|payable|equal|rate|percent|earn\w*|entitled)|\b(pay|paid|receive|earn|entitled to)\w*\b[^.]{0,60}\bcommissions?\b",
                0.5,
            ),
            (
                r"\b(pay|remit|receive)\w*\b[^.]{0,150}\b(net sales|gross (sales|revenues?|receipts)|net (revenues?|profits?))",
                0.45,
            ),
            (r"\b(continuing|royalty|service) fee\b[^.]{0,60}\b(gross|net|percent|%)", 0.4),
        ),
        against=(
            (r"\broyalty[- ]free|non-?\s?(and non-)?royalty|without (payment of )?royalt", 0.6),
            (r"\b(tax|taxes|defects?|interest|late|underpay\w*|underreport\w*|yield|insur\w+)\b", 0.4),
            (r"\b(lost|loss of) (profit|revenue)|\b(consequential|incidental) damages|\bliab\w+\b", 0.6),
            (r"\b(records|audit|books|confidential)\b", 0.25),
            (r"\b(ownership|stock|shares of|voting|equity)\b", 0.3),
        ),
        heading=r"royalt|revenue|profit|commission|compensation|fee|payment",
        floor=0.6,
    ),
    Clause(
        "most_favored_nation",
        asked=r"most favou?red( nation| customer)?|mfn|best price|price parity|\bfavou?rable\b",
        gate=r"as low as|favou?r|lowest|best price|best terms|higher|lower|similar",
        marks=(
            (r"\bas low as\b[^.]{0,80}\b(other|any|another)\b", 0.65),
            (r"\bmore favou?rable (terms|prices?|rates?|conditions)\b[^.]{0,60}\bto (any |an)?other\b", 0.5),
            (r"\bmost[- ]favou?red", 0.9),
            (
                r"\b(no|not) less favou?rable\b[^.]{0,160}\b(than|to)\b|\b(at least )?as favou?rable\b[^.]{0,120}\bas\b",
                0.5,
            ),
            (
                r"\b(more|most|better) favou?rable\b[^.]{0,160}\b(price|pricing|terms|rate|customer|third part|other|conditions)",
                0.5,
            ),
            (r"\b(price|pricing|terms|fees?|rates?|discount)s?\b[^.]{0,140}\b(favou?rable)", 0.45),
            (
                r"\b(no|not)\b[^.]{0,40}\b(higher|greater|more)\b[^.]{0,30}\b(fee|price|rate|charge)?s?\b[^.]{0,40}\bthan\b[^.]{0,100}\b(other|any) [^.]{0,40}\b(client|customer|distributor|licensee|purchaser|buyer)",
                0.7,
            ),
            (r"\blowest\b[^.]{0,30}\b(price|rate|fee)s?\b[^.]{0,100}\b(any|other|offered|charged|customer)", 0.7),
        ),
        against=((r"\b(favou?rable (tax|treatment|ruling|rating|publicity)|weather)\b|creditors", 0.6),),
        heading=r"favou?red|price|pricing|parity",
    ),
    Clause(
        "price_changes",
        asked=r"price (changes?|increases?|adjustments?|restrictions?|protection|escalation|cap)|(fee|rate) increases?|uplift|(increase|change)s? (in|to|of) (the )?(prices?|fees|rates?)",
        gate=r"price|fee|rate",
        marks=(
            (
                r"\b(increase|adjust|change|modify|raise|revis)\w*\b[^.]{0,80}\b(prices?|fees?|rates?|charges?)\b|\b(prices?|fees?|rates?|charges?)\b[^.]{0,80}\b(increas|adjust|chang|revis|escalat)\w*",
                0.6,
            ),
            (r"\b(not exceed|no more than|up to|greater of|CPI|consumer price index|inflation)\b", 0.3),
            (r"\bprices? (shall|will) (remain |be )(firm|fixed)", 0.6),
        ),
        against=((r"\b(exchange rate|interest rate|tax rate|liab)", 0.4),),
        heading=r"price|fee|rate|charge",
    ),
    Clause(
        "payment_terms",
        asked=r"payment( (terms?|conditions?|period|schedule|due))?|(fees?|invoic\w+|billing)( and payment)?|when .{0,60}?(pay|paid|due)",
        gate=r"\bpay|invoice|\bdue\b|net \d",
        marks=(
            (
                rf"\b(pay|payable|paid|payment|due)\b[^.]{{0,140}}\b(within|net|no later than)\b[^.;]{{0,30}}{PERIOD}|\bnet (\d+|thirty|sixty)\b",
                0.75,
            ),
            (r"\b(shall|will|agrees? to|must) pay\b", 0.45),
            (r"\binvoices?\b[^.]{0,120}\b(pay|paid|due|payable|submit|issue)", 0.45),
            (r"\b(monthly|annually|quarterly) in (advance|arrears)|due and payable\b", 0.4),
        ),
        against=((r"\b(royalt|indemni|insur|damages|penalt)", 0.3),),
        heading=r"pay|fee|invoice|price|compensation",
    ),
    Clause(
        "late_payment",
        asked=r"late (payment|fee|charge)s?|(default )?interest( on)?|overdue|suspension",
        gate=r"late|overdue|interest|past due|suspend",
        marks=(
            (rf"\b(interest|late (fee|charge|payment))\b[^.]{{0,160}}({_SHARE}|per (month|annum)|prime)", 0.75),
            (r"\b(overdue|past due|not paid when due|unpaid)\b[^.]{0,120}\b(interest|charge|suspend)", 0.6),
            (r"\bmay suspend\b", 0.4),
        ),
        heading=r"pay|interest|late|suspen",
    ),
    Clause(
        "taxes",
        asked=r"tax(es)?|vat|withholding( tax)?",
        gate=r"tax",
        marks=(
            (r"\b(sales|use|value[- ]added|withholding|excise|property|applicable) tax(es)?\b", 0.45),
            (r"\b(responsible for|pay|exclusive of|do not include|net of)\b[^.]{0,80}\btax", 0.5),
            (r"\btaxes\b", 0.2),
        ),
        heading=r"tax",
    ),
    Clause(
        "service_levels",
        asked=r"service level( agreement)?s?|slas?|uptime|availability|(service )?credits?|support|maintenance",
        gate=r"service level|uptime|availab|credits?\b|support|response time|maintenance",
        marks=(
            (r"\b(service levels?|service credits?|uptime|SLA)\b", 0.6),
            (rf"\bavailab\w+\b[^.]{{0,80}}{_SHARE}|{_SHARE}[^.]{{0,60}}\b(availab|uptime)", 0.7),
            (r"\b(response|resolution|restoration) times?\b", 0.45),
            (
                r"\b(technical|customer|telephone|maintenance and) support\b[^.]{0,60}\b(shall|will|provide|hours)|\b(shall|will) provide\b[^.]{0,60}\b(support|maintenance)\b",
                0.5,
            ),
        ),
        against=((r"\bcommercially available|publicly available", 0.4),),
        heading=r"service level|support|maint|availab|uptime",
    ),
    Clause(
        "delivery",
        asked=r"(delivery|shipment|shipping)( (terms?|dates?|schedule|and))?|late delivery|lead times?|title and risk( of loss)?|risk of loss|incoterms?",
        gate=r"deliver|ship|risk of loss|F\.?O\.?B|ex works|title",
        marks=(
            (r"\b(F\.?O\.?B|ex works|EXW|DDP|CIF|FCA|incoterms)\b", 0.6),
            (r"\b(title|risk of loss)\b[^.]{0,80}\b(pass|transfer|remain)", 0.6),
            (r"\b(shall|will|must) (deliver|ship|be (delivered|shipped))\b", 0.5),
            (r"\bdelivery (date|schedule|time|term)s?\b|lead times?", 0.45),
        ),
        against=((r"\b(notices?|deliver\w* (a |an )?(notice|certificate|copy|copies))\b", 0.5),),
        heading=r"deliver|ship|title|risk",
    ),
    Clause(
        "acceptance",
        asked=r"(acceptance|inspection|rejection)( (and|of|or))?|(acceptance|inspection) (testing|procedure|period|rights?)|quality( (control|assurance|standards|agreement|requirements?))?",
        gate=r"accept|inspect|reject|quality",
        marks=(
            (
                rf"\b(accept|reject|inspect)\w*\b[^.]{{0,160}}\b(within|{PERIOD}|deliver|receipt|non-?conform|defect)",
                0.6,
            ),
            (r"\b(acceptance (test|criteria|period|procedure)|deemed (to have )?accepted)", 0.6),
            (r"\bquality (assurance|control|standards?|agreement|system)\b", 0.5),
        ),
        against=((r"\b(this agreement|offer)\b[^.]{0,60}\baccept", 0.4),),
        heading=r"accept|inspect|quality|reject",
    ),
)
