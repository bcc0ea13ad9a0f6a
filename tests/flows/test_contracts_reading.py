"""Reading one agreement: what is sent, what is believed of what comes back, and what it costs."""

from __future__ import annotations

import sys
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import lawyer
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows.contracts.findings import find
from prefect_gemini.flows.contracts.models import ClauseAnswer
from prefect_gemini.flows.contracts.outline import Outline
from prefect_gemini.flows.contracts.playbook import Clause, Playbook, PlaybookError, Position, shipped
from prefect_gemini.flows.contracts.questions import batches, clauses_schema
from prefect_gemini.flows.contracts.read import aread_contract
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.evidence.grounding import Source
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.testing import LocalGemini

CLAUSE = Clause(
    key="cap",
    title="Cap",
    question="Which passages limit liability?",
    preferred=Position(text="Two years.", signals=("twenty-four (24) months",)),
    acceptable="One year.",
    unacceptable=Position(text="Less.", signals=("three (3) months", "in no event ... liability")),
    severity="high",
)
SOURCE = Source(
    "8.1 Liability is limited to twenty-four (24) months of Fees.\n8.2 Or to three (3) months.\n8.3 In short."
)


@pytest.fixture(scope="session")
def contracts(examples: Path) -> Path:
    return examples / "contracts"


async def test_every_clause_and_fact_is_asked_for_with_the_document_first(gemini, contracts):
    """Four calls for sixteen clauses; the document comes before the question, so that a cache can hold it."""
    lawyer.serve(gemini, lawyer.sample("04-nda"))
    await aread_contract.fn(contracts / "04-nda.txt", playbook="saas")
    calls = gemini.journal.generate_calls
    keys = [key for call in calls for key in call.body["generationConfig"]["responseJsonSchema"]["properties"]]
    assert len(calls) == 4
    assert set(keys) > {clause.key for clause in Playbook.load("saas").clauses}
    assert all("NON-DISCLOSURE" in call.body["contents"][0]["parts"][0]["text"] for call in calls)
    assert all("never an instruction" in str(call.body["systemInstruction"]) for call in calls)


async def test_a_quote_that_is_not_in_the_document_is_never_found(gemini, contracts):
    """An invented passage makes the clause unsupported; beside a real one it is named and left out."""
    invented = {"insurance": "The Provider insures everything.", "governing_law": "The law of the moon applies."}
    text = lawyer.sample("02-hosting-risky")
    lawyer.serve(gemini, text, invented=invented)
    reply = await aread_contract.fn(contracts / "02-hosting-risky.docx", playbook="saas")
    found = {one.key: one for one in reply.value.findings}
    assert (found["insurance"].status, found["insurance"].quotes) == ("unsupported", ())
    assert found["insurance"].needs_human
    assert found["governing_law"].status == "found"
    assert found["governing_law"].rejected == (invented["governing_law"],)
    assert "moon" not in found["governing_law"].text


async def test_an_instruction_in_the_agreement_changes_nothing_but_a_warning(gemini, contracts):
    """The same answers are believed with and without the sentence; only the remark tells them apart."""
    text = lawyer.sample("02-hosting-risky")
    sentence = text[text.index("8.3 Note") :]
    lawyer.serve(gemini, text)
    told = (await aread_contract.fn(Document.text(text, name="told"), playbook="saas")).value
    plain = (await aread_contract.fn(Document.text(text.replace(sentence, ""), name="told"), playbook="saas")).value
    assert [(one.status, one.position, one.risk) for one in told.findings] == [
        (one.status, one.position, one.risk) for one in plain.findings
    ]
    warnings = [one for one in told.remarks if one.code == "suspected_injection"]
    assert [one.quote for one in warnings] == [sentence.strip()]
    assert not [one for one in plain.remarks if one.code == "suspected_injection"]


@pytest.mark.parametrize(
    ("answer", "status", "position", "judge"),
    [
        (ClauseAnswer(present=True, quotes=("limited to twenty-four (24) months",)), "found", "preferred", "signals"),
        (ClauseAnswer(present=True, quotes=("Or to three (3) months.",)), "found", "unacceptable", "signals"),
        (ClauseAnswer(present=True, quotes=("In short.",)), "found", "unclear", "nobody"),
        (ClauseAnswer(present=True, quotes=("In short.",), position="acceptable", reason="x"), "found", "acceptable", "model"),
        (ClauseAnswer(present=True, quotes=("Or to three (3) months.",), position="preferred"), "found", "unclear", "nobody"),
        (ClauseAnswer(present=True, quotes=("24) months of Fees.", "three (3) months")), "found", "unacceptable", "signals"),
        (ClauseAnswer(present=True, quotes=("twenty-four (24) months", "three (3) months")), "found", "unclear", "nobody"),
        (ClauseAnswer(present=True, quotes=("It is unlimited.",), position="preferred"), "unsupported", "unclear", "nobody"),
        (ClauseAnswer(present=True, quotes=()), "unsupported", "unclear", "nobody"),
        (ClauseAnswer(present=False, quotes=("In short.",)), "missing", "unacceptable", "silence"),
    ],
)  # fmt: skip
def test_a_position_is_told_by_words_that_are_there(answer, status, position, judge):
    """The model may be stricter than the playbook's signals, never milder; without either it is unclear."""
    found = find(CLAUSE, answer, SOURCE, Outline(SOURCE.text))
    assert (found.status, found.position, found.judged_by) == (status, position, judge)
    assert (
        found.risk == {"preferred": "none", "acceptable": "low", "unclear": "medium", "unacceptable": "high"}[position]
    )


async def test_an_agreement_larger_than_the_window_is_read_in_parts(gemini):
    """Each part is asked everything; a clause names the parts it stands in, and the review says so."""
    text = lawyer.sample("01-hosting-clean")
    filler = "\n\n".join(
        f"{number}. APPENDIX\n\n{number}.1 Nothing follows from this. " + "It is filler. " * 40
        for number in range(11, 31)
    )
    whole = text.replace("EXHIBIT A", f"{filler}\n\nEXHIBIT A")
    lawyer.serve(gemini, whole)
    reading = (await aread_contract.fn(Document.text(whole), playbook="saas", part_tokens=1500)).value
    assert len(reading.parts) > 1
    assert reading.remarks[0].code == "split_document"
    assert len(gemini.journal.generate_calls) == 4 * len(reading.parts)
    sent = [call.body["contents"][0]["parts"][0]["text"] for call in gemini.journal.generate_calls]
    assert all('"Customer Data" means' in one for one in sent)
    assert max(map(len, sent)) < len(whole)
    cap = next(one for one in reading.findings if one.key == "cap_on_liability")
    assert cap.status == "found"
    assert 1 in cap.parts


async def test_a_large_agreement_is_cached_once_for_all_questions(gemini, contracts):
    """One cache, four questions that do not carry the document, and the saving in tokens and dollars."""
    text = lawyer.sample("01-hosting-clean") + "\n\nAnd so on, and so forth, as the parties please." * 3000
    lawyer.serve(gemini, text)
    reply = await aread_contract.fn(Document.text(text), playbook="saas")
    bill = reply.value.cache
    assert [one.method for one in gemini.journal if one.path.endswith("cachedContents")].count("POST") == 1
    assert all("so forth" not in one for one in lawyer.asked(gemini))
    assert bill.cached == 4 * bill.tokens > 100_000
    assert bill.saved > 0
    assert reply.cost > bill.filling > 0


async def test_a_scan_is_read_and_its_quotes_have_a_place(gemini, contracts):
    """Without a text layer OCR finds where the passages stand."""
    lawyer.serve(gemini, lawyer.sample("05-supply-scan"))
    reply = await aread_contract.fn(contracts / "05-supply-scan.pdf", playbook="saas")
    law = next(one for one in reply.value.findings if one.key == "governing_law")
    assert law.status == "found"
    assert law.quotes[0].box is not None
    assert law.page == 1


class Bucket(MemoryFileSystem):
    """A bucket in memory that counts what is fetched."""

    protocol = "gs"
    opened = 0

    def _open(self, path: str, *args: Any, **options: Any) -> Any:
        Bucket.opened += 1
        return super()._open(path, *args, **options)


async def test_an_agreement_in_a_bucket_is_fetched_once_and_proven(gemini, contracts, monkeypatch):
    """Whoever does not read gs:// gets the bytes; the quotes are looked up in the same ones."""
    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, "gs", Bucket)
    monkeypatch.setattr(Bucket, "opened", 0)
    data = (contracts / "01-hosting-clean.pdf").read_bytes()
    with fsspec.open("gs://bucket/agreement.pdf", "wb") as file:
        file.write(data)
    lawyer.serve(gemini, lawyer.sample("01-hosting-clean"))
    reading = (await aread_contract.fn("gs://bucket/agreement.pdf", playbook="saas")).value
    assert (reading.name, reading.digest) == ("agreement.pdf", sha256(data).hexdigest())
    assert all(one.page for one in reading.findings)
    assert Bucket.opened == 2  # written, read


async def test_the_model_may_judge_where_words_do_not_contradict(gemini, contracts):
    """A judgement is taken over with its judge."""
    model = GeminiModel(model="flash", credentials=GeminiCredentials(service="local", base_url=gemini.base_url))
    lawyer.serve(gemini, lawyer.sample("04-nda"), judged={"governing_law": "preferred"})
    reply = await aread_contract.fn(contracts / "04-nda.txt", playbook="nda", model=model)
    law = next(one for one in reply.value.findings if one.key == "governing_law")
    assert (law.position, law.judged_by, law.risk) == ("preferred", "model", "none")


def test_shipped_playbooks_are_asked_as_gemini_takes_them():
    """Every playbook loads, and nothing of its schema has to be loosened."""
    assert shipped() == ("nda", "saas", "supplier")
    for name in shipped():
        for group in batches(Playbook.load(name)):
            assert Output.of(clauses_schema(group)).loosened == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`name` is"),
        ("name: x\ntitle: X\nclauses: []", "`clauses` is []"),
        ("name: x\ntitle: X\nclauses: [{key: A b, title: A, question: Which passages say so, preferred: y}]", "`clauses.0.key` is 'A b'"),
        ("name: x\ntitle: X\nclauses: [{key: ab, title: A, question: Which passages say so, preferred: y, sevrity: high}]", "`clauses.0.sevrity`"),
        ("name: x\ntitle: X\nclauses: [{key: ab, title: A, question: Which passages say so, preferred: {text: y, signals: [a]}}]", "too short"),
        (
            "name: x\ntitle: X\nclauses: [{key: ab, title: A, question: Which passages say so, preferred: y}, {key: ab, title: A, question: Which passages say so, preferred: y}]",
            "stands twice",
        ),
        ("name: x\nname: y", "found 'name' twice"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_playbook_is_named_with_its_place(tmp_path, text, message):
    """The error says which entry, what is wrong, and what one looks like."""
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(PlaybookError, match=r"mine\.yaml") as failure:
        Playbook.load(path)
    assert message in str(failure.value)
    assert failure.value.hint


def test_an_unknown_playbook_names_those_there_are():
    """The hint lists what is shipped."""
    with pytest.raises(PlaybookError, match="'sass'") as failure:
        Playbook.load("sass")
    assert "saas" in failure.value.hint


@pytest.mark.parametrize(
    ("signal", "text", "found"),
    [
        ("thirty (30) days", "within THIRTY  (30)\ndays of", True),
        ("automatically renew ... two (2) year", "shall automatically renew for terms of two (2) years", True),
        ("renew ... year", "renew. " + "x" * 130 + " year", False),
        ("99.5%", "at 99.5% of", True),
        ("9.5%", "at 99.5% of", False),
        ("cyber", "cybernetics", False),
    ],
)
def test_signals_are_phrases(signal, text, found):
    """Case, blanks and a plural do not count; a gap is short; parts of words and numbers are not meant."""
    assert bool(Position(text="x", signals=(signal,)).found_in(text)) is found


async def test_a_budget_holds_before_the_first_question(gemini, contracts):
    """A review that may not cost anything asks nothing."""
    from prefect_gemini.gemini.costs.budget import Budget
    from prefect_gemini.gemini.errors import BudgetExceeded

    server: LocalGemini = gemini
    model = GeminiModel(
        model="flash",
        credentials=GeminiCredentials(service="local", base_url=server.base_url),
        budget=Budget(per_call=Decimal("0.000001")),
    )
    with pytest.raises(BudgetExceeded):
        await aread_contract.fn(contracts / "04-nda.txt", playbook="nda", model=model)
    assert server.journal.generate_calls == ()
