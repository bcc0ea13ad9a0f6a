"""compare_contracts: two versions of one agreement through the same playbook."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.contracts.compare import Comparison, compare
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.read import aread_contract
from prefect_gemini.flows.report.page import render_page, write_page
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.plain import escape_terminal, one_line, plain
from prefect_gemini.tasks import aeach
from prefect_gemini.tasks.estimate import aestimate, dry_run_state

LONGEST_CELL = 400


class ComparisonResult(BaseModel):
    """What a comparison found and wrote.

    Args:
        comparison: what changed.
        report, data: files written: HTML and JSON.
        flow_run_id: of the flow run.
    """

    model_config = ConfigDict(frozen=True)

    comparison: Comparison
    report: Path
    data: Path
    flow_run_id: str


@flow(name="contract-compare")
async def compare_contracts(
    before: str,
    after: str,
    playbook: str = "saas",
    model: str | GeminiModel = "flash",
    output: str = "out/contracts",
    dry_run: bool = False,
) -> State[ComparisonResult | Estimate]:
    """Compare two versions of an agreement: what changed, clause by clause, and what it does to the risk.

    Args:
        before: The earlier version: a PDF, DOCX or text file, or a gs:// address.
        after: The later version.
        playbook: saas (customer side), nda, supplier, or the path of a YAML file of your own.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        output: Folder for the report and the JSON file.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    versions = [before, after]
    asked: dict[str, Any] = {"playbook": Playbook.load(playbook), "model": model}
    if dry_run:
        return await dry_run_state(await aestimate(aread_contract, versions, **asked))
    outcomes = await aeach(aread_contract, versions, trace=True, key="contract-compare-progress", **asked)
    readings = [outcome.value for outcome in outcomes]
    comparison = compare(*readings)
    # Two versions often have one name: the digests keep two comparisons apart.
    name = "-to-".join(f"{Path(one.name).stem}-{one.digest[:8]}" for one in readings)
    result = await asyncio.to_thread(_written, comparison, name, output, str(runtime.flow_run.id))
    await acreate_markdown_artifact(summary(result), key="contract-compare", description="What changed")
    if rows := change_rows(comparison):
        await acreate_table_artifact(rows, key="contract-changes", description="Clauses that changed")
    await acreate_link_artifact(
        result.report.resolve().as_uri(), link_text="Both versions, word by word", key="contract-compare-report"
    )
    return Completed(
        name="Worse" if comparison.worse else "Completed",
        message=f"{len(comparison.changed)} clauses changed, {len(comparison.worse)} for the worse",
        data=result,
    )


def change_rows(comparison: Comparison) -> list[dict[str, str]]:
    """One row a clause that changed, as text that no page or terminal interprets."""
    return [
        {
            "clause": one.title,
            "change": one.change,
            "risk": one.risk,
            "effect": one.effect,
            "before": escape_terminal(" ".join(one.before.text.split()), longest=LONGEST_CELL),
            "after": escape_terminal(" ".join(one.after.text.split()), longest=LONGEST_CELL),
        }
        for one in comparison.changed
    ]


def fact_change_rows(comparison: Comparison) -> list[dict[str, str]]:
    """One row a fact that differs."""
    return [
        {"fact": one.name, "before": escape_terminal(one.before), "after": escape_terminal(one.after)}
        for one in comparison.facts
    ]


def summary(result: ComparisonResult) -> str:
    """The comparison as markdown."""
    found = result.comparison
    lines = [
        f"# {plain(found.before)} → {plain(found.after)}",
        "",
        (
            f"Highest risk: {found.risk_before} → **{found.risk_after}**. {len(found.changed)} clauses changed, "
            f"{len(found.worse)} of them for the worse."
        ),
        "",
        *(
            f"- **{one.name}:** {one_line(one.before) or 'nothing'} → {one_line(one.after) or 'nothing'}"
            for one in found.facts
        ),
    ]
    for one in found.changed:
        lines += ["", f"## {plain(one.title)}: {one.change}, risk {one.risk}", ""]
        for edit in one.edits:
            words = one_line(edit.text, longest=600)
            lines.append({"kept": f"> {words}", "removed": f"> ~~{words}~~", "added": f"> **{words}**"}[edit.kind])
    return "\n".join(lines)


def _written(comparison: Comparison, name: str, output: str, run_id: str) -> ComparisonResult:
    target = Path(output).expanduser()
    html = render_page("compare.html", package="prefect_gemini.flows.contracts", filters={}, found=comparison)
    report = write_page(target / f"{name}.html", html)
    data = target / f"{name}.json"
    data.write_text(comparison.model_dump_json(indent=2), encoding="utf-8")
    return ComparisonResult(comparison=comparison, report=report, data=data, flow_run_id=run_id)
