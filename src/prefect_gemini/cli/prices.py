"""`prefect-gemini prices`: the price list of a day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from prefect_gemini.cli._run import console, friendly_errors

if TYPE_CHECKING:
    from prefect_gemini.gemini.costs.price_table import PriceRow
    from prefect_gemini.gemini.costs.september_2024 import Sum

ARTICLE = (date(2024, 9, 24), date(2024, 10, 31))
"""The days for which the sums of an article of that month are done again."""


def prices(
    *,
    as_of: str | None = None,
    retired: Annotated[bool, Parameter(negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """Show what each Gemini model costs on a day, and what two common workloads cost on it.

    With a day from 24 September to 31 October 2024 the sums of William Spurlock's article on Gemini
    1.5 Flash-002 are done again, and the places where they are off are named.

    Parameters
    ----------
    as_of
        The day, for example 2024-09-24. Today if left out.
    retired
        List models that were retired by that day too, at their last price.
    as_json
        Print JSON instead of tables.
    """
    with friendly_errors():
        from prefect_gemini.gemini.costs.price_table import price_table
        from prefect_gemini.gemini.errors import InvalidOption

        try:
            day = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
        except ValueError:
            raise InvalidOption(f"`--as-of` {as_of!r} is not a day.", hint="Write it as 2024-09-24.") from None
        rows = price_table(day, retired=retired)
    if as_json:
        print(json.dumps({"as_of": day.isoformat(), "prices": [_plain(row) for row in rows]}, indent=2))
        return
    console.print(_list(rows, day))
    for row in rows:
        if row.rates.long is not None and row.rates.long_from is not None:
            long = row.rates.long
            console.print(
                f"[bold]{row.model.id}[/] with a prompt over {row.rates.long_from:,} tokens: "
                f"${_amount(long.input)} in and ${_amount(long.output)} out."
            )
    for row in rows:
        if row.changes_on and row.then:
            console.print(
                f"[bold]{row.model.id}[/] costs ${_amount(row.then.input)} in and ${_amount(row.then.output)} out "
                f"from {row.changes_on} on."
            )
    console.print(_workloads(rows))
    if ARTICLE[0] <= day <= ARTICLE[1]:
        _article()


def _list(rows: tuple[PriceRow, ...], day: date) -> Table:
    table = Table(
        title=f"Gemini list prices on {day}, USD per million tokens (input/output)",
        caption="Batch and flex cost half, priority 1.8 times, where no price of their own is listed.\n"
        "cache/h: keeping a million tokens in an explicit cache for an hour. *: preview.",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("model", no_wrap=True)
    for name in ("standard", "cached", "batch", "audio", "cache/h"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.model.id if row.lifecycle != "preview" else f"{row.model.id}*",
            f"{_amount(row.rates.input)}/{_amount(row.rates.output)}",
            _amount(row.rates.cached),
            f"{_amount(row.batch.input)}/{_amount(row.batch.output)}",
            _amount(row.rates.audio),
            _amount(row.storage),
        )
    return table


def _workloads(rows: tuple[PriceRow, ...]) -> Table:
    table = Table(title="What it comes to, USD a month", box=SIMPLE_HEAD)
    table.add_column("model", no_wrap=True)
    for name in ("1M in + 1M out a day", "1M documents", "the same in batch"):
        table.add_column(name, justify="right")
    for row in rows:
        if row.model.family == "embedding":
            continue
        table.add_row(
            row.model.id,
            f"{30 * (row.rates.input + row.rates.output):,.2f}",
            f"{2000 * row.rates.input + 1000 * row.rates.output:,.2f}",
            f"{2000 * row.batch.input + 1000 * row.batch.output:,.2f}",
        )
    table.caption = "A month is 30 days. A document is 2,000 tokens in and 1,000 out."
    return table


def _article() -> None:
    from prefect_gemini.gemini.costs.september_2024 import article_sums

    sums = article_sums()
    table = Table(title="The sums of the article of 24 September 2024, done again", box=SIMPLE_HEAD)
    table.add_column("what")
    for name in ("article", "computed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    section = ""
    for one in sums:
        if one.section != section:
            table.add_section()
            table.add_row(f"[bold]{one.section}[/]")
            section = one.section
        table.add_row(one.what, _with_unit(one.claimed, one.unit), _with_unit(one.computed, one.unit), _verdict(one))
    console.print(table)
    off = [one for one in sums if not one.agrees]
    console.print(f"{len(sums) - len(off)} of {len(sums)} figures agree. Where the article is off:")
    for remark in dict.fromkeys(f"{one.section}: {one.remark}" for one in off):
        console.print(f"  - {remark}", highlight=False)
    for one in sums:
        if one.agrees and one.remark:
            console.print(f"  - {one.what}: {one.remark}", highlight=False)


def _verdict(one: Sum) -> str:
    return "ok" if one.agrees else "[red]off[/]"


def _with_unit(amount: Decimal, unit: str) -> str:
    return f"${_amount(amount)}" if unit == "$" else f"{amount:.1f} {unit}"


def _amount(amount: Decimal | None) -> str:
    """Write an amount with two decimals at least, and no zeros beyond."""
    if amount is None:
        return "-"
    text = f"{amount:,.5f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<2}"


def _plain(row: PriceRow) -> dict[str, object]:
    def text(amount: Decimal | None) -> str | None:
        return None if amount is None else str(amount.normalize() if amount else amount)

    long = row.rates.long
    return {
        "model": row.model.id,
        "lifecycle": row.lifecycle,
        "input": text(row.rates.input),
        "output": text(row.rates.output),
        "cached": text(row.rates.cached),
        "audio": text(row.rates.audio),
        "long_from": row.rates.long_from,
        "long_input": None if long is None else text(long.input),
        "long_output": None if long is None else text(long.output),
        "batch_input": text(row.batch.input),
        "batch_output": text(row.batch.output),
        "priority_input": text(row.priority.input),
        "priority_output": text(row.priority.output),
        "cache_storage_hour": text(row.storage),
        "changes_on": None if row.changes_on is None else row.changes_on.isoformat(),
        "source": row.rates.source,
    }
