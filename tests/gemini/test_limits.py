"""Limits: ceilings are kept, quota is found, and nobody who is cancelled blocks the others."""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.limits.gates import Gates, shared_gates
from prefect_gemini.gemini.limits.limits import Limiter, Limits
from prefect_gemini.gemini.limits.pace import HEADROOM, Pace
from prefect_gemini.gemini.limits.stock import Stock


class Simulated:
    """A service with a sliding window, driven by a simulated clock, and one caller that never stops."""

    def __init__(self, per_s: float, *, ceiling: float | None, window_s: float = 6.0) -> None:
        self.now = 0.0
        self.per_s = per_s
        self.window_s = window_s
        self.served: list[float] = []
        self.refused: list[float] = []
        self.pace = Pace(ceiling, adaptive=True, now=0.0)

    def run(self, seconds: float, *, latency_s: float = 0.05) -> None:
        until = self.now + seconds
        while self.now < until:
            slot = self.pace.slot(self.now)
            waited = slot > self.now
            self.now = slot + (0.0 if waited else 0.01)
            sent = self.now
            recent = [moment for moment in self.served[-2000:] if moment > sent - self.window_s]
            if len(recent) + 1 > self.per_s * self.window_s:
                self.refused.append(sent)
                wait = recent[0] + self.window_s - sent
                self.pace.refused(sent + latency_s / 10, sent=sent, retry_after=wait)
            else:
                self.served.append(sent)
                self.pace.accepted(sent + latency_s / 10, sent=sent, waited=waited)

    def rate(self, begin: float, end: float) -> float:
        return sum(begin <= moment < end for moment in self.served) / (end - begin)


def test_a_ceiling_is_used_and_not_overstepped() -> None:
    """98 % of the quota and more, without a refusal."""
    service = Simulated(2000 / 60, ceiling=2000 / 60)
    service.run(60)
    assert service.rate(0, 60) >= 0.98 * 2000 / 60
    assert service.refused == []


def test_a_quota_that_shrinks_is_followed_and_one_that_returns_is_found() -> None:
    """Halved for half a minute: few refusals, and the old rate again within five seconds of its return."""
    service = Simulated(2000 / 60, ceiling=2000 / 60)
    service.run(40)
    service.per_s /= 2
    service.run(30)
    service.per_s *= 2
    service.run(30)
    assert service.rate(50, 69) >= 0.9 * 1000 / 60
    assert service.rate(75, 100) >= 0.98 * HEADROOM * 2000 / 60
    assert len(service.refused) < 0.01 * len(service.served)


def test_an_unknown_quota_is_found() -> None:
    """Without a ceiling the first refusals tell the rate; after that few follow."""
    service = Simulated(20, ceiling=None)
    service.run(60)
    assert service.rate(20, 60) >= 0.9 * 20
    assert len(service.refused) < 0.06 * len(service.served)


@given(st.lists(st.tuples(st.sampled_from(["ok", "no"]), st.floats(0.001, 3), st.one_of(st.none(), st.floats(0, 5)))))
@settings(max_examples=200, deadline=None)
def test_the_pace_never_exceeds_its_ceiling_nor_forgets_a_pause(steps: list[tuple[str, float, float | None]]) -> None:
    """Whatever the service answers: slots keep their distance, and nobody is sent before Retry-After."""
    pace, now, last, pause = Pace(10.0, adaptive=True, now=0.0), 0.0, -1.0, 0.0
    for outcome, later, wait in steps:
        slot = pace.slot(now)
        assert slot >= pause - 1e-9
        assert slot - last >= 1 / 10.0 - 1e-6 or pace.round
        last = now = max(slot, now)
        if outcome == "ok":
            pace.accepted(now, sent=now, waited=True)
        else:
            pace.refused(now, sent=now, retry_after=wait)
            pause = max(pause, now + (wait or 0.0))
        assert 0 < (pace.rate or 0) <= 10.0
        now += later


async def test_no_more_calls_are_in_flight_than_allowed() -> None:
    """The window bounds them, and every waiter gets its turn."""
    limiter = Limiter(Limits(concurrency=3, adaptive=False))
    inside = most = done = 0

    async def call() -> None:
        nonlocal inside, most, done
        async with limiter.permit() as permit:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1
            done += 1
            permit.served = True

    await asyncio.gather(*(call() for _ in range(30)))
    assert (most, done) == (3, 30)


async def test_a_refusal_narrows_and_success_widens(clock: Any) -> None:
    """Multiplicative decrease, additive increase, never below one nor above the ceiling."""
    limiter = Limiter(Limits(concurrency=16), clock=clock)

    async def call(*, refused: bool) -> None:
        async with limiter.permit() as permit:
            permit.refused, permit.served = refused, not refused

    before = limiter.window
    await call(refused=True)
    assert limiter.window == pytest.approx(before * 0.7)
    for _ in range(200):
        await call(refused=False)
    assert before < limiter.window <= 16


async def test_a_cancelled_waiter_blocks_nobody() -> None:
    """Its turn goes to the next."""
    limiter = Limiter(Limits(concurrency=1, adaptive=False))
    release = asyncio.Event()

    async def hold() -> None:
        async with limiter.permit():
            await release.wait()

    async def quick() -> str:
        async with limiter.permit():
            return "through"

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiters = [asyncio.create_task(quick()) for _ in range(5)]
    await asyncio.sleep(0.01)
    for waiter in waiters[:3]:
        waiter.cancel()
    release.set()
    assert await asyncio.wait_for(asyncio.gather(*waiters[3:]), 60) == ["through"] * 2
    await holder


async def test_patience_ends() -> None:
    """A call with a deadline does not wait for a permit beyond it, and leaves nothing behind."""
    limiter = Limiter(Limits(concurrency=1, adaptive=False))
    async with limiter.permit():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_enter(limiter, 0.01), 60)
    await _enter(limiter, 1.0)


async def _enter(limiter: Limiter, patience_s: float) -> None:
    async with limiter.permit(patience_s=patience_s):
        pass


async def test_one_limiter_serves_two_event_loops() -> None:
    """A thread with a loop of its own takes turns with this one."""
    limiter = Limiter(Limits(concurrency=1, adaptive=False))
    done: list[str] = []

    async def work(name: str) -> None:
        for _ in range(20):
            async with limiter.permit():
                await asyncio.sleep(0)
                done.append(name)

    thread = threading.Thread(target=lambda: asyncio.run(work("there")))
    thread.start()
    await work("here")
    await asyncio.to_thread(thread.join, 10)
    assert sorted(done) == ["here"] * 20 + ["there"] * 20


async def test_tokens_are_paced_and_corrected(clock: Any) -> None:
    """6,000 a minute: a call of 600 holds the next back by six seconds, less what it did not use."""
    limiter = Limiter(Limits(tokens_per_minute=6000), clock=clock)
    async with limiter.permit(tokens=600) as permit:
        permit.tokens_used = 400
    async with limiter.permit(tokens=100):
        pass
    assert sum(clock.waits) == pytest.approx(4.0)


class Source:
    """Shared permits, as another process would give them."""

    def __init__(self) -> None:
        self.asked = 0

    async def take(self) -> int:
        self.asked += 1
        await asyncio.sleep(0.01)
        return 20


async def test_shared_permits_are_taken_in_slices() -> None:
    """Fifty callers at once ask three times for twenty permits, not once each; what is left is used first."""
    source = Source()
    limiter = Limiter(Limits(requests_per_minute=60_000), requests=source)

    async def call() -> None:
        async with limiter.permit():
            pass

    await asyncio.gather(*(call() for _ in range(50)))
    assert source.asked == 3
    await asyncio.gather(*(call() for _ in range(10)))
    assert source.asked == 3


async def test_a_call_larger_than_a_slice_takes_several() -> None:
    """A long prompt under a ceiling in tokens does not wait for ever."""
    source = Source()
    async with Limiter(Limits(tokens_per_minute=6_000_000), tokens=source).permit(tokens=50):
        pass
    assert source.asked == 3


async def test_a_source_that_fails_leaves_nobody_waiting() -> None:
    """The next caller asks again."""

    class Broken(Source):
        async def take(self) -> int:
            if not self.asked:
                await super().take()
                raise OSError("unplugged")
            return await super().take()

    stock = Stock(Broken())
    results = await asyncio.wait_for(
        asyncio.gather(*(stock.draw(1) for _ in range(3)), return_exceptions=True), timeout=5
    )
    assert sum(isinstance(result, OSError) for result in results) == 1
    assert results.count(None) == 2


class Stalling:
    """A clock whose first sleep is overslept by a second, as when the process is stopped."""

    def __init__(self) -> None:
        self.now = 100.0
        self.stalls = [1.0]

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + (self.stalls.pop() if self.stalls else 0.0)
        await asyncio.sleep(0)


async def test_what_a_stall_held_up_is_not_sent_in_one_burst() -> None:
    """Ten calls whose moments have passed are spread again, a moment apart."""
    clock = Stalling()
    limiter = Limiter(Limits(requests_per_minute=600), clock=clock)
    sent: list[float] = []

    async def call() -> None:
        async with limiter.permit() as permit:
            sent.append(permit.sent)

    async with limiter.permit():  # takes the first moment; the others have to wait for theirs
        pass
    await asyncio.gather(*(call() for _ in range(8)))
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(sent))]
    assert min(gaps) >= 0.1 - 0.031


async def test_a_cancelled_caller_in_line_takes_no_turn_with_it() -> None:
    """One in flight, two in line, the second of them leaves: the first still gets its turn."""
    limiter = Limiter(Limits(concurrency=1))
    entered = asyncio.Event()

    async def call() -> None:
        async with limiter.permit():
            entered.set()

    async with limiter.permit():
        waiting = [asyncio.create_task(call()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(waiting[0], waiting[2]), timeout=60)
    assert entered.is_set()


def test_clients_of_a_process_share_their_gates() -> None:
    """The sync side's loop and a flow's own have one quota; another backend or ceiling has another."""
    here = Backend.local("http://127.0.0.1:1")
    gates = shared_gates(here, Limits(concurrency=2))
    assert shared_gates(here, Limits(concurrency=2)) is gates
    assert shared_gates(here, Limits(concurrency=3)) is not gates
    assert shared_gates(Backend.local("http://127.0.0.1:2"), Limits(concurrency=2)) is not gates
    assert gates.of("m") == gates.of("m") != gates.of("n")


async def test_permits_are_drawn_from_the_source_of_the_model() -> None:
    """Requests and tokens each from their own, told how many a second there are."""
    told: dict[str, float] = {}
    sources = {"requests": Source(), "tokens": Source()}

    def find(model: str, kind: Any, per_second: float) -> Source:
        told[kind] = per_second
        return sources[kind]

    limits = Limits(requests_per_minute=600, tokens_per_minute=60_000)
    limiter, _ = Gates(Backend.local("http://127.0.0.1:1"), limits=limits, sources=find).of("m")
    async with limiter.permit(tokens=10):
        pass
    assert {kind: source.asked for kind, source in sources.items()} == {"requests": 1, "tokens": 1}
    assert told == {"requests": 10, "tokens": 1000}


@pytest.mark.parametrize(
    ("model", "limits", "ceilings"),
    [
        ("gemini-1.5-flash-002", Limits(), (2_000, 4_000_000)),
        ("gemini-1.5-pro-002", Limits(), (1_000, 4_000_000)),
        ("gemini-1.5-pro-002", Limits(requests_per_minute=60), (60, None)),
        ("gemini-3.8-flash", Limits(), (None, None)),
        ("not-a-model-of-ours", Limits(), (None, None)),
    ],
)
def test_a_quota_that_a_model_still_had_is_its_ceiling(model: str, limits: Limits, ceilings: Any) -> None:
    """The models of September 2024 had fixed quotas; today's have none, and one's own ceilings come first."""
    limiter, _ = Gates(Backend.local("http://127.0.0.1:1"), limits=limits).of(model)
    assert (limiter.limits.requests_per_minute, limiter.limits.tokens_per_minute) == ceilings
