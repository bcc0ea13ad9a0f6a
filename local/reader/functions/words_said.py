"""Arguments that are words and not things: choices, examples the description gives, yes and no, adjectives."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.reader.functions.parameters import Parameter
from prefect_gemini.local.reader.words import stem, terms

_NOT = r"(?:not|n't|no|without|disable|disabled|exclude|excluding|never|off)"
_KINDS = frozenset(terms("type kind category color colour size style level mode genre cuisine flavor material shape strength diet class"))  # fmt: skip
_EMPTY = frozenset(["include", "show", "is", "has", "get", "return", "with", "enable", "allow", "fetch", "add", "only"])
_ARTICLES = frozenset(
    ["a", "an", "the", "any", "some", "this", "that", "what", "which", "my", "your", "of", "for", "in"]
)


def chosen(parameter: Parameter, text: str) -> Any:
    """The choice of an enum that the text names; None for none, or more than one."""
    lower = text.lower()
    said = []
    for choice in parameter.choices:
        words = re.findall(r"[a-z0-9]+", str(choice).lower())
        if words and re.search(r"\b" + r"[\W_]*".join(map(re.escape, words)) + r"(?:s|ed|ing)?\b", lower):
            said.append(choice)
    if not said:
        said = [choice for choice in parameter.choices if _stem_said(str(choice), text)]
    if parameter.kind == "array":
        return said or None
    longest = [
        one for one in said if not any(one != other and str(one).lower() in str(other).lower() for other in said)
    ]
    return longest[0] if len(longest) == 1 else None


def example(parameter: Parameter, text: str) -> Any:
    """The value that the description offers and the text says, as the text says it; a list for an array."""
    said = [
        found[0]
        for one in parameter.examples
        if not frozenset(terms(one)) <= parameter.named
        and len(terms(one)) > 0
        and (found := re.search(rf"\b{re.escape(one)}(?=\b|s\b|es\b)", text, re.IGNORECASE))
    ]
    if parameter.kind == "array":
        return said or None
    return said[0] if said else None


def adjective(parameter: Parameter, text: str) -> str | None:
    """The word before the noun that the parameter is a kind of: `single` in "a single room" for `room_type`."""
    if not parameter.named & _KINDS:
        return None
    nouns = parameter.named - _KINDS or parameter.named
    for one, other in re.findall(r"\b([A-Za-z][\w'-]*)(?= ([A-Za-z][\w'-]*))", text):
        if stem(other.lower()) in nouns and one.lower() not in _ARTICLES and stem(one.lower()) not in parameter.named:
            return str(one)
    return None


def unit(parameter: Parameter, text: str) -> str | None:
    """The unit a text wants its answer in: "in miles", "per ounce", "in km/h"."""
    if not parameter.named & {"unit", "measure"}:
        return None
    found = re.search(r"\b(?:in|per|using) (km/h|m/s|mph|miles?|kilomet(?:er|re)s?|met(?:er|re)s?|feet|inch(?:es)?|celsius|fahrenheit|kelvin|ounces?|grams?|kg|kilograms?|pounds?|lit(?:er|re)s?|seconds|minutes|hours|days)\b", text, re.IGNORECASE)  # fmt: skip
    return found[1] if found else None


def yes_or_no(parameter: Parameter, text: str) -> bool | None:
    """True where the text says the parameter's words, False where it denies them, None where it is silent."""
    wanted = [word for word in re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter.name).lower()) if word not in _EMPTY]  # fmt: skip
    wanted = [stem(word) for word in wanted]
    if not wanted:
        return None
    for clause in re.split(r"[,.;!?]|\bbut\b|\band\b", text):
        said = set(terms(clause))
        if all(any(_akin(word, other) for other in said) for word in wanted):
            return not re.search(rf"(?:\b|(?<=\w)){_NOT}\b", clause, re.IGNORECASE)
    return None


def _akin(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) >= 4 and (word.startswith(other) or other.startswith(word)))


def _stem_said(choice: str, text: str) -> bool:
    words = terms(choice)
    said = set(terms(text))
    return bool(words) and all(
        any(word == other or (len(word) >= 3 and other.startswith(word)) for other in said) for word in words
    )
