"""Who waits for a batch job: flow runs, each until it has the answers or waits no more."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, select, update

from prefect_gemini.gemini.batches.book import held_as, job_of, of, place_of
from prefect_gemini.gemini.batches.job import BatchJob
from prefect_gemini.gemini.ledger.ledger import Ledger
from prefect_gemini.gemini.ledger.tables import batch_runs, batches


class Waiters:
    """The flow runs that wait for one account's batch jobs.

    Args:
        ledger: where they are written.
        identity: the account (`Backend.identity`).
    """

    def __init__(self, ledger: Ledger, identity: str) -> None:
        self._store, self._identity = ledger.store, identity

    async def join(self, job: BatchJob, flow_run_id: str | None) -> None:
        """Remember that a run waits for a job."""
        if flow_run_id is not None:
            change = self._store.insert(batch_runs).on_conflict_do_nothing()
            row = {**place_of(job, self._identity), "run": flow_run_id}
            await self._store.write(lambda connection: connection.execute(change, row))

    async def leave(self, job: BatchJob, flow_run_id: str, *, cancelled: bool = False) -> list[str]:
        """Remember that a run waits for a job no more.

        Args:
            job: the job.
            flow_run_id: the run.
            cancelled: whether a person ended it: the job is not its own any more, should it be run again.

        Returns:
            The runs that still wait.
        """

        def work(connection: Connection) -> list[str]:
            self._store.serialize(connection, held_as(job))  # of two that leave at once one is the last
            mine = of(self._identity, batch_runs, job)
            connection.execute(delete(batch_runs).where(*mine, batch_runs.c.run == flow_run_id))
            if cancelled:
                made = (*of(self._identity, batches, job), batches.c.flow_run_id == flow_run_id)
                connection.execute(update(batches).where(*made).values(flow_run_id=""))
            return list(connection.execute(select(batch_runs.c.run).where(*mine).order_by("run")).scalars())

        return await self._store.write(work)

    async def all(self) -> list[tuple[BatchJob, str]]:
        """Every flow run that waits for a job, with the job: also where another run has collected it meanwhile."""
        same = and_(*(batch_runs.c[name] == batches.c[name] for name in ("identity", "key", "attempt")))
        query = (
            select(batches, batch_runs.c.run)
            .join_from(batch_runs, batches, same)
            .where(batch_runs.c.identity == self._identity)
            .order_by(batches.c.created_at, batch_runs.c.run)
        )
        found = await self._store.read(lambda connection: connection.execute(query).mappings().all())
        return [(job_of(row), row["run"]) for row in found]
