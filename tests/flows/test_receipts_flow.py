"""The receipts flow over the samples that come with the project, on the local reader."""

from __future__ import annotations

import csv
import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from prefect_gemini.flows import process_receipts
from prefect_gemini.flows.receipts import ReceiptsResult
from prefect_gemini.gemini.errors import DocumentNotFound

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run of this module writes."""
    return tmp_path_factory.mktemp("receipts")


@pytest.fixture(scope="module")
async def result(prefect_server: None, examples: Path, folder: Path) -> ReceiptsResult:
    """One run over all samples and a broken file; what each test looks at."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for sample in sorted((examples / "receipts").iterdir()):
        (inbox / sample.name).write_bytes(sample.read_bytes())
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (inbox / "notes.docx~").write_bytes(b"x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{folder / 'ledger.db'}")
        return await process_receipts(str(inbox), output=str(folder / "out"))


@pytest.fixture(scope="module")
def truth(examples: Path) -> dict[str, dict]:
    """What the samples print, by file name."""
    return {name: row["receipt"] for name, row in json.loads((examples / "truth.json").read_text()).items()}


async def test_samples_are_read_as_they_are_printed(result, truth):
    """No date or total is wrong, and nearly all are there: a value that is not sure is left out."""
    wrong, read = [], 0
    for one in result.expenses:
        for field in ("date", "total"):
            printed, value = (truth[one.name] or {}).get(field), getattr(one.receipt, field)
            read += value is not None
            if (
                value is not None
                and str(value) != printed
                and not (field == "total" and value == Decimal(printed or "NaN"))
            ):
                wrong.append((one.name, field, value, printed))
    assert wrong == []
    assert read >= 0.9 * 2 * len(result.expenses) - 2


async def test_every_document_is_accounted_for(result, folder):
    """A document is an expense or an exception, and what is neither is named with a reason."""
    names = {one.name for one in result.expenses} | {one.name for one in result.exceptions}
    left = {Path(path).name for path, _ in result.left_out}
    assert names | left == {path.name for path in (folder / "inbox").iterdir()}
    assert left == {"notes.docx~"}


async def test_a_broken_file_is_a_typed_exception_and_the_others_finish(result):
    """The exception says what to do; the run goes on."""
    (row,) = [one for one in result.exceptions if one.name == "broken.pdf"]
    assert row.code == "CorruptDocument"
    assert row.action
    assert result.run.failed == 1
    assert len(result.expenses) > 10


async def test_the_bad_samples_are_told_from_the_good_ones(result):
    """One is there twice, one was scanned again, one is unreadable."""
    by_name = {one.name: one for one in result.expenses}
    assert by_name["12-market-seattle-copy.jpg"].duplicate.name == "02-market-seattle.jpg"
    assert by_name["13-buffet-zuerich-again.jpg"].duplicate.name == "05-buffet-zuerich.jpg"
    assert by_name["17-moved.jpg"].status == "rejected"


async def test_rows_are_written_once(result, folder):
    """The database has each document once, with its cents, and the CSV file the same rows."""
    with sqlite3.connect(folder / "out" / "expenses.db") as database:
        rows = dict(database.execute("select name, total from expenses").fetchall())
    assert Decimal(rows["02-market-seattle.jpg"]) == Decimal("54.03")
    assert "12-market-seattle-copy.jpg" not in rows
    with result.csv.open(newline="", encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) > 10


async def test_a_second_run_pays_for_nothing_and_adds_nothing(result, folder, monkeypatch):
    """The ledger has every answer, the database every row."""
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{folder / 'ledger.db'}")
    again = await process_receipts(str(folder / "inbox"), output=str(folder / "out"))
    assert again.run.cost == 0
    assert again.saved > 0
    with sqlite3.connect(folder / "out" / "expenses.db") as database:
        (rows,) = database.execute("select count(*) from expenses").fetchone()
        (distinct,) = database.execute("select count(distinct digest) from expenses").fetchone()
    assert rows == distinct
    assert [one.receipt for one in again.expenses] == [one.receipt for one in result.expenses]


async def test_the_ui_shows_report_tables_progress_and_link(result):
    """The run's artifacts are there for the Prefect UI."""
    async with get_client() as client:
        artifacts = await client.read_artifacts(limit=200)
    keys = {one.key for one in artifacts if str(one.flow_run_id) == result.flow_run_id}
    assert keys == {
        "receipts-progress",
        "receipts-report",
        "receipts-expenses",
        "receipts-exceptions",
        "receipts-costs",
        "receipts-evidence",
    }


async def test_the_report_stands_alone(result):
    """One file, no request to anywhere, a picture for each receipt."""
    html = result.report.read_text()
    assert "data:image/" in html
    assert 'src="http' not in html
    assert "url(http" not in html


async def test_an_empty_folder_is_an_error_unless_a_schedule_expects_it(tmp_path):
    """Whoever names a folder without receipts has probably mistyped it; an inbox may be empty."""
    with pytest.raises(DocumentNotFound, match="no receipt"):
        await process_receipts(str(tmp_path), output=str(tmp_path / "out"))
    quiet = await process_receipts(str(tmp_path), output=str(tmp_path / "out"), empty_is_ok=True)
    assert quiet.run.documents == 0


async def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(examples, tmp_path):
    """No report, no database, no row: only the bill, and what cannot be sent."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.jpg").write_bytes((examples / "receipts" / "01-cafe-berlin.jpg").read_bytes())
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    estimate = await process_receipts(str(inbox), output=str(tmp_path / "out"), dry_run=True)
    assert (estimate.documents, estimate.calls) == (2, 1)
    assert [name for name, _ in estimate.unread] == ["broken.pdf"]
    assert estimate.usd > 0
    assert not (tmp_path / "out").exists()
