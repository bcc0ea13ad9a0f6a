"""The tables of the contract database."""

from __future__ import annotations

import sqlalchemy as sa

from prefect_gemini.flows.database import Exact, Moment

metadata = sa.MetaData()

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("playbook", sa.String(60), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.String(20), nullable=False, index=True),
    sa.Column("risk", sa.String(10), nullable=False, index=True),
    sa.Column("pages", sa.Integer),
    sa.Column("characters", sa.Integer, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", Exact),
    sa.Column("run_id", sa.String(64), nullable=False, index=True),
    sa.Column("first_reviewed_at", Moment, nullable=False),
    sa.Column("reviewed_at", Moment, nullable=False),
)


def _of_review() -> list[sa.Column[str]]:
    return [
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("playbook", sa.String(60), primary_key=True),
    ]


def _belongs() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["digest", "playbook"], ["reviews.digest", "reviews.playbook"], ondelete="CASCADE")


clauses = sa.Table(
    "clauses",
    metadata,
    *_of_review(),
    sa.Column("key", sa.String(60), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("status", sa.String(20), nullable=False, index=True),
    sa.Column("position", sa.String(20), nullable=False),
    sa.Column("judged_by", sa.String(10), nullable=False),
    sa.Column("risk", sa.String(10), nullable=False, index=True),
    sa.Column("needs_human", sa.Boolean, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    _belongs(),
)

facts = sa.Table(
    "facts",
    metadata,
    *_of_review(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(60), nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("quote", sa.Text),
    sa.Column("page", sa.Integer),
    sa.Column("supported", sa.Boolean, nullable=False),
    _belongs(),
)

deadlines = sa.Table(
    "deadlines",
    metadata,
    *_of_review(),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("serve_by", sa.Date),
    sa.Column("rule", sa.Text, nullable=False),
    _belongs(),
)

remarks = sa.Table(
    "remarks",
    metadata,
    *_of_review(),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(40), nullable=False, index=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    _belongs(),
)

# Decisions are only ever added: who decided what, when, and in which run stays on record.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("run_id", sa.String(64), primary_key=True),
    *_of_review(),
    sa.Column("key", sa.String(60), primary_key=True),
    sa.Column("choice", sa.String(10), nullable=False),
    sa.Column("amended_text", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", Moment, nullable=False),
    sa.Column("by", sa.String(10), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    _belongs(),
)
