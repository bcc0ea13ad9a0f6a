"""What commands that read many documents share: looking for them, and running a flow over them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from prefect_gemini.cli._estimate import show_estimate
from prefect_gemini.cli._run import friendly_errors, prepare_prefect, run_flow


def look_for(command: str, paths: Sequence[str], *, example: str) -> None:
    """Leave with status 2 and one line where no path is named or one is not there.

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
    for path in paths:
        if not (Path(path).expanduser().exists() or any(mark in path for mark in "*?[") or "://" in path):
            print(f"prefect-gemini {command}: there is no file or folder {path!r}", file=sys.stderr)
            sys.exit(2)


def run_reading(
    flow: str,
    paths: Sequence[str],
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
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel
    from prefect_gemini.gemini.costs.budget import Budget
    from prefect_gemini.gemini.costs.estimate import Estimate

    module, _, name = flow.partition(":")
    with friendly_errors():
        chosen = GeminiModel(
            model=model,
            credentials=GeminiCredentials.load(credentials) if credentials else None,
            budget=Budget(per_run=budget),
        )
        shown = "counting tokens" if options.get("dry_run") else title
        result = run_flow(getattr(import_module(module), name)(list(paths), model=chosen, **options), title=shown)
    if isinstance(result, Estimate):
        show_estimate(result)
    return result
