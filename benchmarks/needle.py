"""A needle in a haystack: is one fact found in 100,000, 500,000 and 900,000 tokens, wherever it stands?

The haystack is made here, the same at every run: minutes of archives, each with facts of the same make as the needle's.
At each of ten depths the fact is asked for once; a second question asks for a fact that is nowhere. `found_…`
is the share of answers that are right; `honest` counts right answers and those that say, by null or by an error, that
nothing was found; `invented` counts all others, and answers to what is nowhere.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from typing import Any

from benchmarks._fields import Reader
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import GeminiError

SIZES = (100_000, 500_000, 900_000)
DEPTHS = 10
CHARACTERS_A_TOKEN = 4
"""Of English prose, by Google's own rule of thumb; a backend's count is in the cases."""

NEEDLE = "The access code of the Reykjavik archive is 48213-K."
CODE = "48213-K"
QUESTION = "What is the access code of the Reykjavik archive?"
NOWHERE = "What is the opening year of the Samarkand archive?"

TOWNS = [
    "Lisbon",
    "Turin",
    "Ghent",
    "Oslo",
    "Riga",
    "Split",
    "Cork",
    "Tartu",
    "Malmo",
    "Graz",
    "Brno",
    "Porto",
    "Lyon",
    "Leeds",
    "Bergen",
    "Basel",
    "Vilnius",
    "Aarhus",
]
PEOPLE = [
    "Amara",
    "Bruno",
    "Chiara",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Katya",
    "Liam",
    "Mina",
    "Noor",
    "Oskar",
    "Petra",
]
SHAPES = (
    "The reading room of the {town} archive holds {number} maps, and {person} looks after them on weekdays.",
    "In {year} the {town} archive moved {number} boxes to its new building beside the river.",
    "{person} asked the council of {town} for {number} shelves; the council granted half of them.",
    "The access card of {person} opens the {town} archive until {hour} in the evening.",
    "A letter of {year} says that the {town} archive lost {number} photographs in a flood.",
    "The telephone of the {town} archive ends in {number}, and {person} answers it.",
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {
            "type": ["object", "null"],
            "properties": {
                "value": {"type": ["string", "null"], "description": "The answer in as few words as possible."},
                "quote": {"type": "string", "description": "The sentence that says so, word for word."},
            },
            "required": ["quote"],
        }
    },
    "required": ["answer"],
}


def haystack(tokens: int, depth: float | None) -> str:
    """A text of about so many tokens with the needle at a depth of 0 to 1, or nowhere."""
    dice = random.Random(tokens)
    sentences: list[str] = []
    length = 0
    while length < tokens * CHARACTERS_A_TOKEN:
        sentence = dice.choice(SHAPES).format(
            town=dice.choice(TOWNS),
            person=dice.choice(PEOPLE),
            number=dice.randrange(100, 99_999),
            year=dice.randrange(1850, 2020),
            hour=f"{dice.randrange(5, 11)} o'clock",
        )
        sentences.append(sentence)
        length += len(sentence) + 1
    if depth is not None:
        sentences.insert(round(depth * len(sentences)), NEEDLE)
    return "\n\n".join(" ".join(sentences[start : start + 6]) for start in range(0, len(sentences), 6))


def measure(arguments: Arguments) -> Result:
    reader, cases = Reader(), []
    asked: list[tuple[int, float | None]] = [
        (size, depth)
        for size in arguments.extra.sizes
        for depth in (*(step / (DEPTHS - 1) for step in range(DEPTHS)), None)
    ]
    for size, depth in arguments.take(asked, label=lambda case: f"{case[0]} tokens, depth {case[1]}"):
        document = Document.text(haystack(size, depth))
        started = time.perf_counter()
        said, error = _ask(reader, document, NOWHERE if depth is None else QUESTION)
        right = depth is not None and CODE in said
        cases.append(
            {
                "tokens": size,
                "counted": reader.tokens(document),
                "depth": depth,
                "said": said,
                "error": error,
                "verdict": "found" if right else "invented" if said else "not found",
                "seconds": time.perf_counter() - started,
            }
        )
    return Result(_figures(cases), cases, backend=reader.backend.label)


def _ask(reader: Reader, document: Document, question: str) -> tuple[str, str | None]:
    """What the backend says, "" where it says that it found nothing, and the error that said so."""
    schema = {**SCHEMA, "properties": {"answer": {**SCHEMA["properties"]["answer"], "description": question}}}
    try:
        answer = reader.ask(document, schema, prompt=f"{question} Null where the document does not say.").value[
            "answer"
        ]
    except GeminiError as error:
        return "", f"{type(error).__name__}: {error.message}"
    return " | ".join(str(part) for part in (answer or {}).values() if part), None


def _figures(cases: list[dict[str, Any]]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {}
    for size in dict.fromkeys(case["tokens"] for case in cases):
        here = [case for case in cases if case["tokens"] == size]
        sought = [case for case in here if case["depth"] is not None]
        figures[f"found_{size // 1000}k"] = sum(case["verdict"] == "found" for case in sought) / (len(sought) or 1)
        figures[f"seconds_{size // 1000}k"] = statistics.median(case["seconds"] for case in here)
    return figures | {
        "honest": sum(case["verdict"] != "invented" for case in cases) / (len(cases) or 1),
        "invented": sum(case["verdict"] == "invented" for case in cases),
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="tokens of the haystacks")


if __name__ == "__main__":
    benchmark(measure, options=_options)
