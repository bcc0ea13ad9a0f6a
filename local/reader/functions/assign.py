"""Which mention is which argument: the surest pairs first, what stands together gathered, what is left over matched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from prefect_gemini.local.reader.functions.match import FLOOR, fits, names_it, value_of
from prefect_gemini.local.reader.functions.mentions import Mention
from prefect_gemini.local.reader.functions.parameters import Parameter

_BETWEEN = re.compile(r"\W*(?:and|or|&)?\W*(?:an?|the)?\W*", re.IGNORECASE)


def best_row(mentions: list[Mention], parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Each mention to at most one parameter, the surest first; lists gather what stands together."""
    return {name: value for name, (value, _) in scored_row(mentions, parameters).items()}


def scored_row(mentions: list[Mention], parameters: Sequence[Parameter]) -> dict[str, tuple[Any, float]]:
    pairs = sorted(
        ((fits(mention, one), mention, one) for mention in mentions for one in parameters),
        key=lambda pair: (-round(pair[0], 2), pair[2].place, pair[1].start),
    )
    row: dict[str, tuple[Any, float]] = {}
    used: set[int] = set()

    def take(mention: Mention, one: Parameter, score: float) -> None:
        together = neighbours(mention, mentions, one) if one.kind == "array" and mention.kind != "list" else [mention]
        used.update(other.start for other in together)
        row[one.name] = (
            [value_of(other, one) for other in together]
            if together != [mention] or (one.kind == "array" and mention.kind != "list")
            else value_of(mention, one),
            score,
        )

    for score, mention, one in pairs:
        if one.name in row or mention.start in used or score < (FLOOR if one.required else FLOOR + 1.0):
            continue
        if scattered(mention, mentions, one) or (
            mention.kind == "number" and not one.required and not names_it(mention, one)
        ):
            continue
        take(mention, one, score)
    # What is left over on both sides, and alike, belongs together: "the Lakers in the NBA" for team and league.
    for kinds, wanted in ((("name", "quoted"), ("string",)), (("number",), ("integer", "number"))):
        missing = [
            one for one in parameters if one.required and one.name not in row and one.kind in wanted and not one.choices
        ]
        left = [
            one
            for one in mentions
            if one.start not in used and one.kind in kinds and any(fits(one, other) >= 0.9 for other in missing)
        ]
        if len(left) > len(missing):  # "the two sides, 4 and 5": a number in letters counts what follows
            left = [one for one in left if one.kind != "number" or re.search(r"\d", one.text)]
        left = left[:1] if len(missing) == 1 else left
        pairs_left = list(zip(left, missing, strict=False))
        if len(left) == len(missing) and all(fits(mention, one) >= 0.9 for mention, one in pairs_left):
            for mention, one in pairs_left:
                take(mention, one, fits(mention, one))
    return row


def scattered(mention: Mention, mentions: list[Mention], parameter: Parameter) -> bool:
    """Whether a lone number would become a list of numbers."""
    return parameter.kind == "array" and mention.kind == "number" and len(neighbours(mention, mentions, parameter)) < 2


def neighbours(mention: Mention, mentions: list[Mention], parameter: Parameter) -> list[Mention]:
    """The mentions enumerated with one: "A, B and C"."""
    place = mentions.index(mention)
    first = last = place
    while first > 0 and listed(mentions[first - 1], mentions[first]) and fits(mentions[first - 1], parameter) > 0:
        first -= 1
    while (
        last + 1 < len(mentions)
        and listed(mentions[last], mentions[last + 1])
        and fits(mentions[last + 1], parameter) > 0
    ):
        last += 1
    return mentions[first : last + 1]


def listed(one: Mention, other: Mention) -> bool:
    return one.kind == other.kind and other.start - one.end <= 8 and bool(_BETWEEN.fullmatch(other.between))
