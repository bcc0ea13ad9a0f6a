"""Jobs: work that is accepted now and done later, in states that only go forward.

One thread does the work, one job after the other, each when it is due by the server's clock. What a job has
come to is in the store before anybody is told, so a server that was killed goes on where it stopped.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.resources.store import Record, Store

# How each service spells its states.
PREFIXES = {"batches": "BATCH_STATE_", "batchPredictionJobs": "JOB_STATE_", "tuningJobs": "JOB_STATE_"}
NEXT: dict[str, frozenset[str]] = {
    "PENDING": frozenset({"RUNNING", "FAILED", "CANCELLED", "EXPIRED"}),
    "RUNNING": frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"}),
}
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"})
# As long as a client needs to ask once or to cancel; a test that wants to see a job run sets more.
USUAL_S = 0.2
TICK_S = 0.02


@dataclass(frozen=True)
class Outcome:
    """What a job has come to.

    Args:
        state: SUCCEEDED or FAILED.
        shown: fields the API shows from now on.
        hidden: fields it does not.
    """

    state: str = "SUCCEEDED"
    shown: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)


Work = Callable[[Record], Outcome]


def state_of(record: Record) -> str:
    """The state of a job, without its service's prefix."""
    return str(record.shown["state"]).removeprefix(PREFIXES[record.kind])


class Jobs:
    """All jobs of one server.

    Args:
        store: keeps them.
        clock: says when they are due.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._work: Mapping[str, Work] = {}
        self._waiting: dict[tuple[str, str], float] = {}
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self.take_s = USUAL_S

    def serve(self, work: Mapping[str, Work]) -> None:
        """Say who does the work of each kind, and take up what an earlier server left undone."""
        self._work = work
        for kind in work:
            for record in reversed(self._store.all(kind, at=self._clock.seconds())):
                if state_of(record) not in ENDED and "due" in record.hidden:
                    self._wait_for(record)

    def add(self, record: Record) -> Record:
        """Accept a job: its state is PENDING and it is due when `take_s` has passed."""
        now = self._clock.timestamp()
        times = {"createTime": now, "updateTime": now, "state": f"{PREFIXES[record.kind]}PENDING"}
        due = self._clock.seconds() + self.take_s
        record = replace(record, shown=record.shown | times, hidden=record.hidden | {"due": due})
        self._store.add(record)
        self._wait_for(record)
        return record

    def move(self, kind: str, name: str, outcome: Outcome) -> Record:
        """Bring a job into a later state.

        Raises:
            KeyError: when it is gone.
            GoogleError: 400 FAILED_PRECONDITION when it has ended.
        """
        with self._lock:
            record = self._store.find(kind, name, at=self._clock.seconds())
            if record is None:
                raise KeyError(name)
            before = state_of(record)
            if outcome.state not in NEXT.get(before, ()):
                text = f"The job {name} is in state {record.shown['state']} and cannot become {outcome.state}."
                raise GoogleError(400, text, status="FAILED_PRECONDITION")
            now = self._clock.timestamp()
            times = {"updateTime": now, "state": f"{PREFIXES[kind]}{outcome.state}"}
            if outcome.state == "RUNNING" and kind != "batches":
                times["startTime"] = now
            if outcome.state in ENDED:
                times["endTime"] = now
            record = replace(record, shown=record.shown | outcome.shown | times, hidden=record.hidden | outcome.hidden)
            self._store.replace(record)
            return record

    def cancel(self, kind: str, name: str) -> Record:
        """End a job that has not ended. Raises as `move`."""
        return self.move(kind, name, Outcome("CANCELLED"))

    def _wait_for(self, record: Record) -> None:
        with self._lock:
            self._waiting[record.kind, record.name] = float(record.hidden["due"])
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="local-gemini-jobs", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        """Until nothing waits any more; the next job starts a thread of its own."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                waiting = sorted(self._waiting.items(), key=lambda item: item[1])
            for (kind, name), due in waiting:
                try:
                    self._step(kind, name, due)
                except Exception:  # one job must not keep the others from being done
                    traceback.print_exc()
                    self._waiting.pop((kind, name), None)
            time.sleep(TICK_S)

    def _step(self, kind: str, name: str, due: float) -> None:
        record = self._store.find(kind, name, at=self._clock.seconds())
        try:
            if record is not None and state_of(record) == "PENDING":
                record = self.move(kind, name, Outcome("RUNNING"))
            if record is not None and state_of(record) == "RUNNING":
                if self._clock.seconds() < due:
                    return
                self.move(kind, name, self._outcome(record))
        except (KeyError, GoogleError):
            pass  # deleted or cancelled meanwhile: that stands
        self._waiting.pop((kind, name), None)

    def _outcome(self, record: Record) -> Outcome:
        try:
            return self._work[record.kind](record)
        except GoogleError as error:
            return Outcome("FAILED", {"error": rpc_status(error)})
        except Exception:
            traceback.print_exc()
            return Outcome("FAILED", {"error": rpc_status(GoogleError(500))})


_RPC_CODES = {
    "CANCELLED": 1,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
}


def rpc_status(error: GoogleError) -> dict[str, Any]:
    """An error as a google.rpc.Status, which has the code of gRPC and not of HTTP."""
    return {"code": _RPC_CODES.get(error.status, 2), "message": error.message}
