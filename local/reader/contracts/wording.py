"""Pieces of wording that several clauses share."""

NUMBER = (
    r"(?:\d+|\[\s*\*+\s*\]|_{2,}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|eighteen|twenty|"
    r"thirty|forty|sixty|ninety|hundred)"
)
"""A number in figures or words, or the blank or asterisks that stand for one."""

PERIOD = (
    rf"{NUMBER}[^\w.;(]{{0,3}}(?:\([^()]{{0,16}}\))?[^\w.;]{{0,3}}"
    r"(?:(?:business|calendar|working|full|consecutive) )?(?:days?|weeks?|months?|years?)\b"
)
"""A length of time."""

ONLY_EXCLUSIVE = r"(?<!non-)(?<!non - )(?<!non )(?<!non)(?<!semi-)\bexclusive\b(?! of\b)"
"""`exclusive`, and neither `non-exclusive` nor `exclusive of`."""

THIRD_PARTY = r"(?:any other|another|third part|other (?:person|part|compan|distributor|supplier|entit|customer)|anyone else|competit)"
"""Somebody who is not a party."""
