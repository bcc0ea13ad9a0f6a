"""Where outcomes go when something is wrong with it: the run stops, says so, and nothing is paid twice."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.queries import with_driver
from prefect_gemini.gemini.documents.rows import Row
from prefect_gemini.gemini.documents.sources import Documents
from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks import aeach, aextract, node
from prefect_gemini.tasks.bulk import stream
from prefect_gemini.tasks.bulk.rows import Rows
from tests.tasks.numbered import SCHEMA, answer, numbered

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


def read(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]


@node(category="reading")
async def asay(document: Document, *, value: Any = None, slow: float = 0.0) -> Any:
    """Say a value, or the document's own text."""
    await asyncio.sleep(slow)
    return Reply[Any](value=document.content if value is None else value)


class Failing:
    """A sink that fails from some row on, and again when it is closed."""

    label = "a failing sink"

    def __init__(self, after: int, error: Exception) -> None:
        self.rows, self.after, self.error = 0, after, error

    def write(self, records: list[object]) -> None:
        """Fail when there is too much."""
        if self.rows + len(records) > self.after:
            raise self.error
        self.rows += len(records)

    def close(self) -> None:
        """Fail too."""
        raise RuntimeError("closing what is broken")


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outcomes are written as they come, and few may wait."""
    monkeypatch.setattr(stream, "WRITE_EVERY_S", 0.01)
    monkeypatch.setattr(stream, "MOST_WAITING", 5)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'out.db'}"
        return
    import psycopg

    url = request.getfixturevalue("postgres")
    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists gemini_outcomes")
    yield url


def rows_in(url: str, columns: str = "source, name, value, cost") -> list[Any]:
    """What the table of outcomes holds, in the order of the documents."""
    engine = create_engine(with_driver(url))
    with engine.connect() as connection:
        found = connection.execute(text(f'select {columns} from gemini_outcomes order by "index"')).all()
    engine.dispose()
    return [tuple(row) for row in found]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd")], ids=["disk", "defect"])
async def test_a_failing_output_stops_the_run_and_the_next_pays_for_nothing_twice(gemini, model, tmp_path, error):
    """Of 200 documents only those under way are still asked; the first error is told, and the rerun finishes."""
    gemini.script([answer], times=None)
    with pytest.raises(OutputFailed) as failed:
        await aeach(
            aextract, numbered(200), schema=SCHEMA, model=model, output=Failing(5, error), shard_size=20, concurrency=4
        )
    assert (error.strerror if isinstance(error, OSError) else "ValueError: odd") in str(failed.value)
    assert "ledger" in failed.value.hint
    assert "closing" not in str(failed.value)
    paid = len(gemini.journal.generate_calls)
    assert paid < 100
    written = await aeach(aextract, numbered(200), schema=SCHEMA, model=model, output=tmp_path / "out.jsonl")
    assert (written.done, written.from_ledger) == (200, paid)
    assert len(gemini.journal.generate_calls) == 200


@pytest.mark.usefixtures("eager")
async def test_a_failing_output_is_not_tried_again_by_the_shard(monkeypatch):
    """A shard is run again for its documents' sake only, never for the disk's."""
    asked: list[str] = []

    @node(category="reading")
    async def acount(document: Document) -> Any:
        """Note the document."""
        asked.append(document.name)
        await asyncio.sleep(0.02)
        return Reply[int](value=1)

    with pytest.raises(OutputFailed):
        await aeach(acount, numbered(60), output=Failing(3, OSError(5, "Input/output error")), concurrency=2)
    assert len(asked) == len(set(asked)) < 60


async def test_an_output_that_fails_at_the_very_end_is_an_error():
    """What cannot be closed has not been written."""
    with pytest.raises(OutputFailed, match="closing what is broken"):
        await aeach(asay, numbered(3), output=Failing(100, OSError()))


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
async def test_a_full_disk_is_told_and_no_half_file_passes_for_a_whole_one(suffix, tmp_path):
    """Where a file may not grow over 200 kB the run says so; a Parquet file does not appear under its name."""
    pytest.importorskip("pyarrow")
    resource = pytest.importorskip("resource")
    documents = [Document.text(token_hex(1000)) for _ in range(1200)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(OutputFailed, match="File too large"):
            await aeach(asay, documents, output=tmp_path / f"out.{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "out.parquet").exists()
    assert (await aeach(asay, documents, output=tmp_path / f"out.{suffix}")).done == 1200


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
async def test_an_old_file_is_lost_only_when_the_new_one_is_whole(suffix, tmp_path, monkeypatch):
    """A cancelled run keeps what it has and what was there before; the next whole run replaces both."""
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"out.{suffix}"
    await aeach(asay, numbered(3), output=out)
    before = out.read_bytes()
    running = asyncio.create_task(aeach(asay, numbered(100), output=out, slow=0.2, concurrency=4))
    await asyncio.sleep(0.7)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    kept, part = (
        (tmp_path / "out.jsonl.previous", out) if suffix == "jsonl" else (out, tmp_path / "out.parquet.partial")
    )
    assert kept.read_bytes() == before
    if suffix == "jsonl":
        partly = [row["name"] for row in read(part)]
    else:
        import pyarrow.parquet as pq

        partly = pq.read_table(part).column("name").to_pylist()
    assert 4 <= len(partly) < 100
    running = asyncio.create_task(aeach(asay, numbered(100), output=out, slow=0.2, concurrency=4))
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert kept.read_bytes() == before
    await aeach(asay, numbered(5), output=out)
    assert sorted(path.name for path in tmp_path.glob("out*")) == [out.name]
    assert out.read_bytes() != before


async def test_an_output_is_written_by_one_run_at_a_time(tmp_path):
    """A second run with the same file is refused before it pays for anything, and harms nothing."""
    pytest.importorskip("fcntl")
    out = tmp_path / "out.jsonl"
    out.write_text("{}\n")
    first = asyncio.create_task(aeach(asay, numbered(8), output=out, slow=0.3))
    await asyncio.sleep(0.3)
    with pytest.raises(OutputFailed, match="another run"):
        await aeach(asay, numbered(5), output=out)
    assert (await first).done == 8
    assert len(read(out)) == 8


async def test_a_table_is_not_overwritten_by_its_own_outcomes(tmp_path):
    """The file the documents come from is refused as output, by whatever path it is named."""
    table = tmp_path / "in.jsonl"
    table.write_text('{"text": "a"}\n')
    with pytest.raises(InvalidOption, match="come from"):
        await aeach(asay, table, output=f"{tmp_path}/../{tmp_path.name}/in.jsonl")
    assert table.read_text() == '{"text": "a"}\n'


async def test_what_no_file_or_database_takes_is_written_all_the_same(database, tmp_path):
    """NUL, half characters, NaN, bytes and long names fail no run; the JSON is JSON; amounts stay exact."""
    pytest.importorskip("pyarrow")
    folder = tmp_path / "in"
    folder.mkdir()
    odd = [folder / os.fsdecode(b"caf\xe9.txt"), folder / os.fsdecode(b"caf\xe8.txt")]
    for path in odd:
        path.write_text("x")
    long = [Row(name=f"n{end}", location=f"https://host/{'a' * 3000}{end}") for end in "12"]
    documents = [*odd, Document.text("a\0b", name="n\0ul"), *long]
    value = {"a\0": "b\0", "half": "\udce9", "nan": float("nan"), "bytes": b"\xff", "money": Decimal("0.10")}
    for out in (tmp_path / "out.jsonl", tmp_path / "out.parquet", database, database):
        written = await aeach(asay, documents, value=value, output=out)
        assert (written.done, written.failed) == (3, 2)
    assert [row["value"]["nan"] for row in read(tmp_path / "out.jsonl") if row["ok"]] == ["NaN"] * 3
    assert len(rows_in(database)) == 5


async def test_costs_in_a_database_are_exact(gemini, model, database):
    """A decimal comes back as it went in."""
    gemini.script([answer], times=None)
    (outcome,) = await aeach(aextract, numbered(1), schema=SCHEMA, model=model)
    await aeach(aextract, numbered(1), schema=SCHEMA, model=model, output=database)
    ((_, name, _, cost),) = rows_in(database)
    assert (name, Decimal(cost)) == ("d0", outcome.reply.cost)


async def test_rows_of_one_name_are_outcomes_of_their_own(database, tmp_path):
    """What a table calls its rows need not be unique; a text is known by what it says."""
    table = tmp_path / "in.csv"
    table.write_text("name,text\nanna,one\nanna,two\n,\n,\n")
    for _ in range(2):
        written = await aeach(asay, table, output=database)
    assert written.documents == len(rows_in(database)) == 4


async def test_a_table_that_cannot_take_outcomes_is_refused_before_anything_is_paid_for(database, tmp_path):
    """A missing column, a table without a key, and a database that is not there are told at once."""
    seen: list[str] = []

    @node(category="reading")
    async def asee(document: Document) -> Any:
        """Note the document."""
        seen.append(document.name)
        return Reply[int](value=1)

    await aeach(asee, numbered(1), output=database)
    engine, seen[:] = create_engine(with_driver(database)), []
    for change, said in (
        (["alter table gemini_outcomes drop column hint"], "no column 'hint'"),
        (
            [
                "create table other as select *, '' as hint from gemini_outcomes",
                "drop table gemini_outcomes",
                "alter table other rename to gemini_outcomes",
            ],
            "apart",
        ),
    ):
        with engine.begin() as connection:
            for statement in change:
                connection.execute(text(statement))
        with pytest.raises(InvalidOption, match=said):
            await aeach(asee, numbered(3), output=database)
    engine.dispose()
    with pytest.raises(OutputFailed):
        await aeach(asee, numbered(3), output=f"sqlite:///{tmp_path}/no/such/folder.db")
    with pytest.raises(InvalidOption, match="of this machine"):
        await aeach(asee, numbered(3), output="gs://bucket/out.jsonl")
    assert not seen


@pytest.mark.usefixtures("eager")
async def test_a_database_that_goes_away_stops_the_run(database):
    """The table is dropped half-way: the run ends soon, with what the database says and no secret of its URL."""
    running = asyncio.create_task(aeach(asay, numbered(500), output=database, slow=0.05, concurrency=4))
    await asyncio.to_thread(_wait_for_rows, database)
    engine = create_engine(with_driver(database))
    with engine.begin() as connection:
        connection.execute(text("drop table gemini_outcomes"))
    engine.dispose()
    with pytest.raises(OutputFailed, match=r"gemini_outcomes.* written before"):
        await asyncio.wait_for(running, 10)


def _wait_for_rows(url: str) -> None:
    for _ in range(200):
        with suppress(DBAPIError):  # the table is not there yet
            if rows_in(url):
                return
        time.sleep(0.05)


async def test_a_run_may_write_to_the_database_it_reads_from(database):
    """A query is read to the end while its outcomes go into the same database."""
    with Rows(database, "mails_of_a_run", ["id"]) as rows:
        rows.write([{"id": f"{number:04}", "text": f"mail {number}"} for number in range(2500)])
    source = Documents(database, query="select * from mails_of_a_run order by id")
    written = await aeach(asay, source, output=database, concurrency=32)
    assert (written.done, len(rows_in(database, "name"))) == (2500, 2500)
    assert rows_in(database, "name")[-1] == ("2499",)


async def test_a_source_that_breaks_is_told_once_what_it_gave_is_done(tmp_path):
    """A generator raises after 250 documents: all of them are written, then its own error is raised."""

    def broken() -> Iterator[Document]:
        yield from numbered(250)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        await aeach(asay, broken(), output=tmp_path / "out.jsonl")
    assert len(read(tmp_path / "out.jsonl")) == 250


async def test_what_is_no_document_is_an_outcome():
    """A number, nothing or a mapping in the list fails in its place."""
    outcomes = await aeach(asay, [5, None, {"path": "x"}, "", bytearray(b"x")])
    assert [outcome.failure.kind if outcome.failure else "" for outcome in outcomes] == [
        *["UnsupportedMedia"] * 3,
        "DocumentNotFound",
        "",
    ]


def test_a_second_writer_of_an_sqlite_file_is_waited_for(tmp_path):
    """Somebody else's transaction of a few seconds is no reason to fail."""
    with Rows(f"sqlite:///{tmp_path / 'x.db'}", "t", ["a"]) as rows:
        rows.write([{"a": 1}])
        with rows._engine.connect() as connection:
            assert connection.exec_driver_sql("pragma busy_timeout").scalar() >= 60_000


def test_two_runs_replace_the_same_rows(database):
    """Two writers of the same rows, in opposite orders and at the same time, wait for each other and never in a circle."""
    records = [{"id": f"{number:04}", "n": number} for number in range(400)]

    def write(ordered: list[dict[str, Any]]) -> int:
        with Rows(database, "written_twice", ["id"]) as rows:
            return sum(rows.write(ordered) for _ in range(25))

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(write, (records, records[::-1]))) == [10_000, 10_000]


def test_a_number_is_not_rounded_by_its_column(tmp_path):
    """Whole numbers first and a fraction later do not fit one column: PostgreSQL would round in silence."""
    with Rows(f"sqlite:///{tmp_path / 'x.db'}", "t") as rows:
        rows.write([{"n": 1}, {"n": Decimal(2)}])
        rows.write([{"n": Decimal("2.50")}])
        rows.write([{"n": None}])
    with Rows(f"sqlite:///{tmp_path / 'x.db'}", "u") as rows:
        rows.write([{"n": 1}])
        with pytest.raises(InvalidOption, match="whole numbers"):
            rows.write([{"n": 2.5}])
    with sqlite3.connect(tmp_path / "x.db") as connection:
        assert connection.execute("select n from t").fetchall() == [("1",), ("2",), ("2.50",), (None,)]
