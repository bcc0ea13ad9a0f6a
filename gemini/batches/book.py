"""The ledger's book of batch jobs: what was meant is written before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from prefect_gemini.gemini.batches.job import INTENDED, BatchJob
from prefect_gemini.gemini.batches.spool import Row, Spool
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.ledger.statements import RECORD
from prefect_gemini.gemini.ledger.tables import OPEN_BATCH, batch_rows, batches, claims, picos

AT_ONCE = 1000
MOST_WAITING = 5
"""Flow runs that a job remembers as waiting for it."""
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
        query = (
            select(batches)
            .where(batches.c.identity == self._identity, batches.c.key == key)
            .order_by(batches.c.attempt.desc())
            .limit(1)
        )
        row = await self._store.read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else _job(row)

    async def open_jobs(self, *, flow_run_id: str | None = None) -> list[BatchJob]:
        """Jobs whose answers are not in the ledger yet, oldest first."""
        query = (
            select(batches)
            .where(batches.c.identity == self._identity, batches.c.collected.is_(False))
            .order_by(batches.c.created_at)
        )
        if flow_run_id is not None:
            query = query.where(batches.c.flow_run_id == flow_run_id)
        found = await self._store.read(lambda connection: connection.execute(query).mappings().all())
        return [_job(row) for row in found]

    async def intend(self, spool: Spool, attempt: int, *, flow_run_id: str | None) -> BatchJob:
        """Write down a job and its rows, before anything is sent."""
        job = BatchJob(
            key=spool.key, attempt=attempt, model=spool.model, rows=len(spool.rows), created_at=datetime.now(UTC)
        )
        place = self._place(job)

        def work(connection: Connection) -> None:
            row = {"model": job.model, "rows": job.rows, "created_at": job.created_at, "state": INTENDED}
            connection.execute(insert(batches), {**place, **row, "collected": False, "flow_run_id": flow_run_id})
            left = iter(spool.rows.items())
            while some := list(islice(left, AT_ONCE)):
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

        await self._store.write(work)
        return job

    async def note(self, job: BatchJob) -> BatchJob:
        """Write down what the service said of a job."""
        values: dict[str, Any] = {"name": job.name, "state": job.state}
        if job.collected:  # never taken back: who waits may hold what was read before another collected it
            values["collected"] = True
        change = update(batches).where(*self._is(batches, job)).values(**values)

        def work(connection: Connection) -> None:
            connection.execute(change)
            if job.collected:
                connection.execute(delete(claims).where(*self._held(job)))

        await self._store.write(work)
        return job

    async def hold(self, job: BatchJob, estimate: Decimal | None, *, flow_run_id: str | None) -> None:
        """Set the price of a job aside until it is collected."""

        def work(connection: Connection) -> None:
            connection.execute(delete(claims).where(*self._held(job)))
            if estimate:
                until = self._store.now(connection) + HELD_S
                row: dict[str, Any] = {"identity": self._identity, "fingerprint": _held_as(job), "owner": "batch:0:0"}
                row |= {"expires_at": until, "run": flow_run_id, "held": picos(estimate)}
                connection.execute(insert(claims), row)

        await self._store.write(work)

    async def join(self, job: BatchJob, flow_run_id: str | None) -> None:
        """Remember that another run waits for a job."""
        if flow_run_id is None:
            return
        query = select(batches.c.flow_run_id).where(*self._is(batches, job))

        def work(connection: Connection) -> None:
            known = (connection.execute(query).scalar() or "").split()
            runs = " ".join([*(run for run in known if run != flow_run_id), flow_run_id][-MOST_WAITING:])
            connection.execute(update(batches).where(*self._is(batches, job)).values(flow_run_id=runs))

        await self._store.write(work)

    async def runs(self, job: BatchJob) -> list[str]:
        """The flow runs that wait for a job, the latest last."""
        query = select(batches.c.flow_run_id).where(*self._is(batches, job))
        found = await self._store.read(lambda connection: connection.execute(query).scalar())
        return (found or "").split()

    async def rows(self, job: BatchJob) -> dict[str, Row]:
        """What was asked in a job, by fingerprint."""
        query = select(batch_rows).where(*self._is(batch_rows, job))
        found = await self._store.read(lambda connection: connection.execute(query).mappings().all())
        return {row["fingerprint"]: Row(row["origin"], row["labels"]) for row in found}

    async def failures(self, job: BatchJob) -> dict[str, dict[str, Any]]:
        """What was not answered in a collected job, with the error as it was read."""
        query = select(batch_rows.c.fingerprint, batch_rows.c.error).where(
            *self._is(batch_rows, job), batch_rows.c.state == "failed"
        )
        found = await self._store.read(lambda connection: connection.execute(query).all())
        return {row.fingerprint: row.error or {} for row in found}

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
        calls = list(paid)

        def work(connection: Connection) -> None:
            mine = self._is(batch_rows, job)
            wanted = {call.fingerprint for call in calls} | set(failed)
            query = select(batch_rows.c.fingerprint).where(*mine, batch_rows.c.state == "open")
            still = set(connection.execute(query.where(batch_rows.c.fingerprint.in_(wanted))).scalars())
            fresh = [call for call in calls if call.fingerprint in still]
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

    def _place(self, job: BatchJob) -> dict[str, Any]:
        return {"identity": self._identity, "key": job.key, "attempt": job.attempt}

    def _held(self, job: BatchJob) -> tuple[Any, ...]:
        return (claims.c.identity == self._identity, claims.c.fingerprint == _held_as(job))

    def _is(self, table: Any, job: BatchJob) -> tuple[Any, ...]:
        return (table.c.identity == self._identity, table.c.key == job.key, table.c.attempt == job.attempt)


def _held_as(job: BatchJob) -> str:
    return f"{OPEN_BATCH}{job.key}:{job.attempt}"


def _job(row: Mapping[Any, Any]) -> BatchJob:
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
    )
