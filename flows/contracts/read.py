"""Reading one agreement: the playbook's questions go to the model, findings with their places come back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.contracts.definitions import check_definitions, definitions_of
from prefect_gemini.flows.contracts.facts import Proven, prove
from prefect_gemini.flows.contracts.findings import ClauseFinding, find
from prefect_gemini.flows.contracts.models import ClauseAnswer, Facts
from prefect_gemini.flows.contracts.outline import Outline
from prefect_gemini.flows.contracts.parts import Part, merge_answers, merge_facts, split
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.questions import CLAUSES_PROMPT, FACTS_PROMPT, FACTS_SCHEMA, batches, clauses_schema
from prefect_gemini.flows.contracts.references import check_references
from prefect_gemini.flows.contracts.remarks import Remark
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import DocumentTooLarge
from prefect_gemini.gemini.evidence.grounding import Source
from prefect_gemini.gemini.reply import Reply, Usage
from prefect_gemini.pages import instructions_in
from prefect_gemini.tasks.context_cache import Policy, acontext_cache
from prefect_gemini.tasks.node import node
from prefect_gemini.tasks.parts.cache_bill import CacheBill
from prefect_gemini.tasks.parts.evidence import printed
from prefect_gemini.tasks.parts.together import together

RESERVE = 12_000
"""Tokens kept free beside the document: question, schema, thoughts and answer."""

MOST_PARTS = 50
"""A document of more parts is no agreement."""


class Reading(BaseModel):
    """An agreement as it was read, proven and checked; what follows from a day or a person is not in it.

    Args:
        name, digest, media_type, pages, characters: of the document.
        playbook, playbook_title: what it was held against.
        findings: one for each clause of the playbook, in its order.
        proven: parties, dates, term, law and money that hold.
        remarks: what the checks by code say.
        tokens: of the document, as the service counted them before the first question.
        parts: the stretches it was read in; one, where it fits the model's window.
        cache: what caching came to.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    digest: str
    media_type: str
    pages: int | None = None
    characters: int = 0
    playbook: str
    playbook_title: str
    findings: tuple[ClauseFinding, ...]
    proven: Proven
    remarks: tuple[Remark, ...] = ()
    tokens: int = 0
    parts: tuple[tuple[str, str], ...] = ()
    cache: CacheBill = Field(default_factory=CacheBill)


@node(category="reading", costs="one call for the facts and one for every six clauses of the playbook")
async def aread_contract(
    document: str | Path | bytes | Document,
    *,
    playbook: str | Playbook = "saas",
    model: str | GeminiModel = "flash",
    part_tokens: int = 0,
    cache: Policy = "auto",
    keep_cache_s: float = 0.0,
) -> Reply[Reading]:
    """Read one agreement against a playbook.

    The whole document goes into every question, up to the model's window. Every quote that comes back
    is looked up in the document; what is not there is no finding.

    Args:
        document: a PDF, DOCX or text file, with or without a text layer.
        playbook: the name of a shipped playbook, the path of your own, or a `Playbook`.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.
        part_tokens: tokens of the document sent at once; 0 for the model's window.
        cache: whether the document is kept in an explicit context cache while questions are asked.
        keep_cache_s: seconds such a cache is kept for later runs on the same bytes.

    Returns:
        A reply whose `value` is the reading; usage and cost are those of all its calls.

    Raises:
        PlaybookError: there is no such playbook.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    book = Playbook.load(playbook)
    given = Document.of(document)
    opened = await asyncio.to_thread(_fetched, given)
    source = Source.of(await printed(opened))
    outline = Outline(source.text)
    groups = tuple(batches(book))
    options: dict[str, Any] = {"model": model, "policy": cache, "keep_s": keep_cache_s}
    # Vertex AI reads gs:// by itself; everybody else gets the bytes, which are here already.
    sent = given if (await GeminiModel.of(model).backend()).kind == "vertex" else opened
    async with acontext_cache(sent, questions=len(groups) + 1, **options) as context:
        tokens = (await context.client.count_tokens(context.request)).total
        limit = part_tokens or context.model.window - RESERVE
        parts: tuple[Part, ...] = ()
        if tokens <= limit:
            answered = [await _ask(context, book)]
    if tokens > limit:
        parts = _parts(outline, tokens, limit)
        answered, bills = [], []
        for part in parts:
            piece = Document.text(part.text, name=f"{opened.name}, part {part.number}")
            async with acontext_cache(piece, questions=len(groups) + 1, **options) as context:
                answered.append(await _ask(context, book))
            bills.append(context.bill)
        context.bill = sum(bills, CacheBill())
    replies = [reply for one in answered for reply in one]
    reading = await asyncio.to_thread(
        _proven, opened, source, outline, book, [_values(one) for one in answered], tokens, parts, context.bill
    )
    return _total(replies, reading)


read_contract = aread_contract.sync


async def _ask(context: Any, book: Playbook) -> list[Reply[Any]]:
    """The facts, then the clauses in groups; all at once, because none depends on another."""
    return await together(
        [
            context.ask(FACTS_PROMPT, output=FACTS_SCHEMA),
            *(context.ask(CLAUSES_PROMPT, output=clauses_schema(group)) for group in batches(book)),
        ]
    )


def _values(replies: Sequence[Reply[Any]]) -> tuple[Facts, dict[str, ClauseAnswer]]:
    facts, *groups = (reply.value for reply in replies)
    return facts, {key: ClauseAnswer.model_validate(answer) for group in groups for key, answer in group.items()}


def _proven(
    document: Document,
    source: Source,
    outline: Outline,
    book: Playbook,
    answered: list[tuple[Facts, dict[str, ClauseAnswer]]],
    tokens: int,
    parts: tuple[Part, ...],
    bill: CacheBill,
) -> Reading:
    """Everything that code has to say about the answers and the text."""
    findings = []
    for clause in book.clauses:
        merged, where = merge_answers([answers[clause.key] for _, answers in answered])
        finding = find(clause, merged, source, outline)
        findings.append(finding.model_copy(update={"parts": where if parts else ()}))
    proven = prove(merge_facts([facts for facts, _ in answered]), source)
    definitions = definitions_of(source.text)
    remarks = [
        *_warned(source.text, outline),
        *proven.remarks,
        *check_references(outline, definitions),
        *check_definitions(outline, definitions),
    ]
    if parts:
        remarks.insert(
            0,
            Remark(
                code="split_document",
                message=f"The document has {tokens:,} tokens, more than the model reads at once: it was read in "
                f"{len(parts)} parts, cut between sections, with its definitions repeated.",
            ),
        )
    return Reading(
        name=document.name,
        digest=document.digest,
        media_type=document.media_type,
        pages=document.pages,
        characters=len(source.text),
        playbook=book.name,
        playbook_title=book.title,
        findings=tuple(findings),
        proven=proven,
        remarks=tuple(remarks),
        tokens=tokens,
        parts=tuple(part.sections for part in parts) or (("", ""),),
        cache=bill,
    )


def _warned(text: str, outline: Outline) -> list[Remark]:
    """A warning for each paragraph that speaks to a program, with the whole paragraph."""
    remarks: list[Remark] = []
    end = 0
    for told in instructions_in(text):
        if told.start < end:
            continue
        begin = max(text.rfind("\n", 0, told.start) + 1, told.start - 300)
        stop = text.find("\n", told.end)
        end = min(len(text) if stop < 0 else stop, told.end + 300)
        here = outline.at(told.start)
        remarks.append(
            Remark(
                code="suspected_injection",
                message="The document speaks to the program that reads it. Nothing was done as it says; "
                "read the passage yourself.",
                quote=text[begin:end].strip(),
                start=told.start,
                section=here.number if here else "",
            )
        )
    return remarks


def _fetched(document: Document) -> Document:
    """The document with its bytes here: where a passage stands is found on this machine."""
    return Document.of(document.data, name=document.name) if document.is_reference else document


def _parts(outline: Outline, tokens: int, limit: int) -> tuple[Part, ...]:
    characters = int(0.9 * len(outline.text) * limit / tokens)
    if characters < 2000 or tokens / limit > MOST_PARTS:
        raise DocumentTooLarge(
            f"{tokens:,} tokens cannot be read {limit:,} at a time.", hint="Choose a model with a larger window."
        )
    return split(outline, definitions_of(outline.text), characters=characters)


def _total(replies: Sequence[Reply[Any]], reading: Reading) -> Reply[Reading]:
    """One reply for all calls, so that whoever counts documents, tokens and dollars counts right."""
    # Where some answers were paid for now, the others' price is no part of this bill.
    paid = [reply for reply in replies if not reply.from_ledger] or list(replies)
    costs = [reply.cost for reply in paid]
    usage = Usage()
    for reply in paid:
        usage = usage + reply.usage
    extra = reading.cache.filling + reading.cache.storage
    return Reply[Reading](
        value=reading,
        model=replies[0].model,
        model_version=replies[0].model_version,
        backend=replies[0].backend,
        usage=usage,
        cost=None if None in costs else sum((cost for cost in costs if cost is not None), extra),
        latency_s=max(reply.latency_s for reply in replies),
        attempts=sum(reply.attempts for reply in replies),
        from_ledger=all(reply.from_ledger for reply in replies),
        notes=tuple(dict.fromkeys(note for reply in replies for note in reply.notes)),
    )
