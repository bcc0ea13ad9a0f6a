"""What stands at the beginning and at the end: names, dates, law, courts, notices, the boilerplate."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import PERIOD

CLAUSES = (
    Clause(
        "governing_law",
        asked=r"(governing|applicable|choice of|controlling|proper) laws?|law|jurisdiction'?s? law|(what|which|whose) .{0,60}?\blaws?\b|\blaws?\b.{0,60}?\bgovern\w*\b",
        gate=r"\blaws?\b|jurisdiction|legislation|\bcourts?\b",
        marks=(
            (r"\bapplicable law\s*:|\bgoverning law\s*:", 0.7),
            (
                r"\b(determined|governed|interpreted|construed|controlled)\b[^.;]{0,20}\b(by|under|according to|in accordance with)\b[^.;]{0,30}\b(?!(?:applicable|such|any|the|federal|state|common|by|case|copyright|patent|tax|antitrust|securities|bankruptcy|local|that|this|employment|relevant|trademark|and|or|of) )[a-z]+ law\b",
                0.6,
            ),
            (r"\b(govern|constru|interpret|enforce|determin)\w*\b[^.;]{0,160}\b(laws?|legislation) of\b", 0.85),
            (r"\bgoverned by\b[^.;]{0,80}\blaws?\b", 0.8),
            (r"\blaws? of (the )?[^.;]{2,100}?\b(shall|will|to|must)\b[^.;]{0,20}\b(govern|apply|control)", 0.85),
            (
                r"\b(applied|interpreted|construed|performed)\b[^.;]{0,40}\b(pursuant to|under|in accordance with)\b[^.;]{0,60}\blaws?\b",
                0.5,
            ),
            (r"\b(conflicts?|choice) of laws?\b", 0.35),
            (r"\bgoverning law\b", 0.4),
            (r"\bsubject to the laws of\b", 0.4),
        ),
        against=(
            (r"\bcompl(y|ies|iance|ying) with\b[^.;]{0,80}\blaws?\b", 0.4),
            (
                r"\b(organi[sz]ed|existing|incorporated|formed|corporation)\b[^.;]{0,40}\bunder the laws\b|\ba [^.;]{0,40}\bcorporation\b",
                0.6,
            ),
            (r"\b(as|if|to the extent|unless|where) (is )?(permitted|required|prohibited) by\b", 0.4),
            (r"\b(bankruptcy|tax|securities|patent|copyright) laws?\b", 0.3),
        ),
        heading=r"law|jurisdic|govern|disput|venue",
    ),
    Clause(
        "jurisdiction",
        asked=r"(exclusive )?(jurisdiction|venue|forum|courts?)|submission to jurisdiction",
        gate=r"jurisdiction|venue|courts?\b|forum",
        marks=(
            (
                r"\b(exclusive |personal |non-exclusive )*jurisdiction\b[^.]{0,60}\b(of|in)\b[^.]{0,60}\bcourts?|\bcourts?\b[^.]{0,100}\b(shall have|jurisdiction|venue)",
                0.75,
            ),
            (r"\b(consents?|submits?|irrevocably)\b[^.]{0,60}\b(jurisdiction|venue)", 0.6),
            (
                r"\b(action|suit|lawsuit|proceeding|litigation)s?\b[^.]{0,140}\b(brought|initiated|instituted|commenced|filed)\b[^.]{0,60}\bcourts?",
                0.7,
            ),
        ),
        against=((r"\bcourt of competent jurisdiction\b", 0.5),),
        heading=r"jurisdic|venue|law|disput",
    ),
    Clause(
        "dispute_resolution",
        asked=r"disput\w*( resolution)?|arbitrat\w+|mediation|escalation",
        gate=r"arbitrat|mediat|dispute|escalat",
        marks=(
            (r"\barbitrat\w+\b[^.]{0,120}\b(rules|association|binding|settled|resolved|submitted|finally)", 0.8),
            (
                r"\b(disputes?|controvers\w+|claims?)\b[^.]{0,160}\b(arbitrat|mediat|negotiat|resolved|settled|escalat)",
                0.6,
            ),
            (r"\bmediation\b", 0.3),
        ),
        heading=r"arbitrat|disput|mediat",
    ),
    Clause(
        "jury_waiver",
        asked=r"(waiver of )?jury( trial)?( waiver)?",
        gate=r"jury",
        marks=((r"\bwaives?\b[^.]{0,120}\bjury|\bjury\b[^.]{0,60}\bwaive", 0.9),),
    ),
    Clause(
        "injunctive_relief",
        asked=r"injuncti\w+( relief)?|equitable (relief|remedies)|specific performance|remedies",
        gate=r"injunct|equitable|specific performance|irreparable",
        marks=((r"\b(injunct\w+|equitable relief|specific performance)\b", 0.6), (r"\birreparabl[ey]\b", 0.4)),
        heading=r"remed|injunct|equit",
    ),
    Clause(
        "entire_agreement",
        asked=r"(entire|whole) agreement|integration|merger clause",
        gate=r"entire|whole|supersede|integrat",
        marks=(
            (r"\bentire (agreement|understanding|contract)|whole agreement", 0.7),
            (r"\bsupersedes?\b[^.]{0,100}\b(prior|previous|all)", 0.5),
        ),
        heading=r"entire|integrat|whole",
    ),
    Clause(
        "amendment",
        asked=r"amend\w*|modif\w*|variation|unilateral (changes?|amendment)",
        gate=r"amend|modif|var(y|ied|iation)|alter",
        marks=(
            (r"\b(amend|modif|alter|chang|var)\w*\b[^.]{0,120}\b(in writing|written|signed|executed|instrument)", 0.7),
            (
                r"\b(may|reserves the right to)\b[^.]{0,40}\b(amend|modify|change|update)\b[^.]{0,60}\b(agreement|terms)",
                0.6,
            ),
        ),
        heading=r"amend|modif|vari",
    ),
    Clause(
        "notices",
        asked=r"notices?( (clause|address|provision|requirements?|under))?",
        gate=r"notice",
        marks=(
            (r"\bnotices?\b[^.]{0,120}\b(shall|will|must) be (in writing|given|sent|deemed|delivered|made)", 0.8),
            (r"\b(registered|certified) mail|overnight courier|facsimile\b", 0.4),
        ),
        heading=r"notice",
    ),
    Clause(
        "severability",
        asked=r"severab\w+",
        gate=r"sever|invalid|unenforceab",
        marks=(
            (
                r"\b(invalid|illegal|unenforceable|void)\b[^.]{0,200}\b(remaining|remainder|other provisions|balance|severed|not affect)",
                0.8,
            ),
            (r"\bseverab", 0.5),
        ),
        heading=r"sever",
    ),
    Clause(
        "waiver",
        asked=r"(no )?waivers?( clause)?",
        gate=r"waive",
        marks=(
            (r"\b(no|failure|delay|not)\b[^.]{0,120}\b(waiver|waive)\b", 0.7),
            (r"\bwaiver\b[^.]{0,100}\b(in writing|breach|subsequent)", 0.5),
        ),
        against=((r"jury|subrogation|consequential", 0.5),),
        heading=r"waiver",
    ),
    Clause(
        "independent_contractors",
        asked=r"independent contractors?|relationship( of (the )?parties)?|no (partnership|agency)",
        gate=r"independent|partner|agen|joint venture|relationship",
        marks=(
            (r"\bindependent contractors?\b", 0.65),
            (r"\b(not|no|nothing)\b[^.]{0,120}\b(partnership|joint venture|agency|employer)", 0.65),
        ),
        heading=r"relation|independent|partner",
    ),
    Clause(
        "compliance_with_laws",
        asked=r"(compliance|comply)( with)?|anti ?(bribery|corruption)|export|sanctions|ethic\w*|code of conduct|modern slavery|regulatory",
        gate=r"compl(y|iance)|brib|corrupt|export|sanction",
        marks=(
            (
                r"\b(shall|will|must|agrees? to)\b[^.]{0,60}\bcomply\b[^.]{0,100}\b(laws?|regulations?|statutes?|ordinances?)",
                0.75,
            ),
            (
                r"\b(anti-?(bribery|corruption)|FCPA|foreign corrupt|bribery act|export (control|law|administration)|sanctions)\b",
                0.6,
            ),
        ),
        heading=r"compl|law|export|corrupt|brib",
    ),
    Clause(
        "business_continuity",
        asked=r"(business continuity|disaster recovery|continuity)",
        gate=r"continuity|disaster",
        marks=((r"\b(business continuity|disaster recovery|contingency)\b", 0.8),),
    ),
    Clause(
        "order_of_precedence",
        asked=r"(order of )?precedence|conflict( of terms|ing terms)?|hierarchy",
        gate=r"preceden|conflict|prevail|inconsisten|control",
        marks=(
            (r"\b(conflict|inconsisten\w+)\b[^.]{0,200}\b(prevail|control|govern|precedence)", 0.75),
            (r"\border of precedence\b", 0.7),
        ),
        against=((r"conflicts? of (laws?|interest)", 0.6),),
        heading=r"preceden|conflict|order",
    ),
    Clause(
        "notice_period",
        asked=r"notice periods?|(how much|how long|what) notice|notice .{0,40}?terminate|(required |termination )?notice( to terminate)?|(termination|cancellation) notice( period)?",
        gate=r"notice",
        marks=(
            (
                rf"\b(terminat|cancel|renew)\w*\b[^.;]{{0,200}}{PERIOD}[^.;]{{0,60}}\bnotice|\b(terminat|cancel|renew)\w*\b[^.;]{{0,160}}\bnotice\b[^.;]{{0,80}}{PERIOD}",
                0.7,
            ),
            (
                rf"\bnotice\b[^.;]{{0,100}}{PERIOD}[^.;]{{0,120}}\b(terminat|cancel|renew|expir)|{PERIOD}[^.;]{{0,40}}\b(prior |written |advance )*notice[^.;]{{0,120}}\b(terminat|cancel|renew|expir)",
                0.7,
            ),
        ),
        against=((r"\b(insur|polic(y|ies)|breach|default|cure)\w*", 0.4),),
        heading=r"\bterm\b|terminat|renew",
    ),
)
