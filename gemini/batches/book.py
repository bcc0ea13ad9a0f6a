"""The ledger's book of batch jobs: what was meant is written before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, insert, select, update

from prefect_gemini.gemini.batches.job import ABANDONED, INTENDED, BatchJob
from prefect_gemini.gemini.batches.spool import Row, Spool
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import FORMAT, PaidCall
from prefect_gemini.gemini.ledger.statements import RECORD
from prefect_gemini.gemini.ledger.tables import OPEN_BATCH, batch_rows, batch_runs, batches, calls, claims, picos

AT_ONCE = 1000
T = TypeVar("T")
HELD_S = 7 * 86400.0
"""How long the price of a job that nobody collects is set aside."""


class Book:
    """Batch jobs of one account.

    Args:
        ledger: where they are written.
        identity: the account (`Backend.identity`).
    """

    def __init__(self, ledger: Ledger, identity: str) -> None:
        self._store, self._identity = ledger.store, identity

    async def newest(self, key: str) -> BatchJob | None:
        """The last job of these requests."""
        query = self._newest(key)
        row = await self._store.read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else job_of(row)

    async def open_jobs(self) -> list[BatchJob]:
        """Jobs whose answers are not in the ledger yet, oldest first."""
        found = await self._store.read(lambda connection: connection.execute(self._open()).mappings().all())
        return [job_of(row) for row in found]

    async def holding(self, spool: Spool) -> list[tuple[BatchJob, set[str]]]:
        """Open jobs that hold some of these requests already, oldest first, each with those it holds."""

        def work(connection: Connection) -> list[tuple[BatchJob, set[str]]]:
            jobs = [job_of(row) for row in connection.execute(self._open()).mappings()]
            held: dict[tuple[str, int], set[str]] = {(job.key, job.attempt): set() for job in jobs}
            for key, attempt, fingerprint in self._asked(connection, spool):
                if (key, attempt) in held:
                    held[key, attempt].add(fingerprint)
            return [(job, held[job.key, job.attempt]) for job in jobs if held[job.key, job.attempt]]

        return await self._store.read(work)

    async def answered(self, spool: Spool) -> set[str]:
        """Which of these requests have an answer by now, except where a fresh one is wanted."""
        return await self._store.read(
            lambda connection: {
                fingerprint
                for some in _parts(_old(spool.rows))
                for fingerprint in connection.execute(self._answered(some)).scalars()
            }
        )

    async def intend(self, spool: Spool, key: str, *, flow_run_id: str | None, alone: bool) -> BatchJob | None:
        """Write down a job and its rows, before anything is sent.

        Args:
            spool: the requests.
            key: theirs.
            flow_run_id: the run that waits for them.
            alone: only where none of them is in another open job or answered; looked at in the same transaction.

        Returns:
            None where it was not written down, because one is, or because somebody has written this job down.
        """
        last = await self.newest(key)
        job = BatchJob(
            key=key,
            attempt=1 if last is None else last.attempt + 1,
            model=spool.model,
            rows=len(spool.rows),
            created_at=datetime.now(UTC),
            made_by=flow_run_id,
        )
        place = place_of(job, self._identity)
        # Rows without a job mean nothing, so they can be written a little at a time: others write in between.
        for some in _parts(spool.rows.items()):
            rows = [{**place, "fingerprint": fingerprint, **_asked(row)} for fingerprint, row in some]
            await self._store.write(partial(_execute, statement=self._store.upserts.ask, rows=rows))

        def work(connection: Connection) -> bool:
            self._store.serialize(connection, f"batches:{self._identity}")
            now = connection.execute(self._newest(key)).mappings().one_or_none()
            if now is not None and not (now["collected"] and now["attempt"] < job.attempt):
                return False
            # In this order: what is collected between the two looks is found by the second.
            taken = {(row.key, row.attempt) for row in connection.execute(self._open())} if alone else set()
            if taken and any((key, attempt) in taken for key, attempt, _ in self._asked(connection, spool)):
                return False
            if alone and any(connection.execute(self._answered(some)).first() for some in _parts(_old(spool.rows))):
                return False
            row = {"model": job.model, "rows": job.rows, "created_at": job.created_at, "state": INTENDED}
            connection.execute(insert(batches), {**place, **row, "collected": False, "flow_run_id": flow_run_id})
            if flow_run_id is not None:
                connection.execute(insert(batch_runs), {**place, "run": flow_run_id})
            return True

        def undo(connection: Connection) -> None:
            self._store.serialize(connection, f"batches:{self._identity}")
            if connection.execute(select(batches.c.rows).where(*of(self._identity, batches, job))).first() is None:
                connection.execute(delete(batch_rows).where(*of(self._identity, batch_rows, job)))

        if await self._store.write(work):
            return job
        await self._store.write(undo)
        return None

    async def note(self, job: BatchJob) -> BatchJob:
        """Write down what the service said of a job."""
        values: dict[str, Any] = {"name": job.name, "state": job.state}
        if job.collected:  # never taken back: who waits may hold what was read before another collected it
            values["collected"] = True
        change = update(batches).where(*of(self._identity, batches, job)).values(**values)

        def work(connection: Connection) -> None:
            connection.execute(change)
            if job.collected:
                connection.execute(delete(claims).where(*self._held(job)))

        await self._store.write(work)
        return job

    async def close(self, job: BatchJob, state: str = ABANDONED) -> BatchJob:
        """Write down that no answer comes of a job: nobody waits for it, and its requests may be asked anew."""
        return await self.note(job.model_copy(update={"state": state, "collected": True}))

    async def hold(self, job: BatchJob, estimate: Decimal | None, *, flow_run_id: str | None) -> None:
        """Set the price of a job aside until it is collected."""

        def work(connection: Connection) -> None:
            connection.execute(delete(claims).where(*self._held(job)))
            if estimate:
                until = self._store.now(connection) + HELD_S
                row: dict[str, Any] = {"identity": self._identity, "fingerprint": held_as(job), "owner": "batch:0:0"}
                row |= {"expires_at": until, "run": flow_run_id, "held": picos(estimate)}
                connection.execute(insert(claims), row)

        await self._store.write(work)

    async def asked(self, job: BatchJob) -> dict[str, None]:
        """The fingerprints of a job's requests, in order."""
        query = select(batch_rows.c.fingerprint).where(*of(self._identity, batch_rows, job))
        query = query.order_by(batch_rows.c.fingerprint)
        return await self._store.read(lambda connection: dict.fromkeys(connection.execute(query).scalars()))

    async def rows(self, job: BatchJob, fingerprints: list[str]) -> dict[str, Row]:
        """What was asked in a job, by fingerprint: some of it, because the whole may be larger than memory."""
        some = batch_rows.c.fingerprint.in_(fingerprints)
        query = select(batch_rows).where(*of(self._identity, batch_rows, job), some)
        found = await self._store.read(lambda connection: connection.execute(query).mappings().all())
        return {row["fingerprint"]: Row(row["origin"], row["labels"]) for row in found}

    async def settled(self, job: BatchJob) -> dict[str, Mapping[str, Any] | None]:
        """What became of a job's requests when it was collected: None where they were answered, or the error."""
        query = select(batch_rows.c.fingerprint, batch_rows.c.state, batch_rows.c.error).where(
            *of(self._identity, batch_rows, job), batch_rows.c.state != "open"
        )
        found = await self._store.read(lambda connection: connection.execute(query).all())
        return {row.fingerprint: None if row.state == "done" else row.error or {} for row in found}

    async def settle(
        self, job: BatchJob, paid: Iterable[PaidCall], failed: Mapping[str, Mapping[str, Any]], upsert: Any
    ) -> None:
        """Book answers and failures of some rows, each once, however often the job is collected.

        Args:
            job: whose rows.
            paid: what was answered, whole or not.
            failed: what has no answer that serves, with the error.
            upsert: the statement that adds to a running total.
        """
        answers = list(paid)

        def work(connection: Connection) -> None:
            self._store.serialize(connection, held_as(job))  # of two that collect it at once one books a row
            mine = of(self._identity, batch_rows, job)
            wanted = {call.fingerprint for call in answers} | set(failed)
            query = select(batch_rows.c.fingerprint).where(*mine, batch_rows.c.state == "open")
            still = set(connection.execute(query.where(batch_rows.c.fingerprint.in_(wanted))).scalars())
            fresh = [call for call in answers if call.fingerprint in still]
            if fresh:
                connection.execute(RECORD, [call.row() for call in fresh])
            totals: dict[tuple[str, str], int] = {}
            for call in fresh:
                for scope, key in (("day", call.day), ("run", call.run)):
                    if key is not None and call.cost:
                        totals[scope, key] = totals.get((scope, key), 0) + picos(call.cost)
            for (scope, key), amount in totals.items():
                connection.execute(
                    upsert, {"identity": self._identity, "scope": scope, "key": key, "picodollars": amount}
                )
            for fingerprint in still:
                error = failed.get(fingerprint)
                connection.execute(
                    update(batch_rows)
                    .where(*mine, batch_rows.c.fingerprint == fingerprint)
                    .values(state="done" if error is None else "failed", error=None if error is None else dict(error))
                )

        await self._store.write(work)

    def _newest(self, key: str) -> Select[Any]:
        mine = (batches.c.identity == self._identity, batches.c.key == key)
        return select(batches).where(*mine).order_by(batches.c.attempt.desc()).limit(1)

    def _open(self) -> Select[Any]:
        mine = (batches.c.identity == self._identity, batches.c.collected.is_(False))
        return select(batches).where(*mine).order_by(batches.c.created_at, batches.c.key)

    def _asked(self, connection: Connection, spool: Spool) -> Iterator[tuple[str, int, str]]:
        """Every job that ever asked one of these requests, by its key and attempt, with the request."""
        columns = (batch_rows.c.key, batch_rows.c.attempt, batch_rows.c.fingerprint)
        # Without a join, and with all columns in the index: SQLite would walk through whole jobs.
        query = select(*columns).where(batch_rows.c.identity == self._identity)
        for some in _parts(spool.rows):
            for row in connection.execute(query.where(batch_rows.c.fingerprint.in_(some))):
                yield row.key, row.attempt, row.fingerprint

    def _answered(self, fingerprints: list[str]) -> Select[Any]:
        serving = (calls.c.identity == self._identity, calls.c.serves, calls.c.format == FORMAT)
        return select(calls.c.fingerprint).where(*serving, calls.c.fingerprint.in_(fingerprints))

    def _held(self, job: BatchJob) -> tuple[Any, ...]:
        return (claims.c.identity == self._identity, claims.c.fingerprint == held_as(job))


def place_of(job: BatchJob, identity: str) -> dict[str, Any]:
    """What finds a job in every table."""
    return {"identity": identity, "key": job.key, "attempt": job.attempt}


def of(identity: str, table: Any, job: BatchJob) -> tuple[Any, ...]:
    """The conditions that find a job's rows in a table."""
    return tuple(table.c[name] == value for name, value in place_of(job, identity).items())


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    """A little at a time: a database takes so many parameters and no more."""
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _execute(connection: Connection, *, statement: Any, rows: list[dict[str, Any]]) -> None:
    connection.execute(statement, rows)


def _asked(row: Row) -> dict[str, Any]:
    return {"origin": dict(row.origin), "labels": dict(row.labels), "state": "open"}


def _old(rows: Mapping[str, Row]) -> Iterator[str]:
    """Those that an answer from before serves."""
    return (fingerprint for fingerprint, row in rows.items() if not row.fresh)


def held_as(job: BatchJob) -> str:
    """What its price is set aside as."""
    return f"{OPEN_BATCH}{job.key}:{job.attempt}"


def job_of(row: Mapping[Any, Any]) -> BatchJob:
    """A job as it is written down."""
    created = row["created_at"]
    return BatchJob(
        key=row["key"],
        attempt=row["attempt"],
        name=row["name"] or "",
        model=row["model"],
        state=row["state"],
        rows=row["rows"],
        created_at=created if created.tzinfo else created.replace(tzinfo=UTC),
        collected=row["collected"],
        made_by=row["flow_run_id"],
    )
