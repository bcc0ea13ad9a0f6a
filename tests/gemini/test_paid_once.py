"""The client and the ledger together: paid once, written first, and no secret anywhere."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.costs.report import cost_report
from prefect_gemini.gemini.errors import AnswerBlocked, BudgetExceeded, GeminiError
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.request import Generation, Request

scripted = sys.modules["scripted"]
CANARY = "AIzaSyCANARY-7f3e9a1b5c2d4e6f8a9b0c1d2e3f"
ASK = Request(model="gemini-3.8-flash", contents=("Which number?",), origin={"flow": "numbers", "flow_run_id": "r1"})
Connect = Callable[..., GeminiClient]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def test_a_rerun_is_answered_from_the_ledger(connect: Connect, server: Any, path: Path) -> None:
    """Another client, another time: one request on the wire, the same value, and the cost booked once."""
    server.plays(scripted.answer("forty-two"))
    first = await connect(ledger=path).generate(ASK)
    second = await connect(ledger=path).generate(ASK)
    assert len(server.seen) == 1
    assert (first.value, first.from_ledger) == ("forty-two", False)
    assert (second.value, second.from_ledger, second.usage) == ("forty-two", True, first.usage)
    (line,) = cost_report(Ledger.open(path), by="flow")
    # 10 tokens in, 4 out and 2 thoughts.
    assert (line.name, line.calls, line.output) == ("numbers", 1, 6)
    assert line.usd == first.cost
    assert first.cost is not None
    assert first.cost > 0


async def test_a_blocked_answer_is_booked_and_asked_for_again(connect: Connect, server: Any, path: Path) -> None:
    """What was paid is counted even where it was for nothing."""
    server.plays(scripted.answer("no", finish="SAFETY"), scripted.answer("yes"))
    client = connect(ledger=path)
    with pytest.raises(AnswerBlocked):
        await client.generate(ASK)
    assert (await client.generate(ASK)).value == "yes"
    (line,) = cost_report(Ledger.open(path))
    assert (line.calls, line.wasted) == (2, 1)


async def test_a_budget_stops_the_client_before_the_call(connect: Connect, server: Any, path: Path) -> None:
    """Nothing reaches the wire once the estimate does not fit."""
    server.plays(scripted.answer("ok"), repeat=True)
    client = connect(ledger=path, budget=Budget(per_run=0.0001))
    roomy = Request(
        model="gemini-3.8-flash",
        contents=("x",),
        generation=Generation(max_output_tokens=60_000),
        origin={"flow_run_id": "r1"},
    )
    with pytest.raises(BudgetExceeded) as caught:
        await client.generate(roomy)
    assert not server.seen
    assert caught.value.limit == Decimal("0.0001")


async def until_refused(client: GeminiClient) -> int:
    """Ask one question after the other until the budget says no; returns how many were asked."""
    for number in range(100):
        request = Request(model="gemini-4-argon", contents=(str(number),), origin={"flow_run_id": "no-file"})
        try:
            await client.generate(request)
        except BudgetExceeded:
            return number
    raise AssertionError("the budget never said no")


async def test_a_budget_needs_no_file(connect: Connect, server: Any) -> None:
    """Without a ledger the spending is added up in memory."""
    server.plays(scripted.answer("ok"), repeat=True)
    client = connect(budget=Budget(per_run=0.011))
    made = await until_refused(client)
    assert made
    assert len(server.seen) == made


@pytest.mark.parametrize("kind", ["answer", "refused", "echoed", "blocked", "broken"])
async def test_no_key_is_left_anywhere(connect: Connect, server: Any, path: Path, kind: str, caplog: Any) -> None:
    """Neither the ledger's files, nor an error, its pickle, or the log holds the key, even if the service echoes it."""
    lines = {
        "answer": scripted.answer("fine"),
        "refused": scripted.error(403, "PERMISSION_DENIED", "no"),
        "echoed": scripted.error(400, "INVALID_ARGUMENT", f"API key {CANARY} not valid"),
        "blocked": scripted.answer("no", finish="SAFETY"),
        "broken": scripted.Say(pieces=[f"<html>{CANARY}</html>".encode()], content_type="text/html"),
    }
    server.plays(lines[kind], repeat=True)
    backend = Backend(kind="developer", api_key=SecretStr(CANARY), base_url=server.base_url)
    client = connect(backend=backend, ledger=path)
    caplog.set_level("DEBUG", logger="prefect_gemini")
    texts = [repr(client.ledger), repr(backend)]
    try:
        reply = await client.generate(ASK)
        texts.append(reply.model_dump_json())
    except GeminiError as error:
        # What pickles errors for other machines takes their context along.
        texts += [
            repr(error.__context__),
            str(error),
            repr(error),
            pickle.dumps(error).decode("latin-1"),
            repr(error.__dict__),
        ]
    texts += [caplog.text, *(file.read_bytes().decode("latin-1") for file in path.parent.glob("ledger.db*"))]
    assert server.seen[0].headers.get("x-goog-api-key") == CANARY
    assert not [text for text in texts if CANARY in text]
