"""The contract database: one review a document and playbook, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lawyer
import pytest
import sqlalchemy as sa

from prefect_gemini.flows.contracts.read import aread_contract
from prefect_gemini.flows.contracts.review import Decision, Review
from prefect_gemini.flows.contracts.store import ContractStore
from prefect_gemini.flows.contracts.tables import metadata
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.testing import LocalGemini

NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "contracts.db")
    url = request.getfixturevalue("postgres")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    metadata.drop_all(engine)
    engine.dispose()
    return url


async def reviewed(gemini: LocalGemini, *, run: str, when: datetime.datetime, choice: str = "") -> Review:
    """A review of the risky sample, with one decision if asked."""
    lawyer.serve(gemini, lawyer.sample("02-hosting-risky"))
    reply = await aread_contract.fn(Document.text(lawyer.sample("02-hosting-risky"), name="risky"), playbook="saas")
    decisions = ()
    if choice:
        decisions = (
            Decision.model_validate(
                {"key": "cap_on_liability", "choice": choice, "decided_by": "Ada", "decided_at": when, "by": "form"}
            ),
        )
    return Review.of(reply, run_id=run, backend="local", now=when).model_copy(update={"decisions": decisions})


async def test_a_review_is_updated_and_decisions_only_added(gemini, target):
    """The second run replaces the rows of the first; who decided what in which run stays."""
    later = NOON + datetime.timedelta(days=1)
    first = await reviewed(gemini, run="one", when=NOON, choice="reject")
    second = await reviewed(gemini, run="two", when=later, choice="accept")
    with ContractStore(target) as store:
        store.save(first)
        store.save(second)
        store.save(second.model_copy(update={"decisions": ()}))
        store.save(
            second.model_copy(update={"decisions": (second.decisions[0].model_copy(update={"choice": "amend"}),)})
        )
        (row,) = store.rows()
        audit = [(one["run_id"], one["choice"], one["decided_at"]) for one in store.rows("decisions")]
        counts = {name: len(list(store.rows(name))) for name in ("clauses", "facts", "deadlines", "remarks")}
    assert (row["run_id"], row["first_reviewed_at"], row["reviewed_at"]) == ("two", NOON, later)
    assert row["cost"] == Decimal(0)
    assert audit == [("one", "reject", NOON), ("two", "accept", later)]
    assert counts == {"clauses": 16, "facts": 0, "deadlines": 0, "remarks": len(second.reading.remarks)}
