"""Grounding: how long a megabyte of text takes, and whether what is found stands where it is said to.

A text of a megabyte is made up (words, amounts and dates, from a fixed seed), and values are taken from
known places of it: as they stand, with case, white space and hyphens changed, with letters misread, and
values that are nowhere. Each is timed with the preparation of the text.

figures: megabytes, quotes, found (share of those that are there, at their place), invented (found where there
is nothing), cpu_s_first (a text and its first quote, misread), cpu_s_all (the same text with all the quotes).
"""

from __future__ import annotations

import random
import re
import time
from typing import Any

from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.evidence.grounding import Source, locate_quote

MEGABYTE = 1_000_000
QUOTES = 100
LENGTH = 60


def text_of(size: int, chance: random.Random) -> str:
    """A text of words, amounts and dates."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 10))) for _ in range(20_000)]
    parts: list[str] = []
    length = 0
    while length < size:
        kind = chance.random()
        part = (
            f"{chance.randint(1, 99_999)}.{chance.randint(0, 99):02}"
            if kind < 0.04
            else f"{chance.randint(1, 28)} March {chance.randint(1990, 2030)}"
            if kind < 0.05
            else chance.choice(words)
        )
        parts.append(part + ("\n" if chance.random() < 0.08 else " "))
        length += len(parts[-1])
    return "".join(parts)[:size]


def changed(quote: str, kind: str, chance: random.Random) -> str:
    """A quote as a model writes it."""
    if kind == "exact":
        return quote
    if kind == "evened out":
        return " ".join(quote.upper().split())
    places = [place for place, letter in enumerate(quote) if letter.isalpha()]
    wrong = set(chance.sample(places, k=max(1, len(places) // 25)))
    return "".join("x" if place in wrong else letter for place, letter in enumerate(quote))


def measure(arguments: Arguments) -> Result:
    """Entry point."""
    chance = random.Random(11)
    text = text_of(MEGABYTE, chance)
    kinds = ["exact", "evened out", "misread", "nowhere"]
    asked = []
    for number in range(arguments.limit or QUOTES):
        kind = kinds[number % len(kinds)]
        start = re.compile(r"\s").search(text, chance.randrange(len(text) - 3 * LENGTH)).end()  # type: ignore[union-attr]
        quote = text[start : start + LENGTH].rsplit(maxsplit=1)[0]  # whole words
        there = changed(quote, kind, chance) if kind != "nowhere" else "".join(chance.sample(quote, k=len(quote)))
        asked.append((kind, start, there))
    hardest = next((quote for kind, _, quote in asked if kind == "misread"), asked[0][2])
    begun = time.process_time()
    locate_quote(hardest, Source(text))
    first = time.process_time() - begun
    cases: list[dict[str, Any]] = []
    source = Source(text)
    begun = time.process_time()
    for kind, start, quote in arguments.take(asked, label=lambda one: one[0]):
        found = locate_quote(quote, source)
        right = found.start is not None and found.end is not None and found.start < start + LENGTH and found.end > start
        cases.append({"kind": kind, "match": found.match, "right": right if kind != "nowhere" else not found.supported})
    every = time.process_time() - begun
    there = [case for case in cases if case["kind"] != "nowhere"]
    return Result(
        {
            "megabytes": len(text.encode()) / MEGABYTE,
            "quotes": len(cases),
            "found": sum(case["right"] for case in there) / max(1, len(there)),
            "invented": sum(not case["right"] for case in cases if case["kind"] == "nowhere"),
            "cpu_s_first": first,
            "cpu_s_all": every,
        },
        cases,
        backend="no model",
    )


if __name__ == "__main__":
    benchmark(measure)
