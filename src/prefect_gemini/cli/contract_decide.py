"""`prefect-gemini contract waiting` and `decide`: the form of the Prefect UI, on the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from cyclopts import Parameter
from rich.markdown import Markdown
from rich.prompt import Prompt
from rich.text import Text

from prefect_gemini.cli._run import console, notes, prepare_prefect
from prefect_gemini.cli._show import show_table

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

ALL = "all"


def waiting() -> None:
    """List the reviews that wait for decisions on the Prefect server."""
    prepare_prefect()
    from prefect_gemini.flows.contracts.overdue import waiting as runs

    found = asyncio.run(runs())
    if not found:
        console.print("No review waits for a decision.")
    show_table(
        "Reviews that wait",
        [
            {
                "run": str(run.id),
                "agreement": str(run.parameters.get("contract", "")),
                "since": f"{run.state.timestamp:%Y-%m-%d %H:%M} UTC" if run.state else "",
                "hours to decide": str(run.parameters.get("approval_hours", 72)),
            }
            for run in found
        ],
        whole="run",
    )


def decide(
    run: str,
    *,
    by: str = "",
    accept: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    reject: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    amend: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    comment: str = "",
) -> None:
    """Decide on the findings of a review that waits; asks for what is not given.

    Exit status: 0 the review goes on, 1 the form did not hold, 2 the run does not wait.

    Parameters
    ----------
    run
        The flow run's id, as `prefect-gemini contract waiting` shows it.
    by
        Your name, for the record.
    accept
        A clause to accept as it is, or `all`; give it once for each.
    reject
        A clause to reject the agreement for, or `all`.
    amend
        CLAUSE=WORDING: the wording to ask for.
    comment
        Anything for the record.
    """
    prepare_prefect()
    form = asyncio.run(_form(run))
    keys = [name for name, field in form["schema"]["properties"].items() if name not in ("decided_by", "comment")]
    chosen = _given(keys, accept, reject, amend)
    if not (by and len(chosen) == len(keys)):
        _ask(form, keys, chosen)
        by = by or Prompt.ask("Your name, for the record", console=console)
    refused = asyncio.run(_send(run, {"decided_by": by, "comment": comment, **chosen}))
    if refused:
        notes.print(Text(f"The form did not hold: {refused}", style="bold red"))
        sys.exit(1)
    console.print("The review goes on.")


def _given(
    keys: list[str], accept: tuple[str, ...], reject: tuple[str, ...], amend: tuple[str, ...]
) -> dict[str, dict[str, str]]:
    every = [{"choice": choice} for choice, names in (("reject", reject), ("accept", accept)) if ALL in names]
    named = [(key, {"choice": "reject"}) for key in reject if key != ALL]
    named += [(key, {"choice": "accept"}) for key in accept if key != ALL]
    for pair in amend:
        key, _, words = pair.partition("=")
        named.append((key, {"choice": "amend", "amended_text": words}))
    # What is said of one clause outweighs what is said of all, in whatever order they are given.
    chosen = {key: answer for answer in every for key in keys} | dict(named)
    twice = sorted({key for key, answer in named for other, said in named if key == other and answer != said})
    if twice or len(every) > 1:
        notes.print(Text(f"Decided in more than one way: {', '.join(twice) or ALL}."))
        sys.exit(2)
    unknown = sorted(set(chosen) - set(keys))
    if unknown:
        notes.print(Text(f"This review does not ask about {', '.join(unknown)}; it asks about {', '.join(keys)}."))
        sys.exit(2)
    return chosen


def _ask(form: dict[str, Any], keys: list[str], chosen: dict[str, dict[str, str]]) -> None:
    """Ask for every decision that was not given, with what the reviewer sees in the UI."""
    if not sys.stdin.isatty():
        missing = [key for key in keys if key not in chosen]
        notes.print(
            Text(f"Not decided: {', '.join(missing) or 'who decides'}. Give --accept, --reject or --amend, and --by.")
        )
        sys.exit(2)
    console.print(Markdown(form["description"]))
    for key in keys:
        if key in chosen:
            continue
        title = form["schema"]["properties"][key].get("title", key)
        choice = Prompt.ask(Text(title).plain, choices=["accept", "amend", "reject"], console=console)
        chosen[key] = {"choice": choice}
        if choice == "amend":
            chosen[key]["amended_text"] = Prompt.ask("The wording to ask for", console=console)


async def _form(run_id: str) -> dict[str, Any]:
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        wanted = UUID(run_id)
    except ValueError:
        notes.print(Text(f"{run_id!r} is no flow run's id; `prefect-gemini contract waiting` lists them."))
        sys.exit(2)
    async with get_client() as client:
        try:
            run: FlowRun = await client.read_flow_run(wanted)
        except ObjectNotFound:
            notes.print(Text(f"No flow run is called {run_id}; `prefect-gemini contract waiting` lists them."))
            sys.exit(2)
        keyset = run.state.state_details.run_input_keyset if run.state and run.state.is_paused() else None
        if not keyset:
            name = run.state.name if run.state else "unknown"
            notes.print(Text(f"The run {run.name!r} does not wait for decisions; it is {name}."))
            sys.exit(2)
        return {
            "schema": await _read(client, wanted, keyset["schema"]),
            "description": str(await _read(client, wanted, keyset["description"])),
        }


async def _read(client: Any, run_id: UUID, key: str) -> Any:
    import json

    return json.loads(await client.read_flow_run_input(run_id, key))


async def _send(run_id: str, answer: dict[str, Any]) -> str:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        result = await client.resume_flow_run(UUID(run_id), run_input=answer)
    return "" if result.status.value == "ACCEPT" else str(getattr(result.details, "reason", result.status.value))
