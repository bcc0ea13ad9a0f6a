"""What `--dry-run` shows: the bill, before anything is spent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from prefect_gemini.cli._run import console

if TYPE_CHECKING:
    from prefect_gemini.gemini.costs.estimate import Estimate

DryRun = Annotated[bool, Parameter(name="--dry-run", negative=())]
"""The option as every command that runs a flow has it."""


def show_estimate(estimate: Estimate) -> NoReturn:
    """Print what a run would cost, and leave: with status 1 if a document cannot be sent, as the run would."""
    console.print(Text(estimate.sentence, style="bold"))
    if estimate.backend:
        console.print("Would be asked:", Text(estimate.backend))
    if estimate.bills:
        table = Table(
            title="What it would cost, USD at list prices",
            title_justify="left",
            title_style="bold",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        for number, name in enumerate(estimate.rows()[0]):
            # In a narrow window the model's name is folded; an amount that is cut says nothing.
            side: Literal["left", "right"] = "right" if number else "left"
            table.add_column(
                name.replace(" ", "\n").replace("inter", "inter-\n"),
                justify=side,
                no_wrap=bool(number),
                overflow="fold",
            )
        for row in estimate.rows():
            table.add_row(*row.values())
        console.print(table)
    for note in estimate.notes:
        console.print("-", Text(note))
    for name, why in estimate.unread:
        console.print("Cannot be sent:", Text(why if why.startswith(f"{name}: ") else f"{name}: {why}"))
    sys.exit(1 if estimate.unread else 0)
