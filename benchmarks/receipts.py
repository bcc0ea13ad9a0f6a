"""Receipts: company, date, address and total of real scans (SROIE) against their truth.

`total`, `date`, `company` and `address` are shares of documents that are right, compared by letters and
digits; `address_fuzzy` counts addresses at least 90 % alike. A `_precision` is the share of given values
that are right; `invented` counts values found nowhere on the page.
"""

from __future__ import annotations

from rapidfuzz import fuzz

from benchmarks._fields import Reader, Score, money, plain, read_all, truths
from benchmarks._run import Arguments, Result, benchmark

SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": ["string", "null"], "description": "Name of the shop or company as printed."},
        "address": {"type": ["string", "null"], "description": "Address of the company as printed."},
        "date": {"type": ["string", "null"], "format": "date", "description": "Day of the purchase."},
        "total": {"type": ["number", "null"], "description": "Grand total to pay."},
    },
    "required": ["company", "address", "date", "total"],
}
FIELDS = ("total", "date", "company", "address")
ALIKE = 90.0


def measure(arguments: Arguments) -> Result:
    reader, score, cases = Reader(), Score(), []
    for row, folder in arguments.take(truths(arguments.data / "receipts_sroie"), label=lambda item: str(item[0]["id"])):
        value, error = read_all(reader, folder / row["image"], SCHEMA, score, prompt="Read this receipt.")
        case = {"id": row["id"], "error": error}
        for name in FIELDS:
            accepted = [row["truth"][name], *row.get("accept", {}).get(name, ())]
            right = score.add(name, value.get(name), accepted, same=money if name == "total" else plain)
            case[name] = {"read": value.get(name), "truth": row["truth"][name], "right": right}
        alike = fuzz.ratio(plain(value.get("address") or ""), plain(row["truth"]["address"])) >= ALIKE
        score.add("address_fuzzy", alike or None, [True])
        cases.append(case)
    return Result(score.figures(precision=FIELDS), cases, backend=reader.backend.label)


if __name__ == "__main__":
    benchmark(measure)
