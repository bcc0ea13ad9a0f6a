"""A batch job, and what its states mean."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

PREFIX = "prefect-gemini-"
"""Display names of our jobs begin with this, and go on with a digest of what they hold."""

ENDED = frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"})
"""States a job does not leave. One this version does not know is waited out, until the service names its end."""
GOING = frozenset({"QUEUED", "PENDING", "RUNNING", "CANCELLING", "PAUSED", "UPDATING"})
SUBMITTED, INTENDED = "PENDING", "INTENDED"
"""INTENDED is ours: written down, and not yet known to the service."""
ABANDONED = "ABANDONED"
"""Ours too: written down, and never submitted."""
KNOWN = ENDED | GOING | {INTENDED, ABANDONED}
ANSWERED = frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED"})
"""States in which the service says that it has done its part."""


class BatchJob(BaseModel):
    """A batch job; it can be found again from any process by `key`.

    Args:
        key: digest of the requests and of who is asked: the same requests are the same job.
        attempt: how many jobs of this key there were, with this one.
        name: the service's name for it; "" until it is known.
        model: who answers.
        state: QUEUED, PENDING, RUNNING, SUCCEEDED, PARTIALLY_SUCCEEDED, FAILED, CANCELLING, CANCELLED, PAUSED,
            EXPIRED, UPDATING, or what the service writes; INTENDED and ABANDONED before it knew of it.
        rows: how many requests.
        message: what the service says of its failure.
        created_at: when it was written down.
        collected: whether its answers are in the ledger.
        output: where its answers are: a file, a `gs://` folder; "" where they are inline or not there yet.
        reattached: whether it was there already when it was submitted.
        over: whether the service says that it has ended, in a state this version does not know.
        made_by: the flow run that submitted it; None outside of a flow, "" where that run was cancelled.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    attempt: int = 1
    name: str = ""
    model: str
    state: str = INTENDED
    rows: int
    message: str = ""
    created_at: datetime | None = None
    collected: bool = False
    output: str = ""
    reattached: bool = False
    over: bool = False
    made_by: str | None = None

    @property
    def display_name(self) -> str:
        """What the service calls it for people; the same in every process, so that it can be looked up."""
        again = "" if self.attempt == 1 else f"-{self.attempt}"
        return f"{PREFIX}{self.key[:32]}{again}"

    @property
    def ended(self) -> bool:
        return self.over or self.state in ENDED

    @property
    def has_failed(self) -> bool:
        """Whether it ended without having answered everything."""
        return self.ended and self.state != "SUCCEEDED"

    @property
    def known(self) -> bool:
        """Whether this version knows its state."""
        return self.state in KNOWN

    def is_of(self, flow_run_id: str | None) -> bool:
        """Whether this run asked its requests itself, so that what the job did not answer has had its turn."""
        return not self.reattached or (flow_run_id is not None and self.made_by == flow_run_id)


def state_of(said: object) -> str:
    """A state as the two services write it, without its prefix."""
    text = str(getattr(said, "value", said) or "")
    return text.removeprefix("JOB_STATE_").removeprefix("BATCH_STATE_") or "UNSPECIFIED"
