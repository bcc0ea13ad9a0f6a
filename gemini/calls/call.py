"""One call to one model: permits, circuit, retries, the wire, and the clock on all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls import wire
from prefect_gemini.gemini.calls.answer import CONTINUATION, read
from prefect_gemini.gemini.calls.permitted import permitted
from prefect_gemini.gemini.calls.retries import Attempts, Clock, RetryPolicy
from prefect_gemini.gemini.calls.translate import translate
from prefect_gemini.gemini.calls.uploads import by_reference
from prefect_gemini.gemini.errors import AnswerError, GeminiError
from prefect_gemini.gemini.limits.circuit import Circuit
from prefect_gemini.gemini.limits.limits import Limiter, Permit
from prefect_gemini.gemini.reply import Reply
from prefect_gemini.gemini.request import Request, Turn
from prefect_gemini.gemini.schemas.output import Output
from prefect_gemini.gemini.stream import Assembler, Chunk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from google.genai import Client

FLEX_TIMEOUT_S = 1800.0
"""Flex calls may wait in a queue for 20 to 30 minutes; Google's advice is patience, not retries."""
MOST_CONTINUATIONS = 8
"""How often an answer that the service breaks off is continued, so that no loop is endless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Everything one call needs; made by the client for each model that is asked.

    Args:
        sdk: the google-genai client.
        backend: whom it calls.
        model: the model's id.
        request: what is asked.
        turns: its contents, resolved.
        output: its output, translated.
        retries, limiter, circuit, clock: how it is sent.
        timeout_s: seconds without a byte before a read is given up.
        tokens: what it will use, as far as one can tell.
        broken: told of every answer that is not whole, before it is asked for again: it is paid for.
    """

    sdk: Client
    backend: Backend
    model: str
    request: Request
    turns: tuple[Turn | Mapping[str, Any], ...]
    output: Output[Any] | None
    retries: RetryPolicy
    limiter: Limiter
    circuit: Circuit
    clock: Clock
    timeout_s: float
    tokens: int = 0
    broken: Callable[[AnswerError], Awaitable[None]] | None = None

    async def whole(self) -> Reply[str]:
        """The whole answer at once.

        Raises:
            GeminiError: with the number of attempts.
        """
        attempts = self._attempts()
        begun = self.clock.monotonic()
        reply = await attempts.run(lambda: self._send(attempts))
        return reply.model_copy(update={"attempts": attempts.sent, "latency_s": self.clock.monotonic() - begun})

    async def pieces(self) -> AsyncGenerator[Chunk | Reply[str], None]:
        """The answer as it comes; the last item is the whole reply.

        A stream that fails before its first piece is sent again. One that fails later raises: what
        was handed out cannot be taken back.

        Raises:
            GeminiError: with the number of attempts.
        """
        attempts = self._attempts()
        begun = self.clock.monotonic()
        first: float | None = None
        while True:
            assembler = Assembler()
            try:
                async with self._permitted(attempts) as permit:
                    async for payload in self._events(attempts.remaining_s()):
                        if chunk := assembler.add(payload):
                            first = self.clock.monotonic() - begun if first is None else first
                            yield chunk
                    reply = self._read(assembler.payload())
                    permit.tokens_used = reply.usage.total
                break
            except GeminiError as error:
                if first is not None:
                    error.attempts = attempts.sent
                    raise
                await attempts.recover(error)
        total = self.clock.monotonic() - begun
        yield reply.model_copy(update={"attempts": attempts.sent, "latency_s": total} | _speed(reply, first, total))

    def _attempts(self) -> Attempts:
        policy = self.retries
        if self.request.service_tier == "flex" and policy.deadline_s is not None:
            policy = policy.model_copy(update={"deadline_s": max(policy.deadline_s, FLEX_TIMEOUT_S)})
        return Attempts(policy, self.clock)

    async def _send(self, attempts: Attempts) -> Reply[str]:
        token: str | None = None
        assembler = Assembler()
        async with self._permitted(attempts) as permit:
            for _ in range(MOST_CONTINUATIONS):
                payload = await self._post(attempts.remaining_s(), token)
                finish, token = _continuation(payload)
                if finish != CONTINUATION and token is None and assembler.empty:
                    break
                assembler.add(payload)
                payload = assembler.payload()
                if finish != CONTINUATION or token is None:
                    break
            reply = self._read(payload)
            permit.tokens_used = reply.usage.total
            return reply

    def _read(self, payload: Any) -> Reply[str]:
        return read(payload, model=self.model, backend=self.backend.kind, schema=self.output is not None)

    async def _post(self, remaining: float | None, token: str | None) -> Any:
        config = self._config(remaining, token)
        config.should_return_http_response = True  # the JSON as it came: the SDK's types drop what they do not know
        async with self._within(remaining):
            response = await self.sdk.aio.models.generate_content(
                model=self.model, contents=await self._contents(), config=config
            )
        raw = response.sdk_http_response
        return wire.parsed(raw.body if raw is not None else None, model=self.model)

    async def _events(self, remaining: float | None) -> AsyncIterator[Mapping[str, Any]]:
        config = self._config(remaining, None)
        until = None if remaining is None else self.clock.monotonic() + remaining
        async with self._within(remaining):
            stream = await self.sdk.aio.models.generate_content_stream(
                model=self.model, contents=await self._contents(), config=config
            )
        while True:
            # The deadline is set for each piece anew: around a `yield` it would interrupt the reader's own code.
            async with self._within(None if until is None else max(0.0, until - self.clock.monotonic())):
                response = await anext(stream, None)
            if response is None:
                return
            yield response.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"sdk_http_response"})

    async def _contents(self) -> list[Any]:
        # Vertex AI has no Files API: what is too large for a request goes to a bucket there, by whoever has one.
        turns = self.turns if self.backend.kind == "vertex" else await by_reference(self.turns, self.sdk)
        return list(wire.contents(turns))

    def _config(self, remaining: float | None, token: str | None) -> Any:
        timeout = FLEX_TIMEOUT_S if self.request.service_tier == "flex" else self.timeout_s
        if remaining is not None:
            timeout = min(timeout, max(0.001, remaining))
        return wire.config(self.request, self.backend, output=self.output, timeout_s=timeout, continuation=token)

    @asynccontextmanager
    async def _within(self, remaining: float | None) -> AsyncIterator[None]:
        """Hold a request to the deadline, and make every exception ours."""
        try:
            async with asyncio.timeout(remaining):
                yield
        except GeminiError:
            raise
        except Exception as error:
            ours = translate(error, model=self.model)
            if ours is None:
                raise
            raise ours from None  # the foreign exception holds the request, and with it the key

    def _permitted(self, attempts: Attempts) -> AbstractAsyncContextManager[Permit]:
        return permitted(
            (self.limiter, self.circuit), attempts, model=self.model, tokens=self.tokens, broken=self.broken
        )

    async def body(self) -> dict[str, Any]:
        """The JSON that the call sends, for a client whose transport gives back what it is given."""
        sent: dict[str, Any] = await self._post(None, None)
        return sent

    def with_room(self, tokens: int) -> Call:
        """The same call with more room for the answer."""
        generation = self.request.generation.model_copy(update={"max_output_tokens": tokens})
        return replace(self, request=replace(self.request, generation=generation))


def _continuation(payload: Any) -> tuple[str | None, str | None]:
    candidates = payload.get("candidates") if isinstance(payload, Mapping) else None
    if not candidates or not isinstance(candidates[0], Mapping):
        return None, None
    return candidates[0].get("finishReason"), candidates[0].get("continuationToken")


def _speed(reply: Reply[Any], first: float | None, total: float) -> dict[str, Any]:
    """Time to the first token, and output tokens a second after it."""
    tokens = reply.usage.output
    if first is None:
        return {"first_token_s": None, "tokens_per_second": None}
    rate = tokens / (total - first) if tokens and total > first else None
    return {"first_token_s": first, "tokens_per_second": rate}
