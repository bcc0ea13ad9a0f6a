"""Invoices: number, issue date, grand total and lines of digital PDFs (de, fr, nl, en) against their truth.

A figure is the share of documents that print the field and were read right; `line_items` is the share of
invoices whose lines are all there with the right amount and quantity, and a description at least 80 % alike.
"""

from __future__ import annotations

from typing import Any

from rapidfuzz import fuzz

from benchmarks._fields import Reader, Score, money, plain, read_all, truths
from benchmarks._run import Arguments, Result, benchmark


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description, **more}


def _number(description: str) -> dict[str, Any]:
    return {"type": ["number", "null"], "description": description}


SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": _text("Number of the invoice as printed."),
        "issue_date": _text("Date of the invoice.", format="date"),
        "due_date": _text("Date on which payment is due.", format="date"),
        "seller": _text("Name of the company that sends the invoice."),
        "currency": _text("ISO 4217 code of the currency."),
        "tax_total": _number("Sum of all taxes."),
        "grand_total": _number("Total of the invoice, tax included."),
        "line_items": {
            "type": "array",
            "description": "What is invoiced, line by line.",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "quantity": _number("Number of units."),
                    "unit_price": _number("Price of one unit."),
                    "amount": _number("Amount of the line."),
                },
                "required": ["description", "amount"],
            },
        },
    },
    "required": ["invoice_number", "issue_date", "grand_total"],
}
AMOUNTS = frozenset({"tax_total", "grand_total"})
FIELDS = ("grand_total", "invoice_number", "issue_date")
MORE = ("seller", "currency", "tax_total", "due_date")
ALIKE = 80.0


def measure(arguments: Arguments) -> Result:
    reader, score, cases = Reader(), Score(), []
    for row, folder in arguments.take(truths(arguments.data / "invoices_pdf"), label=lambda item: str(item[0]["id"])):
        truth = row["truth"] | (row.get("truth_printed") or {})
        value, error = read_all(reader, folder / row["file"], SCHEMA, score, prompt="Read this invoice.")
        case: dict[str, Any] = {"id": row["id"], "error": error}
        for name in (*FIELDS, *MORE):
            printed = truth.get(name)
            accepted = [] if printed is None else [printed]
            right = score.add(name, value.get(name), accepted, same=money if name in AMOUNTS else plain)
            case[name] = {"read": value.get(name), "truth": printed, "right": right}
        wanted = true_lines(truth)
        if wanted:
            lines = value.get("line_items") or []
            right = same_lines(lines, wanted)
            score.add("line_items", right if lines else None, [True])
            case["line_items"] = {"read": lines, "truth": wanted, "right": right}
        cases.append(case)
    return Result(score.figures(precision=(*FIELDS, "line_items")), cases, backend=reader.backend.label)


def true_lines(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a truth, whichever of its two sources it is from; headings and notes between them are none."""
    return [
        {
            "description": line.get("description") or line.get("name") or line.get("desc") or "",
            "quantity": line.get("quantity", line.get("qty")),
            "amount": line.get("line_total", line.get("price_subtotal", line.get("price"))),
        }
        for line in truth.get("lines") or []
        if {"description", "name", "desc"} & line.keys()
    ]


def same_lines(read: list[dict[str, Any]], truth: list[dict[str, Any]]) -> bool:
    """Whether every line is there, in order, with its amount, its quantity and nearly its words."""
    return len(read) == len(truth) and all(map(_same_line, read, truth))


def _same_line(read: dict[str, Any], truth: dict[str, Any]) -> bool:
    return (
        (truth["amount"] is None or money(read.get("amount")) == money(truth["amount"]))
        and (truth["quantity"] is None or money(read.get("quantity")) == money(truth["quantity"]))
        and fuzz.partial_ratio(plain(read.get("description") or ""), plain(truth["description"])) >= ALIKE
    )


if __name__ == "__main__":
    benchmark(measure)
