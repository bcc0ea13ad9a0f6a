"""Rights in what is made and used: licences, ownership, audits, escrow."""

from __future__ import annotations

from prefect_gemini.local.reader.contracts.clause import Clause

_LICENCE = r"(?:sub-?)?licen[cs]e"
_WORK = (
    r"(?:inventions?|improvements?|developments?|work products?|deliverables?|discover\w+|modifications?|derivatives?|derivative works?|"
    r"intellectual property|works? of authorship|know-?how|designs?|software|documentation|materials|copyrights?|patents?|content)"
)

CLAUSES = (
    Clause(
        "license_grant",
        asked=rf"(grant of (a )?)?{_LICENCE}s?( (grant|granted|rights?|to use|clause|scope|restrictions?))*|right to use|grants? .{{0,60}}?{_LICENCE}",
        gate=r"permitted to use|right to (access|use)|licen[cs]e|right to use|\bmay use\b|grants?\b|permission to use|use (of )?(the |its |their )?(trade ?marks?|marks|logos?|names?)",
        marks=(
            (r"\b(is|are|be) permitted to use\b|\bpermission (is (hereby )?granted )?to use\b", 0.6),
            (r"\bshall have\b[^.;]{0,40}\bright to (access|use|reproduce|distribute|display|market|sell)\b", 0.6),
            (r"\blicen[cs]es to\b[^.;]{0,60}\b(use|right|marks?|software|technology|patents?)", 0.3),
            (
                rf"\b(grants?|granted|granting)\b[^.]{{0,200}}\b({_LICENCE}s?|right (and license )?to (use|reproduce|distribute|market|sell|display|make|operate|manufacture|access))",
                0.8,
            ),
            (
                rf"\b(non-?\s?exclusive|exclusive|royalty[- ]free|world-?wide|perpetual|irrevocable|revocable|limited|non-?\s?transferable|fully paid)\b[^.]{{0,120}}\b({_LICENCE}|right to use)",
                0.5,
            ),
            (
                r"\b(may|shall have the right to|is authori[sz]ed to|is entitled to|permission to|permits? \w+ to)\s+use\b[^.]{0,100}\b(trade ?marks?|trade ?names?|logos?|marks?|software|names?|intellectual property|technology|patents?|content|know-how|materials)\b",
                0.65,
            ),
            (rf"\bhereby {_LICENCE}s?\b|\blicensed to use\b", 0.6),
        ),
        against=(
            (
                rf"\b(no|not|nothing|neither)\b[^.]{{0,100}}\b(grant|licen[cs]e|construed|deemed|convey|right)|\b(does|shall|may) not\b[^.]{{0,60}}\b(use|{_LICENCE})",
                0.45,
            ),
            (
                rf"\b(upon|after|following) (the )?(expiration|terminat)|{_LICENCE}[^.]{{0,60}}\b(terminates?|expires?|is revoked)",
                0.35,
            ),
            (
                r"\b(business|driver'?s?|governmental|state|municipal|liquor) licen[cs]es?|licen[cs]es?(,| and| or)[^.;]{0,30}permits|permits(,| and| or)[^.;]{0,30}licen[cs]es",
                0.6,
            ),
            (r"\b(infring\w+|warrants?|indemni\w+|procure[^.]{0,40}right)\b", 0.3),
            (r"\b(licen[cs]e fees?|means)\b", 0.25),
            (r"\bconfidential information\b", 0.3),
        ),
        heading=r"licen[cs]|grant|trade ?mark|intellectual",
    ),
    Clause(
        "irrevocable_or_perpetual_license",
        asked=rf"(irrevocable|perpetual)( or (irrevocable|perpetual))? {_LICENCE}|{_LICENCE} .{{0,60}}?(perpetual|irrevocable)",
        gate=r"licen[cs]e|right",
        marks=(
            (rf"\b(perpetual|irrevocabl[ey]|in perpetuity)\b[^.]{{0,160}}\b({_LICENCE}|right)", 0.8),
            (rf"\b({_LICENCE}|right)\b[^.]{{0,160}}\b(perpetual|irrevocabl[ey]|in perpetuity)\b", 0.7),
        ),
        heading=r"licen[cs]|grant",
    ),
    Clause(
        "ip_ownership_assignment",
        asked=r"(ip|intellectual property|work product|invention)s?( rights?)? (ownership|assignment|rights?)|(assignment|ownership) of (ip|intellectual property|inventions|work product|deliverables)|intellectual property"
        r"|who owns|(ip|intellectual property) .{0,60}?(become|becomes|property of|owned|assigned)",
        gate=r"belong|vest|assign|\bown|property|title|hire",
        marks=(
            (
                r"\b(inventions?|improvements?|work product|deliverables?|developments?|discover\w+|works?|results)\b[^.;]{0,160}\b(shall|will|are|is|be)( to)? (belong|vest|be owned|become the property|be the (sole |exclusive )*property)",
                0.6,
            ),
            (r"\bowned (exclusively|solely) by\b", 0.35),
            (r"\bworks?[- ](made )?[- ]?for[- ]hire\b", 0.75),
            (
                rf"\b(hereby |agrees? to |shall |will |irrevocably |does hereby )*assigns?\b[^.]{{0,200}}\b(rights?, titles?|title|{_WORK})",
                0.7,
            ),
            (
                rf"\b{_WORK}\b[^.]{{0,250}}\b(shall|will|are|is) (to )?(be |become |remain )?(solely |exclusively |jointly )?(owned by|belongs? to|vest in|the (sole |exclusive )*property of|assigned to|property of)",
                0.6,
            ),
            (rf"\b(shall|will) (solely |exclusively )?own\b[^.]{{0,160}}\b{_WORK}", 0.6),
            (
                r"\b(conceived|created|developed|reduced to practice|authored|prepared|produced)\b[^.]{0,250}\b(owned|property of|title|assign|vest|belong)",
                0.45,
            ),
            (
                r"\b(created|developed|prepared|made) (specifically |exclusively |solely )?(for|by|under|pursuant to|in connection with|in the course of)\b",
                0.25,
            ),
        ),
        against=(
            (r"\b(without|prior)\b[^.]{0,60}\bconsent", 0.45),
            (
                r"\b(retains?|reserves?|retained|remains? (the )?(sole |exclusive )*(property|owned|vested)|shall remain)\b",
                0.4,
            ),
            (r"\bconfidential information\b|\b(equipment|tooling|goods|inventory|real property|premises)\b", 0.4),
            (r"\b(successors and (permitted )?assigns)\b", 0.4),
            (r"\backnowledges?\b[^.]{0,60}\b(owner|owns|ownership)|goodwill\b", 0.35),
        ),
        heading=r"intellectual|owner|invention|work product|proprietary|assign",
        floor=0.6,
    ),
    Clause(
        "joint_ip_ownership",
        asked=r"joint(ly)? (ip|intellectual property)? ?(owner\w*|owned)",
        gate=r"joint",
        marks=(
            (r"\bjoint(ly)?\b[^.]{0,60}\b(own\w*|title|property|invent\w*)", 0.75),
            (r"\b(own\w*|title)\b[^.]{0,60}\bjointly\b|undivided (one[- ]half )?interest", 0.6),
        ),
        heading=r"intellectual|owner|joint",
    ),
    Clause(
        "audit_rights",
        asked=r"(right (to|of) )?(audit|inspect\w*|records?)( (rights?|and inspection|clause|and records))?|books and records|\baudit\b",
        gate=r"audit|inspect|examin|\bbooks\b|records",
        marks=(
            (r"\b(access|open) to\b[^.;]{0,40}\b(books|records|accounts)\b", 0.45),
            (
                r"\b(verify|verifying|verification|confirm)\b[^.;]{0,80}\b(charges|amounts?|payments?|royalt\w+|compliance|fees|statements|accuracy)",
                0.35,
            ),
            (
                r"\b(right|entitled|permitted) (at [^.;]{0,40})?to[^.;]{0,40}\b(audit|inspect|examine|review|access)\b",
                0.65,
            ),
            (
                r"\b(audit|inspect|examine|examination|inspection|review|copy)\w*\b[^.]{0,120}\b(books|records|accounts|facilit\w+|premises|procedures|plants?)\b",
                0.6,
            ),
            (
                r"\b(books|records|accounts|facilit\w+|premises)\b[^.]{0,140}\b(audit|inspect\w*|examin\w*|available)\b",
                0.55,
            ),
            (
                r"\b(permit|allow|provide|give|grant)\w*\b[^.;]{0,100}\b(audit|inspect|examine|access to[^.;]{0,60}(books|records|facilit|premises|offices))",
                0.6,
            ),
            (
                r"\b(may|shall have the right)\b[^.;]{0,60}\b(conduct|perform|cause|audit|inspect)\b[^.;]{0,30}\b(audits?|inspections?|examinations?)?\b",
                0.3,
            ),
            (r"\b(audit|audited|audits|auditors?|auditing)\b", 0.3),
            (
                r"\b(during|at)\b[^.;]{0,40}\b(business hours|reasonable times?)|reasonable (prior |advance |written )*notice|independent (certified )?(public )?account",
                0.3,
            ),
            (r"\b(underpay\w*|under-?report\w*|discrepanc\w*)\b", 0.3),
        ),
        against=(
            (
                r"\b(inspect|reject|accept)\w*\b[^.]{0,60}\b(goods|shipments?|deliver\w+|units?|upon receipt|incoming)\b",
                0.4,
            ),
            (r"\baudited (annual |consolidated )?financial statements|generally accepted (accounting|auditing)", 0.45),
            (r"\b(confidential information|medical records|employment records)\b", 0.35),
            (r"\b(data subject|court records|public records|record date)\b", 0.4),
        ),
        heading=r"audit|record|inspect|books|access|report",
    ),
    Clause(
        "source_code_escrow",
        asked=r"(source code )?escrow",
        gate=r"escrow|source code",
        marks=(
            (
                r"\b(source code|software|technology)\b[^.]{0,160}\bescrow|\bescrow\b[^.]{0,160}\b(source code|software|deposit|release)",
                0.75,
            ),
            (r"\bescrow agent", 0.3),
            (r"\b(release|copy|receiv\w*|obtain\w*|access\w*)\b[^.]{0,60}\bsource code", 0.6),
        ),
        heading=r"escrow|source",
    ),
    Clause(
        "covenant_not_to_sue",
        asked=r"covenants? not to sue|(no )?(challenge|contest\w*)( of| to)?|non ?contest\w*|(no challenge|release of claims)",
        gate=r"sue\b|contest|challenge|attack|dispute|validity|claim|trade ?mark|impair|tarnish|ownership",
        marks=(
            (
                r"\b(not|never|neither)\b[^.]{0,100}\b(contest|challenge|attack|dispute|impugn|oppose)\w*\b[^.]{0,160}\b(validity|ownership|title|rights?|enforceab|trade ?mark|patent|registration)",
                0.85,
            ),
            (
                r"\b(not|never|neither)\b[^.]{0,120}\b(apply for|application for|register|attempt to (register|obtain)|claim any (right|title|interest)|acquire any (right|title|interest))\b[^.]{0,160}\b(trade ?marks?|names?|marks?|patents?|copyrights?|intellectual property)",
                0.65,
            ),
            (
                r"\b(not|never)\b[^.]{0,120}\b(impair|jeopardi[sz]e|tarnish|prejudice)\b[^.]{0,120}\b(rights?|title|ownership|validity|marks?|goodwill)",
                0.6,
            ),
            (
                r"\bcovenants?( and agrees?)? not to (sue|assert|bring)|not (to )?(sue|bring (any )?(suit|action|claim)|assert (any )?claims?)\b",
                0.65,
            ),
            (r"\bwaives? (any|all|its) (rights?|claims?) (to|against)", 0.25),
            (r"\b(releases?|discharges?)\b[^.]{0,100}\b(from )?(any and )?all (claims|actions|causes)", 0.35),
        ),
        heading=r"trade ?mark|intellectual|owner|covenant|release|validity",
    ),
)
