"""`prefect-gemini models`: what is stable, preview, going and gone, and who still names it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from prefect_gemini.cli._run import console, friendly_errors, notes

if TYPE_CHECKING:
    from prefect_gemini.cli._uses import Use
    from prefect_gemini.gemini.catalog.info import ModelInfo

STAGES = {
    "stable": "Stable",
    "preview": "Preview: may change or go with little notice",
    "retiring": "Retiring: announced, time to move",
    "retired": "Retired: calls are refused",
}


def models(
    *,
    backend: Literal["vertex", "developer"] = "vertex",
    check: Annotated[bool, Parameter(negative="--no-check")] = True,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
) -> None:
    """List the Gemini models with their dates, and which of your blocks and deployments name one that is going away.

    Leaves with status 1 if one of yours names a model that is retiring, retired or unknown.

    Parameters
    ----------
    backend
        Whose calendar counts: Vertex AI, or the Gemini Developer API, which retires earlier.
    check
        Look through the blocks and deployments of your Prefect server.
    as_json
        Print JSON instead of tables.
    """
    with friendly_errors():
        from prefect_gemini.cli._uses import find_uses
        from prefect_gemini.gemini.catalog.resolve import FAMILIES, all_models

        today = datetime.now(UTC).date()
        known = all_models()
        uses, trouble = asyncio.run(find_uses()) if check else ([], None)
        going = [use for use in uses if use.stage(backend, today) not in ("stable", "preview")]
    if as_json:
        print(json.dumps(_plain(known, going, trouble, backend, today), indent=2))
    else:
        names = {model: family for family, model in FAMILIES.items()}
        for stage, title in STAGES.items():
            rows = [model for model in known if model.lifecycle_on(today, backend=backend) == stage]
            if rows:
                console.print(_table(rows, title, names, backend))
        console.print("*: what the family's name stands for today. reads: tokens at once. >=: not before that day.")
        if check:
            _say(uses, going, trouble, backend, today)
    if going:
        raise SystemExit(1)


def _table(rows: list[ModelInfo], title: str, names: dict[str, str], backend: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("model", no_wrap=True)
    table.add_column("family", no_wrap=True)
    table.add_column("reads", justify="right", no_wrap=True)
    table.add_column("until", no_wrap=True)
    table.add_column("then use", no_wrap=True)
    for model in rows:
        until = model.retirement(backend)
        promise = f">={model.not_before}" if model.not_before else ""
        table.add_row(
            model.id,
            f"[bold]{model.family}*[/]" if model.id in names else model.family,
            f"{model.window // 1_000_000}M" if model.window >= 1_000_000 else f"{model.window // 1000}k",
            str(until) if until else promise,
            model.successor or "",
        )
    return table


def _say(uses: list[Use], going: list[Use], trouble: str | None, backend: str, today: date) -> None:
    if trouble:
        notes.print(f"[yellow]Blocks and deployments were not looked through:[/] {trouble}")
        return
    if not going:
        console.print(f"{len(uses)} blocks and deployments name a Gemini model; none of them is going away.")
        return
    table = Table(title="Yours that have to change", title_justify="left", box=SIMPLE_HEAD)
    for name in ("where", "names", "which is", "change it to"):
        table.add_column(name)
    for use in going:
        table.add_row(use.where, use.model, use.said(backend, today), use.successor())
    console.print(table)


def _plain(
    known: tuple[ModelInfo, ...], going: list[Use], trouble: str | None, backend: str, today: date
) -> dict[str, Any]:
    return {
        "backend": backend,
        "date": today.isoformat(),
        "models": [
            {
                "model": model.id,
                "family": model.family,
                "lifecycle": model.lifecycle_on(today, backend=backend),
                "window": model.window,
                "output_limit": model.output_limit,
                "released": model.released.isoformat() if model.released else None,
                "retired_on": end.isoformat() if (end := model.retirement(backend)) else None,
                "not_before": model.not_before.isoformat() if model.not_before else None,
                "successor": model.successor,
            }
            for model in known
        ],
        "going_away": [
            {"where": use.where, "model": use.model, "state": use.said(backend, today), "successor": use.successor()}
            for use in going
        ],
        "not_checked": trouble,
    }
