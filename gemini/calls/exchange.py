"""One request seen through: models in order, room, repair, and the ledger before the value."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.arguments import check_calls, wrong_calls
from prefect_gemini.gemini.calls.call import Call
from prefect_gemini.gemini.calls.sizes import estimate_tokens
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.costs.prices import cost
from prefect_gemini.gemini.errors import (
    AnswerError,
    CircuitOpen,
    DeadlineExceeded,
    InvalidOutput,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    Truncated,
)
from prefect_gemini.gemini.ledger.claim import Claim
from prefect_gemini.gemini.ledger.paid_call import PaidCall
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.request import Part, Request, Tool, Turn
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.gemini.stream import Chunk

MOST_ROOM = 2
"""How often a cut answer is asked for again with twice the room."""
_NEXT_MODEL = (ServerError, RateLimited, QuotaExceeded, DeadlineExceeded, CircuitOpen, NotFound)
"""Failures of a model or its quota. A lost connection or a refused request is the same with another model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that has passed every check and is ready to be sent.

    Args:
        request: what is asked.
        backend: whom.
        models: the model, then its fallbacks.
        turns: the contents, resolved.
        output: what the answer must be.
        tools: the functions offered, those that a cache holds included.
        notes: what the models will not follow.
        fingerprint: what makes it equal to another.
        dial: makes the call to one model.
    """

    request: Request
    backend: Backend
    models: tuple[ModelInfo, ...]
    turns: tuple[Turn | Mapping[str, Any], ...]
    output: Output[Any] | None
    tools: tuple[Tool, ...]
    notes: tuple[str, ...]
    fingerprint: str
    dial: Callable[[Exchange, ModelInfo], Call]

    async def answer(self, claim: Claim | None) -> Reply[Any]:
        """Obtain the whole answer, asking fallback models where they are listed.

        Args:
            claim: where what is paid is written; None to write nothing.
        """
        for position, model in enumerate(self.models):
            try:
                return await self._ask(model, claim)
            except _NEXT_MODEL:
                if position + 1 == len(self.models):
                    raise
        raise AssertionError("there is always a model")

    async def pieces(self, claim: Claim | None) -> AsyncGenerator[Chunk | Reply[Any], None]:
        """The answer as it comes; the last item is the whole reply.

        A fallback is asked only while nothing has been handed out.
        """
        for position, model in enumerate(self.models):
            handed_out = False
            await self._hold(claim, model)
            call = self._call(model, claim)
            try:
                async for item in call.pieces():
                    if isinstance(item, Chunk):
                        handed_out = True
                        yield item
                    else:
                        yield await self._settle(self._priced(item, model), claim)
                return
            except _NEXT_MODEL:
                if handed_out or position + 1 == len(self.models):
                    raise

    def restored(self, paid: PaidCall) -> Reply[Any]:
        """The reply of an answer that was paid for earlier.

        Raises:
            ValueError: it was stored in a form that cannot be read any more.
            InvalidOutput: it does not satisfy the schema.
        """
        reply = Reply[str].model_validate(paid.reply)
        value = self._value(reply)
        return Reply[Any](**(_fields(reply) | {"value": value, "from_ledger": True, "notes": self._noted(reply)}))

    async def _ask(self, model: ModelInfo, claim: Claim | None) -> Reply[Any]:
        await self._hold(claim, model)
        call = self._call(model, claim)
        reply = self._priced(await self._whole(call, model), model)
        try:
            return await self._settle(reply, claim)
        except InvalidOutput as invalid:
            return await self._repair(call, reply, invalid, model, claim)

    async def _whole(self, call: Call, model: ModelInfo) -> Reply[str]:
        room = self.request.generation.max_output_tokens
        widened = 0
        while True:
            try:
                reply = await call.whole()
            except Truncated as cut:
                if self.request.on_truncation != "more_room" or cut.finish_reason != "MAX_TOKENS" or room is None:
                    raise
                if widened == MOST_ROOM or room >= model.output_limit:
                    raise
                widened += 1
                room = min(model.output_limit, 2 * room)
                call = call.with_room(room)
            else:
                if not widened:
                    return reply
                note = f"The answer was cut and asked for again with room for {room} tokens."
                return reply.model_copy(update={"notes": (*reply.notes, note), "attempts": reply.attempts + widened})

    async def _repair(
        self, call: Call, reply: Reply[str], invalid: InvalidOutput, model: ModelInfo, claim: Claim | None
    ) -> Reply[Any]:
        """Show the model its answer and what is wrong with it; once."""
        await self._hold(claim, model)
        call = replace(call, turns=self.repairing(reply, invalid))
        second = self._priced(await self._whole(call, model), model)
        both = self.both(reply, second)
        try:
            settled = await self._settle(second, claim)
        except InvalidOutput as error:
            error.attempts = both["attempts"]
            error.partial = second.model_copy(update=both)
            raise
        return settled.model_copy(update=both)

    def repairing(self, reply: Reply[str], invalid: InvalidOutput) -> tuple[Turn | Mapping[str, Any], ...]:
        """The contents with an answer that is not valid, and what is wrong with it."""
        if reply.function_calls:
            told = wrong_calls(reply.function_calls, self.tools)
        else:
            problems = "\n".join(f"- {problem}" for problem in invalid.problems)
            told = Turn("user", (Part.of_text(f"Your answer is not valid:\n{problems}\nGive the whole answer again."),))
        return (*self.turns, reply.content, told)

    def both(self, first: Reply[Any], second: Reply[Any]) -> dict[str, Any]:
        """What an answer and its repair came to together, as fields of a reply."""
        priced = first.cost is not None and second.cost is not None
        return {
            "usage": first.usage + second.usage,
            "cost": first.cost + second.cost if priced else None,  # type: ignore[operator]
            "attempts": first.attempts + second.attempts,
            "latency_s": first.latency_s + second.latency_s,
            "notes": (*self._noted(second), "The first answer did not satisfy the schema and was repaired."),
        }

    async def _settle(self, reply: Reply[str], claim: Claim | None) -> Reply[Any]:
        """Write what was paid, then use it."""
        value: Any = None
        failure: Exception | None = None
        try:
            value = self._value(reply)
        except Exception as error:  # whatever it is, the answer has been paid for and is written first
            failure = error
        await self._record(reply, claim, serves=failure is None)
        if failure is not None:
            if isinstance(failure, AnswerError):
                failure.partial, failure.model = reply, reply.model
                failure.response_id, failure.finish_reason = reply.response_id, reply.finish_reason
                failure.attempts = reply.attempts
            raise failure
        return Reply[Any](**(_fields(reply) | {"value": value}))

    def _value(self, reply: Reply[str]) -> Any:
        if reply.function_calls:
            if self.request.check_calls and (self.tools or self.request.cached_content is None):
                check_calls(reply.function_calls, self.tools)
            return reply.text
        return reply.text if self.output is None else self.output.parse(reply.text)

    async def _hold(self, claim: Claim | None, model: ModelInfo) -> None:
        if claim is not None:
            tokens = estimate_tokens(self.request, self.turns, model, self.output)
            await claim.hold(cost(model.id, tokens, at=datetime.now(UTC), **self._price_terms()))

    async def _record(self, reply: Reply[str], claim: Claim | None, *, serves: bool) -> None:
        if claim is not None:
            await claim.record(
                PaidCall.of(
                    self.request,
                    reply,
                    fingerprint=self.fingerprint,
                    backend=self.backend,
                    stored=reply.model_dump(mode="json"),
                    serves=serves,
                )
            )

    def _call(self, model: ModelInfo, claim: Claim | None) -> Call:
        async def broken(error: AnswerError) -> None:
            if error.partial is not None:
                error.partial = self._priced(error.partial, model)
                await self._record(error.partial, claim, serves=False)

        return replace(self.dial(self, model), broken=broken)

    def _priced(self, reply: Reply[str], model: ModelInfo) -> Reply[str]:
        update: dict[str, Any] = {
            "cost": cost(model.id, reply.usage, at=datetime.now(UTC), **self._price_terms(reply.usage.traffic)),
            "labels": dict(self.request.labels),
            "notes": self._noted(reply),
        }
        return reply.model_copy(update=update)

    def _noted(self, reply: Reply[Any]) -> tuple[str, ...]:
        """What there is to know of the request, then of the answer; a batch writes down the answer alone."""
        return tuple(dict.fromkeys((*self.notes, *(self.output.loosened if self.output else ()), *reply.notes)))

    def _price_terms(self, traffic: str | None = None) -> dict[str, Any]:
        """The tier that served the call, which the service may have lowered, and where."""
        tier = self.request.service_tier
        for name in ("flex", "priority", "standard"):
            if traffic and name in traffic.lower():
                tier = name
        return {"tier": tier, "location": self.backend.location or "global"}


def _fields(reply: Reply[Any]) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in type(reply).model_fields}
