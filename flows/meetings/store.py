"""The meetings database: what was promised, by whom, and whether it is still open."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz

from prefect_gemini.flows.database import Database, StoreError, delete_where
from prefect_gemini.flows.meetings.models import Item, Meeting
from prefect_gemini.flows.meetings.tables import items, meetings, metadata, voices


@dataclass(frozen=True)
class Record:
    """A meeting with what reading it cost, as it is recorded.

    Args:
        name, digest: of the document.
        series: which meetings it belongs with.
        meeting: what was read.
        model, backend: who answered.
        input_tokens, output_tokens: of all its calls.
        cost: US dollars; None where a price is not known.
        from_ledger: it was paid for earlier.
    """

    name: str
    digest: str
    series: str
    meeting: Meeting
    model: str = ""
    backend: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    from_ledger: bool = False


@dataclass(frozen=True)
class Promise:
    """An action item of an earlier meeting that nobody has closed."""

    id: str
    text: str
    owner: str
    due: datetime.date | None
    meeting: str
    held: datetime.date | None

    def overdue(self, day: datetime.date | None) -> bool:
        """Whether it was due before a day."""
        return self.due is not None and day is not None and self.due < day


class MeetingStore(Database):
    """An open meetings database: a `Database` of meetings and their items."""

    metadata = metadata
    what = "meetings database"
    main = "meeting_items"

    def save(self, records: Sequence[Record], *, run_id: str, moment: datetime.datetime) -> None:
        """Write meetings in one transaction. A meeting read before is updated; its closed items stay closed.

        Raises:
            StoreError: the database refused; nothing was written.
        """
        with self.named(), self.engine.begin() as connection:
            self.upsert(
                connection, meetings, [_meeting_row(one, run_id, moment) for one in records], keep=("recorded_at",)
            )
            digests = [one.digest for one in records]
            delete_where(connection, voices.c.digest, digests)
            rows = [row for one in records for row in _item_rows(one, moment)]
            told = {row["id"] for row in rows}
            known = connection.execute(sa.select(items).where(items.c.digest.in_(digests))).mappings().all()
            gone = [one for one in known if one["id"] not in told]
            _keep_standing([row for row in rows if row["id"] not in {one["id"] for one in known}], gone)
            delete_where(connection, items.c.id, [one["id"] for one in gone])
            self.upsert(connection, items, rows, keep=("status", "closed_at", "filed", "recorded_at"))
            spoken = [{"digest": one.digest, **voice.model_dump()} for one in records for voice in one.meeting.voices]
            if spoken:
                connection.execute(voices.insert(), spoken)

    def open_before(self, record: Record) -> tuple[Promise, ...]:
        """What earlier meetings of the series promised and nobody has closed, the oldest first.

        Earlier are those held on an earlier day; where a day is not known, those recorded before.
        """
        held = record.meeting.held
        query = (
            sa.select(items.c.id, items.c.text, items.c.owner, items.c.due, meetings.c.title, meetings.c.held)
            .join(meetings, meetings.c.digest == items.c.digest)
            .where(items.c.kind == "action", items.c.status == "open", items.c.support.in_(("found", "similar")))
            .where(meetings.c.series == record.series, meetings.c.digest != record.digest)
            .order_by(meetings.c.held, items.c.start_s)
        )
        if held is not None:
            query = query.where(sa.or_(meetings.c.held.is_(None), meetings.c.held < held))
        with self.named(), self.engine.connect() as connection:
            return tuple(Promise(*row) for row in connection.execute(query))

    def close_item(self, item: str, *, moment: datetime.datetime) -> None:
        """Mark an action item done.

        Raises:
            StoreError: there is no such open item.
        """
        done = (
            items.update().where(items.c.id == item, items.c.status == "open").values(status="done", closed_at=moment)
        )
        with self.named(), self.engine.begin() as connection:
            if not connection.execute(done).rowcount:
                raise StoreError(f"There is no open item {item!r}.", hint="The report and the CSV file name the items.")

    def filed(self, ids: Sequence[str]) -> dict[str, str]:
        """What the tracker answered for items filed before, or `filing` where it never did."""
        query = sa.select(items.c.id, items.c.filed).where(items.c.id.in_(ids), items.c.filed != "")
        with self.named(), self.engine.connect() as connection:
            return {row.id: row.filed for row in connection.execute(query)}

    def mark_filed(self, item: str, answer: str) -> None:
        """Note what the tracker answered for an item."""
        with self.named(), self.engine.begin() as connection:
            connection.execute(items.update().where(items.c.id == item).values(filed=answer))


def series_of(name: str) -> str:
    """The series a file belongs to: its name without dates, times and numbers, `weekly-2026-03-02.vtt` is `weekly`."""
    stem = re.sub(r"\.(transcript|corrected)$", "", PurePath(name).stem)
    bare = re.sub(r"GMT\d+-\d+|\d+", " ", stem)
    return " ".join(re.sub(r"[\W_]+", " ", bare).lower().split()) or stem.lower()


def item_id(digest: str, item: Item) -> str:
    """The key of an item: the same for the same words of the same meeting at every reading."""
    content = "\n".join((digest, item.kind, str(item.cue), item.text))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _keep_standing(new: Sequence[dict[str, Any]], gone: Sequence[Mapping[Any, Any]]) -> None:
    """Give new rows what became of the same promises under other words: closed stays closed, filed stays filed."""

    def place(row: Mapping[Any, Any]) -> tuple[Any, ...]:
        return row["digest"], row["kind"], row["quote"] if row["start_s"] is None else row["start_s"]

    standing = [one for one in gone if one["filed"] or one["closed_at"]]
    pairs = [(one, row) for one in standing for row in new if place(one) == place(row)]
    taken: set[str] = set()
    for one, row in sorted(pairs, key=lambda pair: -fuzz.ratio(pair[0]["text"], pair[1]["text"])):
        if not taken & {one["id"], row["id"]}:
            taken |= {one["id"], row["id"]}
            row.update({name: one[name] for name in ("status", "closed_at", "filed")})


def _meeting_row(record: Record, run_id: str, moment: datetime.datetime) -> dict[str, Any]:
    meeting = record.meeting
    return {
        "digest": record.digest,
        "name": record.name,
        "title": meeting.title,
        "series": record.series,
        "held": meeting.held,
        "duration_s": meeting.duration,
        "summary": meeting.summary,
        "extractive": meeting.extractive,
        "run_id": run_id,
        "model": record.model,
        "backend": record.backend,
        "input_tokens": record.input_tokens,
        "output_tokens": record.output_tokens,
        "cost": record.cost,
        "recorded_at": moment,
        "updated_at": moment,
    }


def _item_rows(record: Record, moment: datetime.datetime) -> list[dict[str, Any]]:
    rows = {
        item_id(record.digest, item): {
            "digest": record.digest,
            "kind": item.kind,
            "text": item.text,
            "owner": item.owner,
            "due": item.due,
            "due_said": item.due_said,
            "speaker": item.speaker,
            "quote": item.quote,
            "support": item.support,
            "start_s": item.start,
            "end_s": item.end,
            "status": "open" if item.kind != "decision" else "decided",
            "closed_at": None,
            "filed": "",
            "recorded_at": moment,
        }
        for item in record.meeting.items
    }
    return [{"id": key, **row} for key, row in rows.items()]
