"""The review in words and rows, for the Prefect UI and the terminal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from prefect_gemini.flows.contracts.findings import RISKS
from prefect_gemini.flows.contracts.review import Review
from prefect_gemini.gemini.plain import escape_terminal, one_line, plain

STATUS = {
    "clear": "nothing to decide",
    "needs_decision": "needs a decision",
    "approved": "approved",
    "to_amend": "to be amended",
    "rejected": "rejected",
}
LONGEST_CELL = 400


def finding_rows(review: Review) -> list[dict[str, Any]]:
    """One row a clause, the gravest first, as text that no page or terminal interprets."""
    rows = []
    for one in sorted(review.reading.findings, key=lambda one: -RISKS.index(one.risk)):
        decision = review.decision(one.key)
        rows.append(
            {
                "clause": one.title,
                "status": one.status,
                "position": one.position,
                "risk": one.risk,
                "where": _where(one.section, one.page),
                "what it says": escape_terminal(" ".join(one.text.split()), longest=LONGEST_CELL),
                "why": escape_terminal(one.reason, longest=LONGEST_CELL),
                "decision": f"{decision.choice} ({decision.decided_by})" if decision else "",
            }
        )
    return rows


def fact_rows(review: Review) -> list[dict[str, Any]]:
    """One row a fact."""
    return [
        {
            "fact": one.name,
            "value": escape_terminal(one.value, longest=LONGEST_CELL),
            "where": _where("", one.evidence.page) if one.supported else "not in the document",
        }
        for one in review.reading.proven.facts
    ]


def deadline_rows(review: Review) -> list[dict[str, Any]]:
    """One row a deadline, with the days left."""
    today = review.reviewed_at.date()
    return [
        {
            "day": str(one.day),
            "act by": str(one.act_by),
            "what": one.title,
            "days left": str((one.act_by - today).days),
            "computed": one.rule,
        }
        for one in review.deadlines
    ]


def remark_rows(review: Review) -> list[dict[str, Any]]:
    """One row a remark."""
    return [
        {
            "check": one.code.replace("_", " "),
            "remark": escape_terminal(one.message, longest=LONGEST_CELL),
            "section": one.section,
            "passage": escape_terminal(" ".join(one.quote.split()), longest=LONGEST_CELL),
        }
        for one in review.reading.remarks
    ]


def bill(review: Review) -> str:
    """What the review cost, who was paid, and what caching saved."""
    cost = "no price is known for this model" if review.cost is None else f"${review.cost:.4f}"
    if "local" in review.backend:
        cost = f"{cost} at Gemini's list prices; nothing was paid"
    saved = f"; ${review.saved:.4f} saved, because the ledger had the answers" if review.saved else ""
    return f"{review.input_tokens:,} tokens in, {review.output_tokens:,} out: {cost}{saved}"


def summary(review: Review, *, files: dict[str, str]) -> str:
    """The review as markdown.

    Args:
        review: the review.
        files: what was written, by what it is.
    """
    reading = review.reading
    counts = Counter(one.status for one in reading.findings)
    risks = Counter(one.risk for one in reading.findings)
    lines = [
        f"# {plain(reading.name)}",
        "",
        f"**{STATUS[review.status]}**, highest risk **{review.risk}**; held against *{plain(reading.playbook_title)}*.",
        "",
        (
            f"- **Clauses:** {counts['found']} found, {counts['missing']} missing, {counts['unsupported']} not supported "
            f"by the document; {risks['high']} high risks, {risks['medium']} medium, {risks['low']} low"
        ),
        *(f"- **{deadline.title}:** {deadline.act_by} ({one_line(deadline.rule)})" for deadline in review.deadlines),
        (
            f"- **Read by:** {plain(review.backend)}, {plain(review.model)}; {reading.tokens:,} tokens in "
            f"{'one pass' if len(reading.parts) == 1 else f'{len(reading.parts)} parts'}"
        ),
        f"- **Bill:** {bill(review)}",
        f"- **Cache:** {one_line(str(reading.cache))}",
        *(f"- **{what}:** `{path}`" for what, path in files.items()),
        *(f"- **Warning:** {one_line(one.message)}" for one in reading.remarks if one.code == "suspected_injection"),
    ]
    for one in sorted(reading.findings, key=lambda one: -RISKS.index(one.risk)):
        if one.risk in ("none", "low") and not one.needs_human:
            continue
        decision = review.decision(one.key)
        lines += [
            "",
            f"## {plain(one.title)}: {one.risk} risk",
            "",
            f"{one_line(one.reason)} {_where(one.section, one.page)}",
            "",
            f"> {one_line(one.text, longest=600) or 'Nothing is said.'}",
            "",
            f"Preferred: {one_line(one.preferred)}",
            *([f"\nDecision: **{decision.choice}** by {one_line(decision.decided_by)}"] if decision else []),
        ]
    return "\n".join(lines)


def _where(section: str, page: int | None) -> str:
    return ", ".join(filter(None, (f"§ {section}" if section else "", f"page {page}" if page else "")))
