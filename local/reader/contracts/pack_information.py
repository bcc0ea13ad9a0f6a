"""What is known and shown: confidentiality, data, publicity."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import PERIOD

CLAUSES = (
    Clause(
        "confidentiality",
        asked=r"(obligation of |duty of |mutual )?(confidential\w*|non ?disclosure|secrecy)( (obligation|clause|duty|undertaking|information|agreement)s?)?|nondisclosure",
        gate=r"confiden|secre|disclos|proprietary",
        marks=(
            (
                r"\b(shall|will|agrees?|must|undertakes?)( \w+){0,3}\b(to )?(hold|keep|maintain|treat|preserve|protect)\b[^.]{0,120}\b(confiden|secre)",
                0.8,
            ),
            (
                r"\b(shall|will|may|agrees?)( \w+){0,2} not( to)?\b[^.]{0,60}\b(disclose|divulge|reveal|publish|make known)",
                0.75,
            ),
            (r"\b(protect|safeguard)\b[^.]{0,60}\bconfidential information", 0.5),
        ),
        against=((r"\bconfidential treatment (has been )?requested|omitted|securities and exchange commission", 0.8),),
        heading=r"confiden|disclos|secre|proprietary",
    ),
    Clause(
        "confidential_information",
        asked=r"(definition of )?confidential information( (definition|defined|means))?|(what|which information) .{0,60}?confidential",
        gate=r"confidential|proprietary",
        marks=(
            (
                r"[\"“‘']?(confidential|proprietary) information[\"”’']?[^.]{0,40}\b(means|shall mean|includes?|is defined|refers to)",
                0.85,
            ),
            (r"\b(marked|designated|identified)\b[^.]{0,60}\bconfidential", 0.4),
        ),
        against=((r"\b(does|do|shall|will) not include\b|\bexclud", 0.5),),
        heading=r"confiden|defini",
    ),
    Clause(
        "confidentiality_exceptions",
        asked=r"(exceptions?|exclusions?|carve ?outs?) (to|from|of) (the )?(confiden\w+|non ?disclosure|confidential information)|confidentiality (exceptions?|exclusions?)|exclusions?|(is|are) not confidential|public or known",
        gate=r"public|disclos|known|independent",
        marks=(
            (r"\b(publicly (available|known)|public domain|generally (known|available))\b", 0.6),
            (
                r"\b(independently developed|rightfully (received|known|in)|already (known|in the possession)|lawfully (received|obtained))\b",
                0.5,
            ),
            (
                r"\b(required|compelled|requested) (to be disclosed |to disclose )?(by|under|pursuant to)\b[^.]{0,60}\b(law|court|subpoena|order|regulation|legal process)",
                0.6,
            ),
            (r"\b(shall|does|do|will) not (apply|include|extend)\b[^.]{0,60}\b(information|obligation)", 0.4),
        ),
        heading=r"confiden|exce|exclu|disclos",
    ),
    Clause(
        "compelled_disclosure",
        asked=r"(compelled|required|legally required) disclosures?|disclosure (that is )?(required|ordered|compelled)|disclosure that a court",
        gate=r"disclos",
        marks=(
            (
                r"\b(required|compelled|requested|ordered|obliged)\b[^.]{0,80}\b(by|under|pursuant to)\b[^.]{0,80}\b(law|court|subpoena|order|regulat\w+|legal process|authorit\w+|governmental)",
                0.7,
            ),
            (r"\b(subpoena|court order|legal process|judicial)\b", 0.35),
            (r"\b(prompt|prior|reasonable)\b[^.]{0,30}\bnotice\b|\bprotective order\b", 0.25),
        ),
        against=((r"\b(securities and exchange|press release)\b", 0.3),),
        heading=r"disclos|confiden|compel|required",
    ),
    Clause(
        "permitted_use",
        asked=r"permitted (use|purpose|disclosure)s?|(use|purpose) (restrictions?|limitations?)|restrictions? on use|(may|can) be used for|limited use",
        gate=r"\buse|purpose|need",
        marks=(
            (r"\b(use|used|uses)\b[^.]{0,80}\b(solely|only|exclusively)\b[^.]{0,60}\b(for|to|in)\b", 0.6),
            (
                r"\b(only|solely|exclusively|no other|other than|except)\b[^.]{0,60}\b(the |this |a |permitted |stated |such )*purposes?\b",
                0.5,
            ),
            (r"\bneed[- ]to[- ]know\b|\bneed(s)? to know\b|\bwho need (it|such|the)\b|\bneeds it\b", 0.6),
            (
                r"\bnot\b[^.]{0,30}\buse\b[^.]{0,60}\binformation\b[^.]{0,80}\b(other than|except|any purpose|own benefit)",
                0.65,
            ),
        ),
        against=((r"\b(trade ?marks?|logo|software|products?|premises|service)\b", 0.4), (r"\bcourt|subpoena\b", 0.4)),
        heading=r"\buse\b|purpose|confiden|disclos",
    ),
    Clause(
        "no_license",
        asked=r"no (implied )?(licen[cs]es?|(other )?rights?)( is| are)?( granted| implied)?|no licen[cs]e or other right",
        gate=r"licen[cs]e|right|title",
        marks=(
            (
                r"\b(no|not|nothing|neither)\b[^.]{0,140}\b(licen[cs]es?|rights?|title|interest)\b[^.]{0,140}\b(grant\w*|convey\w*|transfer\w*|confer\w*|impl\w*|construed|deemed)",
                0.7,
            ),
            (
                r"\b(not|nothing|no|neither)\b[^.]{0,80}\b(grant\w*|convey\w*|confer\w*|transfer\w*|construed|deemed)\b[^.]{0,100}\b(licen[cs]e|rights?|title|interest|ownership)",
                0.7,
            ),
            (r"\b(retains?|remains?)\b[^.]{0,80}\b(all|its|sole)\b[^.]{0,40}\b(rights?|title|ownership|property)", 0.4),
        ),
        against=((r"\b(assign|remed(y|ies)|waiver|terminat\w+|third[- ]party|beneficiar\w+|warrant\w*)\b", 0.5),),
        heading=r"licen[cs]e|owner|rights|title",
    ),
    Clause(
        "mutuality",
        asked=r"mutual(ity|ly)?( obligations?| nda)?|unilateral|one way|whose information|who is bound",
        gate=r"part(y|ies)|mutual",
        marks=(
            (r"\b(each|either|both) part(y|ies)\b[^.]{0,140}\b(disclos\w+|receiv\w+|confiden\w+|protect\w*)", 0.55),
            (r"[\"“‘'](disclosing party|receiving party|discloser|recipient)[\"”’']", 0.55),
            (r"\bmutual(ly)?\b[^.]{0,80}\b(disclos\w+|confiden\w+|exchange)", 0.5),
            (r"\beach (such )?party\b[^.]{0,60}\b(other)\b", 0.2),
        ),
        against=((r"\b(liable|liability|terminat\w+|assign|governed|courts?)\b", 0.4),),
        heading=r"purpose|confiden|mutual|defini|background|parties",
    ),
    Clause(
        "confidentiality_term",
        asked=r"(term|duration|length|period|survival) of (the )?(confiden\w*|non ?disclosure|secrecy)|confidential\w* (term|period|duration|survival)|how long .{0,60}?(confidential|secret)",
        gate=r"confiden|secre|disclos",
        marks=(
            (
                rf"\b(confiden\w*|secre\w*|disclos\w*)\b[^.]{{0,250}}\b(for|period of|until|surviv\w*)\b[^.;]{{0,80}}({PERIOD}|indefinitely|trade secret)",
                0.65,
            ),
            (rf"\b(for|period of|surviv\w*)\b[^.;]{{0,60}}{PERIOD}[^.]{{0,160}}\b(confiden\w*|disclos\w*)", 0.6),
            (r"\bas long as\b[^.]{0,100}\b(trade secret|confidential)", 0.5),
        ),
        against=((r"\bwithin\b", 0.3),),
        heading=r"confiden|term|surviv",
        floor=0.6,
    ),
    Clause(
        "return_of_materials",
        asked=r"(return|destruction|deletion)( (or|and) (return|destruction|deletion))?( of)?|data (return|deletion|export)",
        gate=r"return|destroy|delet|destruct|export|retriev|download|eras",
        marks=(
            (
                r"\b(after|upon|following|on|before)\b[^.]{0,80}\b(end|terminat\w+|expir\w+)\b[^.]{0,120}\b(export|retrieve|download|extract|recover)\b[^.]{0,80}\b(data|content|information|files|copies)\b",
                0.6,
            ),
            (
                r"\b(confidential information|data|content|materials|copies|documents|records)\b[^.]{0,120}\b(returned|destroyed|deleted|erased?|delete (it|them)|destroy (it|them)|return (it|them))\b",
                0.6,
            ),
            (
                r"\b(return|destroy|delete)\b[^.]{0,140}\b(confidential|information|materials|copies|documents|data|property)",
                0.7,
            ),
            (r"\b(upon|within)\b[^.]{0,80}\b(request|terminat\w+|expir\w+)\b[^.]{0,120}\b(return|destroy|delete)", 0.5),
        ),
        against=((r"\breturn\w* (of |the )?(products?|goods|equipment|premium)", 0.5),),
        heading=r"return|destr|terminat|confiden",
    ),
    Clause(
        "data_protection",
        asked=r"(personal )?data (protection|privacy|processing|security)|privacy|gdpr|(security|data) breach( notification| notice)?|information security|security( (measures|obligations))?",
        gate=r"data|privacy|security|gdpr",
        marks=(
            (
                r"\b(personal (data|information)|GDPR|data protection|privacy (law|polic|shield)|HIPAA|CCPA|data processing (agreement|addendum))\b",
                0.6,
            ),
            (r"\b(security (breach|incident)|unauthori[sz]ed (access|disclosure))\b", 0.5),
            (
                r"\b(administrative, (physical|technical)|technical and organi[sz]ational|industry[- ]standard security|safeguards)\b",
                0.5,
            ),
            (r"\b(notify|notification)\b[^.]{0,100}\b(breach|incident)", 0.3),
        ),
        heading=r"data|privacy|secur",
    ),
    Clause(
        "data_ownership",
        asked=r"(ownership of )?(customer|client|user|our|your) (data|content)( (ownership|rights?|use))?|data (ownership|rights?|use)",
        gate=r"\bdata\b|content",
        marks=(
            (
                r"\b(customer|client|user|subscriber|licensee|your)\b[^.]{0,20}\b(data|content)\b[^.]{0,200}\b(own\w*|property|retain\w*|title|remain)",
                0.7,
            ),
            (r"\b(own\w*|retain\w*|title)\b[^.]{0,160}\b(customer|client|user|subscriber|your) (data|content)", 0.7),
            (
                r"\b(use|access|process|train\w*)\b[^.]{0,60}\b(customer|client|user|subscriber|your) (data|content)\b",
                0.4,
            ),
            (
                r"\b(grants?|licen[cs]es?|rights?)\b[^.]{0,120}\b(customer|client|user|subscriber|your) (data|content)\b",
                0.4,
            ),
        ),
        heading=r"data|content|owner",
    ),
    Clause(
        "publicity",
        asked=r"publicity|press releases?|(use of )?(name|logo|trade ?mark)s?( and (name|logo|trade ?mark)s?)?|public announcements?|marketing rights",
        gate=r"public|press|advertis|logo|trade ?mark|announce",
        marks=(
            (r"\b(press releases?|public (announcement|statement|disclosure)s?|publicity)\b", 0.6),
            (r"\b(not|neither)\b[^.]{0,80}\buse\b[^.]{0,60}\b(name|logo|trade ?mark|mark)", 0.6),
            (r"\b(advertis\w*|promotional|marketing)\b[^.]{0,100}\b(name|logo|trade ?mark|consent|approval)", 0.4),
        ),
        heading=r"public|press|announce|trade ?mark",
    ),
)
