"""The expense database: exact amounts, one row a document, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import csv
import datetime
import sqlite3
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.flows.receipts.duplicates import Duplicate
from prefect_gemini.flows.receipts.expense import Expense, ReceiptException
from prefect_gemini.flows.receipts.models import Receipt
from prefect_gemini.flows.receipts.store import ExpenseStore, Run, StoreError
from prefect_gemini.flows.receipts.table import COLUMNS, write_csv
from prefect_gemini.flows.receipts.tables import metadata
from prefect_gemini.flows.sheets import safe_cell

NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
ITEMS = [
    {"description": "Coffee", "quantity": 2, "unit_price": "4.20", "amount": "8.40"},
    {"description": "Cake", "amount": "4.90"},
]


def run(number: int = 1) -> Run:
    """A run; the later the higher its number."""
    moment = NOON + datetime.timedelta(hours=number)
    return Run(id=f"run-{number}", started_at=moment, finished_at=moment, cost=Decimal("0.0000125"))


def expense(name: str = "a.jpg", **changes: Any) -> Expense:
    """An expense whose digest follows from its name; `receipt` fields may be changed too."""
    printed = {
        "merchant": "Café",
        "date": "2026-09-14",
        "time": "12:47",
        "currency": "EUR",
        "line_items": ITEMS,
        "taxes": [{"name": "VAT", "rate": 19, "amount": "2.12"}],
        "total": "13.30",
        "category": "meals",
        **changes.pop("receipt", {}),
    }
    whole = {"name": name, "digest": name.encode().hex().rjust(64, "0"), "status": "recorded", **changes}
    return Expense(receipt=Receipt.model_validate(printed), **whole)


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "new folder" / "expenses.db")
    address: str = request.getfixturevalue("postgres")
    with ExpenseStore(address) as left:
        metadata.drop_all(left.engine)
    return address


@pytest.fixture
def store(target: str) -> Iterator[ExpenseStore]:
    """An open, empty expense database."""
    with ExpenseStore(target) as opened:
        yield opened


def test_a_run_is_written_whole(store: ExpenseStore) -> None:
    """Every field comes back as it was read: cents, dates, times, tenths of a cent of cost."""
    store.save(run(), [expense(cost=Decimal("0.000421"), input_tokens=1290)], [])
    (row,) = store.rows()
    assert row["total"] == Decimal("13.30")
    assert (row["date"], row["time"]) == (datetime.date(2026, 9, 14), datetime.time(12, 47))
    assert (row["tax"], row["cost"], row["input_tokens"]) == (Decimal("2.12"), Decimal("0.000421"), 1290)
    assert row["recorded_at"] == NOON + datetime.timedelta(hours=1)
    assert [line["amount"] for line in store.rows("line_items")] == [Decimal("8.40"), Decimal("4.90")]
    assert [tax["rate"] for tax in store.rows("taxes")] == [Decimal(19)]
    assert [one["cost"] for one in store.rows("runs")] == [Decimal("0.0000125")]


@pytest.mark.parametrize("amount", ["0.10", "4.10", "1796", "-24.99", "123456789012.345678", "0.000001"])
def test_amounts_keep_every_digit(store: ExpenseStore, amount: str) -> None:
    """What goes in as 4.10 comes out as 4.10, on a database with floats as on one with decimals."""
    store.save(run(), [expense(receipt={"total": amount})])
    (row,) = store.rows()
    assert str(row["total"]) == amount


def test_a_second_run_writes_nothing_twice(store: ExpenseStore) -> None:
    """The row is updated, lines and exceptions are replaced, the first day of recording is kept."""
    reason = ReceiptException(name="a.jpg", digest=expense().digest, code="date_missing", message="No date.")
    store.save(run(1), [expense(receipt={"date": None})], [reason, reason])
    store.save(run(2), [expense(receipt={"line_items": ITEMS[:1]})], [])
    (row,) = store.rows()
    assert row["date"] == datetime.date(2026, 9, 14)
    assert (row["run_id"], row["recorded_at"]) == ("run-2", NOON + datetime.timedelta(hours=1))
    assert row["updated_at"] == NOON + datetime.timedelta(hours=2)
    assert len(list(store.rows("line_items"))) == 1
    assert list(store.rows("exceptions")) == []
    assert len(list(store.rows("runs"))) == 2


def test_a_document_that_failed_once_is_cleared_when_it_is_read(store: ExpenseStore) -> None:
    """A path that could not be opened has no digest; its exception goes when the file is there."""
    store.save(run(1), [], [ReceiptException(name="a.jpg", code="DocumentNotFound", message="not there")])
    assert len(list(store.rows("exceptions"))) == 1
    store.save(run(2), [expense()], [])
    assert list(store.rows("exceptions")) == []


def test_the_exceptions_of_other_documents_stay(store: ExpenseStore) -> None:
    """A run over one folder does not clear what another folder needs."""
    store.save(run(1), [], [ReceiptException(name="other.pdf", code="EncryptedDocument", message="locked")])
    store.save(run(2), [expense()], [])
    assert [row["name"] for row in store.rows("exceptions")] == ["other.pdf"]


def test_a_copy_of_the_same_file_has_no_row_of_its_own(store: ExpenseStore) -> None:
    """It adds an exception and leaves the original's row alone."""
    original = expense()
    copy = expense(
        "copy.jpg", digest=original.digest, status="rejected",
        duplicate=Duplicate(name="a.jpg", digest=original.digest, reason="content"),
    )  # fmt: skip
    reason = ReceiptException(name="copy.jpg", digest=original.digest, code="duplicate", message="the same file")
    store.save(run(), [original, copy], [reason])
    assert [(row["name"], row["status"]) for row in store.rows()] == [("a.jpg", "recorded")]
    assert [row["name"] for row in store.rows("exceptions")] == ["copy.jpg"]


def test_only_originals_are_compared_with_later_receipts(store: ExpenseStore) -> None:
    """A receipt found to be a duplicate is no original for the next run."""
    again = expense("b.jpg", duplicate=Duplicate(name="a.jpg", digest=expense().digest, reason="purchase"))
    store.save(run(), [expense(perceptual_hash="0" * 64), again])
    (known,) = store.known()
    assert (known.name, known.perceptual_hash, known.total) == ("a.jpg", "0" * 64, Decimal("13.30"))


def test_a_refused_run_leaves_nothing(store: ExpenseStore) -> None:
    """A run is written in one piece: a row the database refuses takes the others with it."""
    bad = expense("bad.jpg").model_copy(update={"status": None})
    with pytest.raises(StoreError) as refused:
        store.save(run(), [expense(), bad])
    assert refused.value.hint
    assert list(store.rows()) == []
    assert list(store.rows("runs")) == []


def test_many_documents_in_one_run(store: ExpenseStore) -> None:
    """More documents than a database takes in one list of parameters."""
    many = [expense(f"{number:04}.jpg") for number in range(1200)]
    store.save(run(1), many)
    store.save(run(2), many)
    assert len(list(store.rows())) == 1200
    assert len(list(store.rows("line_items"))) == 2400


def test_two_writers_take_turns(target: str) -> None:
    """Two runs that finish together both write; neither fails because the other holds the file."""
    ExpenseStore(target).close()
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with ExpenseStore(target) as store:
                for turn in range(5):
                    store.save(run(10 * number + turn), [expense(f"{number}-{turn}.jpg"), expense("both.jpg")])
        except StoreError as error:
            failed.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    with ExpenseStore(target) as store:
        assert len(list(store.rows())) == 11


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://user:canary@host/db", "mysql"),
        ("postgresql://user:canary@127.0.0.1:1/db", "127.0.0.1"),
        ("nonsense://user:canary@x", "nonsense"),
        ("://canary", "not understood"),
        ("/proc/nowhere/e.db", "/proc/nowhere"),
    ],
)
def test_a_database_that_does_not_open(url: str, told: str) -> None:
    """One typed error that names the database, says what to do, and keeps the password."""
    with pytest.raises(StoreError) as refused:
        ExpenseStore(url)
    assert told in str(refused.value)
    assert "canary" not in f"{refused.value} {refused.value.hint} {refused.value!r}".replace("://canary", "")
    assert refused.value.hint


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A picture given as the database is refused and not overwritten."""
    path = tmp_path / "receipt.jpg"
    path.write_bytes(b"\xff\xd8\xff" * 500)
    with pytest.raises(StoreError, match="not a database"):
        ExpenseStore(path)
    assert path.read_bytes() == b"\xff\xd8\xff" * 500


def test_amounts_are_text_in_sqlite(tmp_path: Path) -> None:
    """SQLite's NUMERIC would make a binary float of an amount; text keeps it for every reader of the file."""
    with ExpenseStore(tmp_path / "e.db") as store:
        store.save(run(), [expense(receipt={"total": "0.10"})])
    with sqlite3.connect(tmp_path / "e.db") as plain:
        assert plain.execute("select total, typeof(total) from expenses").fetchall() == [("0.10", "text")]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-24.99", "-24.99"),
        (Decimal("-24.99"), "-24.99"),
        ("+5", "+5"),
        ("Café = good", "Café = good"),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(value: Any, cell: str) -> None:
    """What a spreadsheet would run is text; plain numbers stay numbers."""
    assert safe_cell(value) == cell


@given(st.text(max_size=20))
def test_no_text_on_a_receipt_becomes_a_formula(text: str) -> None:
    """Whatever is printed: the cell begins like no formula, unless it is a plain number."""
    cell = safe_cell(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n") or cell.lstrip("+-").replace(".", "").isdigit()


def test_the_csv_file_has_every_expense(tmp_path: Path) -> None:
    """One row an expense under fixed headings; commas, quotes and umlauts survive; a spreadsheet sees UTF-8."""
    found = [expense(receipt={"merchant": 'Café "Zür, ich"'}), expense("b.jpg", receipt={"address": "=HYPERLINK(1)"})]
    path = write_csv(found, tmp_path / "out" / "expenses.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["merchant"], rows[0]["total"], rows[0]["tax"]) == ('Café "Zür, ich"', "13.30", "2.12")
    assert rows[1]["address"] == "'=HYPERLINK(1)"
