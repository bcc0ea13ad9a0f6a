"""The tables of the meetings database."""

from __future__ import annotations

import sqlalchemy as sa

from prefect_gemini.flows.database import Exact, Moment

metadata = sa.MetaData()

meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False, index=True),
    sa.Column("held", sa.Date),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("extractive", sa.Boolean, nullable=False),
    sa.Column("run_id", sa.String(64), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("cost", Exact),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

items = sa.Table(
    "meeting_items",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("due_said", sa.Text, nullable=False),
    sa.Column("speaker", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("support", sa.String(16), nullable=False),
    sa.Column("start_s", sa.Float),
    sa.Column("end_s", sa.Float),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("filed", sa.Text, nullable=False, server_default=""),
    sa.Column("recorded_at", Moment, nullable=False),
)
"""One row an action item, decision or open question. `status` of an action is open until somebody closes it;
`filed` is what the tracker answered, or `filing` while it is asked."""

voices = sa.Table(
    "meeting_voices",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float),
)
