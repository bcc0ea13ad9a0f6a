"""The people of a meeting, as they are called in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WILL = r"(?:will|to|should|can|is going to|'s going to|'ll|has to|needs to|could|would|volunteered to|is gonna|'s gonna|took|takes|owns)"


class People:
    """Known speakers, and the names they are called by.

    Args:
        speakers: as the transcript names them.
    """

    def __init__(self, speakers: Iterable[str]) -> None:
        self._called: dict[str, str] = {}
        names = list(speakers)
        for name in names:
            bare = re.sub(r"\s*[(|\[].*", "", name).strip()
            first = bare.split()[0] if bare.split() else bare
            for called in (name, bare, first if first.lower() not in _TITLES else ""):
                if len(called) > 1:
                    # Two of the same first name: the name alone means neither.
                    known = self._called.get(called.lower())
                    self._called[called.lower()] = name if known in (None, name) or called == name else ""
        listed = sorted((called for called, name in self._called.items() if name), key=len, reverse=True)
        self._any = "|".join(map(re.escape, listed)) or r"(?!)"
        self._addressed = re.compile(
            rf"^(?:{self._any})\b\s*,.*\b(?:(?:can|could|would|will|do) you|please)\b"
            rf"|\b(?:can|could|would|will|please)\b.{{0,12}}?,?\s(?:{self._any})\b(?:\s+(?:you|please))?"
            rf"|\b(?:(?:can|could|would|will) you|please)\b.*,\s*(?:{self._any})\b(?:\W*$|,)",
            re.IGNORECASE,
        )
        self._assigned = re.compile(
            rf"(?:^|[,.;:]\s|\b(?:and|so|then|have|maybe|that)\s)(?P<name>{self._any})(?:\s+and\s+\w+)?\s?{_WILL}\s+(?!be\b)\w",
            re.IGNORECASE,
        )

    def known(self, name: str) -> str:
        """The speaker a name means; "" where it means none, or two."""
        return self._called.get(name.strip().lower(), "")

    def addressed(self, sentence: str) -> str:
        """The speaker who is asked for something in a sentence."""
        found = self._addressed.search(sentence)
        return self._first(found[0]) if found else ""

    def assigned(self, sentence: str) -> str:
        """The speaker of whom a sentence says that they will, or should."""
        found = self._assigned.search(sentence)
        return self.known(found["name"]) if found else ""

    def _first(self, text: str) -> str:
        named = re.search(rf"\b(?:{self._any})\b", text, re.IGNORECASE)
        return self.known(named[0]) if named else ""


_TITLES = frozenset(
    ("the", "dr", "mr", "mrs", "ms", "prof", "professor", "grad", "project", "user", "industrial", "speaker", "phd")
)
