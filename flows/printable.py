"""Text of a document in one line, without what cannot be seen."""

from __future__ import annotations

import unicodedata
from typing import Any


def printable(value: Any) -> Any:
    """Text in one line, without what a terminal, a database or a browser would act on: controls, bidi, zero width.

    What is not text is given back as it is.
    """
    if isinstance(value, str):
        kept = "".join(" " if mark.isspace() else mark for mark in value if mark.isspace() or _is_shown(mark))
        return " ".join(kept.split())
    return value


def _is_shown(mark: str) -> bool:
    return unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn")
