"""What commands that read many documents share: looking for them, and running a flow over them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect_gemini.cli._estimate import show_estimate
from prefect_gemini.cli._run import friendly_errors, prepare_prefect, run_flow

if TYPE_CHECKING:
    from prefect_gemini.blocks import GeminiModel

SHOWN = 5
"""Files that were left out that are named where nothing is left."""


def look_for(command: str, paths: Sequence[str], *, example: str) -> None:
    """Leave with status 2 and one line where no path is named, one is not there, or there is nothing to read.

    Args:
        command: as it was called.
        paths: files, folders, patterns or URLs.
        example: one that would do.
    """
    if not paths:
        print(
            f"prefect-gemini {command}: name at least one folder, file or pattern, such as `{example}`", file=sys.stderr
        )
        sys.exit(2)
    are_there(command, paths)
    if not any("://" in path for path in paths):
        _look_into(command, paths)


def are_there(command: str, paths: Sequence[str]) -> None:
    """Leave with status 2 and one line where a path of this machine leads nowhere."""
    for path in paths:
        if not (Path(path).expanduser().exists() or any(mark in path for mark in "*?[") or "://" in path):
            print(f"prefect-gemini {command}: there is no file or folder {path!r}", file=sys.stderr)
            sys.exit(2)


def _look_into(command: str, paths: Sequence[str]) -> None:
    """Leave where there is nothing to read, before Prefect has been started for it."""
    from prefect_gemini.gemini.documents.listing import documents_in

    listing = documents_in(paths)
    if next(iter(listing), None) is not None:
        return
    print(f"prefect-gemini {command}: there is nothing to read in {', '.join(paths)}", file=sys.stderr)
    for path, why in listing.left[:SHOWN]:
        print(f"Left out: {path}: {why}", file=sys.stderr)
    if len(listing.left) > SHOWN:
        print(f"and {len(listing.left) - SHOWN} more", file=sys.stderr)
    sys.exit(2)


def run_reading(
    flow: str,
    paths: str | Sequence[str],
    *,
    model: str,
    title: str,
    credentials: str = "",
    budget: Decimal | None = None,
    **options: Any,
) -> Any:
    """Run a flow over documents with a progress bar; leaves with status 2 and one line when it cannot start.

    A dry run shows its bill and leaves too.

    Args:
        flow: `module:flow`, loaded once Prefect is prepared.
        paths: its first argument.
        model, credentials, budget: who reads, and what the run may cost in US dollars.
        title: what is being done, for the bar.
        options: the flow's other arguments.
    """
    prepare_prefect()
    from prefect_gemini.gemini.costs.estimate import Estimate

    module, _, name = flow.partition(":")
    with friendly_errors():
        chosen = model_of(model, credentials=credentials, budget=budget)
        shown = "counting tokens" if options.get("dry_run") else title
        result = run_flow(
            getattr(import_module(module), name)(
                paths if isinstance(paths, str) else list(paths), model=chosen, **options
            ),
            title=shown,
        )
    if isinstance(result, Estimate):
        show_estimate(result)
    return result


def model_of(model: str, *, credentials: str = "", budget: Decimal | None = None) -> GeminiModel:
    """Whom a command asks, with what a run may cost. Call it once Prefect is prepared."""
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel
    from prefect_gemini.gemini.costs.budget import Budget

    return GeminiModel(
        model=model,
        credentials=GeminiCredentials.load(credentials) if credentials else None,
        budget=Budget(per_run=budget),
    )
