"""Whose law governs: the state or country a clause names."""

from __future__ import annotations

import re

_NAME = r"[A-Z][\w'’.]*(?:(?:,? (?:and|of the|of) | )[A-Z][\w'’.]*)*"
_OF = re.compile(
    r"\b(?i:laws?|legislation|statutes)\b[^.;]{0,30}?(?i:\b(?:of|in (?:force|effect) in)\b) (?i:the )?(?:(?i:(?:substantive |internal )?laws? of (?:the )?))?"
    rf"(?:(?i:state|commonwealth|province|territory|canton)(?: and [a-z]+)? (?i:of) )?(?P<name>{_NAME})"
)
_BEFORE = re.compile(rf"\b(?P<name>{_NAME}) (?:state )?laws?\b")
_CUT = re.compile(
    r"(?:,)? \b(?:WITHOUT|AND THE|AND (?:ALL|ANY|EACH)|EXCLUDING|AS|SHALL|WILL|APPLICABLE|EXCEPT|REGARDLESS|INCLUDING|Without|Excluding|Shall|Applicable|As|The|This|All|Each|"
    r"Any|In|Both|Except|EXCLUSIVE|IN|TO|IRRESPECTIVE|NOTWITHSTANDING)\b.*|\.$"
)
_NO_LAW = re.compile(
    r"^(?:The|This|Such|Any|All|Federal|State|Applicable|Governing|Intellectual|Patent|Securities|Bankruptcy|Copyright|Conflict|Choice|Chapter|Title|Section|Agreement)\b"
)


def jurisdiction(passage: str) -> str | None:
    """The state or country whose law a passage names, without "State of"; None where it names none."""
    for pattern in (_OF, _BEFORE):
        for match in pattern.finditer(passage):
            name = _CUT.sub("", match["name"]).strip(" ,.")
            if name and not _NO_LAW.match(name):
                return name
    return None
