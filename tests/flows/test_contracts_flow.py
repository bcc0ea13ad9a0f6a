"""The contract flows over the samples, on a scripted server: what they write, show, ask and never pay twice."""

from __future__ import annotations

import asyncio
import datetime
import json
import sqlite3
from pathlib import Path
from typing import Any

import icalendar
import lawyer
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow_async

from prefect_gemini.cli import contract_decide
from prefect_gemini.flows import compare_contracts, review_contract, review_portfolio, settle_approvals
from prefect_gemini.flows.contracts import approval
from prefect_gemini.flows.contracts.approval import TIME_OUT
from prefect_gemini.flows.contracts.spans import UnknownCountry
from prefect_gemini.gemini.errors import InvalidOption

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


@pytest.fixture(autouse=True)
def _answers_are_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "LOOK_S", 0.1)


@pytest.fixture
def contracts(examples: Path) -> Path:
    """The sample agreements."""
    return examples / "contracts"


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    with sqlite3.connect(folder / "contracts.db") as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


async def test_a_sound_agreement_needs_no_decision(gemini, contracts, tmp_path):
    """Every clause is found at its page, nothing is left to decide, and the files are there."""
    lawyer.serve(gemini, lawyer.sample("01-hosting-clean"))
    result = await review_contract(str(contracts / "01-hosting-clean.pdf"), output=str(tmp_path))
    review = result.review
    assert review.status == "clear"
    assert [one.key for one in review.reading.findings if one.status != "found"] == []
    assert all(one.page for one in review.reading.findings)
    assert review.reading.remarks == ()
    assert json.loads(result.data.read_text())["reading"]["name"] == "01-hosting-clean.pdf"
    assert len(rows(tmp_path, "clauses")) == 16
    (row,) = rows(tmp_path, "reviews")
    assert (row["status"], row["risk"]) == ("clear", "low")


async def test_deadlines_go_into_a_calendar(gemini, contracts, tmp_path):
    """Three years from 1 March 2026 end on 28 February 2029; notice is due sixty days before, on a business day."""
    lawyer.serve(gemini, lawyer.sample("01-hosting-clean"))
    result = await review_contract(str(contracts / "01-hosting-clean.pdf"), output=str(tmp_path), holidays="DE")
    events = icalendar.Calendar.from_ical(result.calendar.read_bytes()).walk("VEVENT")
    days = {str(event["summary"]).split(": ")[1]: event.decoded("dtstart") for event in events}
    assert days == {
        "takes effect": datetime.date(2026, 3, 1),
        "last day for notice of non-renewal": datetime.date(2028, 12, 29),
        "renews": datetime.date(2029, 3, 1),
    }
    assert {row["kind"]: row["day"] for row in rows(tmp_path, "deadlines")}["notice"] == "2028-12-30"


async def test_a_second_run_pays_nothing(gemini, contracts, tmp_path):
    """The same agreement and playbook again: every answer is in the ledger."""
    lawyer.serve(gemini, lawyer.sample("01-hosting-clean"))
    first = await review_contract(str(contracts / "01-hosting-clean.pdf"), output=str(tmp_path))
    asked = len(gemini.journal.generate_calls)
    second = await review_contract(str(contracts / "01-hosting-clean.pdf"), output=str(tmp_path))
    assert len(gemini.journal.generate_calls) == asked == 4
    assert second.review.cost == 0
    assert second.review.saved == first.review.cost
    assert len(rows(tmp_path, "reviews")) == 1


async def test_a_dry_run_generates_nothing(gemini, contracts, tmp_path):
    """All questions are counted and priced; none is asked, no cache is filled."""
    gemini.script([])
    estimate = await review_contract(str(contracts / "01-hosting-clean.pdf"), output=str(tmp_path), dry_run=True)
    assert gemini.journal.generate_calls == ()
    assert [one.path for one in gemini.journal if "cachedContents" in one.path] == []
    assert (estimate.documents, estimate.calls, estimate.unread) == (1, 4, ())
    assert estimate.bills


async def test_a_dry_run_of_two_versions_counts_both(gemini, contracts, tmp_path):
    """Nothing is asked and no report is written."""
    gemini.script([])
    versions = [str(contracts / name) for name in ("01-hosting-clean.pdf", "03-hosting-redraft.pdf")]
    estimate = await compare_contracts(*versions, output=str(tmp_path / "out"), dry_run=True)
    assert gemini.journal.generate_calls == ()
    assert (estimate.documents, estimate.calls, estimate.unread) == (2, 8, ())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "message"), [({"timezone": "Europe/Nowhere"}, "time zone"), ({"holidays": "ZZ"}, "public holidays")]
)
async def test_a_misspelt_option_fails_before_anything_is_asked(gemini, contracts, tmp_path, wrong, message):
    """The error says what to write, and nothing was paid."""
    with pytest.raises((InvalidOption, ValueError), match=message) as failure:
        await review_contract(str(contracts / "04-nda.txt"), output=str(tmp_path), **wrong)
    assert failure.value.hint
    assert len(gemini.journal) == 0


async def resumed(run_id: Any, form: dict[str, Any]) -> Any:
    async with get_client() as client:
        return await client.resume_flow_run(run_id, run_input=form)


REVIEWS = FlowFilter(name=FlowFilterName(any_=[review_contract.name]))
"""Tests of other flows leave runs that wait too."""


async def paused(*, after: FlowRun | None = None) -> FlowRun:
    """The run that waits for a person, as soon as there is one; `after` it was seen to wait before, when it waits anew."""
    async with get_client() as client:
        async with asyncio.timeout(120):
            while True:
                for run in await client.read_flow_runs(flow_filter=REVIEWS, limit=20):
                    waits = run.state and run.state.type == StateType.PAUSED
                    if waits and not (after and after.state_id == run.state_id):
                        return run
                await asyncio.sleep(0.2)


async def test_a_person_decides_and_it_is_on_record(gemini, contracts, tmp_path):
    """Accept, amend and reject arrive with name and time; what the form cannot be is refused by the server."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    running = asyncio.create_task(
        review_contract(str(contracts / "02-hosting-risky.docx"), output=str(tmp_path), approval="wait")
    )
    run = await paused()
    asked = len(gemini.journal.generate_calls)
    wrong = await resumed(run.id, {"decided_by": "Ada", "cap_on_liability": {"choice": "amend", "amended_text": ""}})
    assert wrong.status.value == "REJECT"
    wording = "The total liability of the Provider is limited to the Fees of twenty-four (24) months."
    form = {
        "decided_by": "Ada Lovelace",
        "comment": "as agreed by phone",
        "cap_on_liability": {"choice": "amend", "amended_text": wording},
        "data_protection": {"choice": "accept"},
    }
    await resumed(run.id, form)
    result = await running
    assert result.review.status == "rejected"  # the others stand at the form's default
    assert result.review.open == ()
    assert len(gemini.journal.generate_calls) == asked
    audit = {row["key"]: row for row in rows(tmp_path, "decisions")}
    assert audit["cap_on_liability"]["amended_text"] == wording
    assert audit["data_protection"]["choice"] == "accept"
    assert {row["decided_by"] for row in audit.values()} == {"Ada Lovelace"}
    assert {row["by"] for row in audit.values()} == {"form"}
    assert all(row["decided_at"] and row["run_id"] == str(run.id) for row in audit.values())
    assert "Ada Lovelace" in result.report.read_text()


async def test_wording_that_is_still_unacceptable_is_handed_back(gemini, contracts, tmp_path):
    """The playbook's signals hold for amended text too; the second form says why."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    running = asyncio.create_task(
        review_contract(str(contracts / "02-hosting-risky.docx"), output=str(tmp_path), approval="wait")
    )
    first = await paused()
    bad = "Liability is limited to the Fees paid in the three (3) months before the claim."
    await resumed(first.id, {"decided_by": "Ada", "cap_on_liability": {"choice": "amend", "amended_text": bad}})
    second = await paused(after=first)
    async with get_client() as client:
        told = await client.read_flow_run_input(
            second.id, key=second.state.state_details.run_input_keyset["description"]
        )
    assert "still says" in str(told)
    await resumed(second.id, {"decided_by": "Ada"})
    assert (await running).review.status == "rejected"


async def test_the_form_is_filled_in_on_the_terminal_too(gemini, contracts, tmp_path):
    """`contract decide` shows the same questions and sends the same answers as the UI."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    running = asyncio.create_task(
        review_contract(str(contracts / "02-hosting-risky.docx"), output=str(tmp_path), approval="wait")
    )
    run = await paused()
    form = await contract_decide._form(str(run.id))
    assert "Cap on liability" in form["description"]
    keys = [key for key in form["schema"]["properties"] if key not in ("decided_by", "comment")]
    assert await contract_decide._send(str(run.id), {"decided_by": "x"})
    chosen = contract_decide._given(keys, ("all",), (), ())
    assert await contract_decide._send(str(run.id), {"decided_by": "Ada", "comment": "fine", **chosen}) == ""
    result = await running
    assert result.review.status == "approved"
    assert {(one.decided_by, one.comment) for one in result.review.decisions} == {("Ada", "fine")}


async def test_nobody_decides_and_the_default_is_taken(gemini, contracts, tmp_path):
    """After the time-out each finding has the stated default, and the record says that nobody decided."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    result = await review_contract(
        str(contracts / "02-hosting-risky.docx"),
        output=str(tmp_path),
        approval="wait",
        approval_hours=1 / 3600,
        on_timeout="accept",
    )
    assert result.review.status == "approved"
    assert {(row["choice"], row["decided_by"], row["by"]) for row in rows(tmp_path, "decisions")} == {
        ("accept", TIME_OUT, "time-out")
    }


async def deployed(contracts: Path, tmp_path: Path, **parameters: Any) -> FlowRun:
    """A run of a deployment, as a worker would find it."""
    async with get_client() as client:
        flow_id = await client.create_flow(review_contract)
        deployment = await client.create_deployment(flow_id=flow_id, name="contracts")
        return await client.create_flow_run_from_deployment(
            deployment,
            parameters={
                "contract": str(contracts / "02-hosting-risky.docx"),
                "output": str(tmp_path),
                "approval": "suspend",
                **parameters,
            },
        )


async def again(run_id: Any) -> FlowRun:
    async with get_client() as client:
        return await client.read_flow_run(run_id)


async def test_a_suspended_review_frees_its_worker_and_resumes_for_nothing(gemini, contracts, tmp_path):
    """The process ends at the question; the second start pays nothing and takes up the answer."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    run = await deployed(contracts, tmp_path)
    with pytest.raises(Pause):
        await run_flow_async(review_contract, flow_run=run, parameters=run.parameters)
    waiting = await again(run.id)
    assert (waiting.state.type, waiting.state.name) == (StateType.PAUSED, "Suspended")
    assert rows(tmp_path, "reviews")[0]["status"] == "needs_decision"
    asked = len(gemini.journal.generate_calls)
    await resumed(run.id, {"decided_by": "Grace Hopper"})
    result = await run_flow_async(review_contract, flow_run=await again(run.id), parameters=run.parameters)
    assert len(gemini.journal.generate_calls) == asked
    assert result.review.cost == 0
    assert {row["decided_by"] for row in rows(tmp_path, "decisions")} == {"Grace Hopper"}


async def test_overdue_suspended_reviews_are_settled(gemini, contracts, tmp_path):
    """The scheduled flow resumes what nobody decided on in time, and leaves the others."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    late = await deployed(contracts, tmp_path, approval_hours=0)
    early = await deployed(contracts, tmp_path / "early", approval_hours=5)
    for run in (late, early):
        with pytest.raises(Pause):
            await run_flow_async(review_contract, flow_run=run, parameters=run.parameters)
    assert await settle_approvals() == 1
    assert (await again(early.id)).state.name == "Suspended"
    result = await run_flow_async(review_contract, flow_run=await again(late.id), parameters=late.parameters)
    assert {one.by for one in result.review.decisions} == {"time-out"}
    await resumed(early.id, {"decided_by": "somebody"})


async def test_versions_are_compared_clause_by_clause(gemini, contracts, tmp_path):
    """What the redraft changed is found, with its effect; what it left alone is not."""
    clean, redraft = lawyer.sample("01-hosting-clean"), lawyer.sample("03-hosting-redraft")
    old, new = lawyer.answers(clean), lawyer.answers(redraft)
    pdf = (contracts / "03-hosting-redraft.pdf").read_bytes()
    gemini.script(lambda body: (new if lawyer.carries(body, pdf) else old)(body), times=None)
    result = await compare_contracts(
        str(contracts / "01-hosting-clean.pdf"), str(contracts / "03-hosting-redraft.pdf"), output=str(tmp_path)
    )
    found = {one.key: one for one in result.comparison.changed}
    assert found["cap_on_liability"].effect == "worse"
    assert found["anti_assignment"].effect == "worse"
    assert found["insurance"].change == "removed"
    assert "audit_rights" not in found
    words = [edit.text for edit in found["cap_on_liability"].edits if edit.kind == "added"]
    assert words == ["six (6)"]
    assert ("money", "48,000 EUR (yearly Fees)", "") in {
        (one.name, one.before, one.after) for one in result.comparison.facts
    }
    assert "<del>" in result.report.read_text()


async def test_a_portfolio_lists_what_falls_due_by_date(gemini, contracts, tmp_path):
    """One table and one calendar over a folder; a broken file is a row and the others finish."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("01-hosting-clean.pdf", "04-nda.txt"):
        (inbox / name).write_bytes((contracts / name).read_bytes())
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    clean, nda = (lawyer.answers(lawyer.sample(name)) for name in ("01-hosting-clean", "04-nda"))
    pdf = (contracts / "01-hosting-clean.pdf").read_bytes()
    gemini.script(lambda body: (clean if lawyer.carries(body, pdf) else nda)(body), times=None)
    result = await review_portfolio(str(inbox), output=str(tmp_path / "out"))
    assert len(result.reviews) == 2
    assert [name for name, _, _ in result.failures] == ["broken.pdf"]
    lines = result.obligations.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["2026-03-01", "2028-12-29", "2029-03-01"]
    assert len(rows(tmp_path / "out", "reviews")) == 2


async def test_a_portfolio_of_nothing_names_its_database(tmp_path):
    """An empty inbox ends quietly, and says where the rows would be without a password."""
    (tmp_path / "inbox").mkdir()
    result = await review_portfolio(str(tmp_path / "inbox"), output=str(tmp_path / "out"), empty_is_ok=True)
    assert (result.reviews, result.database) == ((), str(tmp_path / "out" / "contracts.db"))


async def test_a_misspelt_country_stops_a_portfolio_before_it_is_paid_for(gemini, contracts, tmp_path):
    """Nothing is read first."""
    with pytest.raises(UnknownCountry):
        await review_portfolio(str(contracts), holidays="XX", output=str(tmp_path))
    assert not gemini.journal.generate_calls


async def test_an_agreement_moved_while_it_was_read_is_not_lost(gemini, contracts, tmp_path):
    """Another process emptied the inbox: the rows are written, and the report says that the document is gone."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    path = inbox / "04-nda.txt"
    path.write_bytes((contracts / "04-nda.txt").read_bytes())
    answer = lawyer.answers(lawyer.sample("04-nda"))

    def answers(body):
        path.unlink(missing_ok=True)
        return answer(body)

    gemini.script(answers, times=None)
    result = await review_portfolio(str(inbox), output=str(tmp_path / "out"))
    assert len(result.reviews) == len(rows(tmp_path / "out", "reviews")) == 1
    (report,) = (tmp_path / "out").glob("04-nda-*.html")
    assert "could not be opened again" in report.read_text()
