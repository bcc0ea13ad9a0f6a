"""Collecting a batch: every row by its key into the ledger, whatever order they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.batches.book import Book
from prefect_gemini.gemini.batches.job import ANSWERED, BatchJob
from prefect_gemini.gemini.batches.service import Service, forgotten, parsed, shown_as
from prefect_gemini.gemini.batches.spool import TOKENS, Row, key_of
from prefect_gemini.gemini.batches.vectors import embeds, read_vector
from prefect_gemini.gemini.batches.waiters import Waiters
from prefect_gemini.gemini.calls.answer import read
from prefect_gemini.gemini.calls.translate import from_status
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.errors import (
    AnswerError,
    BatchFailed,
    GeminiError,
    InvalidOption,
    NotFound,
    PermissionDenied,
)
from prefect_gemini.gemini.ledger.paid_call import PaidCall, token_counts
from prefect_gemini.gemini.reply import Reply

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient

AT_ONCE = 500
LOOK_AGAIN_S = (5.0, 15.0, 40.0)
"""Pauses before an output that lacks rows is looked at again."""
KEPT = timedelta(hours=48)
"""How long the Developer API keeps a file."""


@dataclass
class BatchReport:
    """What came back of a batch job.

    Args:
        job: the job, as it ended.
        done: rows with an answer, now in the ledger.
        failed: fingerprints without an answer that serves, each with its error.
        missing: those of `failed` that the output does not have at all.
        duplicates: rows that came again; the first was kept.
        strange: rows that nobody asked for, or that have no key.
        unreadable: lines that are no JSON object.
        cost: USD, at the batch price; None where a price is not known.
    """

    job: BatchJob
    done: int = 0
    failed: dict[str, GeminiError] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    duplicates: int = 0
    strange: int = 0
    unreadable: int = 0
    cost: Decimal | None = Decimal(0)

    @property
    def sentence(self) -> str:
        """The report in one line."""
        odd = {
            "missing": len(self.missing),
            "twice": self.duplicates,
            "not asked for": self.strange,
            "not readable": self.unreadable,
        }
        said = ", ".join(f"{count:,} {what}" for what, count in odd.items() if count)
        price = "price not known" if self.cost is None else f"${self.cost:.4f}"
        return (
            f"{self.job.state}: {self.done:,} of {self.job.rows:,} rows answered, {len(self.failed):,} failed, {price}"
            + (f" ({said})" if said else "")
        )


async def collect(client: GeminiClient, job: BatchJob, *, flow_run_id: str | None = None) -> BatchReport:
    """Bring the answers of an ended job into the ledger, each once, however often this is called.

    An output that lacks rows the service claims to have answered is looked at again, for a minute at most:
    it may be written a little after the job has ended.

    Args:
        client: who was asked, with the same ledger.
        job: the job.
        flow_run_id: the run that waits for it, and then waits no more.

    Raises:
        InvalidOption: there is no ledger.
        BatchFailed: the job has not ended.
        ServiceError: its output cannot be read; try again later. What was read is kept.
    """
    if client.ledger is None:
        raise InvalidOption("A batch is collected into a ledger.", hint="Set `ledger_url`.")
    book, service = Book(client.ledger, client.backend.identity), Service(client)
    asked = await book.asked(job)
    for pause in (*LOOK_AGAIN_S, None):
        shown = await service.known(job.name)
        report = BatchReport(shown_as(job, shown) if shown is not None else forgotten(job))
        if not report.job.ended:
            raise BatchFailed(
                f"Batch job {job.name} has not ended: it is {report.job.state}.",
                hint="Wait for it first.",
                model=job.model,
            )
        try:
            read = await _read(client, book, service, report, shown, asked)
        except (NotFound, PermissionDenied) as error:
            # The service says 403 of a file that it keeps no more as of one that is not ours.
            if job.created_at is not None and datetime.now(UTC) - job.created_at > KEPT:
                report.job = report.job.model_copy(update={"message": f"its output is not there any more ({error})"})
                break
            if pause is None:
                raise
            read = 0
        if shown is None or read >= _promised(shown, report.job, len(asked)):
            break
        if pause is not None:
            await client.clock.sleep(pause)
    if report.missing:
        _remember(report, await book.settled(job))
    why = f": {report.job.message}" if report.job.message else ""
    errors = {
        key: BatchFailed(f"Batch job {job.name} ended {report.job.state} without this row{why}.", model=job.model)
        for key in report.missing
    }
    await _settle(client, book, job, [], errors)
    report.failed |= errors
    report.job = await book.note(report.job.model_copy(update={"collected": True}))
    if flow_run_id is not None:
        await Waiters(client.ledger, client.backend.identity).leave(job, flow_run_id)
    return report


async def _read(
    client: GeminiClient,
    book: Book,
    service: Service,
    report: BatchReport,
    shown: Any | None,
    asked: Mapping[str, None],
) -> int:
    """Read the output once; answers go to the ledger, and the counts to the report. Returns the rows that were asked."""
    seen, rows = set[str](), dict[str, Mapping[str, Any]]()
    report.missing = tuple(asked)
    try:
        async for line in service.lines(shown):
            row = parsed(line)
            if row is None:
                report.unreadable += 1
                continue
            key = key_of(row)
            if key is None or key not in asked:
                report.strange += 1
            elif key in seen:
                report.duplicates += 1
            else:
                seen.add(key)
                rows[key] = row
                if len(rows) >= AT_ONCE:
                    await _take(client, book, report, rows)
                    rows = {}
    finally:  # also where the output breaks off: what was read is kept
        await _take(client, book, report, rows)
    report.missing = tuple(key for key in asked if key not in seen)
    return len(seen)


async def _take(client: GeminiClient, book: Book, report: BatchReport, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Book some rows of the output."""
    paid: list[PaidCall] = []
    failed: dict[str, GeminiError] = {}
    kept = await book.rows(report.job, list(rows)) if rows else {}
    for key, asked in kept.items():
        call, error = _answer(client, report.job, key, asked, rows[key])
        if error is None:
            report.done += 1
        else:
            failed[key] = error
        if call is not None:
            paid.append(call)
            report.cost = None if report.cost is None or call.cost is None else report.cost + call.cost
    report.failed |= failed
    await _settle(client, book, report.job, paid, failed)


def _remember(report: BatchReport, settled: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Rows that are not in the output any more and were collected when they were."""
    for key in report.missing:
        if key not in settled:
            continue
        if (error := settled[key]) is None:
            report.done, report.cost = report.done + 1, None
        else:
            report.failed[key] = BatchFailed(
                f"{error.get('kind', 'Failed')}: {error.get('message', '')}",
                hint=error.get("hint"),
                retryable=error.get("retryable"),
                status=error.get("status"),
                model=report.job.model,
            )
    report.missing = tuple(key for key in report.missing if key not in settled)


def _promised(shown: Any, job: BatchJob, asked: int) -> int:
    """How many rows the output must have, by what the service says."""
    if job.state == "SUCCEEDED":
        return asked
    stats = getattr(shown, "completion_stats", None)
    counted = int(getattr(stats, "successful_count", None) or 0)
    return min(asked, max(counted, 1 if job.state in ANSWERED else 0))


async def _settle(
    client: GeminiClient, book: Book, job: BatchJob, paid: list[PaidCall], failed: Mapping[str, GeminiError]
) -> None:
    assert client.ledger is not None
    upsert, left = client.ledger.store.upserts.book, iter(failed.items())
    some = dict(islice(left, AT_ONCE))  # a database takes so many parameters and no more
    while some or paid:
        await book.settle(job, paid, {key: as_data(error) for key, error in some.items()}, upsert)
        paid, some = [], dict(islice(left, AT_ONCE))


def as_data(error: GeminiError) -> dict[str, Any]:
    """An error as JSON."""
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "retryable": error.retryable,
        "status": error.status,
    }


def _answer(
    client: GeminiClient, job: BatchJob, key: str, asked: Row, row: Mapping[str, Any]
) -> tuple[PaidCall | None, GeminiError | None]:
    """One row: what was paid for it, and what is wrong with it."""
    status, refused = row.get("status"), row.get("error")
    if isinstance(refused, Mapping):
        code = refused.get("code")
        return None, from_status(code if isinstance(code, int) else 500, {"error": dict(refused)}, model=job.model)
    if status and not row.get("response"):
        return None, BatchFailed(f"The row failed: {status}", model=job.model)
    model, backend, said = job.model, client.backend.kind, row.get("response")
    reply: Reply[Any]
    try:
        if embeds(model):
            reply = read_vector(said, estimate=int(asked.origin.get(TOKENS, 0)), model=model, backend=backend)
        else:
            reply = read(said, model=model, backend=backend)
    except AnswerError as error:
        if error.partial is None:
            return None, error
        error.partial = _priced(client, asked, error.partial)
        return _paid(client, key, asked, error.partial, serves=False), error
    except GeminiError as error:
        return None, error
    return _paid(client, key, asked, _priced(client, asked, reply), serves=True), None


def _priced(client: GeminiClient, asked: Row, reply: Reply[Any]) -> Reply[Any]:
    place = client.backend.location or "global"
    price = cost(reply.model, reply.usage, at=datetime.now(UTC), tier="batch", location=place)
    return reply.model_copy(update={"cost": price, "labels": dict(asked.labels)})


def _paid(client: GeminiClient, key: str, asked: Row, reply: Reply[Any], *, serves: bool) -> PaidCall:
    backend = client.backend
    return PaidCall(
        fingerprint=key,
        identity=backend.identity,
        backend=backend.kind,
        model=reply.model,
        model_version=reply.model_version,
        reply=reply.model_dump(mode="json"),
        serves=serves,
        cost=reply.cost,
        usage=token_counts(reply.usage),
        tier="batch",
        origin=asked.origin,
        labels=asked.labels,
        finish_reason=reply.finish_reason,
        response_id=reply.response_id,
    )
