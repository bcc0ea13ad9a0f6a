"""The estimate of a run: what a dry run found, as one bill a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.calls.quote import Quote
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.bill import Bill, bill

__all__ = ["Estimate"]


class Estimate(BaseModel):
    """What a run would cost at list prices, and what of it is paid already. Estimates of two steps add up.

    Args:
        documents: how many were looked at, or of how many those looked at are a sample.
        calls: different requests that would be sent and paid for.
        in_ledger: requests whose answer the ledger has; they would cost nothing.
        repeated: requests that are the same as another of this run; they are paid for once.
        unread: documents that cannot be sent, each with the reason.
        bills: one a model.
        backend: who would be called, for a person.
        notes: what the numbers rest on.
        flow_run_id: the run that estimated; "" outside one.
        in_batch: whether the calls would go through the Batch API, at its price.
    """

    model_config = ConfigDict(frozen=True)

    documents: int = 0
    calls: int = 0
    in_ledger: int = 0
    repeated: int = 0
    unread: tuple[tuple[str, str], ...] = ()
    bills: tuple[Bill, ...] = ()
    backend: str = ""
    notes: tuple[str, ...] = ()
    flow_run_id: str = ""
    in_batch: bool = False

    @classmethod
    def of(
        cls,
        quotes: Iterable[Quote],
        *,
        documents: int,
        unread: Sequence[tuple[str, str]] = (),
        scale: float = 1.0,
        usual: Mapping[str, tuple[int, int]] | None = None,
        at: datetime | None = None,
    ) -> Estimate:
        """Price what a dry run quoted.

        Args:
            quotes: one for each request.
            documents: how many documents they are for, those outside the sample included.
            unread: documents that cannot be sent, each with the reason.
            scale: how many documents each of those looked at stands for.
            usual: for each model, the mean tokens out of earlier calls and how many those were; they take
                the place of what was guessed.
            at: the day whose prices count; today if left out.
        """
        asked = [_with_usual(quote, usual or {}) for quote in quotes]
        every = list({quote.fingerprint: quote for quote in asked}.values())
        to_pay = [quote for quote in every if quote.paid is None]
        moment = at or datetime.now(UTC)
        bills = tuple(
            _bill([quote for quote in to_pay if quote.model == model], at=moment).scaled(scale)
            for model in dict.fromkeys(quote.model for quote in to_pay)
        )
        return cls(
            documents=documents,
            calls=sum(one.calls for one in bills),
            in_ledger=round(scale * (len(every) - len(to_pay))),
            repeated=round(scale * (len(asked) - len(every))),
            unread=tuple(unread),
            bills=bills,
            backend=every[0].backend if every else "",
            notes=tuple(
                dict.fromkeys([*_notes(bills, scale, usual or {}), *(note for quote in every for note in quote.notes)])
            ),
        )

    def __add__(self, other: Estimate) -> Estimate:
        """Both steps together; the documents are taken to be the same ones."""
        return self.model_copy(
            update={
                "documents": max(self.documents, other.documents),
                "calls": self.calls + other.calls,
                "in_ledger": self.in_ledger + other.in_ledger,
                "repeated": self.repeated + other.repeated,
                "unread": tuple(dict.fromkeys([*self.unread, *other.unread])),
                "bills": (*self.bills, *other.bills),
                "backend": self.backend or other.backend,
                "notes": tuple(dict.fromkeys([*self.notes, *other.notes])),
                "in_batch": self.in_batch and other.in_batch,
            }
        )

    @property
    def usd(self) -> Decimal | None:
        """As it would be asked, without a cache: what a run costs at most, as far as the output is guessed right."""
        amounts = [one.batch if self.in_batch else one.standard for one in self.bills]
        return None if None in amounts else sum(filter(None, amounts), Decimal(0))

    @property
    def sentence(self) -> str:
        """The estimate in one line."""
        paid = f", {self.in_ledger:,} already paid for" if self.in_ledger else ""
        same = f", {self.repeated:,} the same as another" if self.repeated else ""
        unread = f", {len(self.unread):,} cannot be sent" if self.unread else ""
        how = " in a batch" if self.in_batch else ""
        cost = "no price is known" if self.usd is None else f"about ${self.usd:,.4f}{how}"
        documents = f" for {self.documents:,} documents" if self.documents else ""
        return f"{self.calls:,} calls{documents}{paid}{same}{unread}: {cost}. Nothing was sent."

    def rows(self) -> list[dict[str, str]]:
        """A row a model, for tables: the bill in each of the ways there are to make the calls."""
        return [
            {
                "model": one.model,
                "calls": f"{one.calls:,}",
                "tokens in": f"{one.prompt:,}",
                "tokens out": f"{one.output:,}",
                "interactive": _usd(one.standard),
                "batch": _usd(one.batch),
                "flex": _usd(one.flex) if _writes(one) else "none",
                "cached": _usd(one.cached) if _writes(one) else "none",
            }
            for one in self.bills
        ]


def _bill(quotes: Sequence[Quote], *, at: datetime) -> Bill:
    first = quotes[0]
    return bill(
        first.model,
        [quote.tokens for quote in quotes],
        shared_prefix=_known_beginnings(quotes),
        at=at,
        location=first.location,
    )


def _known_beginnings(quotes: Sequence[Quote]) -> list[int]:
    """For each request, how many tokens at its beginning an earlier one has sent: what a cache would hold."""
    least = resolve(quotes[0].model, warn=False).cache_minimum
    sent: set[str] = set()
    known = []
    for quote in quotes:
        length = max((tokens for digest, tokens in quote.beginnings if digest in sent), default=0)
        known.append(length if length >= least else 0)
        sent.update(digest for digest, _ in quote.beginnings)
    return known


def _with_usual(quote: Quote, usual: Mapping[str, tuple[int, int]]) -> Quote:
    mean, count = usual.get(quote.model, (0, 0))
    return replace(quote, tokens=replace(quote.tokens, output=mean)) if quote.guessed and count else quote


def _notes(found: Sequence[Bill], scale: float, usual: Mapping[str, tuple[int, int]]) -> list[str]:
    bills = [one for one in found if _writes(one)]
    notes = ["Input tokens are counted by the service."] if bills else []
    for one in bills:
        mean, count = usual.get(one.model, (0, 0))
        said = f"the mean of {count:,} earlier calls, {mean:,}" if count else "taken to be 1,024"
        notes.append(
            f"{one.model}: output tokens are what a request allows; without a limit {said}, thoughts included."
        )
    for one in bills:
        if one.calls > 1 and not one.cache_reads:
            least = resolve(one.model, warn=False).cache_minimum
            notes.append(f"{one.model}: no two prompts begin with the same {least:,} tokens, so a cache saves nothing.")
    if scale > 1:
        notes.append(f"Estimated from every {scale:.0f}th document.")
    return notes


def _writes(one: Bill) -> bool:
    """Whether it is the bill of a model that answers; one that embeds has no other tier and no cache."""
    return resolve(one.model, warn=False).family != "embedding"


def _usd(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"${amount:,.4f}"
