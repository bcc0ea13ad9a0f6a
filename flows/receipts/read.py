"""Reading one receipt: the picture and the tool `record_expense` go to the model, a proven receipt comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_gemini.blocks.model import GeminiModel, ModelChoice
from prefect_gemini.flows.receipts.duplicates import perceptual_hash
from prefect_gemini.flows.receipts.models import RECORD_EXPENSE, Receipt
from prefect_gemini.flows.receipts.support import JUDGED
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import InvalidOutput
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.pages import PageError
from prefect_gemini.pages.render import render_page
from prefect_gemini.tasks import CalledFunction, acall_functions, node
from prefect_gemini.tasks.parts.cascade import cascade
from prefect_gemini.tasks.parts.evidence import grounded, printed

PROMPT = "Record the expense on this receipt."


class Reading(BaseModel):
    """A receipt as it was read, and what code needs of its picture to check it.

    Args:
        receipt: what the model recorded.
        words: everything printed on the document, as OCR or the text layer has it.
        turns: quarter turns clockwise that put each page upright, as it was read.
        perceptual_hash: of the first page; "" where it could not be drawn.
    """

    model_config = ConfigDict(frozen=True)

    receipt: Receipt
    words: str = Field("", repr=False)
    turns: tuple[int, ...] = ()
    perceptual_hash: str = ""


@node(category="reading", costs="one call a receipt")
async def aread_receipt(document: str | Path | bytes | Document, *, model: ModelChoice = "flash") -> Reply[Reading]:
    """Read one receipt through the function `record_expense`.

    Args:
        document: a picture or PDF of one receipt.
        model: a family (flash-lite, flash, pro), a model id, or a saved `GeminiModel`.

    Returns:
        A reply whose `value` is the reading and whose `evidence` says where each value stands.

    Raises:
        InvalidOutput: arguments that are no receipt, or several receipts on one page.
        GeminiError: see `prefect_gemini.gemini.errors`.
    """
    opened = Document.of(document)

    async def read(step: GeminiModel) -> Reply[Reading]:
        reply = await acall_functions.fn(PROMPT, [RECORD_EXPENSE], documents=[opened], model=step, mode="any")
        receipt = _receipt(reply)
        words, turns = await _words(opened)
        reading = Reading(
            receipt=receipt,
            words=words,
            turns=turns,
            perceptual_hash=await asyncio.to_thread(_hash, opened, turns),
        )
        return await grounded(reply.model_copy(update={"value": reading}), opened, value=receipt, skip=JUDGED)

    return await cascade(model, read)


read_receipt = aread_receipt.sync


def _receipt(reply: Reply[tuple[CalledFunction, ...]]) -> Receipt:
    if len(reply.value) > 1:
        raise InvalidOutput(
            f"{len(reply.value)} receipts were found on one page", hint="scan each receipt as a document of its own"
        )
    try:
        return Receipt.model_validate(reply.value[0].args)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise InvalidOutput(wrong, hint="look at the receipt; what the model said is in the ledger") from None


async def _words(document: Document) -> tuple[str, tuple[int, ...]]:
    """What is printed, and how each page was turned to read it; nothing where pages cannot be read here."""
    try:
        source = await printed(document)
    except PageError:
        return "", ()
    if isinstance(source, str):
        return source, ()
    return "\n".join(page.text for page in source), tuple(page.turns for page in source)


def _hash(document: Document, turns: tuple[int, ...]) -> str:
    if document.is_text:
        return ""
    try:
        return perceptual_hash(render_page(document.data, document.media_type, 1, turns=turns[0] if turns else 0))
    except PageError:
        return ""
