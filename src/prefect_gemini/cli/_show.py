"""How commands show rows and say where a run is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from prefect_gemini.cli._run import console


def show_table(
    title: str,
    rows: Sequence[Mapping[str, str]],
    *,
    right: str = "",
    whole: str = "",
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print rows as a table; nothing where there are none.

    Args:
        title: above the table.
        rows: all with the same columns, as text that no terminal interprets.
        right: the column that is flush right.
        whole: the column that is never broken, because people copy what it holds.
        styles: how a cell with exactly this text looks.
    """
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in rows[0]:
        table.add_column(name, justify="right" if name == right else "left", overflow="fold", no_wrap=name == whole)
    for row in rows:
        table.add_row(*(Text(cell, style=(styles or {}).get(cell, "")) for cell in row.values()))
    console.print(table)


def in_the_ui(flow_run_id: str) -> str:
    """Where a flow run is in the Prefect UI."""
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    if settings.ui_url and settings.api.url:
        return f"{settings.ui_url}/runs/flow-run/{flow_run_id}"
    return f"`prefect server start`, then http://127.0.0.1:4200/runs/flow-run/{flow_run_id}"
