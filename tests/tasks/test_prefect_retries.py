"""Prefect's retries and the client's never multiply, and a run's cost is a table in the UI."""

from __future__ import annotations

import json

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import ServerError
from prefect_gemini.tasks import aextract, extract, node
from prefect_gemini.tasks.parts.costs import publish_costs
from prefect_gemini.testing import error, json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch):
    """A client that tries twice."""
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_MAX_ATTEMPTS", "2")


async def test_a_failing_service_is_asked_as_often_as_the_client_says(gemini, model):
    """Two attempts stay two, whatever retries the task has: not two times three."""
    gemini.script([error(503)], times=None)

    @flow
    async def read():
        return await aextract.with_options(retries=2)(Document.text("x"), SCHEMA, model=model)

    with pytest.raises(ServerError):
        await read()
    assert len(gemini.journal.generate_calls) == 2


def test_the_sync_twin_does_not_multiply_either(gemini, model):
    """It is a task of its own, with the same rule."""
    gemini.script([error(503)], times=None)

    @flow
    def read():
        return extract.with_options(retries=1)(Document.text("x"), SCHEMA, model=model)

    with pytest.raises(ServerError):
        read()
    assert len(gemini.journal.generate_calls) == 2


async def test_what_the_client_does_not_try_again_prefect_does():
    """A failure that is none of the service's is retried as the task says."""
    tries = []

    @node(category="reading", costs="nothing")
    async def aflaky(name: str) -> str:
        tries.append(name)
        if len(tries) < 3:
            raise OSError("unplugged")
        return name

    @flow
    async def run():
        return await aflaky.with_options(retries=2)("x")

    assert await run() == "x"
    assert len(tries) == 3


async def test_a_run_s_cost_is_a_table_artifact(gemini, model):
    """By model, of this run only; a run that paid nothing has none."""
    gemini.script([json_reply({"n": 1})], times=None)

    @flow
    async def read(documents: list[str]):
        for document in documents:
            await aextract(Document.text(document), SCHEMA, model=model)
        return await publish_costs(key="costs-of-this-test")

    assert [row["calls"] for row in await read(["a", "b"])] == [2]
    assert await read(["a", "b"]) == []
    assert [row["calls"] for row in await read(["a", "c"])] == [1]
    async with get_client() as client:
        found = [one for one in await client.read_artifacts(limit=200) if one.key == "costs-of-this-test"]
    assert len(found) == 2
    assert all(row["usd"] > "0" for one in found for row in json.loads(one.data))
