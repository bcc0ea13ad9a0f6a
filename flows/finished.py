"""How a small flow ends: a text, rows, what could not be done and what each step cost, in the UI and in a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from prefect import runtime
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.errors import AnswerError, ServiceError
from prefect_gemini.tasks import awrite_table
from prefect_gemini.tasks.parts.outcome import Outcome
from prefect_gemini.tasks.parts.steps import Step, publish_steps

SHOWN_ROWS = 500  # the UI renders a larger table slowly; the file has every row


class Finished(BaseModel):
    """What a small flow found.

    Args:
        flow_run_id: the run.
        text: what it wrote or quoted, as markdown; "" where rows are all.
        rows: what it found, a row each.
        failures: documents without a row: name, reason, what to do.
        steps: what each step took and cost.
        cost: US dollars of this run at list prices; None where a price is not known.
        files: files written.
    """

    model_config = ConfigDict(frozen=True)

    flow_run_id: str
    text: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    failures: tuple[dict[str, Any], ...] = ()
    steps: tuple[Step, ...] = ()
    cost: Decimal | None = None
    files: tuple[Path, ...] = ()


async def finish(
    *,
    key: str,
    text: str = "",
    rows: Sequence[dict[str, Any]] = (),
    outcomes: Sequence[Outcome[Any]] = (),
    steps: Sequence[Step] = (),
    output: str = "",
) -> State[Finished]:
    """Publish artifacts, write files, and end the flow.

    Args:
        key: what the artifacts and files are called.
        text: markdown.
        rows: of the table and the CSV file.
        outcomes: of `each`; those that failed are reported, those that did not are priced.
        steps: what was done one after the other.
        output: the folder for files; "" writes none.

    Raises:
        GeminiError: every document failed, for the same reason: the first one's.
    """
    _all_refused(outcomes)
    failures = tuple(row for one in outcomes if not one.ok for row in [_failure(one)])
    costs = [step.cost for step in steps if not step.from_ledger and step.cost is not None]
    paid = [one.reply.cost for one in outcomes if one.reply and not one.reply.from_ledger]
    files: list[Path] = []
    if output and rows:
        files.append(await awrite_table(list(rows), f"{output}/{key}.csv"))
    if output and text:
        files.append(await asyncio.to_thread(_write, Path(output), f"{key}.md", text))
    if text:
        await acreate_markdown_artifact(text, key=key, description="What this run found")
    if rows:
        await acreate_table_artifact(list(rows[:SHOWN_ROWS]), key=f"{key}-rows", description="What this run found")
    if failures:
        await acreate_table_artifact(
            list(failures[:SHOWN_ROWS]), key=f"{key}-failures", description="What was not read"
        )
    await publish_steps(steps, key=f"{key}-steps")
    finished = Finished(
        flow_run_id=str(runtime.flow_run.id),
        text=text,
        rows=tuple(rows),
        failures=failures,
        steps=tuple(steps),
        cost=None if None in paid else sum([*costs, *filter(None, paid)], Decimal(0)),
        files=tuple(files),
    )
    return Completed(
        name="Needs review" if failures else "Completed",
        message=f"{len(rows)} rows, {len(failures)} documents not read",
        data=finished,
    )


def _write(folder: Path, name: str, text: str) -> Path:
    page = folder.expanduser() / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text + "\n", encoding="utf-8")
    return page


def _failure(one: Outcome[Any]) -> dict[str, Any]:
    row = one.as_row()
    return {"document": row["item"], "reason": row["reason"], "what to do": row["what to do"]}


def _all_refused(outcomes: Sequence[Outcome[Any]]) -> None:
    """A flow in which nothing worked has failed, and says why once."""
    kinds = {one.failure.kind for one in outcomes if one.failure}
    if not outcomes or any(one.ok for one in outcomes) or len(kinds) != 1:
        return
    failure = outcomes[0].failure
    assert failure is not None
    family = ServiceError if failure.kind in {kind.__name__ for kind in ServiceError.__subclasses__()} else AnswerError
    kind = next((kind for kind in family.__subclasses__() if kind.__name__ == failure.kind), None)
    if kind is not None:
        raise kind(f"None of {len(outcomes)} documents was read: {failure.message}", hint=failure.hint)
