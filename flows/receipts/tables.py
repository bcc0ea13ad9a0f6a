"""The tables of the expense database."""

from __future__ import annotations

import sqlalchemy as sa

from prefect_gemini.flows.database import Exact, Moment

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("documents", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", Exact),
)

expenses = sa.Table(
    "expenses",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.String(20), nullable=False, index=True),
    sa.Column("merchant", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("date", sa.Date, index=True),
    sa.Column("time", sa.Time),
    sa.Column("currency", sa.String(3)),
    sa.Column("subtotal", Exact),
    sa.Column("tax", Exact),
    sa.Column("tip", Exact),
    sa.Column("rounding", Exact),
    sa.Column("total", Exact),
    sa.Column("payment_method", sa.Text),
    sa.Column("category", sa.String(30), index=True),
    sa.Column("duplicate_of", sa.String(64)),
    sa.Column("perceptual_hash", sa.String(64), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", Exact),
    sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)


def _belongs_to_expense() -> sa.Column[str]:
    return sa.Column("digest", sa.String(64), sa.ForeignKey("expenses.digest", ondelete="CASCADE"), primary_key=True)


line_items = sa.Table(
    "line_items",
    metadata,
    _belongs_to_expense(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("quantity", Exact),
    sa.Column("unit_price", Exact),
    sa.Column("amount", Exact, nullable=False),
)

taxes = sa.Table(
    "taxes",
    metadata,
    _belongs_to_expense(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("rate", Exact),
    sa.Column("amount", Exact),
)

exceptions = sa.Table(
    "exceptions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(60), nullable=False, index=True),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id"), nullable=False, index=True),
)
