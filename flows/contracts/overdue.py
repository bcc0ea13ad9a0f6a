"""settle_approvals: suspended reviews that nobody decided on in time go on with the default they stated."""

from __future__ import annotations

import datetime

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.logging import get_run_logger

from prefect_gemini.flows.contracts.approval import settle

FLOW = "contract-review"


@flow(name="contract-approvals")
async def settle_approvals() -> int:
    """Take the default of every review whose time for decisions is up, and say how many there were.

    A suspended run has no process that could watch the clock: schedule this flow, as the deployment
    that comes with the library does.
    """
    settled = 0
    for run in await waiting():
        if overdue(run, now=datetime.datetime.now(datetime.UTC)):
            if refused := await settle(run.id):
                get_run_logger().warning("The default of %s was not taken: %s", run.name, refused)
                continue
            get_run_logger().info("Nobody decided on %s in time: its default was taken.", run.name)
            settled += 1
    return settled


async def waiting() -> list[FlowRun]:
    """The reviews that wait for decisions."""
    async with get_client() as client:
        return await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
            ),
            limit=200,
        )


def overdue(run: FlowRun, *, now: datetime.datetime) -> bool:
    """Whether a waiting review's time is up."""
    if run.state is None:
        return False
    hours = float(run.parameters.get("approval_hours", 72))
    return now >= run.state.timestamp + datetime.timedelta(hours=hours)
