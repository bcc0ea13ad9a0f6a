"""Fill the part of a schema that asks about a document: an object with a property `quotes` or `quote`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prefect_gemini.local.reader.contracts.details import amounts_in, detail
from prefect_gemini.local.reader.contracts.find import MOST, Question, answers
from prefect_gemini.local.reader.contracts.opening import parties
from prefect_gemini.local.reader.contracts.text import Contract, Passage, is_contract
from prefect_gemini.local.reader.contracts.topics import topic_of
from prefect_gemini.local.reader.resolve import Found, Reading, Schema
from prefect_gemini.local.reader.values import Unfit, fit

Branches = Callable[[Schema], tuple[list[Schema], bool]]
Note = Callable[[str, Found], None]

MOST_AMOUNTS = 20
"""Amounts of money listed of one contract."""

Row = tuple[dict[str, Any], Passage]


def is_question(schema: Schema, *, whole: bool = False) -> bool:
    """Whether an object asks for passages: it has room for quotes.

    Args:
        schema: of the object.
        whole: it is the whole answer; a single `quote` there is rather the price a shop was asked for.
    """
    properties = schema.get("properties", {})
    return "quotes" in properties or ("quote" in properties and not whole)


def answer(
    reading: Reading, name: str, path: str, schema: Schema, *, branches: Branches, note: Note
) -> dict[str, Any] | None:
    """The object for one question; None where nothing answers and the object cannot say so.

    Args:
        reading: the document.
        name: the key of the object, for example `governing_law`.
        path: of the object, for provenance.
        schema: of the object, references resolved.
        branches: the alternatives of a schema, and whether null is one.
        note: told where each quote stands.
    """
    properties: dict[str, Schema] = schema["properties"]
    room = branches(properties["quotes"])[0][0] if "quotes" in properties else {"maxItems": 1}
    question = Question(name, str(schema.get("description") or schema.get("title") or ""))
    least = room.get("minItems", 0)
    hits = answers(reading, question, insists=least > 0, most=max(least, room.get("maxItems", MOST)))
    contract = Contract.of(reading)
    filled: dict[str, Any] = {}
    for key, part in properties.items():
        options, nullable = branches(part)
        value: Any = None
        if key == "quotes":
            value = [hit.passage.text for hit in hits] if len(hits) >= least else None
        elif key == "quote":
            value = hits[0].passage.text if hits else None
        elif hits:
            value = _fitting(detail(contract, question, hits[0], key, options[0]), options)
        elif "boolean" in str(options[0].get("type")) and not nullable:
            value = False
        if value is not None or nullable:
            filled[key] = value
    if not set(schema.get("required", ())) <= filled.keys() or not (hits or _says_no(filled)):
        return None
    for place, hit in enumerate(hits if "quotes" in properties else hits[:1]):
        note(
            f"{path}.quotes[{place}]" if "quotes" in properties else f"{path}.quote",
            _found(contract, hit.passage, hit.score),
        )
    return filled


def rows(reading: Reading, name: str, path: str, item: Schema, *, branches: Branches, note: Note) -> list[Any] | None:
    """The list of parties or of amounts; None where the list is neither.

    Args:
        item: the schema of one row; the other arguments are those of `answer`.
    """
    properties: dict[str, Schema] = item.get("properties", {})
    contract = Contract.of(reading)
    if topic_of(name) == "parties":
        found = [({"name": party.name, "role": party.role}, party.passage) for party in parties(contract)]
    elif is_question(item) and "amount" in properties:
        found = list(_amounts(contract))
    else:
        return None
    values: list[Any] = []
    for row, passage in found:
        filled: Any = {} if properties else row["name"]
        for key, part in properties.items():
            options, nullable = branches(part)
            value = passage.text if key == "quote" else _fitting(row.get(key), options)
            if value is not None or nullable:
                filled[key] = value
        if not properties or set(item.get("required", ())) <= filled.keys():
            note(f"{path}[{len(values)}]", _found(contract, passage, 0.9))
            values.append(filled)
    return values


def fact(reading: Reading, name: str, schema: Schema) -> Found | None:
    """A single value a contract's own wording gives: `governing_law`, `effective_date`; None in other documents.

    Args:
        reading: the document.
        name: the property's key.
        schema: its schema, one branch.
    """
    question = Question(name)
    if not question.about or not is_contract(reading.pages):
        return None
    contract = Contract.of(reading)
    for hit in answers(reading, question, most=1):
        value = detail(contract, question, hit, "value", schema)
        if value is not None and not isinstance(value, bool):
            return _found(contract, hit.passage, hit.score, value)
    return None


def _amounts(contract: Contract) -> Iterator[Row]:
    seen: set[Any] = set()
    for passage in contract.passages:
        for amount, currency in amounts_in(passage.text):
            if (amount, currency) not in seen and len(seen) < MOST_AMOUNTS and amount:
                seen.add((amount, currency))
                yield {"amount": amount, "currency": currency, "purpose": passage.heading or None}, passage


def _fitting(value: Any, options: list[Schema]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    for option in options:
        try:
            return value if isinstance(value, int) else fit(value, option)
        except Unfit:
            continue
    return None


def _says_no(filled: dict[str, Any]) -> bool:
    return any(value is False for value in filled.values())


def _found(contract: Contract, passage: Passage, score: float, value: Any = None) -> Found:
    return Found(passage.text if value is None else value, contract.spans(passage.start, passage.end), score)
