"""The sums at the foot of a receipt: total, subtotal, tax, tip, rounding, what was given and given back.

Each printed amount is given the meaning of the words beside it; then arithmetic decides between candidates:
what was paid less the change is the total, and so is what the parts add up to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from prefect_gemini.local.reader.money import Amount, amounts_in, decimal_point
from prefect_gemini.local.reader.receipts.sum_words import COLUMNS, COUNTS, EMPHATIC, INCLUSIVE, MEANINGS, SUMMARY
from prefect_gemini.local.reader.resolve import Found, Line, Reading, Span

CENT = Decimal("0.01")
ZERO = Decimal(0)

SUMMARY_ROWS = 6
"""Rows of a table of taxes below its head."""


@dataclass(frozen=True)
class Sum:
    """An amount with the meaning of its row.

    Args:
        meaning: a key of `MEANINGS`, or "" where the row says nothing.
        label: the words of the row beside the amount.
        line: index of its line in the reading.
        span: of the number without sign of currency.
        sure: 1.0 for a plain number; less where the point had to be taken for granted ("64 13").
    """

    value: Decimal
    meaning: str
    label: str
    line: int
    span: Span
    height: float
    sure: float = 1.0


def sums_of(reading: Reading) -> list[Sum]:
    """Every amount of a receipt that stands at the end of a row, with its meaning; worked out once a reading."""
    known: list[Sum] | None = reading.memo.get("sums")
    if known is None:
        known = _read(reading)
        reading.memo["sums"] = known
    return known


def _read(reading: Reading) -> list[Sum]:
    point = decimal_point(line.text for line in reading.lines)
    found: list[Sum] = []
    pending: tuple[str, int] | None = None
    summary: int | None = None
    for number, line in enumerate(reading.lines):
        amounts = [amount for amount in amounts_in(line.text, point=point) if _is_money(amount)]
        sure = 1.0
        if not amounts:
            amounts, sure = _unpointed(line), 0.7
        columns = len(re.findall(COLUMNS, line.text, re.IGNORECASE)) >= 2
        if re.search(SUMMARY, line.text, re.IGNORECASE) and not columns:
            summary = number
        if not amounts:
            # A label alone on its row: its amount stands alone on the next, or the one after.
            bare = not re.search(r"\d(?!\d?\s?%)", line.text)
            pending = (line.text, number) if bare and not columns and meaning_of(line.text) else None
            continue
        in_summary = summary is not None and number - summary <= SUMMARY_ROWS
        for label, last, alone in _segments(line, amounts):
            own = meaning_of(label)
            if not own and pending and not re.search(r"[^\W\d]{3}", label):
                label = pending[0]
                own = meaning_of(label)
            emphatic = re.search(EMPHATIC, label, re.IGNORECASE) is not None
            if own in ("paid", "change", "rounding", "due") or emphatic:
                summary, in_summary = (None, False) if number != summary else (summary, in_summary)
            if in_summary and (own in ("tax", "total", "subtotal", "") or not alone):
                own = "summary"
            span = line.span(last.start, last.end)
            found.append(Sum(last.value, own, label, number, span, _height(line, last), sure))
        pending = None
    return found


def _segments(line: Line, amounts: list[Amount]) -> list[tuple[str, Amount, bool]]:
    """Pair the amounts of a row with the words before them; of amounts without words between only the last counts.

    Returns:
        Label, amount, and whether the amount stood alone behind its label.
    """
    pairs: list[tuple[str, Amount, bool]] = []
    start = 0
    for amount in amounts:
        label = line.text[start : amount.start]
        if pairs and not re.search(r"[^\W\d]{3}", label):
            before, other, _ = pairs.pop()
            pairs.append((before, amount, other.value == amount.value))
        else:
            pairs.append((label, amount, True))
        start = amount.end
    return pairs


def meaning_of(label: str) -> str:
    """The meaning of a row's words, "" where they have none, "count" where they count things."""
    text = " ".join(re.sub(r"[^\w%&+/]+", " ", label.lower()).split())
    bare = re.sub(COUNTS + r"\d+(?:\.0+)?(?= |$)", " ", text)
    if bare != text and re.fullmatch(r"(?:total )?\W*", bare.strip() + " "):
        return "subtotal" if "total" in text else "count"  # "Total Qty 18   144.68": the goods before tax
    if re.search(COUNTS + "$", bare):
        return "count"
    return next((meaning for meaning, pattern in MEANINGS if re.search(pattern, bare)), "")


def _is_money(amount: Amount) -> bool:
    return amount.places == 2 or (amount.currency is not None and amount.places == 0 and abs(amount.value) < 10**7)


def _unpointed(line: Line) -> list[Amount]:
    """`64 13` at the end of a row that says total: the OCR lost the point. Only where the row has a meaning."""
    match = re.search(r"(?<![\d.,])(\d{1,4}) (\d{2})$", line.text)
    if match is None or meaning_of(line.text[: match.start()]) in ("", "count"):
        return []
    return [Amount(Decimal(f"{match[1]}.{match[2]}"), match.start(), match.end(), None, 2)]


def _height(line: Line, amount: Amount) -> float:
    words = [
        word for word in line.words if word.start - line.start < amount.end and word.end - line.start > amount.start
    ]
    return max((word.box.height for word in words), default=line.height)


def _found(one: Sum, score: float) -> Found:
    return Found(one.value, (one.span,), min(1.0, score) * one.sure)


def total_of(reading: Reading) -> Found | None:
    """The sum to pay, after tax, discount and rounding.

    A candidate is any amount whose row means a total, or that arithmetic or payment confirms; the one with
    most behind it wins, and none does where nothing confirms any.
    """
    sums = sums_of(reading)
    if not sums:
        return None
    paid = [one for one in sums if one.meaning == "paid"]
    change = [one for one in sums if one.meaning == "change"]
    given_back = {
        abs(cash.value) - abs(back.value) for cash in paid for back in change if abs(cash.value) >= abs(back.value)
    }
    in_full = {abs(one.value) for one in paid if not change or any(back.value == ZERO for back in change)}
    built = _built(sums)
    usual = sorted(one.height for one in sums)[len(sums) // 2]
    counts: dict[Decimal, int] = {}
    for one in sums:
        counts[one.value] = counts.get(one.value, 0) + 1
    scored: list[tuple[float, int, Sum]] = []
    for one in sums:
        if one.meaning not in ("total", "", "due") or one.value == ZERO:
            continue
        if _is_share(one, sums):
            continue
        score = {"total": 0.55, "due": 0.6, "": 0.0}[one.meaning]
        text = one.label.lower()
        if one.meaning and re.search(EMPHATIC, text):
            score += 0.2
        elif one.meaning and re.search(INCLUSIVE, text):
            score += 0.08
        if one.value in given_back:
            score += 0.35
        elif one.value in in_full:
            score += 0.3
        if one.value in built:
            score += 0.15
        score += 0.05 * min(counts[one.value] - 1, 2)
        if one.height > 1.3 * usual:
            score += 0.08
        scored.append((score, one.line, one))
    if not scored:
        return _from_payment(sums, given_back, in_full)
    # Of equals the lower on the page: totals come after the sums they are made of.
    score, _, best = max(scored, key=lambda entry: (round(entry[0], 2), entry[1]))
    rounded = _rounded(sums, best)
    if rounded is not None:
        best, score = rounded, score + 0.1
    if score < 0.5:
        return _from_payment(sums, given_back, in_full)
    return _found(best, score)


def _is_share(one: Sum, sums: list[Sum]) -> bool:
    """Whether an amount is the printed percentage of a larger one: "Total included GST @ 6 %: 0.42" of 7.50."""
    rate = re.search(r"(\d{1,2}(?:[.,]\d)?)\s?%", one.label)
    if rate is None:
        return False
    percent = Decimal(rate[1].replace(",", "."))
    return any(
        abs(other.value * percent / (100 + extra) - one.value) <= CENT
        for other in sums
        for extra in (ZERO, percent)
        if other.value > one.value > ZERO
    )


def _from_payment(sums: list[Sum], given_back: set[Decimal], in_full: set[Decimal]) -> Found | None:
    """Without a row that says total: what was charged, or a subtotal that is printed again and again."""
    for one in sums:
        if one.meaning == "paid" and (one.value in in_full or one.value in given_back) and one.value > ZERO:
            return _found(one, 0.6)
    values = [one.value for one in sums]
    for one in reversed(sums):
        if one.meaning == "subtotal" and values.count(one.value) >= 3:
            return _found(one, 0.55)
    return None


def _rounded(sums: list[Sum], total: Sum) -> Sum | None:
    """The amount below the total that is the total with the printed rounding."""
    for rounding in sums:
        if rounding.meaning == "rounding" and rounding.value != ZERO and rounding.line > total.line:
            for one in sums:
                if (
                    one.line > total.line
                    and one.meaning in ("total", "due", "")
                    and one.value
                    in (
                        total.value + rounding.value,
                        total.value - rounding.value,
                    )
                ):
                    return one
    return None


def _built(sums: list[Sum]) -> set[Decimal]:
    """What the printed parts add up to: subtotal with tax, service, rounding and discount in every usual mix."""
    subtotals = {one.value for one in sums if one.meaning == "subtotal"}
    taxes = {one.value for one in sums if one.meaning == "tax"} | {ZERO}
    tips = {one.value for one in sums if one.meaning in ("tip", "service")} | {ZERO}
    roundings = {one.value for one in sums if one.meaning == "rounding"} | {ZERO}
    discounts = {abs(one.value) for one in sums if one.meaning == "discount"} | {ZERO}
    return {
        subtotal + tax + tip + rounding - discount
        for subtotal in subtotals
        for tax in taxes
        for tip in tips
        for rounding in roundings
        for discount in discounts
    }


def part_of(reading: Reading, meaning: str) -> Found | None:
    """A part of the total: the one amount whose row has that meaning; the last, where all agree; else None."""
    rows = [one for one in sums_of(reading) if one.meaning == meaning]
    if not rows:
        return None
    values = {one.value for one in rows}
    if len(values) == 1:
        return _found(rows[-1], 0.85)
    if meaning == "subtotal":
        total = total_of(reading)
        fitting = [
            one
            for one in rows
            if total is not None
            and total.value in _built([one, *(other for other in sums_of(reading) if other.meaning != "subtotal")])
        ]
        return _found(fitting[0], 0.7) if fitting else _found(rows[0], 0.55)
    if meaning in ("tax", "paid", "change"):
        return None
    filled = [one for one in rows if one.value != ZERO]
    return _found(filled[-1], 0.6) if len({one.value for one in filled}) == 1 else None
