"""Ceilings shared by workers, through a real Prefect server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from prefect_gemini.blocks import GeminiModel
from prefect_gemini.blocks.permits import GlobalLimit, SharedCeilings
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.gemini.limits.pace import HEADROOM
from prefect_gemini.testing import LocalGemini, text

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

WORKER = """
import asyncio, sys, time
from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.gemini.request import Request

async def main(base_url, name, turns):
    model = GeminiModel(
        credentials=GeminiCredentials(service="local", base_url=base_url),
        limits=Limits(requests_per_minute=1200, concurrency=8, shared=True),
    )
    client = await model.client()
    print(time.time(), flush=True)

    async def caller(number):
        for turn in range(turns):
            await client.generate(Request(model="flash", contents=f"{name} {number} {turn}"))

    await asyncio.gather(*(caller(number) for number in range(8)))

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
TURNS = 10


def test_two_workers_together_keep_to_one_ceiling(tmp_path):
    """At full speed both are served one ceiling's worth, 20 a second, plus the slice that is there at the start."""
    with LocalGemini(authentication=False) as server:
        server.script(text("ok"), times=None)
        environment = os.environ | {
            "PREFECT_API_URL": PREFECT_API_URL.value(),
            "PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL": f"sqlite:///{tmp_path / 'shared.db'}",
        }
        command = [sys.executable, "-c", WORKER, server.base_url]
        workers = [
            subprocess.Popen([*command, name, str(TURNS)], env=environment, stdout=subprocess.PIPE, text=True)
            for name in "ab"
        ]
        told = [worker.communicate(timeout=180)[0] for worker in workers]
        calls = server.journal.generate_calls
    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(calls) == 2 * 8 * TURNS
    # From before the first permit: a slow machine takes longer, which breaks no ceiling.
    seconds = max(call.started for call in calls) - min(float(said) for said in told)
    assert len(calls) <= 20 * seconds + 40 + 8


async def test_the_limit_is_made_once_and_follows_the_block():
    """The Prefect UI shows it by its name; another ceiling changes it."""
    name = "gemini-requests-test-followed"
    for per_second in (10, 20):
        await GlobalLimit(name, per_second).take()
        async with get_client() as client:
            limit = await client.read_global_concurrency_limit_by_name(name)
        source = GlobalLimit(name, per_second)
        assert limit.limit == 2 * source.permits * source.slots
        assert limit.slot_decay_per_second == pytest.approx(HEADROOM * per_second * source.slots)


async def test_permits_come_at_the_rate_of_the_ceiling():
    """Slices of two seconds' worth: after the first, each takes two seconds."""
    source = GlobalLimit("gemini-requests-test-rate", 50)
    await source.take()
    begun = time.monotonic()
    granted = sum([await source.take() for _ in range(3)])
    rate = granted / (time.monotonic() - begun)
    assert granted == 300
    assert rate <= 52


async def test_without_the_prefect_server_the_process_keeps_its_own_ceiling(caplog):
    """The run goes on, with one warning."""
    source = GlobalLimit("gemini-requests-test-alone", 50)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert await source.take() == 100
        assert await source.take() == 100
    assert caplog.text.count("keeps to the ceiling by itself") == 1


def test_accounts_have_limits_of_their_own():
    """The name tells model, kind and account apart, and holds no key."""
    one, two = SharedCeilings("developer::key-abc"), SharedCeilings("developer::key-def")
    names = {ceilings("flash", kind, 1.0).name for ceilings in (one, two) for kind in ("requests", "tokens")}
    assert len(names) == 4
    assert not any("key" in name for name in names)


async def test_a_model_shares_only_where_it_says_so(gemini):
    """Asking Prefect costs time; a model without `shared` does not."""
    limits = Limits(requests_per_minute=6000)
    alone, shared = GeminiModel(limits=limits), GeminiModel(limits=limits.model_copy(update={"shared": True}))
    clients = [await model.client() for model in (alone, shared)]
    assert [client.gates._sources is None for client in clients] == [True, False]
    await asyncio.gather(*(client.aclose() for client in clients))
