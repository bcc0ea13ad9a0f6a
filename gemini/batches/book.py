"""The ledger's book of batch jobs: what was meant is written before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, delete, insert, select, update

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
        query = (
            select(batches)
            .where(batches.c.identity == self._identity, batches.c.collected.is_(False))
            .order_by(batches.c.created_at)
        )
        found = await self._store.read(lambda connection: connection.execute(query).mappings().all())
        return [job_of(row) for row in found]

    async def holding(self, spool: Spool) -> list[tuple[BatchJob, set[str]]]:
        """Open jobs that hold some of these requests already, oldest first, each with those it holds."""

        def work(connection: Connection) -> dict[BatchJob, set[str]]:
            jobs: dict[BatchJob, set[str]] = {}
            for some in _parts(spool.rows):
                for row in connection.execute(self._held_in(batches, some)).mappings():
                    jobs.setdefault(job_of(row), set()).add(row["fingerprint"])
            return jobs

        found = await self._store.read(work)
        return sorted(found.items(), key=lambda item: (str(item[0].created_at), item[0].key))

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
        made = BatchJob(
            key=key, model=spool.model, rows=len(spool.rows), created_at=datetime.now(UTC), made_by=flow_run_id
        )

        def work(connection: Connection) -> BatchJob | None:
            self._store.serialize(connection, f"batches:{self._identity}")
            last = connection.execute(self._newest(key)).mappings().one_or_none()
            if last is not None and not last["collected"]:
                return None
            # In this order: what is collected between the two looks is found by the second.
            if alone and any(
                connection.execute(self._held_in(batch_rows.c.key, some)).first() for some in _parts(spool.rows)
            ):
                return None
            if alone and any(connection.execute(self._answered(some)).first() for some in _parts(_old(spool.rows))):
                return None
            job = made.model_copy(update={"attempt": 1 if last is None else last["attempt"] + 1})
            place = place_of(job, self._identity)
            row = {"model": job.model, "rows": job.rows, "created_at": job.created_at, "state": INTENDED}
            connection.execute(insert(batches), {**place, **row, "collected": False, "flow_run_id": flow_run_id})
            if flow_run_id is not None:
                connection.execute(insert(batch_runs), {**place, "run": flow_run_id})
            for some in _parts(spool.rows.items()):
                connection.execute(
                    insert(batch_rows),
                    [
                        {
                            **place,
                            "fingerprint": fingerprint,
                            "origin": dict(row.origin),
                            "labels": dict(row.labels),
                            "state": "open",
                        }
                        for fingerprint, row in some
                    ],
                )
            return job

        return await self._store.write(work)

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

    async def rows(self, job: BatchJob) -> dict[str, Row]:
        """What was asked in a job, by fingerprint."""
        query = select(batch_rows).where(*of(self._identity, batch_rows, job))
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

    def _held_in(self, what: Any, fingerprints: list[str]) -> Select[Any]:
        """Rows of open jobs that ask one of these."""
        same = and_(*(batch_rows.c[name] == batches.c[name] for name in ("identity", "key", "attempt")))
        mine = (batch_rows.c.identity == self._identity, batches.c.collected.is_(False))
        return (
            select(what, batch_rows.c.fingerprint)
            .join_from(batch_rows, batches, same)
            .where(*mine, batch_rows.c.fingerprint.in_(fingerprints))
        )

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
