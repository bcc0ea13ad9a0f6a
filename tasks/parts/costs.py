"""What a run has cost, as a table in the Prefect UI."""

from __future__ import annotations

import asyncio

from prefect import runtime
from prefect.artifacts import acreate_table_artifact

from prefect_gemini.blocks.settings import GeminiSettings
from prefect_gemini.gemini.costs.report import By, cost_report, cost_rows
from prefect_gemini.gemini.ledger.ledger import Ledger


async def publish_costs(*, by: By = "model", key: str = "costs", flow_run_id: str = "") -> list[dict[str, object]]:
    """Publish a table artifact of what a flow run paid for; nothing where it paid for nothing.

    What the ledger had already is not in it, for it was paid for by another run.

    Args:
        by: a line each day, flow, model, prompt or document.
        key: of the artifact: lower case, digits, dashes.
        flow_run_id: another run than the one around the caller.

    Returns:
        The rows.
    """
    run = flow_run_id or str(runtime.flow_run.id or "")

    def read() -> list[dict[str, object]]:
        return cost_rows(cost_report(Ledger.open(GeminiSettings().ledger_location()), by=by, flow_run_id=run))

    rows = await asyncio.to_thread(read)
    if rows:
        await acreate_table_artifact(rows, key=key, description=f"Cost by {by}, USD at list prices")
    return rows
