"""Rows as a CSV file that a spreadsheet can open without running anything in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value: Any) -> str:
    """A cell as text; what a spreadsheet would run as a formula begins with an apostrophe instead.

    A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break is a formula to Excel and
    LibreOffice, and may come from a document. Plain numbers stay numbers, negative ones too.
    """
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in _FORMULA and not _NUMBER.fullmatch(text) else text


def write_sheet(path: str | Path, rows: Iterable[Mapping[str, Any]], *, columns: Sequence[str]) -> Path:
    """Write rows to a UTF-8 CSV file and return its path; its folder is made where there is none."""
    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    # The byte order mark tells Excel that the file is UTF-8; without it "Café" is garbled there.
    with target.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([safe_cell(row[column]) for column in columns])
    return target
