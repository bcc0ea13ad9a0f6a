"""What was spent, read from the ledger: by day, flow, model, prompt or document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, case, func, select

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import CACHE_TIER
from prefect_gemini.gemini.ledger.tables import calls, usd

__all__ = ["By", "CostLine", "cost_report", "cost_rows"]

By = Literal["day", "flow", "model", "prompt", "document"]
NOT_NAMED = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one day, flow, model, prompt or document cost on one kind of backend.

    Attributes:
        name: Which day, flow, model, prompt or document.
        backend: "vertex", "developer" or "local"; what "local" says was not billed, it is what Gemini would have cost.
        calls: Paid calls.
        wasted: The part of `calls` whose answer could not be used: blocked, cut, or not valid.
        unpriced: The part of `calls` whose model has no known price; `usd` leaves them out.
        prompt: Input tokens, cached ones and tool results included.
        cached: The part of `prompt` read from a cache.
        output: Output tokens, thoughts included.
        usd: List price.
    """

    name: str
    backend: str
    calls: int
    wasted: int
    unpriced: int
    prompt: int
    cached: int
    output: int
    usd: Decimal


def cost_report(
    ledger: Ledger, *, by: By = "day", since: date | None = None, flow_run_id: str | None = None
) -> tuple[CostLine, ...]:
    """Add up the ledger's calls.

    Args:
        ledger: The ledger.
        by: What to group by.
        since: First UTC day to count.
        flow_run_id: Only this run.

    Returns:
        Lines: days in order, everything else dearest first.

    Raises:
        InvalidOption: `by` is none of the five.
    """
    if by not in get_args(By):
        raise InvalidOption(f"costs cannot be listed by {by!r}.", hint=f"Use one of {', '.join(get_args(By))}.")
    group: ColumnElement[Any] = func.coalesce(calls.c[by], NOT_NAMED)
    if by == "prompt":
        version = func.coalesce(calls.c.prompt_version, "")
        group = case((version == "", group), else_=group + "@" + version)
    query = select(
        group.label("name"),
        calls.c.backend,
        func.count().label("calls"),
        func.sum(case((calls.c.serves, 0), else_=1)).label("wasted"),
        func.sum(case((calls.c.picodollars.is_(None), 1), else_=0)).label("unpriced"),
        func.sum(calls.c.tokens_prompt + calls.c.tokens_tool).label("prompt"),
        func.sum(calls.c.tokens_cached).label("cached"),
        func.sum(calls.c.tokens_output + calls.c.tokens_thoughts).label("output"),
        func.coalesce(func.sum(calls.c.picodollars), 0).label("usd"),
    ).group_by(group, calls.c.backend)
    if since is not None:
        query = query.where(calls.c.day >= since.isoformat())
    if flow_run_id is not None:
        query = query.where(calls.c.flow_run_id == flow_run_id)

    def read(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(query).mappings()]

    # PostgreSQL adds big integers up to a Decimal; the counts are whole numbers everywhere else.
    lines = [
        CostLine(
            name=row["name"],
            backend=row["backend"],
            usd=usd(int(row["usd"])) or Decimal(0),
            **{kind: int(row[kind]) for kind in ("calls", "wasted", "unpriced", "prompt", "cached", "output")},
        )
        for row in ledger.store.read_now(read)
    ]
    if by == "day":
        return tuple(sorted(lines, key=lambda line: (line.name, line.backend)))
    return tuple(sorted(lines, key=lambda line: (-line.usd, line.name)))


def cost_rows(lines: tuple[CostLine, ...]) -> list[dict[str, Any]]:
    """Turn a report into rows of plain values, for a table artifact or JSON; amounts are dollars as text."""
    return [asdict(line) | {"usd": f"{line.usd:.6f}"} for line in lines]


def usual_output(ledger: Ledger, model: str, *, flow: str | None = None) -> tuple[int, int]:
    """How long the answers of a model have been: the mean tokens out, thoughts included, and of how many calls.

    Args:
        ledger: The ledger.
        model: A model's id.
        flow: The flow whose calls are looked at; those of every flow where it has made none.
    """
    out = calls.c.tokens_output + calls.c.tokens_thoughts

    def read(connection: Connection) -> tuple[int, int]:
        query = select(func.avg(out), func.count()).where(
            calls.c.model == model, calls.c.serves, calls.c.tier != CACHE_TIER
        )
        for narrowed in ([query.where(calls.c.flow == flow)] if flow else []) + [query]:
            mean, count = connection.execute(narrowed).one()
            if count:
                return round(mean), count
        return 0, 0

    return ledger.store.read_now(read)
