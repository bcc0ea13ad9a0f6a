"""An expense as the report shows it: fields in reading order, each with its place on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from prefect_gemini.flows.printable import printable
from prefect_gemini.flows.receipts.currencies import minor_unit
from prefect_gemini.flows.receipts.expense import Expense
from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import LineItem
from prefect_gemini.flows.receipts.support import JUDGED
from prefect_gemini.flows.report.pictures import Picture
from prefect_gemini.flows.report.places import Place, on_page, places_of
from prefect_gemini.gemini.evidence.grounding import Evidence

Support = Literal["found", "similar", "unsupported", "judged", "unchecked"]

EXPLAINED: dict[Support, str] = {
    "found": "on the page",
    "similar": "spelled a little differently",
    "unsupported": "not found on the page",
    "judged": "judged, not printed",
    "unchecked": "its place was not checked",
}


@dataclass(frozen=True)
class Field:
    """One row of a receipt.

    Args:
        ref: ties the row to its boxes.
        label, value: as shown.
        quote: the words it was read from.
        support: whether the value stands on the page.
        boxes: where.
        flagged: whether a finding is about it.
    """

    ref: str
    label: str
    value: str
    quote: str
    support: Support
    boxes: tuple[Place, ...]
    flagged: bool

    @property
    def explained(self) -> str:
        """Where the value stands, in words."""
        pages = sorted({box.page for box in self.boxes})
        where = f"page {', '.join(map(str, pages))}" if pages else ""
        if self.support == "found":
            return where or EXPLAINED["found"]
        return f"{where}, {EXPLAINED['similar']}" if self.support == "similar" and where else EXPLAINED[self.support]


@dataclass(frozen=True)
class Card:
    """One receipt of the report."""

    ref: str
    expense: Expense
    name: str
    title: str
    total: str
    fields: tuple[Field, ...]
    remarks: tuple[Finding, ...]
    pictures: tuple[Picture, ...]

    @property
    def status(self) -> str:
        return self.expense.status.replace("_", " ")

    def boxes(self, page: int) -> tuple[Place, ...]:
        """What is drawn on one page, the largest first so that small boxes stay reachable."""
        return on_page((box for field in self.fields for box in field.boxes), page)


def amount(value: Decimal | None, currency: str | None) -> str:
    """An amount with its currency; "" where there is none."""
    return "" if value is None else f"{_digits(value, currency)} {currency or '?'}"


def _digits(value: Decimal, currency: str | None) -> str:
    """A number with the decimals of its currency, or with more where it has more."""
    unit = minor_unit(currency)
    return f"{value.quantize(unit) if value == value.quantize(unit) else value:,f}"


def card(expense: Expense, *, ref: str, pictures: tuple[Picture, ...] = ()) -> Card:
    """An expense, ready to be shown."""
    receipt = expense.receipt
    return Card(
        ref=ref,
        expense=expense,
        name=printable(expense.name),
        title=receipt.merchant or "No merchant read",
        total=amount(receipt.total, receipt.currency) or "no total",
        fields=tuple(_fields(expense, ref)),
        remarks=expense.findings + expense.policy,
        pictures=pictures,
    )


def pages_read(expense: Expense) -> tuple[int, ...]:
    """The pages that values were read from; the first in any case."""
    return tuple(sorted({1} | {one.page for one in expense.evidence if one.page is not None}))


def _fields(expense: Expense, ref: str) -> Iterator[Field]:
    receipt = expense.receipt
    rows: list[tuple[str, str, tuple[str, ...]]] = [
        ("Merchant", receipt.merchant or "", ("merchant",)),
        ("Address", receipt.address or "", ("address",)),
        ("Date", str(receipt.date or ""), ("date",)),
        ("Time", receipt.time.strftime("%H:%M") if receipt.time else "", ("time",)),
    ]
    for index, item in enumerate(receipt.line_items):
        paths = tuple(f"line_items[{index}].{part}" for part in ("description", "quantity", "unit_price", "amount"))
        rows.append((f"Line {index + 1}", _line(item, receipt.currency), paths))
    rows.append(("Subtotal", amount(receipt.subtotal, receipt.currency), ("subtotal",)))
    for index, tax in enumerate(receipt.taxes):
        rate = "" if tax.rate is None else f"{tax.rate:f} %"
        label = " ".join(filter(None, (tax.name or "Tax", rate)))
        paths = (f"taxes[{index}].name", f"taxes[{index}].rate", f"taxes[{index}].amount")
        rows.append((label, amount(tax.amount, receipt.currency), paths))
    rows += [
        ("Tip", amount(receipt.tip, receipt.currency), ("tip",)),
        ("Rounding", amount(receipt.rounding, receipt.currency), ("rounding",)),
        ("Total", amount(receipt.total, receipt.currency), ("total",)),
        ("Currency", receipt.currency or "", ("currency",)),
        ("Paid by", receipt.payment_method or "", ("payment_method",)),
        ("Category", receipt.category.value if receipt.category else "", ("category",)),
    ]
    known = {one.path: one for one in expense.evidence}
    flagged = {path for one in expense.findings + expense.policy if one.severity != "info" for path in one.fields}
    for number, (label, value, paths) in enumerate(rows):
        if not value:
            continue
        places = [known[path] for path in paths if path in known]
        row = f"{ref}-{number}"
        yield Field(
            ref=row,
            label=label,
            value=value,
            quote=" … ".join(dict.fromkeys(printable(one.quote) for one in places if one.quote)),
            support=_support(paths, places, checked=bool(expense.evidence)),
            boxes=tuple(places_of(places, ref=row, label=label)),
            flagged=any(path in flagged for path in paths),
        )


def _line(item: LineItem, currency: str | None) -> str:
    many = "" if item.quantity is None else f"{item.quantity:f} × "
    each = "" if item.unit_price is None else f" at {_digits(item.unit_price, currency)}"
    return f"{many}{item.description}{each}: {amount(item.amount, currency)}"


def _support(paths: tuple[str, ...], places: list[Evidence], *, checked: bool) -> Support:
    """The weakest support among the parts of a row."""
    if paths[0] in JUDGED:
        return "judged"
    if not places:
        return "unsupported" if checked else "unchecked"
    matches = {one.match for one in places}
    if "unsupported" in matches:
        return "unsupported"
    return "similar" if "fuzzy" in matches else "found"
