"""Bulk runs: read lazily, written as they go, run again only where needed, stopped without loss."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOption, OutputFailed, ServerError
from prefect_gemini.tasks import Outcome, aeach, aextract, node
from prefect_gemini.tasks.bulk import progress, shards, stream
from prefect_gemini.tasks.bulk.stopping import Stopping
from tests.tasks.numbered import SCHEMA, answer, numbered

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


@node(category="reading")
async def alength(document: Document, *, seen: list[str] | None = None) -> Any:
    """Measure a document without a model."""
    from prefect_gemini.gemini.reply import Reply

    if seen is not None:
        seen.append(document.name)
    return Reply[int](value=len(document.content))


def read(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_outcomes_are_written_as_jsonl(gemini, model, tmp_path):
    """Each outcome is a line with its index, value, cost and evidence; the run returns what they came to."""
    gemini.script([answer], times=None)
    out = tmp_path / "new" / "out.jsonl"
    written = await aeach(aextract, [*numbered(5), tmp_path / "no.pdf"], schema=SCHEMA, model=model, output=out)
    assert (written.documents, written.done, written.failed, written.errors) == (6, 5, 1, {"DocumentNotFound": 1})
    assert written.examples["DocumentNotFound"].startswith("no.pdf: there is no file")
    rows = sorted(read(out), key=lambda row: row["index"])
    assert [row["value"] for row in rows] == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}, None]
    assert rows[5]["error"] == "DocumentNotFound"
    assert rows[5]["source"].endswith("no.pdf")
    assert float(rows[0]["cost"]) > 0
    again = await aeach(aextract, numbered(5), schema=SCHEMA, model=model, output=out)
    assert (again.from_ledger, again.cost) == (5, 0)
    assert len(read(out)) == 5


async def test_texts_of_one_name_are_rows_of_their_own(tmp_path):
    """Documents in memory are told apart by what they say: none replaces another in the table."""
    documents = [Document.text("first"), Document.text("second"), b"third text", b"other text"]
    for _ in range(2):
        await aeach(alength, documents, output=f"sqlite:///{tmp_path / 'out.db'}")
    with sqlite3.connect(tmp_path / "out.db") as connection:
        assert connection.execute("select count(*) from gemini_outcomes").fetchone() == (4,)


async def test_outcomes_are_written_as_parquet_and_to_a_database(tmp_path):
    """A Parquet file and a table hold the same rows; a second run into the table replaces them."""
    pq = pytest.importorskip("pyarrow.parquet")
    await aeach(alength, numbered(3), output=tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet").sort_by("index").to_pylist()
    assert [json.loads(row["value"]) for row in table] == [10, 10, 10]
    assert not list(tmp_path.glob("*.partial"))
    for _ in range(2):
        await aeach(alength, numbered(3), output=f"sqlite:///{tmp_path / 'out.db'}")
    with sqlite3.connect(tmp_path / "out.db") as connection:
        assert connection.execute("select name, value from gemini_outcomes order by 1").fetchall() == [
            ("d0", 10),
            ("d1", 10),
            ("d2", 10),
        ]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
async def test_an_old_output_stays_until_there_is_a_new_one(tmp_path, kind):
    """A run that ends before its first outcome leaves yesterday's file; one that found no document replaces it."""
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"out.{kind}"
    await aeach(alength, numbered(3), output=out)
    before = out.read_bytes()
    with pytest.raises(asyncio.CancelledError):
        async with stream.streaming(out, Stopping()):
            raise asyncio.CancelledError
    assert out.read_bytes() == before
    await aeach(alength, [], output=out)
    assert out.read_bytes() != before
    assert list(tmp_path.iterdir()) == [out]


async def test_an_output_that_cannot_be_written_stops_the_run(tmp_path):
    """An unknown kind is refused before anything starts; a disk that fails is an error, not a gap."""
    seen: list[str] = []
    with pytest.raises(InvalidOption, match=r"\.csv"):
        await aeach(alength, numbered(3), output="out.csv", seen=seen)
    assert not seen

    class Full:
        """A sink whose disk is full."""

        label = "a full disk"

        def write(self, records: object) -> None:
            """Fail."""
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            """Close nothing."""

    with pytest.raises(OutputFailed, match="No space left"):
        await aeach(alength, numbered(3), output=Full())


async def test_only_what_is_needed_is_read_ahead(monkeypatch):
    """A million documents are read a few shards at a time, and wait for the disk; none is kept."""
    monkeypatch.setattr(stream, "MOST_WAITING", 100)
    taken = 0

    def many():
        nonlocal taken
        for number in range(2000):
            taken += 1
            yield Document.text(f"document {number}")

    most = 0

    class Counting:
        """A sink that compares what was read with what was written."""

        label = "counting"
        rows = 0

        def write(self, records: list[object]) -> None:
            """Count."""
            nonlocal most
            most = max(most, taken - self.rows)
            self.rows += len(records)

        def close(self) -> None:
            """Close nothing."""

    sink = Counting()
    written = await aeach(alength, many(), output=sink, shard_size=50)
    assert (written.documents, sink.rows) == (2000, 2000)
    assert most <= 500


async def test_a_shard_is_run_again_only_for_what_failed_for_a_passing_reason(monkeypatch):
    """Of ten documents three fail once: the shard's second attempt asks for these three only, and its order is kept."""
    monkeypatch.setattr(shards, "RETRY_AFTER_S", 0.0)
    asked: list[str] = []

    @node(category="reading")
    async def aflaky(document: Document) -> Any:
        """Fail on the first attempt for some."""
        asked.append(document.name)
        if document.name in ("d2", "d5", "d7") and asked.count(document.name) == 1:
            raise ServerError("500: down", status=500)
        return await alength.fn(document)

    @flow
    async def run() -> list[Outcome[Any]]:
        return await aeach(aflaky, numbered(10))

    outcomes = await run()
    assert [outcome.name for outcome in outcomes] == [f"d{number}" for number in range(10)]
    assert all(outcome.ok for outcome in outcomes)
    assert sorted(asked[10:]) == ["d2", "d5", "d7"]


async def test_what_fails_to_the_end_is_an_outcome(monkeypatch):
    """After the last attempt a passing failure stays a failure; with `retries=0` there is only one."""
    monkeypatch.setattr(shards, "RETRY_AFTER_S", 0.0)
    asked: list[str] = []

    @node(category="reading")
    async def adown(document: Document) -> Any:
        """Fail always."""
        asked.append(document.name)
        raise ServerError("500: down", status=500)

    (outcome,) = await aeach(adown, numbered(1))
    assert (outcome.failure.kind, asked) == ("ServerError", ["d0", "d0"])
    await aeach(adown, numbered(1), retries=0)
    assert len(asked) == 3


async def test_a_wrong_argument_is_one_error():
    """What the node does not take is said once, before anything starts."""
    with pytest.raises(TypeError, match="modle"):
        await aeach(aextract, numbered(2), schema=SCHEMA, modle="flash")
    for options in ({"concurrency": 0}, {"shard_size": 0}, {"retries": -1}):
        with pytest.raises(InvalidOption, match="or more"):
            await aeach(alength, numbered(2), **options)
    with pytest.raises(InvalidOption, match="nonsense"):
        await aeach(aextract, numbered(2), schema={"type": "nonsense"})


async def test_cancelling_finishes_what_is_under_way_and_begins_nothing_more(tmp_path):
    """Of a hundred documents four are under way: they are written, the rest is not begun."""
    begun: list[str] = []
    four = asyncio.Event()

    @node(category="reading")
    async def aslow(document: Document) -> Any:
        """Take a while."""
        begun.append(document.name)
        if len(begun) == 4:
            four.set()
        await asyncio.sleep(0.3)
        return await alength.fn(document)

    out = tmp_path / "out.jsonl"
    running = asyncio.create_task(aeach(aslow, numbered(100), concurrency=4, output=out))
    await four.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [row["name"] for row in read(out)] == begun[:4]
    assert len(begun) == 4


async def test_progress_says_speed_money_and_errors(gemini, model, tmp_path):
    """The progress artifact names items a second, cost, and errors by kind."""
    gemini.script([answer], times=None)

    @flow
    async def run() -> None:
        await aeach(aextract, [*numbered(4), tmp_path / "no.pdf"], schema=SCHEMA, model=model, key="told")

    await run()
    async with get_client() as client:
        (artifact,) = [one for one in await client.read_artifacts() if one.key == "told"]
    assert artifact.data == 100.0
    assert artifact.description.startswith("5 of 5, ")
    assert "a second, $0.0" in artifact.description
    assert artifact.description.endswith("; 1 DocumentNotFound")


def test_the_time_left_is_told_at_the_speed_of_now(monkeypatch):
    """After 5,000 answers out of the ledger in a second, 5,000 to pay for at ten a second take minutes."""
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    told = progress.Progress(10_000, _started=clock[0])
    assert (told.eta_s, str(told)) == (None, "0 of 10,000, 0.0 a second, $0.0000")
    for _ in range(5000):
        clock[0] += 0.0002
        told.count()
    for _ in range(600):
        clock[0] += 0.1
        told.count()
    assert told.eta_s == pytest.approx(440, rel=0.05)
    assert "10.0 a second, 0:07:" in str(told)
    clock[0] += 3600
    assert told.speed < 0.1
    for _ in range(4400):
        told.count()
    assert str(told).startswith("10,000 of 10,000, 2.7 a second, $")
