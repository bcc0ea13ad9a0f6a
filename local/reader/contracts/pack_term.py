"""How long a contract lasts and how it ends: term, renewal, notice, termination, survival."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import PERIOD

CLAUSES = (
    Clause(
        "expiration",
        asked=r"expir\w+( date)?|end date|(initial |contract |agreement )?term( (of|length))?|term and duration|duration|"
        r"how long|initial term",
        gate=r"\bterm\b|expir|\bruns?\b|lasts?\b|continu|effect|remain|extend|valid|duration|period|terminat",
        marks=(
            (
                rf"\b(agreement|contract|lease|licen[cs]e|term)\b[^.;]{{0,80}}\b(runs?|lasts?|continues?|remains? in (force|effect))\b[^.;]{{0,60}}{PERIOD}",
                0.7,
            ),
            (
                r"\bterm\b[^.;]{0,40}\b(shall|will)\b[^.;]{0,60}\b(continue|end|expire|run|last)\b[^.;]{0,60}\b(until|on|through)\b[^.;]{0,30}\b(19|20)\d\d\b",
                0.6,
            ),
            (
                r"\b(agreement|contract|lease|license)\b[^.;]{0,30}\b(have|has|is for|be for)\b[^.;]{0,20}\b(term|duration|period) of\b",
                0.65,
            ),
            (
                (
                    r"\b(initial |the )?(term|period|duration) of (this|the)( [\w-]+){0,4} (agreement|contract|lease|license|appointment)[^.;]{0,60}\b"
                    r"(shall|will|is|be|commences?|begins?)\b"
                ),
                0.75,
            ),
            (
                (
                    r"\b(this|the) ([\w-]+ ){0,3}(agreement|attachment|contract|amendment|lease|license|appointment)\b[^.;]{0,80}\b(shall|will|is)\b"
                    rf"[^.;]{{0,100}}\b(continue|remain|extend|valid|in (full )?(force|effect)|effective|last|run)\b[^.;]{{0,160}}"
                    rf"({PERIOD}|indefinite|perpetual|until )"
                ),
                0.85,
            ),
            (
                r"\b(shall|will) (automatically )?(expire|terminate|end) (on|upon|at|as of) [^.;]{0,80}(\b(19|20)\d\d\b|anniversary)",
                0.75,
            ),
            (rf"\b(initial|original|first|contract) (term|period)\b[^.;]{{0,120}}{PERIOD}", 0.75),
            (
                rf"\b(for|with|have|be) (a|an) (initial |fixed |minimum )?(term|period) of {PERIOD}[^.;]{{0,60}}\b(from|commenc|begin|after|start|unless)",
                0.6,
            ),
            (r"\b(commenc|begin|start|effective)\w*\b[^.;]{0,120}\b(continu|expir|end|terminat|remain)\w*", 0.5),
            (
                r"\bunless (this agreement is |otherwise )?(sooner|earlier|previously)?\s?(terminated|renewed|extended|cancell?ed)",
                0.3,
            ),
            (r"\bindefinite (period|term)|perpetual term|valid indefinitely", 0.5),
        ),
        against=(
            (r"confidential|trade secret|warrant|insurance|invoice|payment|training|non-?compet|compete", 0.4),
            (r"\bany (term|provision)\b|\bterms? (or|and) (condition|provision)", 0.6),
            (r"\bsurviv", 0.5),
            (r"\bduring the (initial )?term\b", 0.25),
            (r"\b(trademark|patent|copyright|employ)", 0.3),
            (
                r"\bupon (the )?(expiration|termination)|after (the )?(expiration|termination)|following (the )?(expiration|termination)",
                0.35,
            ),
        ),
        heading=r"\bterm\b|duration|expir",
    ),
    Clause(
        "renewal",
        asked=r"(auto(matic)? )?(renewals?|extension)( (term|terms|period|clause|conditions))?|auto renew\w*|evergreen|renews?",
        gate=r"renew|exten[ds]|evergreen|(year|month)[- ]to[- ](year|month)|successive",
        marks=(
            (r"\boptions? to (renew|extend)", 0.7),
            (
                r"\b(extended|renewed|continues?)\b[^.;]{0,30}\b(year by year|from year to year|annually|each year|year after year)\b",
                0.7,
            ),
            (r"\bautomatic\w*\b[^.;]{0,80}\b(renew|extend|continu)", 0.9),
            (
                r"\b(renew|extend)\w*\b[^.;]{0,100}\b(successive|additional|further|subsequent|consecutive|like)\b[^.;]{0,60}\b(terms?|periods?|years?|months?|increments?)\b",
                0.85,
            ),
            (
                r"\b(successive|additional|consecutive) [^.;]{0,30}\b(year|month|term|period|renewal)s?\b[^.;]{0,60}\b(unless|renew|extend)",
                0.6,
            ),
            (r"\b(option|right|opportunity|entitled) (to |of )[^.;]{0,40}\b(renew|extend)", 0.65),
            (rf"\bmay,?[^.;]{{0,80}}\b(renew|extend)\w*\b[^.;]{{0,120}}({PERIOD}|\bterms?\b|\bannual)", 0.7),
            (
                rf"\b(shall|will) (be )?(renewed|renew|extended)\b(?! the time)[^.;]{{0,100}}({PERIOD}|annual|\bterms?\b)",
                0.6,
            ),
            (r"\b(year|month)[- ]to[- ](year|month)|evergreen|\bannual(ly)? renew", 0.6),
            (r"\brenewal (term|period)", 0.35),
        ),
        against=(
            (r"\b(extend|extended|extending) (the time|credit|beyond|to (all|any)|an? (offer|invitation))", 0.5),
            (r"\b(insurance|letter of credit|patent|registration|domain|license fee|lease of the premises)\b", 0.35),
            (
                r"\bduring (the|any|each) [^.;]{0,40}renewal|expiration of [^.;]{0,40}renewal|initial term (and|or) (any|each) renewal",
                0.45,
            ),
            (r"\b(shall|will|may|does) not[^.;]{0,30}(renew|extend)", 0.4),
        ),
        heading=r"\bterm\b|renew|exten",
    ),
    Clause(
        "notice_of_non_renewal",
        asked=r"notice (period|window)?( required)?( to)? (terminate|stop|prevent|cancel|opt out)?( the| of)? ?(renewal|renewing|non ?renewal|renew)\w*"
        r"|notice period to terminate renewal|(renewal|non ?renewal) notice( period)?|renewal opt out|notice of non ?renewal|(notice|notice period) .{0,60}?\brenew\w*",
        gate=r"\b(renew|extend|extension|anniversar|initial (term|period)|expir|end of (the|each|any))",
        also=r"\b(notice|notif|in writing|advise)",
        marks=(
            (r"\b(unless|except)\b[^.;]{0,40}\b(cancel\w*|terminat\w*|non-?renewal)\b", 0.4),
            (
                r"\b(unless|provided|if|except|until)\b[^.;]{0,200}\b(notice|notif\w+|in writing)\b[^.;]{0,200}\b(not|non-?renew\w*|nonrenewal|terminat\w*|cancel\w*|intent\w*|desire)\b",
                0.5,
            ),
            (
                r"\b(intent\w*|desire|election|decision|elects?|wish\w*)\b[^.;]{0,30}\b(not to|to terminate|to cancel|to discontinue)",
                0.4,
            ),
            (r"\bnot (to )?(be )?(renew|extend)|non-?renew|nonrenewal", 0.45),
            (rf"{PERIOD}[^.;]{{0,80}}\b(prior|before|notice|advance)\b", 0.35),
            (r"\b(prior to|before|preceding|at)\b[^.;]{0,60}\b(expir\w*|end|anniversary|renewal|conclusion)\b", 0.35),
            (r"\brenew\w*[^.;]{0,200}\bnotice", 0.2),
            (
                r"\b(may|shall have the right to) (cancel|terminate)[^.;]{0,80}\b(end of|anniversary|expiration of) (the|each)[^.;]{0,40}\b(term|period|anniversary|year)",
                0.4,
            ),
        ),
        against=(
            (r"\b(insurance|polic(y|ies)|insurer)\b", 0.7),
            (r"\b(breach|default|cure|insolven|bankrupt)", 0.4),
            (r"\bnotif\w* [^.;]{0,60}\b(claim|infring|defect|change|delay)", 0.4),
        ),
        heading=r"\bterm\b|renew",
        floor=0.6,
    ),
    Clause(
        "termination_for_convenience",
        asked=r"terminat\w+ (for|at) (convenience|will)|terminat\w+ without cause|(convenience|no fault) terminat\w+|(may|can|right to) terminate .{0,60}?(without cause|convenience|any reason|any time)"
        r"|terminat\w+ .{0,60}?without (giving )?(cause|a? ?reason)",
        gate=r"terminat|cancel",
        marks=(
            (r"\b(in|at) (its|their|his)( \w+)? (discretion|option)\b[^.;]{0,60}\b(terminate|cancel)", 0.5),
            (
                r"\bmay be (terminated|cancell?ed)\b[^.;]{0,60}\bby (either|any|each) (party|side)\b[^.;]{0,80}\bnotice",
                0.45,
            ),
            (r"\bby either party\b[^.;]{0,60}\b(upon|on|by|with)\b[^.;]{0,60}\bnotice", 0.25),
            (
                (
                    r"\b(terminat|cancel)\w*\b[^.;]{0,160}\b(without (any )?(cause|reason)|for convenience|for (any|no) reason|at (its|their|his) (sole |own )*(discretion|option|convenience|election)"
                    r"|at any time|with or without cause|for any or no|without (further )?(liability|obligation) at)"
                ),
                0.8,
            ),
            (r"\bat any time\b[^.;]{0,100}\b(terminate|cancel)", 0.6),
            (
                r"\b(either|any|each|neither|\w+) (party|of the parties)[^.;]{0,40}\b(may|shall have the right to|is entitled to|can|has the right to)\b[^.;]{0,30}\b(terminate|cancel)\b[^.;]{0,100}\b(by|upon|on|with|giving|providing)\b[^.;]{0,60}\bnotice\b",
                0.65,
            ),
            (rf"\bmay (terminate|cancel)\b[^.;]{{0,120}}{PERIOD}[^.;]{{0,40}}\bnotice", 0.5),
            (r"\b(wish\w*|desir\w*|elect\w*) to terminate", 0.4),
            (
                rf"\b(terminate|cancel)\w*\b[^.;]{{0,60}}\b(upon|on|by|with|giving|providing)\b[^.;]{{0,40}}({PERIOD})",
                0.3,
            ),
        ),
        against=(
            (
                r"\b(breach|breaches|default\b(?! exists)|fails?|failure|failed|insolven\w*|bankrupt\w*|receiver|cure|cured|remedy|material(ly)?|non-?payment|violat\w*|infring\w*|uncured)",
                0.4,
            ),
            (r"(?<!without )(?<!or )\b(for (good )?cause)\b", 0.35),
            (
                r"^\W*(if|in the event|should|upon the occurrence)\b|\bif (the|either|any|such|a|an|one|\w+ (is|has|does|shall|fails))\b|\bin the event\b",
                0.35,
            ),
            (
                r"\bterminate (the|such|any|its) (?!\w*\s?(agreement|contract|services?|order|lease|engagement|licen[cs]e|term\b|statement|project|sow|arrangement|relationship|appointment|franchise))\w+",
                0.5,
            ),
            (r"\bchange (of|in) (control|ownership)|force majeure|merge|governmental|regulatory|insur(ance|er)", 0.5),
            (
                r"\bupon (such |any )?(expiration or )?terminat|in the event of (any )?terminat|if this agreement (is|has been) terminat|following terminat|after terminat",
                0.5,
            ),
            (r"\bnot (be )?(terminate|cancel)", 0.4),
            (r"\b(employ(ee|ment)|purchase orders?)\b", 0.2),
        ),
        heading=r"terminat|\bterm\b|cancel",
    ),
    Clause(
        "termination_for_cause",
        asked=r"terminat\w+ for (cause|breach|default)|terminat\w+ (clause|rights?)|termination|cure period",
        gate=r"terminat|cancel",
        marks=(
            (
                r"\b(terminate|cancel)\w*\b[^.;]{0,200}\b(breach|default|fails?|failure|violat|insolven|bankrupt|non-?payment)",
                0.75,
            ),
            (
                r"\b(breach|default|fails?|failure|insolven|bankrupt)\w*\b[^.;]{0,250}\b(may|right to|entitled to)\b[^.;]{0,60}\b(terminate|cancel)",
                0.75,
            ),
            (rf"\b(cure|remed)\w*\b[^.;]{{0,60}}{PERIOD}|{PERIOD}[^.;]{{0,60}}\b(cure|remed)", 0.4),
            (r"\bfor (good )?cause\b", 0.3),
        ),
        against=((r"\bupon (any )?terminat", 0.3),),
        heading=r"terminat|default",
    ),
    Clause(
        "effect_of_termination",
        asked=r"(effects?|consequences?) of (termination|expiration)|post ?termination( services| obligations)?|transition( services| assistance)?|exit assistance|wind ?down",
        gate=r"terminat|expir",
        marks=(
            (
                r"\b(upon|after|following|on) (the )?(any )?(expiration|termination|expiry)\b[^.;]{0,250}\b(shall|will|must|agrees?)\b",
                0.6,
            ),
            (r"\bright (after|upon|following) terminat\w+ to\b|\b(sell[- ]off|run[- ]off|wind[- ]down) period", 0.6),
            (
                r"\b(transition|wind[- ]?down|phase[- ]?out|sell[- ]?off|exit|migration)\b[^.;]{0,60}\b(period|services|assistance|inventory|plan)\b",
                0.5,
            ),
            (r"\bcontinue to (provide|perform|sell|use|support)\b[^.;]{0,120}\b(terminat|expir)", 0.4),
        ),
        heading=r"terminat|effect|transition",
    ),
    Clause(
        "survival",
        asked=r"surviv\w+( clause| of)?",
        gate=r"surviv",
        marks=(
            (r"\b(shall|will) (continue (in|to)[^.;]{0,40})?surviv", 0.7),
            (r"\bsurviv\w*[^.;]{0,120}\b(terminat|expir|completion)", 0.6),
        ),
        heading=r"surviv",
    ),
)
