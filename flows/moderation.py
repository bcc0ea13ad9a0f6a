"""moderate_content: texts and pictures held against a policy, with the service's own filters as the first line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import BaseModel, ConfigDict

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import AnswerBlocked, InvalidOption, PromptBlocked
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.request import SafetySettings, Threshold
from prefect_gemini.tasks import aclassify, aeach, aload_documents, node
from prefect_gemini.tasks.estimate import aestimate, dry_run_state

ALLOWED = "allowed"
POLICY = {
    "hate": "hatred of people for their religion, origin, colour, sex or orientation",
    "harassment": "insults or threatens a person",
    "violence": "calls for violence, or shows it",
    "self-harm": "suicide, cutting oneself, eating disorders",
    "sexual": "sexual acts or bodies",
    ALLOWED: "none of these: ordinary talk",
}


class Verdict(BaseModel):
    """Whether something may be published.

    Args:
        category: what it offends against; "allowed" where nothing.
        by: the service's filter, or the model's reading of the policy.
        ratings: the service's ratings, "CATEGORY=PROBABILITY" each.
    """

    model_config = ConfigDict(frozen=True)

    category: str
    by: Literal["filter", "policy"]
    ratings: tuple[str, ...] = ()


@node(category="reading")
async def amoderate(
    document: str | Path | bytes | Document,
    *,
    policy: dict[str, str] | None = None,
    threshold: Threshold = "BLOCK_MEDIUM_AND_ABOVE",
    model: str | GeminiModel = "flash-lite",
) -> Reply[Verdict]:
    """Hold one text or picture against a policy.

    Args:
        document: a path, a URL, bytes, or an open `Document`.
        policy: categories with their meaning; the label "allowed" must be among them.
        threshold: from which probability on the service's own filters decide, for every kind of harm.
        model: a family, a model id, or a saved `GeminiModel`.

    Raises:
        InvalidOption: the policy does not say what "allowed" is; everything would offend against something.
        GeminiError: see `prefect_gemini.gemini.errors`. A blocked prompt is a verdict, not an error.
    """
    if policy and ALLOWED not in policy:
        raise InvalidOption(
            f"The policy has no {ALLOWED!r}: every text would offend against one of its categories.",
            hint=f"Add {ALLOWED!r} with its meaning, such as 'none of these'.",
        )
    settings = SafetySettings(
        harassment=threshold, hate_speech=threshold, sexually_explicit=threshold, dangerous_content=threshold
    )
    chosen = GeminiModel.of(model).model_copy(update={"safety": settings})
    try:
        reply = await aclassify.fn(
            document, policy or POLICY, model=chosen, prompt="Which rule does this offend against?"
        )
    except (PromptBlocked, AnswerBlocked) as blocked:
        ratings = _ratings(blocked.safety_ratings)
        worst = next((one.partition("=")[0] for one in ratings), str(blocked.reason or "blocked").lower())
        reply = blocked.partial or Reply[Any](value="", model=chosen.model)
        verdict = Verdict(category=worst, by="filter", ratings=ratings)
    else:
        verdict = Verdict(category=reply.value, by="policy", ratings=_ratings(reply.safety_ratings))
    judged: Reply[Any] = reply.model_copy(update={"value": verdict})
    return judged


moderate = amoderate.sync


def _ratings(ratings: tuple[dict[str, object], ...]) -> tuple[str, ...]:
    """Ratings from the most probable on; negligible ones left out."""
    order = ("HIGH", "MEDIUM", "LOW")
    said = sorted(
        (order.index(str(one["probability"])), str(one.get("category", "")).removeprefix("HARM_CATEGORY_").lower())
        for one in ratings
        if one.get("probability") in order
    )
    return tuple(f"{category}={order[place]}" for place, category in said)


@flow(name="moderation")
async def moderate_content(
    content: str,
    text: str = "",
    threshold: Threshold = "BLOCK_MEDIUM_AND_ABOVE",
    policy: dict[str, str] | None = None,
    model: str | GeminiModel = "flash-lite",
    concurrency: int = 8,
    output: str = "out/moderation",
    empty_is_ok: bool = False,
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Hold content against a policy: the service's safety filters first, then the model's reading of the rules.

    Args:
        content: A folder, a pattern, or a table (CSV, JSONL, Parquet) with a text a row.
        text: The column with the text, for a table.
        threshold: From which probability on the service's filters decide.
        policy: Categories with their meaning, "allowed" among them. Empty: hate, harassment, violence, self-harm, sexual.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        concurrency: Calls in flight at once.
        output: Folder for the CSV file. Empty: none is written.
        empty_is_ok: Finish quietly where there is nothing, as a schedule over an inbox should.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    documents = await aload_documents(content, text=text, empty_is_ok=empty_is_ok)
    asked: dict[str, Any] = {
        "policy": policy or None,
        "threshold": threshold,
        "model": model,
        "concurrency": concurrency,
    }
    if dry_run:
        return await dry_run_state(await aestimate(amoderate, documents, **asked))
    outcomes = await aeach(amoderate, documents, key="moderation-progress", **asked)
    rows = [
        {
            "content": one.name,
            "verdict": ALLOWED if one.value.category == ALLOWED else "refused",
            "category": one.value.category,
            "by": one.value.by,
            "ratings": ", ".join(one.value.ratings),
        }
        for one in outcomes
        if one.ok
    ]
    counts = Counter(row["category"] for row in rows)
    lines = [
        f"# {len(rows)} pieces of content",
        "",
        *(f"- **{name}:** {count}" for name, count in counts.most_common()),
    ]
    return await finish(key="moderation", text="\n".join(lines), rows=rows, outcomes=outcomes, output=output)
