"""The calls a request asks for: functions it speaks of, one call for each row of things that it mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from prefect_gemini.local.engine import FunctionDeclaration
from prefect_gemini.local.reader.functions.assign import best_row
from prefect_gemini.local.reader.functions.mentions import Mention, mentions_in
from prefect_gemini.local.reader.functions.parameters import PLACES, WHOLE, Parameter, nested, parameters_of
from prefect_gemini.local.reader.functions.repeats import several_rows
from prefect_gemini.local.reader.functions.words_said import adjective, chosen, example, unit, yes_or_no
from prefect_gemini.local.reader.words import terms

MOST_CALLS = 16
SPEAKS = 0.8
"""A text that speaks less of every function than this asks for none of them, unless it hints at one
and says many of its arguments."""
HINTS, MANY = 0.4, 3
_SPLIT = re.compile(
    r"(?<=[.!?])[\"']?\s+(?=[A-Z\"'])|[;\n]+|,\s+and\s+(?=the\b)|,?\s+(?:and\s+)?(?:then|also|afterwards|finally|lastly|additionally|plus)\b,?\s*|"
    r",?\s+and\s+(?=(?:find|get|calculate|compute|tell|show|give|check|what|how|reserve|book|search|look|determine|estimate)\b)",
    re.IGNORECASE,
)  # fmt: skip
_GENERIC = frozenset(terms("get find calculate compute fetch search retrieve info information details data list check determine given specific specified based provide function returns using provided particular various certain query number value name type optional default"))  # fmt: skip


_SEARCHES = re.compile(r"\b(?:search|find|look (?:it |this )?up)\b", re.IGNORECASE)

Call = tuple[str, dict[str, Any]]


def calls_in(text: str, functions: list[FunctionDeclaration], *, forced: bool = False) -> list[Call]:
    """The calls that a request asks for, in its order; empty where no function fits or an argument is not said.

    Args:
        text: the request.
        functions: those that may be called.
        forced: a call is demanded: how well the words fit is not asked, whether the arguments are said still is.
    """
    scores = [speaks_of(text, function) for function in functions]
    if not forced and max(scores) < HINTS:
        return []
    parts = _parts(text, functions) if len(functions) > 1 else {}
    if len(parts) > 1:
        found = {place: _rows(part, functions[place]) or _rows(text, functions[place]) for place, part in parts.items()}
        if all(found.values()):
            return [call for calls in found.values() for call in calls][:MOST_CALLS]
    calls = _rows(text, functions[scores.index(max(scores))])
    said = max((len(arguments) for _, arguments in calls), default=0)
    return calls[:MOST_CALLS] if forced or max(scores) >= SPEAKS or said >= MANY else []


def speaks_of(text: str, function: FunctionDeclaration, among: Sequence[FunctionDeclaration] = ()) -> float:
    """How far a text speaks of a function: words of its name count most, then of its description.

    Args:
        among: the functions it competes with; a word that several have tells less.
    """
    said = set(terms(text))
    name, about, fields = _words_of(function)
    others = [frozenset().union(*_words_of(other)[:2]) for other in among if other is not function]

    def weigh(words: set[str] | frozenset[str]) -> float:
        return sum(1.0 / (1 + sum(word in other for other in others)) for word in words)

    score = weigh(said & name) + 0.5 * weigh(said & about) + 0.25 * weigh(said & fields)
    asks_for_words = any(one.named & WHOLE for one in parameters_of(function.parameters))
    if asks_for_words and "search" in terms(function.name) and _SEARCHES.search(text):
        score += 1.5
    return score * (0.7 + 0.3 * len(said & name) / (len(name) or 1))


@lru_cache(maxsize=256)
def _split_words(
    name: str, description: str, fields: tuple[frozenset[str], ...]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    named = frozenset(terms(name.replace(".", " "))) - _GENERIC
    about = frozenset(terms(re.split(r"\bNote\b|\bDefault\b", description)[0])) - _GENERIC - named
    return named, about, frozenset().union(*fields) - _GENERIC - named - about


def _words_of(function: FunctionDeclaration) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Telling words of the name, of the description, and of the parameters' names."""
    return _split_words(
        function.name, function.description, tuple(one.told for one in parameters_of(function.parameters))
    )


def _parts(text: str, functions: list[FunctionDeclaration]) -> dict[int, str]:
    """The text divided among the functions its clauses speak of; a clause that speaks of none goes with the one before."""
    parts: dict[int, str] = {}
    current: int | None = None
    waiting = ""
    for clause in _SPLIT.split(text):
        if not clause or not clause.strip():
            continue
        scores = [speaks_of(clause, function, functions) for function in functions]
        top = max(scores)
        if top >= 0.7 and scores.count(top) == 1:
            current = scores.index(top)
        if current is None:
            waiting += clause + ". "
            continue
        parts[current] = parts.get(current, waiting) + clause.strip() + ". "
        waiting = ""
    return parts


def _rows(text: str, function: FunctionDeclaration) -> list[Call]:
    """One call for each row of arguments; none where a required one is not said."""
    parameters = parameters_of(function.parameters)
    spoken = {one.name: said for one in parameters if (said := spoken_in(one, text)) is not None}
    open_ones = [one for one in parameters if one.name not in spoken]
    used = {function.name.lower()}
    for said in spoken.values():
        used.update(str(one).lower() for one in (said if isinstance(said, list) else [said]))
    spoken_of = frozenset(terms(f"{function.name.replace('.', ' ')} {function.description}"))
    mentions = _joined(
        [one for one in mentions_in(text) if one.text.lower() not in used and not _opens(one, text, spoken_of)]
    )
    calls: list[Call] = []
    for row, span in several_rows(text, mentions, open_ones) or [(best_row(mentions, open_ones), text)]:
        # A choice or a list belongs to the row whose words say it.
        nearer = {
            one.name: said for one in parameters if one.name in spoken and (said := spoken_in(one, span)) is not None
        }
        filled = spoken | nearer | row
        for one in parameters:
            if (
                one.required
                and one.name not in filled
                and one.kind == "string"
                and one.named & WHOLE
                and len(text) <= 400
            ):
                filled[one.name] = text.strip()
        if any(one.required and one.name not in filled for one in parameters):
            return []
        arguments = nested({one.name: filled[one.name] for one in parameters if one.name in filled})
        if (function.name, arguments) not in calls:
            calls.append((function.name, arguments))
    return calls


def _opens(mention: Mention, text: str, spoken_of: frozenset[str]) -> bool:
    """Whether a "name" is only the function's own word at the beginning of a sentence: "Tax a purchase of $10"."""
    first = not text[: mention.start].rstrip(" '\"") or text[: mention.start].rstrip(" '\"")[-1] in ".!?"
    return mention.kind == "name" and first and " " not in mention.text and set(terms(mention.text)) <= spoken_of


def spoken_in(parameter: Parameter, text: str) -> Any:
    """An argument that is a word of the text and no thing it mentions."""
    if parameter.kind == "boolean":
        return yes_or_no(parameter, text)
    if parameter.choices:
        return chosen(parameter, text)
    if parameter.kind == "string" and (said := unit(parameter, text) or adjective(parameter, text)) is not None:
        return said
    if parameter.kind in ("string", "array") and not parameter.asks(PLACES):
        return example(parameter, text)
    return None


def _joined(mentions: list[Mention]) -> list[Mention]:
    """A date and the time behind it as one mention: "15 April 2021 at 1:45 pm, UTC"."""
    joined: list[Mention] = []
    for one in mentions:
        last = joined[-1] if joined else None
        near = last is not None and one.start - last.end <= 6
        if last is not None and near and last.kind == "date" and (one.kind == "time" or one.text in ("UTC", "GMT")):
            text = f"{last.text} {one.text}"
            joined[-1] = replace(last, text=text, value=text, end=one.end)
        else:
            joined.append(one)
    return joined
