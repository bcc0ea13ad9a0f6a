"""Function calls inside a flow run: task runs of their own, done once, paused for a person."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest
from prefect import flow, get_client, runtime, task
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from prefect_gemini.tasks import acall_functions, in_prefect_ui, tool
from prefect_gemini.tasks.functions import approval
from prefect_gemini.testing import function_call, function_calls, text

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.usefixtures("prefect_server")]


async def test_each_call_is_a_task_run_with_its_own_retries(gemini, model):
    """A function that fails at first is tried again by Prefect, not by the model."""
    tried = []

    @task(retries=1)
    def unsteady(number: int) -> int:
        """Work at the second attempt."""
        tried.append(number)
        if len(tried) == 1:
            raise OSError("not yet")
        return number

    @flow
    async def work() -> tuple[str, list]:
        reply = await acall_functions("Try 7.", [unsteady], model=model)
        return str(runtime.flow_run.id), [one.result for one in reply.value]

    gemini.script([function_call("unsteady", {"number": 7}), text("7")])
    run, results = await work()
    assert results == [7]
    assert tried == [7, 7]
    async with get_client() as client:
        for _ in range(600):
            runs = await client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run)])),
            )
            if {"call_functions", "unsteady"} <= {one.name.rsplit("-", 1)[0] for one in runs}:
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail(f"task runs: {[one.name for one in runs]}")


async def test_a_flow_that_is_retried_does_no_call_twice(gemini, model):
    """What was called before the crash is found again: not paid, not asked, not done a second time."""
    sent, asked = [], []

    @tool(side_effects=True)
    def send(to: str) -> str:
        """Send a mail."""
        sent.append(to)
        return f"mail {len(sent)}"

    def approve(call):
        asked.append(call.args["to"])
        return True

    @flow(retries=1)
    async def work() -> list[str]:
        reply = await acall_functions("Mail Ann twice and Bob.", [send], model=model, approve=approve)
        if runtime.flow_run.run_count == 1:
            raise RuntimeError("crash")
        return [one.result for one in reply.value]

    calls = [("send", {"to": "Ann"}), ("send", {"to": "Ann"}), ("send", {"to": "Bob"})]
    gemini.script([function_calls(*calls), text("Sent.")])
    assert await work() == ["mail 1", "mail 2", "mail 3"]
    assert sent == asked == ["Ann", "Ann", "Bob"]


@pytest.mark.parametrize("approved", [True, False])
async def test_the_run_pauses_until_a_person_has_answered_the_form(gemini, model, approved, monkeypatch):
    """The form shows what is to be called; the call is made or not, as the person says."""
    sent = []
    monkeypatch.setattr(approval, "LOOK_S", 0.1)

    @tool(side_effects=True)
    def send(to: str) -> str:
        """Send a mail."""
        sent.append(to)
        return "sent"

    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @flow
    async def work() -> str:
        started.set_result(str(runtime.flow_run.id))
        reply = await acall_functions("Mail Ann.", [send], model=model, approve=in_prefect_ui)
        return reply.value[0].status

    gemini.script([function_call("send", {"to": "Ann"}), text("Done.")])
    running = asyncio.create_task(work())
    run = UUID(await started)
    async with get_client() as client:
        for _ in range(600):
            state = (await client.read_flow_run(run)).state
            if state is not None and state.is_paused():
                break
            await asyncio.sleep(0.1)
        assert not sent
        keyset = state.state_details.run_input_keyset
        shown = await client.read_flow_run_input(run, keyset["description"])
        assert '"to": "Ann"' in json.loads(shown)
        answer = {"approve": approved, "note": "" if approved else "not today"}
        await client.resume_flow_run(run, run_input=answer)
    assert await running == ("done" if approved else "denied")
    assert sent == (["Ann"] if approved else [])
