"""One paid call, as the ledger keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.ledger.tables import picos, usd

if TYPE_CHECKING:
    from prefect_gemini.gemini.backend import Backend
    from prefect_gemini.gemini.reply import Reply, Usage
    from prefect_gemini.gemini.request import Request

__all__ = ["CACHE_TIER", "FORMAT", "PaidCall"]

FORMAT = 1
"""The form of the stored reply; an answer stored in another form is not given again."""
CACHE_TIER = "cache"
"""The tier of what was paid for filling or keeping an explicit cache; such a row has no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidCall:
    """What is written for a call that was answered, whole or not.

    Attributes:
        fingerprint: What was asked, of whom (`fingerprint.fingerprint`).
        identity: Who was asked as whom (`Backend.identity`).
        backend: "vertex", "developer" or "local".
        model: The model that answered.
        model_version: The version the service named.
        reply: The reply as JSON, enough to build it again.
        serves: Whether it may be given again; False for an answer that is blocked, cut or not valid.
        cost: USD, None where no price is known.
        usage: Tokens by kind: prompt, cached, thoughts, output, tool.
        tier: Service tier, or `CACHE_TIER`.
        origin: Whom it is booked on: flow, flow_run_id, task_run_id, prompt, prompt_version, document, document_digest.
        labels: Billing labels that were sent.
        latency_s: Seconds from sending to the whole answer.
        attempts: Requests sent for it.
        finish_reason: As the service wrote it.
        response_id: The service's id of the answer.
        created_at: When it was written.
        id: The row, once written.
    """

    fingerprint: str
    identity: str
    backend: str
    model: str
    model_version: str = ""
    reply: Mapping[str, Any] = field(default_factory=dict)
    serves: bool = True
    cost: Decimal | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    tier: str = "standard"
    origin: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    latency_s: float = 0.0
    attempts: int = 1
    finish_reason: str = ""
    response_id: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int | None = None

    @classmethod
    def of(
        cls,
        request: Request,
        reply: Reply[Any],
        *,
        fingerprint: str,
        backend: Backend,
        stored: Mapping[str, Any],
        serves: bool = True,
    ) -> PaidCall:
        """Describe an answered request.

        Args:
            request: What was asked.
            reply: What came back, whole or partial.
            fingerprint: The request's fingerprint.
            backend: Who was asked.
            stored: The reply as JSON, in the form the client rebuilds it from.
            serves: Whether it may be given again.
        """
        return cls(
            fingerprint=fingerprint,
            identity=backend.identity,
            backend=backend.kind,
            model=reply.model or request.model,
            model_version=reply.model_version,
            reply=stored,
            serves=serves,
            cost=reply.cost,
            usage=token_counts(reply.usage),
            tier=request.service_tier,
            origin=_origin(request),
            labels=dict(request.labels),
            latency_s=reply.latency_s,
            attempts=reply.attempts,
            finish_reason=reply.finish_reason,
            response_id=reply.response_id,
        )

    @staticmethod
    def booked(request: Request) -> dict[str, str]:
        """Whom a request is booked on: its origin, completed with its prompt version and its document."""
        return _origin(request)

    @property
    def day(self) -> str:
        """The UTC day it is booked on."""
        return self.created_at.astimezone(UTC).date().isoformat()

    @property
    def run(self) -> str | None:
        """The run it is booked on."""
        return self.origin.get("flow_run_id")

    def row(self, *, keep_reply: bool = True) -> dict[str, Any]:
        """Write it as a row of the `calls` table."""
        tokens = {
            f"tokens_{kind}": int(self.usage.get(kind, 0))
            for kind in ("prompt", "cached", "thoughts", "output", "tool")
        }
        booked = {
            name: self.origin.get(name)
            for name in (
                "flow",
                "flow_run_id",
                "task_run_id",
                "prompt",
                "prompt_version",
                "document",
                "document_digest",
            )
        }
        return {
            **tokens,
            **booked,
            "created_at": self.created_at,
            "day": self.day,
            "fingerprint": self.fingerprint,
            "identity": self.identity,
            "serves": self.serves,
            "format": FORMAT,
            "backend": self.backend,
            "model": self.model,
            "model_version": self.model_version,
            "tier": self.tier,
            "labels": dict(self.labels),
            "picodollars": None if self.cost is None else picos(self.cost),
            "latency_s": self.latency_s,
            "attempts": self.attempts,
            "finish_reason": self.finish_reason,
            "response_id": self.response_id,
            "reply": json.dumps(self.reply, separators=(",", ":")) if keep_reply else None,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> PaidCall:
        """Read it back. The inverse of `row`."""
        names = ("flow", "flow_run_id", "task_run_id", "prompt", "prompt_version", "document", "document_digest")
        return cls(
            id=row["id"],
            fingerprint=row["fingerprint"],
            identity=row["identity"],
            backend=row["backend"],
            model=row["model"],
            model_version=row["model_version"],
            reply=json.loads(row["reply"]) if row["reply"] else {},
            serves=row["serves"],
            cost=usd(row["picodollars"]),
            usage={kind: row[f"tokens_{kind}"] for kind in ("prompt", "cached", "thoughts", "output", "tool")},
            tier=row["tier"],
            origin={name: row[name] for name in names if row[name] is not None},
            labels=row["labels"],
            latency_s=row["latency_s"],
            attempts=row["attempts"],
            finish_reason=row["finish_reason"],
            response_id=row["response_id"],
            created_at=row["created_at"].replace(tzinfo=UTC) if row["created_at"].tzinfo is None else row["created_at"],
        )


def token_counts(usage: Usage) -> dict[str, int]:
    """Read the token counts the ledger keeps."""
    return {kind: int(getattr(usage, kind) or 0) for kind in ("prompt", "cached", "thoughts", "output", "tool")}


def _origin(request: Request) -> dict[str, str]:
    """Complete the request's origin with its prompt version and its document's name and digest."""
    origin = dict(request.origin)
    if request.prompt_version and "prompt_version" not in origin:
        name, _, version = request.prompt_version.rpartition("@")
        origin |= {"prompt": origin.get("prompt", name or version), "prompt_version": version}
    documents = [item for item in request.contents if hasattr(item, "digest") and hasattr(item, "media_type")]
    if documents:
        origin.setdefault("document_digest", documents[0].digest)
        if document := getattr(documents[0], "name", None):
            origin.setdefault("document", str(document))
    return origin
