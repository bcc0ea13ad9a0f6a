"""Who answers for what: liability and its limits, indemnities, insurance, warranties, damages agreed in advance."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import NUMBER, PERIOD

_BEYOND = (
    r"(?:indemni|confidential|gross(?:ly)? negligen|wilful|willful|intentional|fraud|death|bodily injury|personal injury|infring|"
    r"intellectual property|breach of|payment obligations?|misconduct)"
)

CLAUSES = (
    Clause(
        "cap_on_liability",
        asked=r"((limit|limits|limitation|limitations|cap|caps|capped|exclusion) (of|on) (the )?(liability|damages)|liability (cap|limit\w*|clause)"
        r"|limited liability clause|consequential( or indirect)? damages?( waiver)?|limits?( a| the)?( party s)? liability|liability (is )?limited|how much .{0,60}?liab\w+|maximum liability|aggregate liability)|liab\w+ .{0,60}?(limited|capped|cap)\b",
        gate=r"liab|damages|remed|claims?|actions?",
        marks=(
            (r"\bmaximum (aggregate |total )?liability\b", 0.3),
            (r"\b(remedy|remedies)\b[^.;]{0,80}\b(sole|exclusive)\b[^.;]{0,40}\bremed(y|ies)\b", 0.5),
            (
                r"\bnot be (responsible|accountable|answerable)\b[^.]{0,120}\b(incidental|indirect|consequential|special|punitive|lost profits?)",
                0.75,
            ),
            (
                r"\b(liab\w+|damages)\b[^.]{0,200}\b(limited to|not exceed|exceed|more than|capped|cap\b|in excess of|greater of|lesser of|maximum)",
                0.85,
            ),
            (r"\b(maximum|aggregate|total|cumulative|entire) (aggregate |total |cumulative )?liability\b", 0.5),
            (
                r"\b(not|never|no|neither)\b[^.]{0,120}\bliable\b[^.]{0,250}\b(incidental|indirect|consequential|special|punitive|exemplary|lost profits?|loss of)",
                0.85,
            ),
            (
                r"\b(no|neither|not|any)\b[^.]{0,80}\bliability\b[^.]{0,160}\b(incidental|indirect|consequential|special|punitive|exemplary|lost profits?)",
                0.7,
            ),
            (r"\b(sole|exclusive|entire)( and exclusive)? (remedy|liability|obligation)", 0.45),
            (
                r"\bno (legal )?(action|claim|suit|proceeding)\b[^.]{0,200}\b(brought|made|commenced|asserted|instituted)\b[^.]{0,120}\b(more than|after|later than|within)\b[^.]{0,60}\b(years?|months?)",
                0.75,
            ),
            (
                rf"\b(actions?|claims?|suits?)\b[^.]{{0,160}}\b(shall|must) be (brought|made|commenced|filed)\b[^.]{{0,60}}\bwithin\b[^.;]{{0,20}}{PERIOD}",
                0.65,
            ),
            (r"\b(in no event|under no circumstances?|neither party|no party)\b[^.]{0,120}\bliable (to|for)\b", 0.5),
            (r"\bwaives?\b[^.]{0,160}\b(consequential|punitive|indirect|exemplary)", 0.6),
            (r"\bliability cap\b|\blimitations? (of|on) (liability|damages)\b", 0.5),
        ),
        against=(
            (r"\binsur(ance|ed|er)\b", 0.5),
            (r"\b(shall|will|do|does) not (apply|limit|exclude)\b|\bnothing\b[^.]{0,60}\b(limit|exclude)", 0.35),
            (r"\b(infring\w+ claim|third[- ]party claim)[^.]{0,100}\b(notice|notify)", 0.4),
            (r"\bindemnify,? (defend|and hold)|\bshall indemnify", 0.3),
        ),
        heading=r"liab|damages|remed|limitation",
    ),
    Clause(
        "uncapped_liability",
        asked=r"(uncapped|unlimited) liability|(exceptions?|exclusions?|carve ?outs?) (to|from) (the )?(liability cap|limitations? of liability|cap)|liab\w+ .{0,60}?(uncapped|unlimited)",
        gate=r"liab|limit|damages",
        marks=(
            (
                rf"\b(limit\w*|exclusions?|cap|foregoing|sections?|paragraphs?|disclaimers?|waiver)\b[^.]{{0,200}}\b(shall|will|do|does) not (apply|limit|exclude|affect|extend)\b[^.]{{0,300}}{_BEYOND}",
                0.9,
            ),
            (
                rf"\b(except|other than|excluding|save)\b[^.]{{0,160}}{_BEYOND}[^.]{{0,400}}\b(liab\w+|damages)\b[^.]{{0,200}}\b(exceed|limited|liable|consequential|maximum|aggregate|incidental)",
                0.7,
            ),
            (
                rf"\b(liab\w+|damages)\b[^.]{{0,300}}\b(except|other than|excluding|unless|save)\b[^.]{{0,160}}{_BEYOND}",
                0.45,
            ),
            (
                r"\bnothing (in|herein|contained)\b[^.]{0,120}\b(limits?|excludes?|limit or exclude)\b[^.]{0,120}\bliab",
                0.8,
            ),
            (
                r"\bunlimited liability|\bliab\w*[^.]{0,60}\bunlimited|\bwithout (any )?limit(ation)? (as to|of) (liability|amount)",
                0.7,
            ),
        ),
        against=(
            (r"\binsur(ance|ed|er)\b", 0.5),
            (r"\bconfidential(ity)? obligations? (shall|do|will) not apply|information (which|that) (is|was)\b", 0.6),
        ),
        heading=r"liab|damages|limitation",
        floor=0.6,
    ),
    Clause(
        "indemnification",
        asked=r"(ip |intellectual property |mutual |third party )?indemni\w+|hold harmless",
        gate=r"indemnif|hold harmless|indemnit",
        marks=(
            (
                r"\b(shall|will|agrees? to|must|hereby)\b[^.]{0,60}\b(indemnify|defend|hold harmless|save harmless)",
                0.85,
            ),
            (r"\bindemnif\w+\b[^.]{0,200}\b(from and against|against|claims?|losses|damages)", 0.5),
            (r"\bhold\w* (\w+ ){0,3}harmless", 0.5),
        ),
        against=(
            (
                r"\bindemnified party (shall|will|must|agrees?)|prompt(ly)? (written )?(notice|notify)|control of the defen[cs]e",
                0.3,
            ),
            (r"\binsur", 0.2),
        ),
        heading=r"indemn",
    ),
    Clause(
        "insurance",
        asked=r"insurance|(required|minimum) (insurance|coverage)|\bmaintain insurance",
        gate=r"insur",
        marks=(
            (r"\b(keep|maintain|have)\b[^.;]{0,60}\binsured\b", 0.65),
            (r"\b(have|has|hold|keep)\b[^.;]{0,30}\bin (full )?force\b[^.;]{0,40}\binsurance", 0.6),
            (
                r"\b(maintain|obtain|procure|carry|carries|carried|keep|provide|purchase|effect|take out)\w*\b[^.]{0,160}\binsurance",
                0.75,
            ),
            (
                r"\binsurance\b[^.]{0,120}\b(shall|will|must) be (maintained|carried|provided|obtained|primary|written)",
                0.6,
            ),
            (
                r"\bcertificates? of insurance|additional(ly)? (named )?insureds?|named (as an? )?(additional )?insured|per occurrence|evidence of (such )?insurance|jointly insured",
                0.65,
            ),
            (
                r"\b(comprehensive|commercial|general|product|professional|public|automobile|cyber|employers?)\b[^.;]{0,30}\bliability insurance|workers'? compensation insurance|errors (and|&) omissions",
                0.5,
            ),
            (r"\b(agrees?|shall|will|required)\b( to)? (be )?(fully |jointly |adequately )?insured?\b", 0.6),
            (r"\binsurance (polic(y|ies)|coverage)\b", 0.35),
            (r"\b(may|shall|will|must) (also )?(acquire|secure|arrange|provide)\b[^.]{0,40}\binsurance", 0.5),
            (r"\b(polic(y|ies))\b[^.]{0,120}\b(cancell?ed|materially (altered|changed))", 0.4),
        ),
        against=(
            (
                r"\b(health|life|medical|unemployment|social) insurance|insurance (compan(y|ies) (means|business)|industry|agents?|products?|claims? process)|employee benefit",
                0.5,
            ),
            (r"\b(taxes|salar|wages|withholding)\b", 0.4),
            (r"\bliab\w+[^.]{0,100}\b(exceed|limited to)\b", 0.4),
            (r"\bprice[^.]{0,60}(includ|exclud)\w*[^.]{0,60}insurance|freight[^.]{0,60}insurance|\bCIF\b", 0.5),
        ),
        heading=r"insur",
    ),
    Clause(
        "warranty_duration",
        asked=r"(duration|length|period|term) of (the |any )?warrant(y|ies)|warrant(y|ies) (duration|period|length|term)|how long .{0,60}?warrant\w+",
        gate=r"warrant|defect|conform|accept",
        marks=(
            (r"^\W*warranty( period)?\s*:\s*\S+", 0.4),
            (rf"\bwarrant\w*\b[^.]{{0,250}}\b(for|of|within|until)\b[^.;]{{0,60}}{PERIOD}", 0.6),
            (rf"\b(for|period of|within)\b[^.;]{{0,40}}{PERIOD}[^.]{{0,200}}\b(warrant|free (from|of)|defect)", 0.5),
            (r"\bwarranty period\b", 0.5),
            (
                r"\bwarrant\w*\b[^.]{0,200}\b(starting|beginning|commencing|from the date)\b[^.]{0,140}\b(ending|until|for (a|the) (period|length|term))",
                0.6,
            ),
            (rf"{NUMBER}[^.;]{{0,12}}[- ](days?|months?|years?)[’']?s?[ -](limited )?warrant", 0.65),
            (rf"\b(defect|non-?conform\w*|fail\w* to conform)\w*\b[^.]{{0,200}}\bwithin\b[^.;]{{0,60}}{PERIOD}", 0.45),
            (
                rf"{PERIOD}[^.;]{{0,40}}\b(from|of|after|following|as of|commencing)\b[^.;]{{0,60}}\b(deliver|ship|install|accept|receipt|completion|performance)",
                0.4,
            ),
        ),
        against=(
            (r"\b(represents? and warrants?|power and authority|duly (organi[sz]ed|authori[sz]ed)|indemni|insur)", 0.4),
            (r"\b(notice of terminat|terminat\w+|breach|invoice|payment|pay)\b", 0.4),
            (r"\bdisclaim|no warrant|without warrant|as is\b", 0.4),
            (r"\bconfidential", 0.5),
        ),
        heading=r"warrant|defect",
        floor=0.6,
    ),
    Clause(
        "warranty",
        asked=r"(express |product |service |performance |limited )*warrant(y|ies)( (given|of|for|that|clause))?|warranties|representations and warranties",
        gate=r"warrant",
        marks=(
            (r"\b(represents?(,| and) |hereby |further )*warrants?\b[^.]{0,60}\bthat\b", 0.75),
            (r"\bwarrants?\b[^.]{0,200}\b(conform|free (from|of)|perform|merchantab|workmanlike|defect)", 0.6),
        ),
        against=((r"\b(disclaim|no (other )?warrant|makes? no|without warrant)", 0.6),),
        heading=r"warrant|represent",
    ),
    Clause(
        "warranty_disclaimer",
        asked=r"(disclaimers?( of)?|no) warrant(y|ies)( disclaimer)?|warrant(y|ies) disclaimers?|as is|disclaimers?",
        gate=r"warrant|as is",
        marks=(
            (r"\b(disclaims?|makes? no|no (other|further)|without|exclud\w+)\b[^.]{0,100}\bwarrant", 0.75),
            (r"\b(merchantability|fitness for a particular purpose)\b", 0.6),
            (r"[\"“']?as[- ]is[\"”']?", 0.3),
        ),
        heading=r"warrant|disclaim",
    ),
    Clause(
        "liquidated_damages",
        asked=r"liquidated damages?|(early )?termination (fee|charge|penalty)s?|penalt(y|ies)( clause)?|break ?up fee|exit fee",
        gate=r"liquidated|penalt|fee|charge|pay|reimburs",
        marks=(
            (r"\bliquidated (damages|sum|amount)", 0.9),
            (
                r"\b(termination|cancell?ation|early[- ]termination|break-?up|exit|kill) (fee|charge|payment|penalt)",
                0.75,
            ),
            (r"\b(pay|paid|apply|applied|subject to)\b[^.]{0,100}\b(an? )?penalt(y|ies)\b", 0.6),
            (
                r"\bpenalty of\b|\bnot (as )?a penalty|reasonable (estimate|forecast|pre-?estimate)[^.]{0,60}\b(damage|loss)",
                0.6,
            ),
            (
                r"\b(terminat|cancel)\w*\b[^.]{0,120}\b(shall|will|must) (pay|reimburse|compensate|be (paid|reimbursed))\b[^.]{0,120}(\$|percent|%|fee|amount equal)",
                0.5,
            ),
        ),
        against=(
            (r"\binsur\w*", 0.3),
            (
                r"\b(without|no|not[^.]{0,30}(subject to|liable for|incur)) [^.]{0,30}(penalt|termination (fee|charge)|cancell?ation (fee|charge))",
                0.7,
            ),
            (r"\b(taxes?|fines|interest|governmental|law|regulat\w+|jurisdiction)\b", 0.3),
            (r"\b(no event|liable)[^.]{0,120}(punitive|consequential)", 0.5),
        ),
        heading=r"liquidated|penalt|terminat",
    ),
    Clause(
        "force_majeure",
        asked=r"force majeure|acts? of god|excus\w+ (delay|performance)",
        gate=r"majeure|acts? of god|beyond (its|their|the|his)[^.;]{0,30}control",
        marks=(
            (r"\bforce majeure\b", 0.6),
            (r"\bacts? of god\b", 0.6),
            (
                r"\b(not be|neither|no)\b[^.]{0,60}\b(liable|responsible|default)\b[^.]{0,200}\bbeyond\b[^.]{0,40}\bcontrol",
                0.75,
            ),
            (r"\bbeyond (its|their|the|his)[^.;]{0,30}control", 0.4),
        ),
        heading=r"majeure|excus|act of god",
    ),
)
