"""The contract database: one review a document and playbook, and every decision that was ever taken."""

from __future__ import annotations

from typing import Any

from prefect_gemini.flows.contracts.review import Review
from prefect_gemini.flows.contracts.tables import clauses, deadlines, decisions, facts, metadata, remarks, reviews
from prefect_gemini.flows.database import Database

_KEPT = frozenset({"first_reviewed_at"})


class ContractStore(Database):
    """An open contract database."""

    metadata = metadata
    what = "contract database"
    main = "reviews"

    def save(self, review: Review) -> None:
        """Write a review in one transaction: all of it or nothing.

        The same document under the same playbook is updated; decisions are added and never changed.

        Raises:
            StoreError: the database refused; nothing was written.
        """
        key = {"digest": review.reading.digest, "playbook": review.reading.playbook}
        with self.named(), self.engine.begin() as connection:
            self.upsert(connection, reviews, [key | _review(review)], keep=tuple(_KEPT))
            for table, rows in (
                (clauses, _clauses(review)),
                (facts, _facts(review)),
                (deadlines, _deadlines(review)),
                (remarks, _remarks(review)),
            ):
                connection.execute(
                    table.delete().where(table.c.digest == key["digest"], table.c.playbook == key["playbook"])
                )
                if rows:
                    connection.execute(table.insert(), [key | row for row in rows])
            rows = [key | {"run_id": review.run_id} | decision.model_dump() for decision in review.decisions]
            self.upsert(connection, decisions, rows, keep=tuple(column.name for column in decisions.columns))


def _review(review: Review) -> dict[str, Any]:
    reading = review.reading
    return {
        "name": reading.name,
        "status": review.status,
        "risk": review.risk,
        "pages": reading.pages,
        "characters": reading.characters,
        "tokens": reading.tokens,
        "model": review.model,
        "backend": review.backend,
        "input_tokens": review.input_tokens,
        "output_tokens": review.output_tokens,
        "cost": review.cost,
        "run_id": review.run_id,
        "first_reviewed_at": review.reviewed_at,
        "reviewed_at": review.reviewed_at,
    }


def _clauses(review: Review) -> list[dict[str, Any]]:
    names = (
        "key",
        "title",
        "status",
        "position",
        "judged_by",
        "risk",
        "needs_human",
        "text",
        "page",
        "section",
        "reason",
    )
    return [{name: getattr(finding, name) for name in names} for finding in review.reading.findings]


def _facts(review: Review) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "name": fact.name,
            "value": fact.value,
            "quote": fact.evidence.quote,
            "page": fact.evidence.page,
            "supported": fact.supported,
        }
        for position, fact in enumerate(review.reading.proven.facts)
    ]


def _deadlines(review: Review) -> list[dict[str, Any]]:
    return [deadline.model_dump() for deadline in review.deadlines]


def _remarks(review: Review) -> list[dict[str, Any]]:
    return [
        {"position": position, "code": one.code, "message": one.message, "quote": one.quote, "section": one.section}
        for position, one in enumerate(review.reading.remarks)
    ]
