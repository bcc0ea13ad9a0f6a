"""Contracts: are the clauses found, are their passages quoted, are the dates right (CUAD)?

Each contract is reviewed through the client as the flow does it: the clauses of a playbook in a few calls, then the
facts. `presence_…` count clauses (of 25 categories) said to be there; `quote_overlap` is the share of quotes of
rightly found clauses that share at least half of the shorter with a marked passage, `quote_overlap_all` counts the quotes of clauses
wrongly said to be there as misses; `unsupported_kept` counts quotes that are not in the document.
`hit_at_N` asks for the five nearest passages to each question, answered or not, and is the share of clauses of
which a marked passage is among the first N; `span_hit_at_3` the share of marked passages. `dates_exact` is the share of
the dates that lawyers wrote down (agreement, effective, expiration) that are right; an expiration is computed from the
beginning and the term by code. `dollars` are for six calls at list prices of today's flash model, with the
document's tokens paid in each or cached for ten minutes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from benchmarks._cuad import PLAYBOOK, Marked, key_of, overlaps
from benchmarks._fields import Reader, truths
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.flows.contracts.facts import Proven, prove
from prefect_gemini.flows.contracts.models import Facts
from prefect_gemini.flows.contracts.questions import (
    CLAUSES_PROMPT,
    FACTS_PROMPT,
    FACTS_SCHEMA,
    batches,
    clauses_schema,
)
from prefect_gemini.flows.contracts.spans import after
from prefect_gemini.gemini.costs.prices import Tokens, cost, storage_cost
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.evidence.grounding import Source, locate_quote
from prefect_gemini.gemini.reply import Usage
from prefect_gemini.pages import read_pages

PRICED = "gemini-3.8-flash"
CACHED_HOURS = 1 / 6
NEAREST = 5
RANKING_PROMPT = "Quote the passages that come nearest to answering each question, the nearest first, word for word."


def measure(arguments: Arguments) -> Result:
    reader, counts, cases = Reader(), Counter[str](), []
    seconds: list[float] = []
    dollars: list[tuple[float, float]] = []
    for row, folder in arguments.take(truths(arguments.data / "contracts_cuad"), label=lambda item: str(item[0]["id"])):
        document = Document.of(folder / row["pdf" if arguments.extra.pdf else "txt"])
        started = time.perf_counter()
        said, facts, usages = review(reader, document)
        source = Source(document.content if document.is_text else read_pages(document.data, document.media_type))
        found = {key: [locate_quote(quote, source) for quote in answer["quotes"]] for key, answer in said.items()}
        seconds.append(time.perf_counter() - started)
        dollars.append(prices(usages, reader.tokens(document)))
        counts["unsupported"] += sum(not one.supported for quotes in found.values() for one in quotes)
        marked = Marked.of((folder / row["txt"]).read_text())
        cases.append(compare(row, marked, said, rank(reader, document), prove(facts, source), counts))
    return Result(_figures(counts, seconds, dollars), cases, backend=reader.backend.label)


def review(reader: Reader, document: Document) -> tuple[dict[str, Any], Facts, list[Usage]]:
    """The answers to all clauses, the facts, and what each call used."""
    said: dict[str, Any] = {}
    usages = []
    for clauses in batches(PLAYBOOK):
        reply = reader.ask(document, clauses_schema(clauses), prompt=CLAUSES_PROMPT)
        said |= reply.value
        usages.append(reply.usage)
    reply = reader.ask(document, FACTS_SCHEMA, prompt=FACTS_PROMPT)
    return said, reply.value, [*usages, reply.usage]


def rank(reader: Reader, document: Document) -> dict[str, list[str]]:
    """The passages nearest to each question, however near they are."""
    quotes = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": NEAREST}
    schema = {
        "type": "object",
        "properties": {
            clause.key: {
                "type": "object",
                "description": clause.question,
                "properties": {"quotes": quotes},
                "required": ["quotes"],
            }
            for clause in PLAYBOOK.clauses
        },
    }
    value = reader.ask(document, schema, prompt=RANKING_PROMPT).value
    return {key: answer["quotes"] for key, answer in value.items()}


def compare(
    row: dict[str, Any],
    marked: Marked,
    said: Mapping[str, Any],
    nearest: Mapping[str, list[str]],
    facts: Proven,
    counts: Counter[str],
) -> dict[str, Any]:
    """One contract against its truth; the counts are added to."""
    case: dict[str, Any] = {"id": row["id"]}
    for category, truth in row["clauses"].items():
        answer = said[key_of(category)]
        spans = [marked.letters.span(span["start"], span["end"]) for span in truth["spans"]]
        right = [overlaps(marked.place(quote), spans) for quote in answer["quotes"]]
        verdict = _verdict(bool(answer["present"]), truth["present"])
        counts[verdict] += 1
        counts[f"quotes {verdict}"] += len(right)
        counts["quotes overlapping"] += sum(right) if verdict == "right" else 0
        if spans:
            ranked = [marked.place(quote) for quote in nearest.get(key_of(category), ())]
            counts["marked clauses"] += 1
            counts["marked spans"] += len(spans)
            counts["spans near"] += sum(any(overlaps(place, [span]) for place in ranked[:3]) for span in spans)
            for first in (1, 3, 5):
                counts[f"hit {first}"] += any(overlaps(place, spans) for place in ranked[:first])
        case[category] = {"verdict": verdict, "quotes": answer["quotes"], "overlapping": right}
    for category, day in days_of(facts).items():
        wanted = row["clauses"][category].get("answer_iso")
        if wanted:
            counts["dates"] += 1
            counts["dates right"] += str(day) == wanted
            case[f"{category} read"] = {"read": day, "truth": wanted}
    return case


def _verdict(said: bool, true: bool) -> str:
    return ("right" if true else "wrong") if said else ("missed" if true else "absent")


def days_of(facts: Proven) -> dict[str, date | None]:
    """The dates that hold, by category; an expiration that is not printed is the beginning and the term added up."""
    begins = facts.effective or facts.agreed
    ends = facts.expires or (after(begins, facts.term) if begins and facts.term else None)
    return {"Agreement Date": facts.agreed, "Effective Date": facts.effective, "Expiration Date": ends}


def prices(usages: list[Usage], document: int) -> tuple[float, float]:
    """US dollars of the calls without and with the document in an explicit cache."""
    now = datetime.now(UTC)
    full = sum(float(cost(PRICED, Tokens(prompt=used.prompt, output=used.output), at=now) or 0) for used in usages)
    cached = sum(
        float(
            cost(PRICED, Tokens(prompt=used.prompt, cached=min(document, used.prompt), output=used.output), at=now) or 0
        )
        for used in usages
    )
    filling = float(cost(PRICED, Tokens(prompt=document), at=now) or 0)
    return full, cached + filling + float(storage_cost(PRICED, document, hours=CACHED_HOURS))


def _figures(counts: Counter[str], seconds: list[float], dollars: list[tuple[float, float]]) -> dict[str, float | int]:
    def share(part: int, whole: int) -> float:
        return part / whole if whole else 0.0

    precision = share(counts["right"], counts["right"] + counts["wrong"])
    recall = share(counts["right"], counts["right"] + counts["missed"])
    return {
        "presence_f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "presence_precision": precision,
        "presence_recall": recall,
        "absence_precision": share(counts["absent"], counts["absent"] + counts["missed"]),
        "quote_overlap": share(counts["quotes overlapping"], counts["quotes right"]),
        "quote_overlap_all": share(counts["quotes overlapping"], counts["quotes right"] + counts["quotes wrong"]),
        "unsupported_kept": counts["unsupported"],
        "hit_at_1": share(counts["hit 1"], counts["marked clauses"]),
        "hit_at_3": share(counts["hit 3"], counts["marked clauses"]),
        "hit_at_5": share(counts["hit 5"], counts["marked clauses"]),
        "span_hit_at_3": share(counts["spans near"], counts["marked spans"]),
        "dates_exact": share(counts["dates right"], counts["dates"]),
        "dates": counts["dates"],
        "dollars_without_cache": statistics.mean(plain for plain, _ in dollars) if dollars else 0.0,
        "dollars_with_cache": statistics.mean(cached for _, cached in dollars) if dollars else 0.0,
        "seconds_median": statistics.median(seconds) if seconds else 0.0,
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pdf", action="store_true", help="read the PDF of each contract instead of its text")


if __name__ == "__main__":
    benchmark(measure, options=_options)
