"""Where many documents come from: files, tables, queries and iterables, read as they are needed."""

from __future__ import annotations

import datetime
import json
import sqlite3
from itertools import islice

import pytest

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.rows import Row
from prefect_gemini.gemini.documents.sources import Documents
from prefect_gemini.gemini.errors import DocumentError, DocumentNotFound, InvalidOption

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
        ("path\n1,2", {}, "2 cells"),
        ("path,path\n1,2", {}, "two columns"),
        ('id,text\n1,"open\n2,b', {}, "not CSV"),
    ],
)
def test_a_table_that_does_not_fit_says_what_it_has(content, options, said, tmp_path):
    """A missing or ambiguous column is one error with the columns there are."""
    (tmp_path / "list.csv").write_text(content)
    with pytest.raises(InvalidOption, match=said):
        list(Documents(tmp_path / "list.csv", **options))


def test_what_is_not_there_or_not_right_is_one_error(tmp_path):
    """A missing table, a bad line, a refused query and options that do not fit are told at once."""
    (tmp_path / "bad.jsonl").write_text('not json\n{"path": 1}')
    (tmp_path / "latin.csv").write_bytes(b"path\ncaf\xe9.pdf")
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(DocumentNotFound):
        list(Documents(tmp_path / "missing.csv"))
    with pytest.raises(InvalidOption, match="line 1"):
        list(Documents(tmp_path / "bad.jsonl"))
    with pytest.raises(InvalidOption, match=r"not UTF-8.*iconv"):
        list(Documents(tmp_path / "latin.csv"))
    with pytest.raises(InvalidOption, match="Parquet"):
        Documents(tmp_path / "bad.parquet").count()
    with pytest.raises(InvalidOption, match="no such table"):
        list(Documents(f"sqlite:///{tmp_path / 'x.db'}", query="select * from missing"))
    with pytest.raises(InvalidOption, match="needs a `query`"):
        Documents("postgresql://host/database")
    with pytest.raises(InvalidOption, match="for tables"):
        Documents(tmp_path, column="path")


def test_a_broken_row_keeps_its_place(tmp_path):
    """A line that is no JSON, and a row with too many cells, fail when they are opened; the others are read."""
    (tmp_path / "a.jsonl").write_bytes(
        b'{"text": "a"}\n{"text":\n{"text": "\xe9"}\n' + b"[" * 100_000 + b'\n{"text": "b"}'
    )
    (tmp_path / "b.csv").write_text('id,text\n1,a\n2,b,c\n3\n4,"d\n5,e')
    opened = {}
    for name in ("a.jsonl", "b.csv"):
        documents = Documents(tmp_path / name)
        opened[name] = []
        for row in documents:
            try:
                opened[name].append(row.open().content)
            except DocumentError as error:
                opened[name].append(type(error).__name__)
        assert documents.count() == len(opened[name])
    assert opened["a.jsonl"] == ["a", *["CorruptDocument"] * 3, "b"]
    assert opened["b.csv"] == ["a", "CorruptDocument", "EmptyDocument", "CorruptDocument"]


@pytest.mark.parametrize(
    "content",
    [
        b"id;text\n1;caf\xc3\xa9, noir\n",
        b"\xef\xbb\xbfid\ttext\n1\tcaf\xc3\xa9, noir\n",
        'id,text\r\n1,"caf\u00e9, noir"\r\n'.encode("utf-16"),
        b'id,text\n\n1,"caf\xc3\xa9, noir"',
    ],
)
def test_a_csv_file_is_read_as_spreadsheets_write_it(content, tmp_path):
    """Semicolons, tabs, a byte order mark, UTF-16 and empty lines are all in the wild."""
    (tmp_path / "x.csv").write_bytes(content)
    assert [row.open().content for row in Documents(tmp_path / "x.csv")] == ["caf\u00e9, noir"]


def test_a_cell_may_be_a_whole_document(tmp_path):
    """Long cells, line breaks in quotation marks, numbers, nested values and bytes are documents as they are."""
    (tmp_path / "x.csv").write_text("text\n" + "x" * 1_000_000 + '\n"two\nlines, ""quoted"""')
    long, lines = Documents(tmp_path / "x.csv")
    assert (len(long.open().content), lines.open().content) == (1_000_000, 'two\nlines, "quoted"')
    (tmp_path / "x.jsonl").write_text('{"text": 0}\n{"text": {"a": ["\u00e9"]}}')
    assert [row.open().content for row in Documents(tmp_path / "x.jsonl")] == ["0", '{"a": ["\u00e9"]}']
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table({"content": [b"%PDF-1.4 no", b"bytes of a text"], "day": [datetime.date(2026, 1, 2)] * 2})
    pq.write_table(table, tmp_path / "x.parquet")
    documents = Documents(tmp_path / "x.parquet")
    assert documents.count() == 2
    assert list(documents)[1].open().content == "bytes of a text"
    assert next(iter(documents)).fields["day"] == datetime.date(2026, 1, 2)


def test_a_query_reads_and_nothing_else(tmp_path):
    """Colons and a comment at the end are the query's own; nothing is written, and writers need not wait."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("create table mails (id text, text text)")
        connection.executemany("insert into mails values (?, ?)", [(str(n), f"at 10:30 :x {n}") for n in range(3000)])
    documents = Documents(url, query="select * from mails where text like '%:x%' order by id desc -- all of them")
    assert documents.count() == 3000
    rows = iter(documents)
    assert next(rows).text == "at 10:30 :x 999"
    with sqlite3.connect(tmp_path / "x.db", timeout=0.1) as connection:
        connection.execute("insert into mails values ('new', 'x')")
    assert len(list(rows)) == 2999
    for query in ("drop table mails", "delete from mails returning *", "select 1 as text; drop table mails"):
        with pytest.raises(InvalidOption):
            list(Documents(url, query=query))
    assert Documents(url, query="select * from mails").count() == 3001


def test_a_postgresql_query_reads_and_nothing_else(postgres):
    """The transaction is read-only: what a statement or a function would change is refused."""
    pytest.importorskip("psycopg")
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute(
            "create table if not exists source_mails as select 'm' || n as id, '100 % of ' || n as text "
            "from generate_series(1, 3000) n"
        )
    documents = Documents(postgres, query="select id, text, now()::date as day from source_mails order by text desc")
    assert (documents.count(), next(iter(documents)).text) == (3000, "100 % of 999")
    assert len(list(documents)) == 3000
    with psycopg.connect(postgres) as connection:
        connection.execute("create sequence if not exists source_numbers")
    for query, said in (
        ("delete from source_mails returning *", "syntax error"),  # a cursor takes no such statement
        ("select nextval('source_numbers') as text", "read-only"),
    ):
        with pytest.raises(InvalidOption, match=said):
            list(Documents(postgres, query=query))


def test_what_is_not_many_documents_is_refused():
    """One document, a mapping, a number and an async generator are told apart from many documents."""

    async def later():
        yield b"x"

    for source in (b"x", Document.text("x"), Row(name="x", text="x"), {"path": "x"}, 5, None, later()):
        with pytest.raises(InvalidOption, match=r"many documents|async"):
            Documents(source)


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
