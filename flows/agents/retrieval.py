"""ask_folder: the passages of a folder nearest to a question, and an answer that cites them."""

from __future__ import annotations

import time

import numpy as np
from prefect import flow
from prefect.client.schemas.objects import State

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.flows.passages import Passage, acut, answer_from
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidRequest
from prefect_gemini.tasks import aeach, aembed, agenerate, aload_documents
from prefect_gemini.tasks.estimate import aestimate_call, dry_run_state
from prefect_gemini.tasks.parts.outcome import Failure, Outcome
from prefect_gemini.tasks.parts.steps import Step


@flow(name="ask-folder")
async def ask_folder(
    question: str,
    folder: str,
    model: str | GeminiModel = "flash",
    embedding: str | GeminiModel = "gemini-embedding-001",
    passages: int = 6,
    output: str = "",
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Answer a question from a folder, and say which passages the answer rests on.

    A second question over the same folder embeds only the question: the passages are in the ledger.

    Args:
        question: What to find out.
        folder: A folder, a pattern, a gs:// prefix, or a table of documents.
        model: Who answers: a family, a model id, or a saved Gemini Model block. The local reader quotes.
        embedding: Who compares: an embedding model, or a saved Gemini Model block that names one.
        passages: How many passages the answer may rest on.
        output: Folder for the answer as a file. Empty: none is written.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    begun = time.monotonic()
    outcomes = await aeach(acut, await aload_documents(folder), key="ask-folder-progress")
    found = [passage for one in outcomes if one.ok for passage in one.value]
    if not found:
        raise DocumentNotFound(f"No text was found in {folder!r}.", hint="Name a folder with documents that have text.")
    if dry_run:
        unread = tuple((one.name, one.failure.message) for one in outcomes if one.failure)
        estimate = await _estimate(found, question, model=model, embedding=embedding, passages=passages)
        return await dry_run_state(estimate + Estimate(documents=len(outcomes), unread=unread))
    steps = [Step(name=f"read {len(found)} passages", seconds=time.monotonic() - begun)]
    stored = await aembed([one.text for one in found], purpose="document", model=embedding)
    steps.append(Step.of("embed passages", stored))
    asked = await aembed([question], purpose="query", model=embedding)
    steps.append(Step.of("embed question", asked))
    # Unit vectors: the scalar product is the cosine. Exact search is fast enough for 100,000 passages.
    scores = np.asarray(stored.value, dtype=np.float32) @ np.asarray(asked.value[0], dtype=np.float32)
    best = [int(place) for place in np.argsort(-scores, kind="stable")[:passages]]
    try:
        text, reply = await answer_from([found[place] for place in best], question, model=model)
        steps.append(Step.of("answer", reply))
    except InvalidRequest as refused:
        # The passages are worth having where the local reader finds no sentence in them that answers.
        if refused.reason != "FAILED_PRECONDITION":
            raise
        text = f"**No answer.** {refused.message}"
        outcomes = [*outcomes, Outcome(index=len(outcomes), name="the answer", failure=Failure.of(refused))]
    rows = [
        {"passage": number, "place": found[at].place, "likeness": f"{scores[at]:.3f}", "text": found[at].text[:200]}
        for number, at in enumerate(best, 1)
    ]
    return await finish(key="ask-folder", text=text, rows=rows, outcomes=outcomes, steps=steps, output=output)


async def _estimate(
    found: list[Passage], question: str, *, model: str | GeminiModel, embedding: str | GeminiModel, passages: int
) -> Estimate:
    """The bill of the vectors and the answer. Which passages are nearest only their vectors can say, so the longest stand for them."""
    longest = sorted(found, key=lambda one: -len(one.text))[:passages]
    stored = await aestimate_call(lambda: aembed.fn([one.text for one in found], model=embedding))
    query = await aestimate_call(lambda: aembed.fn([question], purpose="query", model=embedding))
    notes = (f"The answer is counted with the {len(longest)} longest passages: it takes at most that much in.",)
    asked = await aestimate_call(lambda: answer_from(longest, question, model=model, ask=agenerate.fn))
    return stored + query + asked + Estimate(notes=notes)
