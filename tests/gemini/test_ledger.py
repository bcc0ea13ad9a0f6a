"""Nothing is paid for twice, and nothing that is paid is forgotten."""

from __future__ import annotations

import asyncio
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, update

from prefect_gemini.gemini.costs.report import cost_report, cost_rows
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.ledger import tables
from prefect_gemini.gemini.ledger.claim import is_dead, new_owner
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall


def paid(fingerprint: str = "f", **changes: Any) -> PaidCall:
    """A paid call of a cent."""
    call = PaidCall(
        fingerprint=fingerprint,
        identity="tenant-a",
        backend="developer",
        model="gemini-3.8-flash",
        reply={"text": "forty-two"},
        cost=Decimal("0.01"),
        usage={"prompt": 100, "cached": 10, "output": 5, "thoughts": 2, "tool": 1},
        origin={"flow": "receipts", "flow_run_id": "run-1", "document": "a.pdf"},
    )
    return replace(call, **changes)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    address: str = request.getfixturevalue("postgres")
    store = Ledger.open(address)
    store.store.write_now(tables.metadata.drop_all)
    store.close()
    return address


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger.open(url)
    yield opened
    opened.close()


def rows(ledger: Ledger, table: Any) -> int:
    """How many rows a table has."""
    return ledger.store.read_now(lambda connection: connection.scalar(select(func.count()).select_from(table))) or 0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - another process or thread makes it so
            await asyncio.sleep(0.005)


async def test_what_is_recorded_is_found_again(ledger: Ledger) -> None:
    """Every field comes back as it was written."""
    async with ledger.claim("f", "tenant-a") as claim:
        assert claim.hit is None
        await claim.record(paid(labels={"team": "x"}, model_version="v1", response_id="r", attempts=2, latency_s=0.5))
    found = await ledger.lookup("f", "tenant-a")
    assert found is not None
    assert (found.reply, found.cost, found.usage["thoughts"]) == ({"text": "forty-two"}, Decimal("0.01"), 2)
    assert (found.model_version, found.response_id, found.attempts, found.labels) == ("v1", "r", 2, {"team": "x"})
    assert found.origin["document"] == "a.pdf"
    async with ledger.claim("f", "tenant-a") as again:
        assert again.hit is not None
    assert rows(ledger, tables.claims) == 0


async def test_no_tenant_gets_another_tenants_answer(ledger: Ledger) -> None:
    """The same fingerprint under another identity is a miss."""
    async with ledger.claim("f", "tenant-a") as claim:
        await claim.record(paid())
    async with ledger.claim("f", "tenant-b") as other:
        assert other.hit is None


async def test_an_answer_that_is_not_whole_is_paid_and_never_given_again(ledger: Ledger) -> None:
    """A blocked answer costs money and is asked for anew."""
    async with ledger.claim("f", "tenant-a") as claim:
        await claim.record(paid(serves=False, finish_reason="SAFETY"))
    assert await ledger.lookup("f", "tenant-a") is None
    (line,) = cost_report(ledger)
    assert (line.calls, line.wasted, line.usd) == (1, 1, Decimal("0.01"))


async def test_identical_calls_at_once_pay_once(ledger: Ledger) -> None:
    """Fifty callers of five questions make five calls."""
    made = 0

    async def ask(question: str) -> Any:
        nonlocal made
        async with ledger.claim(question, "tenant-a") as claim:
            if claim.hit is not None:
                return claim.hit.reply["text"]
            made += 1
            await asyncio.sleep(0.01)
            await claim.record(paid(question, reply={"text": question}))
            return question

    questions = [f"q{number % 5}" for number in range(50)]
    assert await asyncio.gather(*map(ask, questions)) == questions
    assert (made, rows(ledger, tables.calls)) == (5, 5)


async def test_a_caller_that_fails_lets_the_next_one_try(ledger: Ledger) -> None:
    """A claim ends with its block, however it ends."""
    with pytest.raises(OSError, match="unplugged"):
        async with ledger.claim("f", "tenant-a"):
            raise OSError("unplugged")
    async with ledger.claim("f", "tenant-a") as claim:
        assert claim.hit is None


async def test_a_cancelled_caller_lets_the_next_one_try(ledger: Ledger) -> None:
    """Cancelling leaves no claim behind."""

    async def hang() -> None:
        async with ledger.claim("f", "tenant-a"):
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await until(lambda: rows(ledger, tables.claims) == 1)
    task.cancel()  # the row is there, the caller may not know it yet
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: rows(ledger, tables.claims) == 0)


async def test_an_expired_claim_is_taken_over(ledger: Ledger) -> None:
    """A process of another machine that shows no sign of life loses its claim when the lease ends."""
    row = {"fingerprint": "f", "identity": "tenant-a", "owner": "elsewhere/x:1:a", "held": 0, "run": None}
    now = ledger.store.read_now(ledger.store.now)
    ledger.store.write_now(lambda it: it.execute(tables.claims.insert().values(**row, expires_at=now + 0.1)))
    async with asyncio.timeout(60), ledger.claim("f", "tenant-a") as claim:
        assert claim.hit is None


def test_only_a_process_known_to_be_gone_is_dead() -> None:
    """This process is alive, a finished child is dead, and of other machines nothing is known."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    place, _, token = new_owner().rsplit(":", 2)
    assert not is_dead(new_owner())
    assert is_dead(f"{place}:{child.pid}:{token}")
    assert not is_dead(f"elsewhere:{child.pid}:{token}")


WORKER = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall

journal = Path(sys.argv[2])

async def document(ledger, name):
    async with ledger.claim(name, "me") as claim:
        if claim.hit is not None:
            return
        with journal.open("a") as file:
            file.write(f"{name} asked\\n")
        await asyncio.sleep(0.005)
        await claim.record(PaidCall(fingerprint=name, identity="me", backend="local", model="m", reply={}, cost=Decimal(1)))
        with journal.open("a") as file:
            file.write(f"{name} recorded\\n")

async def main():
    ledger = Ledger.open(sys.argv[1])
    limit = asyncio.Semaphore(4)
    async def one(name):
        async with limit:
            await document(ledger, name)
    await asyncio.gather(*(one(f"d{number}") for number in range(120)))
    ledger.close()

asyncio.run(main())
"""


def test_a_killed_run_resumes_and_pays_no_finished_document_twice(tmp_path: Path) -> None:
    """SIGKILL in the middle, run again: what was recorded is not asked for again, and nothing is missing."""
    url, journal = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "journal"
    journal.touch()
    command = [sys.executable, "-c", WORKER, url, str(journal)]
    victim = subprocess.Popen(command)
    while journal.read_text().count("recorded") < 20:
        assert victim.poll() is None
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    done = {line.split()[0] for line in journal.read_text().splitlines() if line.endswith("recorded")}
    assert 20 <= len(done) < 120
    before = len(journal.read_text().splitlines())
    subprocess.run(command, check=True, timeout=60)
    asked_again = {line.split()[0] for line in journal.read_text().splitlines()[before:] if line.endswith("asked")}
    assert not asked_again & done
    ledger = Ledger.open(url)
    assert (rows(ledger, tables.calls), rows(ledger, tables.claims)) == (120, 0)
    ledger.close()


def test_several_processes_share_the_work(tmp_path: Path) -> None:
    """Two processes with the same 120 documents pay for each once."""
    url, journal = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "journal"
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, url, str(journal)]) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    ledger = Ledger.open(url)
    assert rows(ledger, tables.calls) == 120
    ledger.close()


async def test_a_stored_answer_that_cannot_be_read_is_withdrawn_with_a_warning(ledger: Ledger) -> None:
    """It is then a miss, not an error for ever."""
    async with ledger.claim("f", "tenant-a") as claim:
        await claim.record(paid())
    found = await ledger.lookup("f", "tenant-a")
    assert found is not None
    with pytest.warns(UserWarning, match="asked for anew"):
        await ledger.withdraw(found)
    assert await ledger.lookup("f", "tenant-a") is None


async def test_an_answer_in_another_form_is_a_miss(ledger: Ledger) -> None:
    """A newer or older release's rows are left alone."""
    async with ledger.claim("f", "tenant-a") as claim:
        await claim.record(paid())
    ledger.store.write_now(lambda connection: connection.execute(update(tables.calls).values(format=999)))
    assert await ledger.lookup("f", "tenant-a") is None


async def test_asking_afresh_pays_again_and_replaces_the_answer(ledger: Ledger) -> None:
    """`fresh` is the way to pay twice on purpose."""
    for text in ("old", "new"):
        async with ledger.claim("f", "tenant-a", fresh=True) as claim:
            assert claim.hit is None
            await claim.record(paid(reply={"text": text}))
    found = await ledger.lookup("f", "tenant-a")
    assert found is not None
    assert found.reply["text"] == "new"


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("flow", ["receipts", "contracts"]),
        ("model", ["gemini-3.8-flash", "gemini-4-argon"]),
        ("prompt", ["(none)", "terms@3"]),
        ("document", ["a.pdf", "b.pdf"]),
    ],
)
async def test_costs_add_up_by_everything(ledger: Ledger, by: Any, names: list[str]) -> None:
    """Dearest first, and the sums are exact."""
    other = {"flow": "contracts", "flow_run_id": "run-2", "prompt": "terms", "prompt_version": "3", "document": "b.pdf"}
    calls = [paid("1"), paid("2"), paid("3", model="gemini-4-argon", origin=other, cost=Decimal("0.000000000001"))]
    for call in calls:
        async with ledger.claim(call.fingerprint, "tenant-a") as claim:
            await claim.record(call)
    lines = cost_report(ledger, by=by)
    assert [line.name for line in lines] == names
    assert sum(line.usd for line in lines) == Decimal("0.020000000001")
    assert (lines[0].calls, lines[0].prompt, lines[0].cached, lines[0].output) == (2, 202, 20, 14)
    assert cost_rows(lines)[0]["usd"] == "0.020000"


async def test_costs_of_a_time_and_of_a_run(ledger: Ledger) -> None:
    """A report can begin on a day, or be of one run; calls without a price are counted apart."""
    async with ledger.claim("f", "tenant-a") as claim:
        await claim.record(paid(cost=None))
    assert cost_report(ledger, since=date(2100, 1, 1)) == ()
    assert cost_report(ledger, flow_run_id="run-2") == ()
    (line,) = cost_report(ledger, by="day", flow_run_id="run-1")
    assert (line.unpriced, line.usd) == (1, 0)
    with pytest.raises(InvalidOption, match="weather"):
        cost_report(ledger, by="weather")  # type: ignore[arg-type]


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    """Replies hold what documents say."""
    ledger = Ledger.open(tmp_path / "private.db")
    assert stat.S_IMODE((tmp_path / "private.db").stat().st_mode) == 0o600
    ledger.close()


def test_one_ledger_a_process(tmp_path: Path) -> None:
    """Opening the same address twice gives the same object, so that there is one writer."""
    first, second = Ledger.open(tmp_path / "l.db"), Ledger.open(tmp_path / "l.db")
    assert first is second
    first.close()


def test_other_databases_are_refused_and_no_password_is_shown() -> None:
    """The error names what can be used."""
    with pytest.raises(InvalidOption, match="mysql") as caught:
        Ledger.open("mysql://user:canary-secret@host/db")
    assert "canary-secret" not in str(caught.value)


def test_a_ledger_of_an_earlier_version_gets_the_indexes_it_lacks(url: str) -> None:
    """Its tables are there already; looking for a request among millions of batch rows must not read them all."""
    old = Ledger.open(url)
    old.store.write_now(lambda connection: connection.exec_driver_sql("DROP INDEX gemini_batch_rows_asked"))
    old.close()
    opened = Ledger.open(url)
    found = opened.store.read_now(lambda connection: inspect(connection).get_indexes("gemini_batch_rows"))
    opened.close()
    assert [index["name"] for index in found] == ["gemini_batch_rows_asked"]
