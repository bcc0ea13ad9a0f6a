"""An agreement as data: what the model is asked for, and what it may answer."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Unit = Literal["days", "business_days", "weeks", "months", "years"]
Answered = Literal["preferred", "acceptable", "unacceptable", "unclear"]

QUOTE = "The passage it rests on, word for word as printed."


def _exact(value: Any) -> Any:
    # JSON's 12.1 is 12.1, not its nearest double.
    return Decimal(repr(value)) if isinstance(value, float) else value


Number = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClauseAnswer(_Said):
    """What the model says of one clause of the playbook."""

    present: bool = Field(description="Whether the agreement has such a clause.")
    quotes: tuple[str, ...] = Field((), description="The passages, word for word.")
    position: Answered | None = None
    reason: str | None = None


class Party(_Said):
    """One party to the agreement."""

    name: str = Field(min_length=1, description="The party's full name as printed.")
    role: str | None = Field(None, description="What the agreement calls it: Customer, Supplier, Licensor.")
    quote: str = Field(description=QUOTE)


class DayFact(_Said):
    """A date."""

    date: datetime.date | None = Field(
        None, description="As YYYY-MM-DD; null where the passage says it without naming a day."
    )
    quote: str = Field(description=QUOTE)


class SpanFact(_Said):
    """A length of time."""

    length: int | None = Field(None, ge=0, le=36500, description="How many units; null where no number is given.")
    unit: Unit | None = Field(None, description="What is counted.")
    quote: str = Field(description=QUOTE)


class RenewalFact(SpanFact):
    """What happens at the end of the term."""

    automatic: bool | None = Field(None, description="Whether it renews unless somebody gives notice.")


class LawFact(_Said):
    """The law that governs the agreement."""

    law: str = Field(min_length=1, description="The state or country as printed, such as Delaware.")
    quote: str = Field(description=QUOTE)


class MoneyFact(_Said):
    """An amount of money the agreement names."""

    amount: Number = Field(description="The amount as a number.")
    currency: str | None = Field(None, description="ISO 4217 code, where printed or clear from the sign.")
    purpose: str | None = Field(None, description="What it is for, in a few words of the agreement.")
    quote: str = Field(description=QUOTE)


class Facts(_Said):
    """What an agreement says of itself. Null or empty where it does not say."""

    parties: tuple[Party, ...] = Field((), description="The parties that sign.")
    agreement_date: DayFact | None = Field(None, description="The date the agreement is dated or made.")
    effective_date: DayFact | None = Field(None, description="The date it takes effect.")
    expiration_date: DayFact | None = Field(None, description="The date the initial term ends, where one is named.")
    term: SpanFact | None = Field(None, description="The length of the initial term.")
    renewal: RenewalFact | None = Field(None, description="Whether and for how long it renews.")
    notice_period: SpanFact | None = Field(
        None, description="How long before the end of a term notice must be given to stop its renewal."
    )
    governing_law: LawFact | None = Field(None, description="The law that governs it.")
    money: tuple[MoneyFact, ...] = Field((), description="Fees, prices, caps, minimums and penalties it names.")
