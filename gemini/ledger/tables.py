"""The ledger's tables. Money is whole picodollars (1e-12 USD): exact, and SQL can add it up."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = [
    "OPEN_BATCH",
    "PICO",
    "batch_rows",
    "batch_runs",
    "batches",
    "calls",
    "claims",
    "metadata",
    "picos",
    "spent",
    "usd",
]

PICO = Decimal(10) ** 12
"""Picodollars in a dollar. The cheapest token known, 1.5 Flash-8B cached, is 10,000 of them."""

metadata = MetaData()

calls = Table(
    "gemini_calls",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("day", String(10), nullable=False),
    Column("fingerprint", String(80), nullable=False),
    Column("identity", String(500), nullable=False),
    Column("serves", Boolean, nullable=False),
    Column("format", Integer, nullable=False),
    Column("backend", String(20), nullable=False),
    Column("model", String(200), nullable=False),
    Column("model_version", String(200), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("flow", String(200)),
    Column("flow_run_id", String(200)),
    Column("task_run_id", String(200)),
    Column("prompt", String(200)),
    Column("prompt_version", String(200)),
    Column("document", String(1000)),
    Column("document_digest", String(64)),
    Column("labels", JSON, nullable=False),
    Column("tokens_prompt", BigInteger, nullable=False),
    Column("tokens_cached", BigInteger, nullable=False),
    Column("tokens_thoughts", BigInteger, nullable=False),
    Column("tokens_output", BigInteger, nullable=False),
    Column("tokens_tool", BigInteger, nullable=False),
    Column("picodollars", BigInteger),
    Column("latency_s", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("finish_reason", String(100), nullable=False),
    Column("response_id", String(200)),
    Column("reply", Text),
    Index("gemini_calls_lookup", "fingerprint", "identity"),
    Index("gemini_calls_day", "day"),
    Index("gemini_calls_run", "flow_run_id"),
)
"""One row a paid call. `serves` is false for an answer that may not be given again: blocked, cut, not valid."""

claims = Table(
    "gemini_claims",
    metadata,
    Column("fingerprint", String(80), primary_key=True),
    Column("identity", String(500), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("run", String(200)),
    Column("held", BigInteger, nullable=False),
)
"""Calls under way: who is making them, until when that is believed, and the money set aside for them."""

spent = Table(
    "gemini_spent",
    metadata,
    Column("identity", String(500), primary_key=True),
    Column("scope", String(10), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("picodollars", BigInteger, nullable=False),
)
"""Running totals a day and a run, so that a budget is checked without adding up every call."""

OPEN_BATCH = "open:"
"""Begins the claims that hold the price of batch jobs on their way: for days, so nobody waits for them to end."""

batches = Table(
    "gemini_batches",
    metadata,
    Column("identity", String(500), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("model", String(200), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("name", String(300)),
    Column("state", String(60), nullable=False),
    Column("collected", Boolean, nullable=False),
    Column("flow_run_id", String(200)),
)
"""Batch jobs, written before they are submitted. `name` is the service's, empty until it has said it;
`flow_run_id` is who submitted it: NULL outside of a flow, empty when that run has been cancelled."""

batch_rows = Table(
    "gemini_batch_rows",
    metadata,
    Column("identity", String(500), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("fingerprint", String(80), primary_key=True),
    Column("origin", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("error", JSON),
    Index("gemini_batch_rows_asked", "fingerprint", "identity", "key", "attempt"),
)
"""Requests of a batch job: open, done or failed."""

batch_runs = Table(
    "gemini_batch_runs",
    metadata,
    Column("identity", String(500), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("run", String(200), primary_key=True),
)
"""Flow runs that wait for a batch job, each until it has the answers or waits no more."""


def picos(amount: Decimal) -> int:
    """Turn dollars into whole picodollars, rounded up: a budget is never undercounted."""
    return int((amount * PICO).to_integral_value(rounding="ROUND_CEILING"))


def usd(amount: int | None) -> Decimal | None:
    """Turn picodollars into dollars."""
    return None if amount is None else Decimal(amount) / PICO
