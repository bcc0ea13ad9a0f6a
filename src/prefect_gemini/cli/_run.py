"""What every command that runs a flow shares: a quiet Prefect, a progress bar, errors as one line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol, TypeVar
from uuid import UUID

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class HasFlowRun(Protocol):
    """The result of a flow that says which run it came from."""

    flow_run_id: str


T = TypeVar("T", bound=HasFlowRun)

console = Console(stderr=False)
notes = Console(stderr=True)

# Without PREFECT_API_URL Prefect starts a server of its own for the run. On a loaded machine that
# takes up to a minute, and its default patience is 20 s. The recorder's batches let it write the
# run's task runs before it is stopped.
EPHEMERAL_SERVER = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    # The run's log is for the Prefect UI; on the terminal it would run through the progress bar.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # A run without credentials speaks to nobody outside this machine.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}


def prepare_prefect() -> None:
    """Set what Prefect reads at import; what the user has set stays. Call before importing Prefect."""
    for name, value in EPHEMERAL_SERVER.items():
        os.environ.setdefault(name, value)


def run_flow(flow_run: Coroutine[Any, Any, T], *, title: str) -> T:
    """Run a flow to its end under a progress bar; leaves with status 130 and a sentence on Ctrl-C.

    Args:
        flow_run: the call of an async flow.
        title: what is being done, for the bar.
    """
    from prefect_gemini.cli._stop import BATCHES, FINISHING, KEPT, start_prefect, stop_gently, stoppable
    from prefect_gemini.tasks.bulk.progress import Progress as Bulk
    from prefect_gemini.tasks.bulk.progress import watching

    stopping = in_batches = False
    with stoppable(lambda: BATCHES if in_batches else KEPT), _bar() as bar:
        waiting = bar.add_task("starting Prefect (up to a minute the first time)", total=None)

        def show(bulk: Bulk) -> None:
            nonlocal in_batches
            in_batches = bulk.waiting.startswith("batch jobs")
            told = bulk.waiting or f"{bulk.speed:.0f} a second, ${bulk.cost:.4f}"
            told = FINISHING if stopping else told
            bar.update(waiting, description=f"{title}: {told}", total=bulk.total, completed=bulk.finished)

        def stop() -> None:
            nonlocal stopping
            stopping = True
            bar.update(waiting, description=f"{title}: {FINISHING}")

        async def run() -> T:
            stop_gently(stop)
            result = await flow_run
            bar.update(waiting, description="letting Prefect record the run")
            await _recorded(result.flow_run_id)
            return result

        with closing(flow_run), watching(show):
            start_prefect()
            return asyncio.run(run())


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Show an error that says what to do as its message and hint, and leave with status 2."""
    try:
        yield
    except Exception as error:
        hint = getattr(error, "hint", None)
        if hint is None:
            raise
        said = str(error) if hint in str(error) else f"{error} {hint}"
        notes.print(Text.assemble((f"{type(error).__name__}: ", "bold red"), said), soft_wrap=True)
        sys.exit(2)


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=notes,
        transient=True,
    )


async def _recorded(flow_run_id: str, patience_s: float = 20.0) -> None:
    """Wait until the server has written the task runs of a flow run that just ended.

    Task runs reach the database behind the run, as events. A server started for this process alone
    is stopped with it, and what is still on its way then would be missing from the UI.
    """
    from prefect import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    runs = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
    async with get_client() as client:
        for _ in range(int(patience_s * 2)):
            task_runs = await client.read_task_runs(flow_run_filter=runs, limit=200)
            if task_runs and all(run.state and run.state.is_final() for run in task_runs):
                return
            await asyncio.sleep(0.5)
    notes.print("[yellow]Prefect has not recorded every task run of this run yet; for real work, start a server.[/]")
