"""Several processes and tenants over one ledger: the server's own journal says what was paid."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr

from benchmarks.crash import ROOT, crash
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.client import GeminiClient
from prefect_gemini.gemini.request import Request
from prefect_gemini.testing import LocalGemini, json_reply, text

DOCUMENTS = 40


def test_a_killed_run_pays_for_no_finished_document_again(tmp_path: Path) -> None:
    """SIGKILL twice in the middle of 90 documents: none is lost, and none that was finished is asked for again."""
    # Slow answers: fast ones would queue up before the ledger, and a kill takes that queue too.
    found = crash(tmp_path, documents=90, kills=2, answer_s=0.2)
    assert 60 <= found["finished"] < 90
    assert (found["paid_twice"], found["lost"]) == (0, 0)
    # What the journal has beyond one request a document was on its way when the process died: sixteen calls in
    # flight, and sixteen answers whose place they took, not yet in the ledger.
    assert found["requests"] - 90 <= 2 * (16 + 16)


def test_two_processes_at_once_pay_for_each_document_once(tmp_path: Path) -> None:
    """Both have every answer in the end; the server was asked for each once."""
    with LocalGemini(authentication=False) as server:
        server.script(json_reply({"number": 1}), times=None)
        ledger = str(tmp_path / "ledger.db")
        command = [sys.executable, "-m", "benchmarks._killed_reader", server.base_url, ledger, str(DOCUMENTS)]
        readers = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
        assert [reader.wait(60) for reader in readers] == [0, 0]
        assert len(server.journal.generate_calls) == DOCUMENTS


async def test_two_tenants_never_share_an_answer(tmp_path: Path) -> None:
    """The same question, ledger and server, with two keys: each asks for itself, and each gets its own answer back."""
    with LocalGemini() as server:
        server.script([text("for one"), text("for two")])
        answers = []
        for key in ("key-one", "key-two", "key-one", "key-two"):
            backend = Backend(kind="developer", api_key=SecretStr(key), base_url=server.base_url)
            async with GeminiClient(backend, ledger=tmp_path / "ledger.db") as client:
                answers.append((await client.generate(Request(model="flash", contents="Whose?"))).text)
        assert answers == ["for one", "for two", "for one", "for two"]
        assert len(server.journal.generate_calls) == 2


def test_threads_with_loops_of_their_own_pay_once(tmp_path: Path) -> None:
    """Mapped sync tasks run on threads; the same question from four of them is one request."""
    with LocalGemini(authentication=False) as server:
        server.script([text("once")])

        def ask() -> str:
            async def one() -> str:
                async with GeminiClient(Backend.local(server.base_url), ledger=tmp_path / "ledger.db") as client:
                    return (await client.generate(Request(model="flash", contents="How often?"))).text

            return asyncio.run(one())

        async def all_at_once() -> list[str]:
            return list(await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(4))))

        assert asyncio.run(all_at_once()) == ["once"] * 4
        assert len(server.journal.generate_calls) == 1
