"""The circuit: opens where most calls fail, lets one probe through, and closes when it succeeds."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from scripted import Scripted, answer, error

from prefect_gemini.gemini import GeminiClient, Request, RetryPolicy
from prefect_gemini.gemini.errors import CircuitOpen, InvalidRequest, RateLimited, ServerError
from prefect_gemini.gemini.limits.circuit import Circuit, CircuitPolicy, State

POLICY = CircuitPolicy(failure_share=0.5, minimum_calls=4, window_s=10, open_s=30)


class CircuitMachine(RuleBasedStateMachine):
    """Calls enter, leave in any order, and time passes; a simple model says what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.circuit = Circuit("m", POLICY, now=lambda: self.now)
        self.inside: list[int] = []
        self.probe: int | None = None
        self.opened: float | None = None
        self.outcomes: list[tuple[float, bool]] = []

    @rule(seconds=st.floats(0.1, 40))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def enter(self) -> None:
        open_for = None if self.opened is None else self.now - self.opened
        blocked = open_for is not None and (open_for < POLICY.open_s or self.probe is not None)
        if blocked:
            with pytest.raises(CircuitOpen) as caught:
                self.circuit.enter()
            assert 0 < (caught.value.retry_after or 0) <= POLICY.open_s
            return
        ticket = self.circuit.enter()
        self.inside.append(ticket)
        if open_for is not None:
            self.probe = ticket

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), how=st.sampled_from(["succeeded", "failed", "ignored"]))
    def leave(self, data: Any, how: str) -> None:
        ticket = self.inside.pop(data.draw(st.integers(0, len(self.inside) - 1)))
        getattr(self.circuit, how)(ticket)
        if ticket == self.probe:
            self.probe = None
            if how == "succeeded":
                self.opened, self.outcomes = None, []
            elif how == "failed":
                self.opened = self.now
                return
        if how == "ignored":
            return
        self.outcomes = [
            one for one in (*self.outcomes, (self.now, how == "failed")) if one[0] >= self.now - POLICY.window_s
        ]
        failures = sum(failed for _, failed in self.outcomes)
        enough = len(self.outcomes) >= POLICY.minimum_calls and failures >= POLICY.failure_share * len(self.outcomes)
        if how == "failed" and self.opened is None and enough:
            self.opened = self.now

    @invariant()
    def the_state_is_the_model_s(self) -> None:
        if self.opened is None:
            assert self.circuit.state is State.CLOSED
        else:
            assert self.circuit.state is (State.OPEN if self.now - self.opened < POLICY.open_s else State.HALF_OPEN)


TestCircuitMachine = CircuitMachine.TestCase
TestCircuitMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


async def test_a_failing_service_is_left_alone_and_probed(
    server: Scripted, connect: Callable[..., GeminiClient], clock: Any
) -> None:
    """Open: nothing is sent, at once. After the pause one probe goes through and closes it."""
    client = connect(circuit=POLICY, retries=RetryPolicy(max_attempts=1))
    server.plays(error(503, "UNAVAILABLE"), repeat=True)
    for number in range(4):
        with pytest.raises(ServerError):
            await client.generate(Request(model="flash", contents=f"{number}"))
    waits = list(clock.waits)
    with pytest.raises(CircuitOpen, match="not sent") as caught:
        await client.generate(Request(model="flash", contents="x"))
    assert clock.waits == waits
    assert pickle.loads(pickle.dumps(caught.value)).retry_after == 30
    assert len(server.seen) == 4
    server.plays(answer(), repeat=True)
    # Another model is another circuit.
    assert (await client.generate(Request(model="flash-lite", contents="x"))).text == "hello"
    clock.now += 31
    assert (await client.generate(Request(model="flash", contents="x"))).text == "hello"
    assert (await client.generate(Request(model="flash", contents="y"))).text == "hello"


@pytest.mark.parametrize(("status", "kind"), [(400, InvalidRequest), (429, RateLimited)])
async def test_refusals_say_nothing_about_health(
    server: Scripted, connect: Callable[..., GeminiClient], status: int, kind: type
) -> None:
    """A bad request, or too many of them, opens nothing."""
    client = connect(circuit=POLICY, retries=RetryPolicy(max_attempts=1))
    server.plays(error(status, "S"), repeat=True)
    for number in range(8):
        with pytest.raises(kind):
            await client.generate(Request(model="flash", contents=f"{number}"))
    assert len(server.seen) == 8
