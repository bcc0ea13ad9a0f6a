"""Leave to send one request: a permit of the limiter and a healthy circuit, both told how it went."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from prefect_gemini.gemini.calls.retries import Attempts
from prefect_gemini.gemini.errors import (
    AnswerError,
    DeadlineExceeded,
    MalformedResponse,
    RateLimited,
    ServerError,
    TransportError,
)
from prefect_gemini.gemini.limits.circuit import Circuit
from prefect_gemini.gemini.limits.limits import Limiter, Permit

_UNHEALTHY = (ServerError, DeadlineExceeded, TransportError, MalformedResponse)


@asynccontextmanager
async def permitted(
    gates: tuple[Limiter, Circuit],
    attempts: Attempts,
    *,
    model: str,
    tokens: int = 0,
    broken: Callable[[AnswerError], Awaitable[None]] | None = None,
) -> AsyncIterator[Permit]:
    """Take a permit, pass the circuit, and tell both how the request in the block went.

    Args:
        gates: the model's limiter and circuit.
        attempts: counts what is sent, and knows how long may be waited.
        model: the model's id.
        tokens: what the request will use, as far as one can tell.
        broken: told of an answer that is not whole: it is paid for.

    Raises:
        DeadlineExceeded: the deadline passed in the queue.
        CircuitOpen: the model has failed too often; nothing was sent.
    """
    limiter, circuit = gates
    async with AsyncExitStack() as stack:
        try:
            permit = await stack.enter_async_context(
                limiter.permit(tokens=tokens, patience_s=attempts.remaining_s(), again=attempts.sent > 0)
            )
        except TimeoutError:
            raise DeadlineExceeded("The deadline passed in the queue for quota.", model=model) from None
        ticket = circuit.enter()
        attempts.start()
        attempts.sent += 1
        try:
            yield permit
        except _UNHEALTHY:
            circuit.failed(ticket)
            raise
        except RateLimited as error:
            permit.refused = True
            permit.retry_after = error.retry_after
            circuit.ignored(ticket)
            raise
        except AnswerError as error:
            permit.served = True
            permit.tokens_used = error.partial.usage.total if error.partial is not None else None
            circuit.succeeded(ticket)
            if broken is not None:
                await broken(error)
            raise
        except BaseException:
            circuit.ignored(ticket)
            raise
        permit.served = True
        circuit.succeeded(ticket)
