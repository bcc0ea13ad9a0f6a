"""Steps of a longer piece of work: what each took and cost, for the result and the Prefect UI."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from prefect.artifacts import acreate_table_artifact
from prefect.context import FlowRunContext
from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.plain import escape_terminal
from prefect_gemini.gemini.reply import Reply


class Step(BaseModel):
    """One step.

    Args:
        name: what was done.
        seconds: how long it took.
        cost: US dollars at list prices; None where nothing is charged or no price is known.
        input_tokens, output_tokens: thoughts count as output.
        from_ledger: it was paid for earlier.
        outcome: how it ended.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: float
    cost: Decimal | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    from_ledger: bool = False
    outcome: str = "done"

    @classmethod
    def of(cls, name: str, reply: Reply[Any], *, outcome: str = "done") -> Step:
        """The step that gave a reply."""
        return cls(
            name=name,
            seconds=reply.latency_s,
            cost=reply.cost,
            input_tokens=reply.usage.prompt,
            output_tokens=reply.usage.output + reply.usage.thoughts,
            from_ledger=reply.from_ledger,
            outcome=outcome,
        )

    def as_row(self) -> dict[str, Any]:
        return {
            "step": escape_terminal(self.name),
            "seconds": f"{self.seconds:.2f}",
            "USD": "" if self.cost is None else f"{self.cost:.6f}",
            "tokens in": self.input_tokens or "",
            "tokens out": self.output_tokens or "",
            "paid": "earlier" if self.from_ledger else "now" if self.cost is not None else "",
            "outcome": escape_terminal(self.outcome),
        }


async def publish_steps(steps: Sequence[Step], *, key: str) -> None:
    """Write the steps and their sum as a table artifact; nothing outside a flow run.

    Args:
        steps: in order.
        key: of the artifact: lower case, digits, dashes.
    """
    if FlowRunContext.get() is None or not steps:
        return
    total = Step(
        name="all",
        seconds=sum(step.seconds for step in steps),
        cost=sum((step.cost for step in steps if step.cost is not None and not step.from_ledger), Decimal(0)),
        input_tokens=sum(step.input_tokens for step in steps),
        output_tokens=sum(step.output_tokens for step in steps),
        outcome="",
    )
    await acreate_table_artifact(
        [step.as_row() for step in (*steps, total)], key=key, description="What each step took and cost"
    )
