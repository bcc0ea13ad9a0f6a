"""Where many documents come from: files, tables, queries and iterables, read as they are needed."""

from __future__ import annotations

import json
import sqlite3
from itertools import islice

import pytest

from prefect_gemini.gemini.documents.rows import Row
from prefect_gemini.gemini.documents.sources import Documents
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption

RECORDS = [{"id": f"r{number}", "path": f"/in/{number}.pdf", "amount": number} for number in range(3)]


def csv_file(folder):
    """A table with a byte order mark, as a spreadsheet writes it."""
    lines = ["id,path,amount", *(f"{one['id']},{one['path']},{one['amount']}" for one in RECORDS)]
    (folder / "list.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    return Documents(folder / "list.csv")


def jsonl_file(folder):
    """One object a line, and an empty line."""
    (folder / "list.jsonl").write_text("\n\n".join(json.dumps(one) for one in RECORDS))
    return Documents(str(folder / "list.jsonl"))


def parquet_file(folder):
    """The same as Parquet."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(RECORDS), folder / "list.parquet")
    return Documents(folder / "list.parquet")


def query(folder):
    """The same in a database."""
    with sqlite3.connect(folder / "list.db") as connection:
        connection.execute("create table documents (id text, path text, amount int)")
        connection.executemany("insert into documents values (:id, :path, :amount)", RECORDS)
    return Documents(f"sqlite:///{folder / 'list.db'}", query="select * from documents order by id;")


@pytest.mark.parametrize("made", [csv_file, jsonl_file, parquet_file, query])
def test_a_row_is_a_document(made, tmp_path):
    """Location and name are found by their usual columns, in order, as often as one asks; the rest is kept."""
    documents = made(tmp_path)
    for _ in range(2):
        rows = list(documents)
        assert [row.location for row in rows] == [one["path"] for one in RECORDS]
        assert [row.name for row in rows] == ["r0", "r1", "r2"]
        assert [int(row.fields["amount"]) for row in rows] == [0, 1, 2]
    assert documents.count() == 3


def test_a_column_may_hold_the_text_itself(tmp_path):
    """A text column becomes documents without files; an empty cell says so when it is opened."""
    (tmp_path / "mails.jsonl").write_text('{"id": "a", "mail": "It broke!"}\n{"id": "b", "mail": ""}')
    first, second = Documents(tmp_path / "mails.jsonl", text="mail")
    assert (first.open().content, first.open().name) == ("It broke!", "a")
    with pytest.raises(Exception, match="empty"):
        second.open()


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("a,b\n1,2", {}, "`a`, `b`"),
        ("a,b\n1,2", {"column": "c"}, "no column `c`"),
        ("path,text\n1,2", {"column": "path", "text": "text"}, "not both"),
        ("path\n1,2", {}, "more cells"),
    ],
)
def test_a_table_that_does_not_fit_says_what_it_has(content, options, said, tmp_path):
    """A missing or ambiguous column is one error with the columns there are."""
    (tmp_path / "list.csv").write_text(content)
    with pytest.raises(InvalidOption, match=said):
        list(Documents(tmp_path / "list.csv", **options))


def test_what_is_not_there_or_not_right_is_one_error(tmp_path):
    """A missing table, a bad line, a refused query and options that do not fit are told at once."""
    (tmp_path / "bad.jsonl").write_text('{"path": 1}\nnot json')
    with pytest.raises(DocumentNotFound):
        list(Documents(tmp_path / "missing.csv"))
    with pytest.raises(InvalidOption, match="line 2"):
        list(Documents(tmp_path / "bad.jsonl"))
    with pytest.raises(InvalidOption, match="no such table"):
        list(Documents(f"sqlite:///{tmp_path / 'x.db'}", query="select * from missing"))
    with pytest.raises(InvalidOption, match="needs a `query`"):
        Documents("postgresql://host/database")
    with pytest.raises(InvalidOption, match="for tables"):
        Documents(tmp_path, column="path")


def test_folders_and_iterables_are_read_lazily(tmp_path):
    """A folder's documents come sorted; of an endless iterable only what is asked for is taken."""
    for name in ("b.pdf", "a.pdf", "c.exe"):
        (tmp_path / name).write_bytes(b"x")
    folder = Documents(tmp_path)
    assert [str(path).rpartition("/")[2] for path in folder] == ["a.pdf", "b.pdf"]
    assert len(folder.left) == 1

    def endless():
        number = 0
        while True:
            number += 1
            yield Row(name=str(number), text="x")

    assert [row.name for row in islice(Documents(endless()), 3)] == ["1", "2", "3"]
    assert Documents(endless()).count() is None
    assert Documents([b"x", b"y"]).count() == 2
