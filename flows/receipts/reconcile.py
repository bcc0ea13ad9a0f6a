"""Whether a receipt adds up, worked out in code with exact decimals.

A model's arithmetic is not trusted, nor is the receipt's: what was read is summed here, under every
way receipts are laid out (tax on top of the prices, as in the USA, or inside them, as in Europe; tip
inside the total or left beside it; cash rounded to the coins there are), and one of them has to meet
the printed total.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from prefect_gemini.flows.receipts.currencies import cash_step, minor_unit
from prefect_gemini.flows.receipts.findings import Finding, Severity
from prefect_gemini.flows.receipts.models import LineItem, Receipt

OLDEST = datetime.timedelta(days=3653)
"""Ten years. Tax offices ask for no older receipt; an older date is most often a misread year."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class _Sum:
    """One way the parts could make the total."""

    base: str
    amount: Decimal
    tax_added: bool
    tip_added: bool
    rounding: Decimal

    @property
    def words(self) -> str:
        return " + ".join(
            [self.base] + ["taxes"] * self.tax_added + ["tip"] * self.tip_added + ["rounding"] * (self.rounding != 0)
        )


def reconcile(receipt: Receipt, today: datetime.date) -> tuple[Finding, ...]:
    """Check one receipt against itself and the calendar.

    Args:
        receipt: what was read.
        today: the day of the run; a receipt cannot be from a later one.
    """
    return (
        *_missing(receipt),
        *_day(receipt, today),
        *_decimals(receipt),
        *_lines(receipt),
        *_taxes(receipt),
        *_total(receipt),
    )


def _missing(receipt: Receipt) -> Iterator[Finding]:
    grave: dict[str, Severity] = {"total": "error", "currency": "error", "date": "error", "merchant": "warning"}
    for field, severity in grave.items():
        if getattr(receipt, field) is None:
            yield Finding(
                code=f"{field}_missing", severity=severity, fields=(field,), message=f"No {field} could be read."
            )


def _day(receipt: Receipt, today: datetime.date) -> Iterator[Finding]:
    day = receipt.date
    if day is None:
        return
    if day > today + datetime.timedelta(days=1):
        yield Finding(
            code="date_in_future",
            severity="error",
            fields=("date",),
            message=f"The date {day} is later than today, {today}.",
        )
    elif day > today:
        yield Finding(
            code="date_tomorrow",
            severity="warning",
            fields=("date",),
            message=f"The date {day} is one day after today, {today}: right only where the clock is ahead of yours.",
        )
    elif day < today - OLDEST:
        yield Finding(
            code="date_implausible",
            severity="error",
            fields=("date",),
            message=f"The date {day} is more than ten years ago; the year may be misread.",
        )


def _money(receipt: Receipt) -> Iterator[tuple[str, Decimal]]:
    """Every printed sum with its path; unit prices and rates may have more decimals and are not among them."""
    for field in ("subtotal", "tip", "rounding", "total"):
        value = getattr(receipt, field)
        if value is not None:
            yield field, value
    for index, item in enumerate(receipt.line_items):
        yield f"line_items[{index}].amount", item.amount
    for index, tax in enumerate(receipt.taxes):
        if tax.amount is not None:
            yield f"taxes[{index}].amount", tax.amount


def _decimals(receipt: Receipt) -> Iterator[Finding]:
    unit = minor_unit(receipt.currency)
    odd = [(path, value) for path, value in _money(receipt) if value % unit]
    if odd and receipt.currency is not None:
        shown = ", ".join(f"{path} {value}" for path, value in odd)
        yield Finding(
            code="too_many_decimals",
            severity="warning",
            fields=tuple(path for path, _ in odd),
            message=f"{receipt.currency} has no coin below {unit}: {shown}. A thousands separator may have been "
            "read as a decimal point, or the currency is another.",
        )


def _line_holds(item: LineItem, unit: Decimal) -> bool:
    """Whether quantity times unit price gives the amount, the printed unit price being rounded itself."""
    if item.quantity is None or item.unit_price is None:
        return True
    slack = unit / 2 + abs(item.quantity) * unit / 2
    return abs(abs(item.quantity * item.unit_price) - abs(item.amount)) <= slack


def _lines(receipt: Receipt) -> Iterator[Finding]:
    unit = minor_unit(receipt.currency)
    for index, item in enumerate(receipt.line_items):
        if not _line_holds(item, unit):
            yield Finding(
                code="line_does_not_multiply",
                severity="warning",
                fields=tuple(f"line_items[{index}].{name}" for name in ("quantity", "unit_price", "amount")),
                message=f"Line {index + 1}, {item.description!r}: {item.quantity} x {item.unit_price} is "
                f"{item.quantity * item.unit_price if item.quantity is not None and item.unit_price else 0}, "
                f"printed is {item.amount}.",
            )


def _taxes(receipt: Receipt) -> Iterator[Finding]:
    """A tax cannot exceed its rate on the whole receipt; below that it may be on some lines only."""
    if receipt.total is None:
        return
    unit = minor_unit(receipt.currency)
    for index, tax in enumerate(receipt.taxes):
        if tax.amount is None or tax.rate is None:
            continue
        most = abs(receipt.total) * tax.rate / 100 + unit * max(1, len(receipt.line_items))
        if abs(tax.amount) > most:
            yield Finding(
                code="tax_too_high",
                severity="warning",
                fields=(f"taxes[{index}].amount", f"taxes[{index}].rate"),
                message=f"{tax.name or 'Tax'}: {tax.amount} is more than {tax.rate} % of the total {receipt.total}.",
            )


def _sums(receipt: Receipt) -> Iterator[_Sum]:
    """Every layout, the plainest first."""
    taxes = [tax.amount for tax in receipt.taxes if tax.amount is not None]
    bases: list[tuple[str, Decimal]] = []
    if receipt.line_items:
        bases.append(("items", sum((item.amount for item in receipt.line_items), ZERO)))
    if receipt.subtotal is not None:
        bases.append(("subtotal", receipt.subtotal))
    tip, rounding = receipt.tip or ZERO, receipt.rounding or ZERO
    for base, start in bases:
        for turn in (rounding, -rounding) if rounding else (ZERO,):
            for tip_added in (True, False) if tip else (False,):
                for tax_added in (True, False) if taxes else (False,):
                    amount = start + turn + (tip if tip_added else ZERO) + (sum(taxes, ZERO) if tax_added else ZERO)
                    yield _Sum(base, amount, tax_added, tip_added, turn)


def _total(receipt: Receipt) -> Iterator[Finding]:
    total = receipt.total
    if total is None:
        return
    if total < 0:
        yield Finding(
            code="refund", severity="info", fields=("total",), message=f"A refund: the total is {total}, money back."
        )
    elif total == 0:
        yield Finding(code="total_zero", severity="warning", fields=("total",), message="The total is zero.")
    sums = list(_sums(receipt))
    if not sums:
        yield Finding(
            code="nothing_to_add_up",
            severity="info",
            fields=("total",),
            message="Only a total was read, neither lines nor a subtotal: it could not be checked.",
        )
        return
    yield from _meeting(receipt, total, sums)


def _meeting(receipt: Receipt, total: Decimal, sums: list[_Sum]) -> Iterator[Finding]:
    """Which sum meets the total: exactly, but for a rounding, or not at all."""
    exact = next((one for one in sums if one.amount == total), None)
    if exact is not None:
        yield from _how_it_met(receipt, exact)
        return
    unit, step = minor_unit(receipt.currency), cash_step(receipt.currency)
    nearest = min(sums, key=lambda one: abs(one.amount - total))
    off = total - nearest.amount
    if step is not None and not receipt.rounding and total % step == 0 and abs(off) <= step / 2:
        yield Finding(
            code="cash_rounded",
            severity="info",
            fields=("total",),
            message=f"{nearest.words} is {nearest.amount}; the total {total} is that rounded to {step} in cash.",
        )
        yield from _how_it_met(receipt, nearest)
    elif abs(off) <= unit * max(1, len(receipt.taxes)):
        yield Finding(
            code="rounding_difference",
            severity="info",
            fields=("total",),
            message=f"{nearest.words} is {nearest.amount}, the total {total}: {abs(off)} off, as rounding tax leaves.",
        )
        yield from _how_it_met(receipt, nearest)
    else:
        yield Finding(
            code="does_not_add_up",
            severity="error",
            fields=("total", *_parts(receipt)),
            message=f"{nearest.words} is {nearest.amount}, but the total is {total}: {abs(off)} "
            f"{'too much' if off > 0 else 'too little'}.",
        )


def _parts(receipt: Receipt) -> tuple[str, ...]:
    return tuple(path for path, _ in _money(receipt) if path != "total")


def _subtotal_fits(receipt: Receipt, met: _Sum) -> bool:
    """Whether some layout that starts at the subtotal comes as near to the total as taxes and cash are rounded."""
    slack = minor_unit(receipt.currency) * max(1, len(receipt.taxes)) + (cash_step(receipt.currency) or ZERO) / 2
    lines = sum((item.amount for item in receipt.line_items), ZERO)
    return receipt.subtotal == lines or any(
        abs(one.amount - met.amount) <= slack for one in _sums(receipt) if one.base == "subtotal"
    )


def _how_it_met(receipt: Receipt, met: _Sum) -> Iterator[Finding]:
    """What the layout that met the total says about the fields it did not use."""
    if met.base == "subtotal" and receipt.line_items:
        lines = sum((item.amount for item in receipt.line_items), ZERO)
        yield Finding(
            code="lines_incomplete",
            severity="warning",
            fields=tuple(f"line_items[{index}].amount" for index in range(len(receipt.line_items))),
            message=f"The total follows from the subtotal, but the {len(receipt.line_items)} lines read make {lines}: "
            "a line may be missing or misread.",
        )
    elif receipt.subtotal is not None and not _subtotal_fits(receipt, met):
        yield Finding(
            code="subtotal_differs",
            severity="warning",
            fields=("subtotal",),
            message=f"The lines make the total, but the subtotal of {receipt.subtotal} fits neither.",
        )
    if receipt.tip and not met.tip_added:
        yield Finding(
            code="tip_beside_total",
            severity="warning",
            fields=("tip", "total"),
            message=f"The tip of {receipt.tip} is not part of the total {receipt.total}.",
        )
    if receipt.rounding and met.rounding == -receipt.rounding:
        yield Finding(
            code="rounding_sign",
            severity="info",
            fields=("rounding",),
            message=f"The rounding was read as {receipt.rounding}; the total follows from {-receipt.rounding}.",
        )
