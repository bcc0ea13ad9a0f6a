"""read_feedback: sentiment, confidence and key points of what customers wrote."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import BaseModel, Field

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.plain import one_line
from prefect_gemini.tasks import aeach, aextract, aload_documents
from prefect_gemini.tasks.estimate import aestimate, dry_run_state


class Feedback(BaseModel):
    """What a customer thinks."""

    sentiment: Literal["positive", "negative", "neutral"] = Field(description="How the customer feels on the whole.")
    confidence: float = Field(ge=0, le=1, description="How sure that is, 0 to 1.")
    key_points: list[str] = Field(default_factory=list, description="What is praised or criticised, a few words each.")


@flow(name="feedback")
async def read_feedback(
    feedback: str,
    text: str = "",
    model: str | GeminiModel = "flash-lite",
    sure_from: float = 0.6,
    concurrency: int = 8,
    output: str = "out/feedback",
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Judge customer feedback: sentiment, confidence, key points, and a count of what is said most.

    The local reader does not judge: with it this flow fails and says so.

    Args:
        feedback: A folder, a pattern, or a table (CSV, JSONL, Parquet) with a text a row.
        text: The column with the text, for a table.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        sure_from: Confidence below which a person should look.
        concurrency: Calls in flight at once.
        output: Folder for the CSV file. Empty: none is written.
        empty_is_ok: Finish quietly where there is nothing, as a schedule over an inbox should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    documents = await aload_documents(feedback, text=text, empty_is_ok=empty_is_ok)
    asked: dict[str, Any] = {
        "schema": Feedback,
        "prompt": "Analyze this customer feedback.",
        "evidence": False,
        "model": model,
        "concurrency": concurrency,
    }
    if dry_run:
        return await dry_run_state(await aestimate(aextract, documents, **asked))
    outcomes = await aeach(aextract, documents, key="feedback-progress", **asked)
    rows = [
        {
            "feedback": one.name,
            "sentiment": one.value.sentiment,
            "confidence": f"{one.value.confidence:.2f}",
            "key points": "; ".join(one.value.key_points),
            "look": "yes" if one.value.confidence < sure_from else "",
        }
        for one in outcomes
        if one.ok
    ]
    felt = Counter(row["sentiment"] for row in rows)
    points = Counter(point.lower() for one in outcomes if one.ok for point in one.value.key_points)
    text_lines = [
        f"# {len(rows)} pieces of feedback",
        "",
        *(f"- **{name}:** {count}" for name, count in felt.most_common()),
        "",
        *(f"- {one_line(point)} ({count})" for point, count in points.most_common(10)),
    ]
    return await finish(key="feedback", text="\n".join(text_lines), rows=rows, outcomes=outcomes, output=output)
