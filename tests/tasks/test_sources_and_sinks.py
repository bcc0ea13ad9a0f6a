"""The nodes that bring documents and take rows away."""

from __future__ import annotations

import csv
import datetime
import json
import sqlite3
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from pydantic import BaseModel, Field, SecretStr

from prefect_gemini.gemini.errors import (
    DocumentNotFound,
    InvalidOption,
    NotFound,
    OutputFailed,
    RateLimited,
    TransportError,
    UnsafeLocation,
)
from prefect_gemini.tasks import http_request, load_documents, write_rows, write_table


class Bill(BaseModel):
    """A row of a sink."""

    number: str
    total: Decimal
    due: datetime.date | None = None
    lines: list[str] = []


BILLS = [
    Bill(number="1", total=Decimal("10.10"), due=datetime.date(2026, 1, 31)),
    Bill(number="2", total=Decimal("0.30"), lines=["a", "b"]),
]


@pytest.fixture
def web() -> Iterator[Any]:
    """A web server of this test that notes what it is asked."""

    class Handler(BaseHTTPRequestHandler):
        """Answers by path."""

        def do_GET(self) -> None:
            """Note the request and answer it."""
            size = int(self.headers.get("Content-Length") or 0)
            server.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(size)))
            status = int(self.path.rpartition("/")[2]) if self.path.rpartition("/")[2].isdigit() else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://localhost:{server.server_port}/done")
            if status == 429:
                self.send_header("Retry-After", "7")
            answer = b'{"ok": true}'
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_load_documents_finds_what_is_there(tmp_path):
    """A folder gives its documents and what was left out; an empty one is an error, unless that is fine."""
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "b.txt").write_text("x")
    found = load_documents.fn(tmp_path, patterns=["*.pdf"])
    assert [str(path).rpartition("/")[2] for path in found] == ["a.pdf"]
    assert [left.why for left in found.left] == ["does not match the patterns"]
    with pytest.raises(DocumentNotFound, match="2 left out: does not match"):
        load_documents.fn(tmp_path, patterns=["*.docx"])
    assert list(load_documents.fn(tmp_path, patterns=["*.docx"], empty_is_ok=True)) == []
    assert list(load_documents.fn(iter([b"x"]))) == [b"x"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_write_rows_replaces_what_has_the_same_key(kind, tmp_path, request):
    """Rows are inserted, a second time replaced, amounts stay exact, and lists are JSON."""
    url = f"sqlite:///{tmp_path / 'x.db'}" if kind == "sqlite" else request.getfixturevalue("postgres")
    assert write_rows.fn(BILLS, SecretStr(url), table="bills", key=["number"]) == 2
    changed = BILLS[1].model_copy(update={"total": Decimal("0.40"), "lines": ["c"]})
    assert write_rows.fn([changed], url, table="bills", key=["number"]) == 1
    from sqlalchemy import text

    from prefect_gemini.tasks.bulk.rows import Rows

    rows = Rows(url, "bills")
    with rows._engine.connect() as connection:
        found = connection.execute(text("select number, total, lines from bills order by number")).all()
    rows.close()
    assert [(row[0], Decimal(str(row[1]))) for row in found] == [("1", Decimal("10.10")), ("2", Decimal("0.40"))]
    assert (json.loads(found[1][2]) if isinstance(found[1][2], str) else found[1][2]) == ["c"]


def test_a_database_url_that_is_none_keeps_its_password():
    """The error of a URL that cannot be read shows no part of it."""
    for url in ("postgresql://me:hun@ter2:x@host:55x/db", "postgres//me:hunter2@host/db"):
        with pytest.raises(InvalidOption) as caught:
            write_rows.fn([{"a": 1}], url, table="t")
        assert "ter2" not in str(caught.value)


def test_write_rows_says_what_does_not_fit(tmp_path):
    """A row without its key, an unknown column, something that is no row and a refused write are told apart."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    write_rows.fn([{"a": 1}], url, table="t")
    with pytest.raises(InvalidOption, match="key"):
        write_rows.fn([{"b": 1}], url, table="u", key=["a"])
    with pytest.raises(InvalidOption, match="no column 'b'"):
        write_rows.fn([{"b": 1}], url, table="t")
    with pytest.raises(InvalidOption, match="a row is"):
        write_rows.fn([1], url, table="t")
    with sqlite3.connect(tmp_path / "y.db") as connection:
        connection.execute("create table t (a int check (a < 5))")
    with pytest.raises(OutputFailed, match="CHECK"):
        write_rows.fn([{"a": 1}, {"a": 9}], f"sqlite:///{tmp_path / 'y.db'}", table="t")
    with sqlite3.connect(tmp_path / "y.db") as connection:
        assert connection.execute("select count(*) from t").fetchone() == (0,)


def test_write_table_writes_csv_parquet_and_jsonl(tmp_path):
    """The same rows in three kinds of file; a formula stays text; a failure leaves the old file."""
    rows = [*BILLS, {"number": "=1+1", "note": "x"}]
    path = write_table.fn(rows, tmp_path / "deep" / "bills.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["number"] for row in found] == ["1", "2", "'=1+1"]
    assert (found[0]["total"], found[1]["lines"], found[2]["note"]) == ("10.10", '["a", "b"]', "x")
    lines = write_table.fn(BILLS, tmp_path / "bills.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"number": "1", "total": "10.10", "due": "2026-01-31", "lines": []}
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(write_table.fn(BILLS, tmp_path / "bills.parquet"))
    assert table.column("total").to_pylist() == [Decimal("10.10"), Decimal("0.30")]
    with pytest.raises(InvalidOption, match=r"\.csv"):
        write_table.fn(BILLS, tmp_path / "bills.xlsx")
    with pytest.raises(InvalidOption):
        write_table.fn([object()], path)
    assert path.exists()
    assert not list(tmp_path.rglob("*.partial"))


def test_write_table_writes_what_no_file_takes(tmp_path):
    """Half characters, NaN and bytes are written in some form; numbers too large are refused, and nothing is left."""
    rows = [{"a": "caf\udce9", "b": float("nan"), "c": {"x": b"\xff", "y": float("inf")}}]
    (line,) = write_table.fn(rows, tmp_path / "x.jsonl").read_text().splitlines()
    assert json.loads(line, parse_constant=pytest.fail)["c"]["y"] == "Infinity"
    assert "\ufffd" in write_table.fn(rows, tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    pq = pytest.importorskip("pyarrow.parquet")
    (row,) = pq.read_table(write_table.fn(rows, tmp_path / "x.parquet")).to_pylist()
    assert json.loads(row["c"], parse_constant=pytest.fail)["y"] == "Infinity"
    for bad in ([{"a": 2**70}], [{"a": 1}, {"a": "x"}]):
        with pytest.raises(InvalidOption, match="different kinds"):
            write_table.fn(bad, tmp_path / "x.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.jsonl", "x.parquet"]


class Shouting(NotificationBlock):
    """A block of one's own, which only knows how to block."""

    _block_type_name = "Shouting"
    shouted: list[str] = Field(default_factory=list)

    def notify(self, body: str, subject: str | None = None) -> None:
        """Note it, or fail with the address."""
        if body == "fail":
            raise RuntimeError("POST https://hooks.example.com/services/T0/B0/hunter2 failed")
        self.shouted.append(body)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_notify_tells_what_failed_without_the_address(web):
    """A webhook's URL is its password: neither a refusal nor a defect shows it; a sync block works too."""
    block = CustomWebhookNotificationBlock(
        name="x", url=f"{web.url}/hunter2/404", json_data={"text": "{{body}}"}, allow_private_urls=True
    )
    with pytest.raises(OutputFailed, match="404") as refused:
        await notify_all("x", block)
    own = Shouting()
    with pytest.raises(OutputFailed, match="RuntimeError") as failed:
        await notify_all("fail", own)
    assert "hunter2" not in f"{refused.value!r}{failed.value!r}"
    await notify_all("hello", own)
    assert own.shouted == ["hello"]


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
async def test_notify_sends_through_a_block(web):
    """A notification block is told subject and body, long bodies shortened; what does not notify is refused."""
    block = CustomWebhookNotificationBlock(name="x", url=f"{web.url}/hook", json_data={"text": "{{subject}}: {{body}}"})
    await notify_all("b" * 5000, block)
    _, path, _, body = web.asked[0]
    assert path == "/hook"
    assert 3400 < len(json.loads(body)["text"]) < 3600
    with pytest.raises(InvalidOption, match="no block"):
        await notify_all("x", "nothing")


async def notify_all(body: str, block: Any) -> None:
    from prefect_gemini.tasks import anotify

    await anotify.fn(body, block, subject="Done")


def test_http_request_sends_json_and_reads_the_answer(web):
    """A body that is no text goes as JSON; a redirect elsewhere loses the headers and becomes a GET."""
    reply = http_request.fn(
        f"{web.url}/302", method="POST", body={"n": 1}, headers={"X-Key": SecretStr("k")}, allow_private=True
    )
    assert reply.json() == {"ok": True}
    (post, _, headers, body), (get, path, second, _) = web.asked
    assert (post, json.loads(body), headers["X-Key"]) == ("POST", {"n": 1}, "k")
    assert (get, path, "X-Key" in second) == ("GET", "/done", False)


def test_http_request_gives_typed_errors(web):
    """404 and 429 are told apart; an address that is not public is refused; nobody there is a transport error."""
    with pytest.raises(NotFound):
        http_request.fn(f"{web.url}/404", allow_private=True)
    with pytest.raises(RateLimited) as limited:
        http_request.fn(f"{web.url}/429", allow_private=True)
    assert limited.value.retry_after == 7
    asked = len(web.asked)
    with pytest.raises(UnsafeLocation):
        http_request.fn(f"{web.url}/x")
    with pytest.raises(UnsafeLocation):
        http_request.fn("http://169.254.169.254/computeMetadata/v1/", allow_private=True)
    with pytest.raises(UnsafeLocation, match="not among"):
        http_request.fn(f"{web.url}/x", allow_private=True, allow_hosts=["example.com"])
    assert len(web.asked) == asked
    with pytest.raises(TransportError):
        http_request.fn("http://127.0.0.1:9/", allow_private=True)
    for headers in ({"X": "a\r\nB: c"}, {"X": "\u20ac"}, {"X Y": "a"}, {"": "a"}):
        with pytest.raises(InvalidOption, match="line break"):
            http_request.fn(web.url, headers=headers, allow_private=True)
    with pytest.raises(InvalidOption, match="GET"):
        http_request.fn(web.url, method="get", allow_private=True)
    with pytest.raises(InvalidOption, match="JSON"):
        http_request.fn(web.url, method="POST", body={"x": float("nan")}, allow_private=True)


def test_http_request_takes_addresses_as_browsers_do(web):
    """What is no ASCII is percent-encoded; what is encoded stays."""
    http_request.fn(f"{web.url}/caf\u00e9/a%20b?q=\u00fc&r=1", allow_private=True)
    assert web.asked[0][1] == "/caf%C3%A9/a%20b?q=%C3%BC&r=1"
