"""What parties may not do, and with whom: exclusivity, competition, solicitation, assignment, control."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause
from prefect_gemini.local.reader.contracts.wording import ONLY_EXCLUSIVE, THIRD_PARTY

CLAUSES = (
    Clause(
        "anti_assignment",
        asked=r"(anti ?assignment|(no )?(assignment|transfer)( and (transfer|assignment|delegation|subcontracting))?( clause| restrictions?| of (the )?(agreement|contract|rights))?|assignability)"
        r"|(can|may) .{0,60}?\b(assign|transfer)\w*\b|\b(assign|assigned|assignment)\b.{0,60}?(consent|third party)",
        gate=r"assignable|\bassign|transfer",
        marks=(
            (r"\bno (assignment|transfer)\b[^.;]{0,120}\b(valid|effective|binding|permitted|made|unless)", 0.5),
            (r"\b(not (be )?|non-?)(assignable|transferable)\b(?![^.;]{0,40}licen)", 0.6),
            (r"\b(may|shall|will|can|could)\s?not\b[^.;]{0,100}\b(assign|transfer)", 0.6),
            (
                r"\b(neither|no) (party|of the parties)\b[^.;]{0,80}\b(assign|transfer)|\bneither\b[^.;]{0,120}\b(to )?(assign|transfer)\b",
                0.7,
            ),
            (r"\b(not|non)[ -](be )?(assign|transfer)(ed|able|red)?\b", 0.4),
            (
                r"\b(assign|transfer)\w*\b[^.;]{0,250}\bwithout\b[^.;]{0,60}\b(consent|approval|permission|authori[sz]ation|agreement)",
                0.7,
            ),
            (r"\b(prior|written|express) (written )?(consent|approval)\b[^.;]{0,120}\b(to )?(assign|transfer)", 0.4),
            (
                r"\b(purported|attempted|any|prohibited|such) (assignment|transfer|attempt)[^.;]{0,160}\b(void|null|invalid|no (force|effect))",
                0.65,
            ),
            (
                r"\bassignment\b[^.;]{0,80}\brequires?\b[^.;]{0,60}\bconsent|\bconsent\b[^.;]{0,40}\b(assignment|assign)",
                0.6,
            ),
            (
                r"\b(assign|transfer)\w*\b[^.;]{0,120}\b(this|the) (\w+ )?(agreement|contract|lease|license|franchise)|\b(agreement|contract|lease|franchise)\b[^.;]{0,80}\b(assign|transfer)",
                0.35,
            ),
            (
                r"\b(assign|transfer)\w*\b[^.;]{0,60}\b(rights?|interests?|obligations?|duties|benefits)\b[^.;]{0,60}\b(under|hereunder|herein|in)\b",
                0.35,
            ),
        ),
        against=(
            (
                r"\b(right, title|title and interest|work product|inventions?|intellectual property|patents?|copyrights?)\b",
                0.4,
            ),
            (
                r"\bassigned (to|by) (perform|the (project|work)|personnel)|assign\w* (personnel|employees|staff|a \w+ (manager|representative))|assigned (personnel|employees)|duties assigned",
                0.5,
            ),
            (r"\bnon-?\s?transferable\b", 0.5),
            (
                r"\b(risk of loss|transfer of title|title (to|shall)|wire transfer|data transfer|transfer (of )?(technology|data|funds|possession))\b",
                0.4,
            ),
            (r"\bmay (freely )?(assign|transfer)\b|\bright to assign\b|\bshall be (freely )?assignable", 0.2),
            (r"\b(shall|will) (inure|be binding)|binding (up)?on", 0.15),
        ),
        heading=r"assign|transfer|successor",
    ),
    Clause(
        "change_of_control",
        asked=r"change (of|in) (control|ownership)|(merger|acquisition|takeover)",
        gate=r"control|owner|merge|acqui|consolidat|substantial|shares|stock",
        marks=(
            (
                r"\b(is|be|becomes?|being) acquired by\b|\bacquisition of (a |the )?(party|company|majority|control)",
                0.6,
            ),
            (
                r"\bmerger\b[^.]{0,80}\bdeemed\b[^.]{0,30}\b(assignment|transfer)|\bdeemed\b[^.]{0,30}\b(assignment|transfer)\b[^.]{0,80}\b(merger|control)",
                0.5,
            ),
            (r"\bchang\w+ (of|in) (the )?([\w,]+ ){0,5}?(control|ownership)\b", 0.75),
            (r"\b(control|ownership)\b[^.;]{0,30}\b(changes?|is (transferred|acquired))\b", 0.5),
            (
                r"\b(merg\w+|consolidat\w+|acqui(re|red|sition)\w*|sale of)\b[^.]{0,250}\b(terminat\w+|consent|notify|notice|deemed an? (assignment|transfer)|right to)",
                0.35,
            ),
            (
                r"\b(all or substantially all|substantially all|majority|controlling|substantial portion|fifty percent|50%|more than half|voting)\b[^.]{0,60}\b(assets|stock|shares|interest|securities|business)\b",
                0.35,
            ),
            (r"\b(sell|transfer|dispose)\w*\b[^.]{0,100}\b(ownership|control)\b", 0.4),
        ),
        against=(
            (
                r"[\"“](affiliate|control|person)s?[\"”]|\b(affiliates?|subsidiar\w+|control)\b[^.]{0,60}\bmeans\b|\bcontrol(s|led|ling)? by,? or (is )?under common",
                0.7,
            ),
            (r"\bmay\b[^.;]{0,60}\b(assign|transfer)\b[^.]{0,200}\bwithout\b[^.;]{0,40}\bconsent", 0.25),
            (
                r"\b(quality control|control of (the )?(defen|product|manufactur)|beyond (its|the|their)[^.]{0,30}control)\b",
                0.6,
            ),
        ),
        heading=r"control|assign|merger|transfer|terminat",
    ),
    Clause(
        "exclusivity",
        asked=r"exclusiv\w+|exclusive (rights?|dealing|supply|territory)|requirements contract|\bexclusiv\w+\b",
        gate=r"exclusiv|\bsole(ly)?\b|\bonly\b|requirements|compet|any other|another",
        marks=(
            (
                r"\b(not)\b[^.;]{0,40}\b(sell|distribute|supply|license|provide|offer|market)\b[^.;]{0,80}\bto any (other (person|party|customer|distributor|entity)|third part|one else)",
                0.35,
            ),
            (
                r"\bnot\b[^.;]{0,40}\b(display|accept|run|carry|place|allow|permit|include|feature|promote)\b[^.;]{0,80}\bcompetitors?\b",
                0.65,
            ),
            (rf"\b(appoint|grant|designat|engag)\w*\b[^.;]{{0,200}}{ONLY_EXCLUSIVE}", 0.7),
            (
                ONLY_EXCLUSIVE
                + r" (\w+ ){0,3}?(rights?|licen[cs]e|distribut\w+|agent|supplier|provider|territor\w+|dealer|sponsor|manufacturer|reseller|representative|trade area|partner|basis|vendor|source|marketing)\b",
                0.65,
            ),
            (r"(?<!non-)(?<!non)(?<!non )\bexclusiv(ity|ely)\b", 0.35),
            (
                r"\bexclusively (for|from|to|with|through)\b|\b(sole|only)( and exclusive)? (distributor|supplier|provider|source|agent|manufacturer|licensee|sponsor|reseller|vendor)\b",
                0.55,
            ),
            (
                r"\b(purchase|obtain|buy|procure|order|acquire)\b[^.;]{0,60}\b(all|100%|its entire)\b[^.;]{0,40}\brequirements\b|\brequirements\b[^.;]{0,60}\b(exclusively|solely|only) from",
                0.75,
            ),
            (
                rf"\b(shall|will|may|agrees?|covenants?|undertakes?)( \w+){{0,3}}? not\b[^.;]{{0,150}}\b(appoint|permit|authori[sz]e|licen[cs]e|enable|engage|contract with|enter into|sell|distribute|supply|purchase|offer|grant|provide|market|solicit)\b[^.;]{{0,150}}{THIRD_PARTY}",
                0.5,
            ),
        ),
        against=(
            (r"\bnon-?\s?exclusiv", 0.5),
            (
                r"\bexclusive(ly)? (jurisdiction|venue|remed|propert|owner|control|discretion)|\b(sole|entire) and exclusive (remed|propert|liabil|owner|obligation|discretion|statement|agreement)|\bjurisdiction\b|\bcourts?\b|\bremed(y|ies)\b",
                0.65,
            ),
            (r"\b(exclusive property|property of|exclusively owned|work made|sole owner|own exclusively)\b", 0.5),
            (r"\b(confidential|disclose)", 0.4),
            (r"\b(assign|sub-?contract)\b[^.;]{0,100}\bconsent\b", 0.5),
        ),
        heading=r"exclusiv|territor|appoint|grant",
    ),
    Clause(
        "non_compete",
        asked=r"non ?compet\w*|(covenant not|restriction on|not) to compete|(restrictive covenants?|competition|competing)|\b(compete|competing)\b",
        gate=r"compet|similar|same business",
        marks=(
            (
                r"\b(not|neither|refrain)\b[^.]{0,60}\b(have|hold|acquire)\b[^.]{0,20}\b(any )?(interest|involvement|share)\b[^.]{0,80}\b(similar|compet\w+)",
                0.65,
            ),
            (r"\brefrain from\b[^.]{0,100}\bcompet\w+", 0.6),
            (
                r"\b(shall|will|may|can|agrees?|undertakes?|covenants?)( [\w,]+){0,4}? not\b[^.]{0,300}\b(compet(e|es|ing|ition|itive|itor|itors)|similar to)\b",
                0.65,
            ),
            (
                r"\b(not|neither|nor|refrain)\b[^.]{0,200}\b(own|engage|manage|operate|invest|participate|conduct|carry on|develop|manufacture|market|sell|distribute|promote|offer|produce|handle|represent)\w*\b[^.]{0,250}\b(compet(e|es|ing|itive|itor|itors)|similar (product|business|service)|same or similar|similar to)\b",
                0.6,
            ),
            (r"\bnon-?compet(e|ition)|covenants? not to compete|restrictive covenant", 0.45),
            (
                r"\b(own|engage|invest|interest|employed|consult)\w*\b[^.]{0,200}\b(business|entity|person|enterprise|company)\b[^.]{0,80}\b(competes?|competing|competitive|similar)",
                0.55,
            ),
            (r"\b(directly or indirectly)\b", 0.2),
        ),
        against=(
            (
                r"\bcompetitive (price|pricing|bid|market|rate|terms|procurement)|unfair competition|antitrust|competition law|competent\b|price competitive",
                0.6,
            ),
            (
                r"\bnothing\b[^.]{0,120}\b(prevent|prohibit|restrict|preclude|limit)|\bnot (be )?(restrict|prevent|prohibit|preclude|limit)|\bfree to\b|\bnon-?\s?exclusive\b",
                0.6,
            ),
            (r"\b(confidential|proprietary) information\b", 0.45),
            (
                r"\b(confusingly similar|similar (events?|causes?|laws?|documents?|circumstances|cause|means|import|nature|rights?))\b",
                0.7,
            ),
        ),
        heading=r"compet|covenant|restrict|exclusiv",
    ),
    Clause(
        "no_solicit_of_customers",
        asked=r"(no|non) ?solicit\w*( of)? (customers?|clients?)|\bsolicit\w*\b.{0,60}?\b(customer|client)s?\b",
        gate=r"solicit|divert|induce|entice|customer|client",
        marks=(
            (
                r"\b(not|neither|nor|refrain)\b[^.]{0,250}\b(solicit|divert|entice|induce|interfere)\w*\b[^.]{0,160}\b(customer|client|account|business|patron)",
                0.8,
            ),
            (
                r"\b(not|neither|nor|refrain)\b[^.]{0,80}\b(contact|approach|call on|accept business from|do business with)\w*\b[^.]{0,100}\b(customer|client)",
                0.65,
            ),
        ),
        against=((r"\bsolicit\w*\b[^.]{0,60}\b(employ|orders|bids)", 0.35),),
        heading=r"solicit|compet|covenant",
    ),
    Clause(
        "no_solicit_of_employees",
        asked=r"(no|non|anti) ?(solicit\w*|hire|hiring|poach\w*)|\b(solicit\w*|hire|hiring|poach\w*)\b.{0,60}?\b(employee|personnel|staff)s?\b",
        gate=r"solicit|hire|hiring|employ|recruit|induc|entic",
        marks=(
            (
                r"\b(not|neither|nor|refrain|never)\b[^.]{0,200}\b(solicit|hire|recruit|employ|engage|entice|induce|offer employment)\w*\b[^.;]{0,160}\b(employees?|personnel|staff|employment|employed|consultants?)\b",
                0.75,
            ),
            (
                r"\b(induce|entice|encourage|persuade|cause|attempt)\w*\b[^.]{0,80}\b(employ\w+|person)\b[^.]{0,100}\b(leave|terminate|resign)\b",
                0.7,
            ),
            (r"\bemploy or (seek|attempt|offer) to employ", 0.7),
            (r"\bsolicit\w*\b[^.]{0,60}\b(for (the )?(purpose of )?employment|employees)", 0.55),
            (r"\bnon-?solicit", 0.4),
        ),
        against=(
            (
                r"\b(employee benefits?|taxes|withholding|workers'? compensation|independent contractors?|discriminat\w*|wages|salar\w*|deemed (to be )?(an )?employees?|agents or employees of)\b",
                0.6,
            ),
            (r"\b(confidential information|disclose)\b", 0.35),
            (r"\b(liable|indemni|injur)\w*", 0.4),
        ),
        heading=r"solicit|employ|hir|compet|covenant",
    ),
    Clause(
        "non_disparagement",
        asked=r"non ?disparag\w*|disparag\w*",
        gate=r"disparag|derogat|defam|reputation|disrepute|goodwill",
        marks=(
            (r"\b(not|neither|refrain)\b[^.]{0,160}\b(disparag|derogat|defam|denigrat)\w*", 0.85),
            (
                r"\b(not|refrain)\b[^.]{0,160}\b(injur\w*|tarnish|impair|harm|damag\w+|adverse\w*|detriment\w*)\b[^.]{0,100}\b(goodwill|reputation|image)",
                0.6,
            ),
            (
                r"\b(reputation|goodwill|disrepute)\b[^.]{0,60}\b(harm|damage|injur|tarnish|impair)|\b(harm|damage|tarnish|reflect adversely)\w*\b[^.]{0,60}\b(reputation|goodwill|image)",
                0.35,
            ),
        ),
        heading=r"disparag",
    ),
    Clause(
        "right_of_first_refusal",
        asked=r"(right of )?first (refusal|offer|negotiation)|ro(fr|fo|fn)",
        gate=r"first|match|refusal",
        marks=(
            (
                r"\b(right|option|opportunity) of first (refusal|offer|negotiation|opportunity)|first right (of|to)|right to match|first (option|opportunity) to\b|pre-?emptive right",
                0.8,
            ),
            (r"\b(offer|opportunity)\b[^.]{0,80}\bbefore\b[^.]{0,80}\b(third part|any other|others)", 0.35),
        ),
        heading=r"refusal|first|option",
    ),
    Clause(
        "subcontracting",
        asked=r"sub ?contract\w*|use of subcontractors",
        gate=r"sub-?contract",
        marks=(
            (
                r"\b(not|neither|no|may|shall|without)\b[^.]{0,100}\bsub-?contract\w*\b[^.]{0,160}\b(consent|approval|responsib|liable)",
                0.75,
            ),
            (
                r"\b(consent|approval)\b[^.]{0,120}\bsub-?contract|\bsub-?contract\w*\b[^.]{0,60}\b(to|any|its|the) ",
                0.4,
            ),
        ),
        heading=r"sub-?contract|assign|delegat",
    ),
    Clause(
        "third_party_beneficiary",
        asked=r"(no )?third party beneficiar\w+|\bbeneficiar(y|ies)\b",
        gate=r"beneficiar|third part|any (other )?person|benefit",
        marks=(
            (r"\b(third[- ]party|intended|express) beneficiar", 0.85),
            (
                r"\b(confer|benefit|rights?)\b[^.]{0,100}\b(third part|any (other )?person (other than|not a party)|other than the parties)",
                0.6,
            ),
            (r"\bsolely for the benefit of\b", 0.4),
        ),
        heading=r"third|beneficiar",
    ),
)
