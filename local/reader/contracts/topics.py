"""What a contract says of itself, asked by name: its title, its parties, its dates; found by place and not by wording."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.contracts.days import Day, agreement_day, effective_day, ending_day
from prefect_gemini.local.reader.contracts.opening import introduction, titles
from prefect_gemini.local.reader.contracts.text import Contract, Passage
from prefect_gemini.local.reader.roles import words_of

TOPICS: dict[str, str] = {
    "parties": r"(contracting )?part(y|ies)( names?)?|names? of (the )?(contracting )?parties|signatories|counterpart(y|ies)",
    "document_name": r"(document|agreement|contract) (name|title)|title( of (the )?(document|agreement|contract))?|name of (the )?(document|agreement|contract)",
    "agreement_date": r"(agreement|contract|execution|signature|signing)( execution)? date|date (of )?(the )?(agreement|contract|execution|signature)|date( signed)?|dated|((it|agreement|contract) )?(was )?(signed|made|dated)",
    "effective_date": r"effective date|effective|(commencement|start) date|date effective|((it|agreement|contract) )?(takes? effect|(comes?|enters?) into (force|effect))",
}
"""Each topic with the names it goes by, as words."""


def topic_of(name: str) -> str | None:
    """The topic a property's name means; None where it is a clause or nothing known."""
    words = words_of(name)
    return next((topic for topic, names in TOPICS.items() if re.fullmatch(names, words)), None)


def passages_on(contract: Contract, topic: str) -> list[Passage]:
    """Where a contract speaks on a topic, the telling passage first."""
    if topic == "parties":
        return introduction(contract)
    if topic == "document_name":
        return list(titles(contract))
    day = day_on(contract, topic)
    if day is None:
        return []
    telling = [passage for passage in contract.passages if passage.start < day.end and passage.end > day.start][:1]
    return telling + [passage for passage in introduction(contract) if passage not in telling]


def day_on(contract: Contract, topic: str, passages: list[Passage] | None = None) -> Day | None:
    """The day a topic names.

    Args:
        contract: the contract.
        topic: `agreement_date`, `effective_date`, or `expiration`.
        passages: for `expiration`, those in which it may be named.
    """
    made = agreement_day(contract)
    if topic == "effective_date":
        return effective_day(contract, made)
    return ending_day(contract, passages or []) if topic == "expiration" else made
