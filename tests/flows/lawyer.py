"""A stand-in for the model in tests of contracts: it quotes sentences that hold a word, and judges nothing."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect_gemini.testing import LocalGemini, json_reply

TEXTS = Path(__file__).resolve().parents[2] / "examples" / "contract_texts"

WORDS = {
    "governing_law": r"governed by",
    "renewal_term": r"renew",
    "notice_period_to_terminate_renewal": r"notice of non-renewal",
    "termination_for_convenience": r"for convenience",
    "cap_on_liability": r"liability of .* is limited|total liability",
    "uncapped_liability": r"does not apply to",
    "data_protection": r"protect the Customer Data|sole responsibility",
    "data_return": r"export the Customer Data|may delete Customer Data",
    "service_levels": r"availability of the Service|as available",
    "price_increase": r"Fees are fixed|change the Fees",
    "anti_assignment": r"assign this Agreement",
    "change_of_control": r"control of the Provider",
    "data_ownership": r"retains all rights|perpetual",
    "indemnification": r"defend the Customer|shall indemnify",
    "audit_rights": r"may audit",
    "insurance": r"insurance",
}

FACTS: dict[str, dict[str, Any]] = {
    "HOSTED SERVICE AGREEMENT": {
        "parties": [
            {"name": "Larkspur Cloud Ltd", "role": "Provider", "quote": "Larkspur Cloud Ltd, a company registered in England and Wales (the \"Provider\")"},
            {"name": "Marigold Foods GmbH", "role": "Customer", "quote": "Marigold Foods GmbH, a company registered in Germany (the \"Customer\")"},
        ],
        "effective_date": {"date": "2026-03-01", "quote": "It takes effect on 1 March 2026 (the \"Effective Date\")."},
        "term": {"length": 3, "unit": "years", "quote": "The initial term of this Agreement is three (3) years from the Effective Date."},
        "renewal": {"automatic": True, "length": 1, "unit": "years", "quote": "this Agreement will automatically renew for successive periods of one (1) year"},
        "notice_period": {"length": 60, "unit": "days", "quote": "at least sixty (60) days before the end of the term then running"},
        "governing_law": {"law": "Germany", "quote": "This Agreement is governed by the laws of Germany."},
        "money": [{"amount": 48000, "currency": "EUR", "purpose": "yearly Fees", "quote": "The Customer will pay the Fees of EUR 48,000 a year"}],
    },
}  # fmt: skip


def sample(name: str) -> str:
    """The text of a sample agreement."""
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


def answers(
    text: str, *, judged: dict[str, str] | None = None, invented: dict[str, str] | None = None
) -> Callable[[dict[str, Any]], Any]:
    """An answerer for the local server's script.

    Args:
        text: of the agreement.
        judged: positions by clause, where the model is to give one.
        invented: quotes by clause that are not in the agreement.
    """
    sentences = [one.strip() for one in re.split(r"(?<=[.\]])\s+(?=[A-Z0-9])|\n\n", text) if one.strip()]
    facts = dict(FACTS.get(text.split("\n", 1)[0], {}))
    for name in [name for name, fact in facts.items() if isinstance(fact, dict) and fact["quote"] not in text]:
        del facts[name]

    def answer(body: dict[str, Any]) -> Any:
        wanted = body["generationConfig"]["responseJsonSchema"]["properties"]
        if "parties" in wanted:
            return json_reply(facts)
        found = {}
        for key in wanted:
            quotes = [one for one in sentences if re.search(WORDS.get(key, "$^"), one)]
            quotes += [quote for quote in [(invented or {}).get(key)] if quote]
            position = (judged or {}).get(key) if quotes else None
            found[key] = {"present": bool(quotes), "quotes": quotes, "position": position, "reason": None}
        return json_reply(found)

    return answer


def serve(gemini: LocalGemini, text: str, **options: Any) -> None:
    """Have the server answer every question about an agreement."""
    gemini.script(answers(text, **options), times=None)


def asked(gemini: LocalGemini) -> list[str]:
    """What was sent with each question, as JSON text."""
    return [json.dumps(entry.body) for entry in gemini.journal.generate_calls]


def carries(body: dict[str, Any], data: bytes) -> bool:
    """Whether a request carries a file."""
    return base64.urlsafe_b64encode(data).decode() in json.dumps(body)
