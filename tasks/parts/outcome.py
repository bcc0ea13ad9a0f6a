"""What became of one item: a reply, or an error that says what to do. Never a gap."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.tasks.parts.storable import jsonable

T = TypeVar("T")


class Failure(BaseModel):
    """An error as data, for tables, artifacts and databases.

    Args:
        kind: the error's class, such as `EncryptedDocument`.
        message: what happened.
        hint: what to do about it.
        retryable: whether the same item may succeed later as it is.
        expected: False for an error that is none of ours: a defect, worth reporting.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    message: str
    hint: str = ""
    retryable: bool = False
    expected: bool = True

    @classmethod
    def of(cls, error: Exception) -> Failure:
        if isinstance(error, GeminiError):
            return cls(kind=type(error).__name__, message=error.message, hint=error.hint, retryable=error.retryable)
        return cls(
            kind=type(error).__name__,
            message=str(error),
            hint="this error has no type of its own; please report it",
            expected=False,
        )


class Outcome(BaseModel, Generic[T]):
    """One item of a list given to a node, in the order of the list.

    Args:
        index: place in the list, from 0.
        name: what a person calls the item: its path, URL or document name.
        source: where it came from: its path or URL; "" for what is in memory or a text in a table.
        digest: SHA-256 of the document, "" where it could not be read.
        reply: the node's reply, where there is one.
        failure: why there is none.
    """

    model_config = ConfigDict(frozen=True)

    index: int
    name: str
    source: str = ""
    digest: str = ""
    reply: Reply[T] | None = None
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        return self.reply is not None

    @property
    def value(self) -> T:
        """The value.

        Raises:
            ValueError: when this item failed; look at `ok` first.
        """
        if self.reply is None:
            raise ValueError(f"item {self.index} ({self.name}) failed: {self.failure}")
        return self.reply.value

    def as_record(self) -> dict[str, Any]:
        """The item as one flat record for a file or a database: always the same columns."""
        reply, failure = self.reply, self.failure
        return {
            "index": self.index,
            # What is only in memory is told apart by its content: many texts may have one name.
            "source": self.source or f"{self.name} {f'sha256:{self.digest}' if self.digest else f'#{self.index}'}",
            "name": self.name,
            "digest": self.digest,
            "ok": self.ok,
            "value": None if reply is None else jsonable(reply.value),
            "evidence": [] if reply is None else jsonable(reply.evidence),
            "error": None if failure is None else failure.kind,
            "message": None if failure is None else failure.message,
            "hint": None if failure is None else failure.hint,
            "model": None if reply is None else reply.model_version or reply.model,
            "cost": None if reply is None else reply.cost,
            "prompt_tokens": None if reply is None else reply.usage.prompt,
            "output_tokens": None if reply is None else reply.usage.output + reply.usage.thoughts,
            "from_ledger": None if reply is None else reply.from_ledger,
        }

    def as_row(self) -> dict[str, Any]:
        """The item as a row for a table artifact."""
        return {
            "item": self.name,
            "status": "done" if self.ok else "failed",
            "reason": f"{self.failure.kind}: {self.failure.message}" if self.failure else "",
            "what to do": self.failure.hint if self.failure else "",
        }
