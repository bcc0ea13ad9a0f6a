"""The commands about money and models."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prefect_gemini.cli import app
from prefect_gemini.cli._uses import Use, _named, find_uses
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall

TODAY = date(2026, 11, 24)


def run(*words: str) -> int:
    """Run a command; returns its exit status."""
    try:
        app(list(words), exit_on_error=False, result_action="return_value")
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.fixture
async def ledger(tmp_path: Path) -> str:
    """A ledger of two paid calls, one of them local."""
    path = tmp_path / "ledger.db"
    opened = Ledger.open(path)
    for number, backend in enumerate(("vertex", "local")):
        async with opened.claim(str(number), backend) as claim:
            await claim.record(
                PaidCall(
                    fingerprint=str(number),
                    identity=backend,
                    backend=backend,
                    model="gemini-3.8-flash",
                    cost=Decimal("0.25"),
                    usage={"prompt": 100, "output": 10},
                    origin={"flow": "receipts"},
                )
            )
    opened.close()
    return str(path)


async def test_costs_tells_what_was_billed_from_what_was_not(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The local reader's calls are shown, and not added to the bill."""
    assert run("costs", "--by", "flow", "--ledger", ledger) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "local (not billed)" in shown
    assert "Billed by Google: $0.250000." in shown


async def test_costs_as_json(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts get plain numbers."""
    assert run("costs", "--by", "model", "--ledger", ledger, "--json") == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert {(line["backend"], line["usd"]) for line in lines} == {("vertex", "0.250000"), ("local", "0.250000")}


@pytest.mark.parametrize("words", [("costs", "--since", "yesterday"), ("prices", "--as-of", "2024-13-01")])
def test_a_day_that_is_none_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    """One line and status 2, no traceback."""
    assert run(*words) == 2


def test_prices_of_september_2024(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of that day, the workloads, and where the article is off."""
    assert run("prices", "--as-of", "2024-09-24") == 0
    shown = " ".join(capsys.readouterr().out.split())
    for figure in ("0.075/0.30", "0.0375/0.15", "3.50/10.50", "450.00", "225.00", "from 2024-10-07 on", "$187.50"):
        assert figure in shown
    assert "gemini-2.5" not in shown


def test_prices_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The end of an introductory price is in the data."""
    assert run("prices", "--as-of", "2026-11-24", "--json") == 0
    rows = {row["model"]: row for row in json.loads(capsys.readouterr().out)["prices"]}
    assert rows["gemini-4-argon"]["changes_on"] == "2026-12-01"
    assert rows["gemini-2.5-pro"]["long_from"] == 200_000


def test_models_lists_every_stage(capsys: pytest.CaptureFixture[str]) -> None:
    """Stable, preview, retiring and retired, with what to use instead."""
    assert run("models", "--no-check") == 0
    shown = capsys.readouterr().out
    for title in ("Stable", "Preview", "Retiring", "Retired"):
        assert title in shown
    assert run("models", "--no-check", "--backend", "developer", "--json") == 0
    models = {row["model"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    assert models["gemini-1.5-flash-002"]["lifecycle"] == "retired"
    assert models["gemini-2.5-flash"]["retired_on"] == "2026-12-01"


async def test_without_a_server_the_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is started just to look for models."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        uses, trouble = await find_uses()
    assert uses == []
    assert "PREFECT_API_URL" in (trouble or "")


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"model": "gemini-1.5-flash-002"}, ["gemini-1.5-flash-002"]),
        ({"model": {"model": "flash", "fallbacks": ["gemini-2.5-pro"]}}, ["flash", "gemini-2.5-pro"]),
        ({"model": "flash-lite, gemini-2.5-flash"}, ["flash-lite", "gemini-2.5-flash"]),
        ({"model": {"model": "flash-lite", "escalate_to": ["pro"]}}, ["flash-lite", "pro"]),
        ({"settings": [{"llm": "models/gemini-2.0-flash"}]}, ["models/gemini-2.0-flash"]),
        ({"folder": "flash", "speed": "pro", "note": "uses gemini"}, []),
    ],
)
def test_model_names_are_found_in_parameters(parameters: Any, found: list[str]) -> None:
    """Names are found however deep, and words that only look like a family are not."""
    assert [use.model for use in _named(parameters, "deployment d")] == found


@pytest.mark.parametrize(
    ("name", "stage", "successor"),
    [
        ("gemini-1.5-flash-002", "retired", "gemini-3.8-flash"),
        ("gemini-2.5-pro", "retiring", "gemini-4-argon"),
        ("flash", "stable", ""),
        ("gemini-3.8-flahs", "unknown", "gemini-3.8-flash"),
    ],
)
def test_a_use_says_what_becomes_of_its_model(name: str, stage: str, successor: str) -> None:
    """Also for a name that no model has."""
    use = Use("block x", name)
    assert (use.stage("vertex", TODAY), use.successor()) == (stage, successor)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_blocks_and_deployments_that_name_a_model_going_away_are_found() -> None:
    """A real server: what is saved there is looked through, and what is stable is not complained of."""
    from prefect import flow
    from prefect.client.orchestration import get_client

    from prefect_gemini.blocks import GeminiModel

    @flow
    async def reads(model: str) -> None:
        """Read something."""

    await GeminiModel(model="gemini-2.5-pro", fallbacks=["flash"]).asave("going-away", overwrite=True)
    async with get_client() as client:
        flow_id = await client.create_flow(reads)
        await client.create_deployment(flow_id, name="old-one", parameters={"model": "gemini-1.5-flash-002"})
    uses, trouble = await find_uses()
    assert trouble is None
    mine = {use.where: use for use in uses if "going-away" in use.where or "old-one" in use.where}
    assert {where: use.stage("vertex", TODAY) for where, use in mine.items()} == {
        "block gemini-model/going-away, model": "retiring",
        "block gemini-model/going-away, fallbacks": "stable",
        "deployment old-one, model": "retired",
    }
