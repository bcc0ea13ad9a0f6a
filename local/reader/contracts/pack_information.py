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
        heading=r"confiden|defini",
    ),
    Clause(
        "confidentiality_exceptions",
        asked=r"(exceptions?|exclusions?|carve ?outs?) (to|from|of) (the )?(confiden\w+|non ?disclosure|confidential information)|confidentiality (exceptions?|exclusions?)|(compelled|required|permitted) disclosures?",
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
        gate=r"return|destroy|delet|destruct",
        marks=(
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
